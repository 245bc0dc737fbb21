"""The Pod Security Standards: what each level forbids, and how a namespace's labels choose one.

``k8s.io/pod-security-admission``, v0.36.
"""
