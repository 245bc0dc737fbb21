"""The disruption controller (``pkg/controller/disruption``, v1.36): says how many pods may be evicted."""
