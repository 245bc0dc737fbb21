"""The cluster's name server: what Services and their endpoints are called, told over DNS."""
