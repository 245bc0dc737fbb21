"""The REST front end: the only process that talks to the store, and the only one that others talk to."""
