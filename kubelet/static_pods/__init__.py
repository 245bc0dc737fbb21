"""Pods that live in files on the node: the kubelet runs them whether or not there is an API server."""
