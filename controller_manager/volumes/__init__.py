"""Volumes for claims: binding, provisioning, growing, and keeping what is in use (``pkg/controller/volume``, v1.36)."""
