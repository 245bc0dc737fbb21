"""Scales workloads by what their pods use, as ``pkg/controller/podautoscaler`` (v1.36)."""
