"""Upstream's defaults, applied to JSON objects in place (``pkg/apis/*/*/defaults.go``, v1.36)."""
