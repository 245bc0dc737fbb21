"""Making room for a pod by ending less important ones.

The rules are those of upstream's ``pkg/scheduler/framework/preemption`` and of its DefaultPreemption plugin (v1.36).
"""
