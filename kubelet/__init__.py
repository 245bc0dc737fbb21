"""The node agent: watches the pods bound to its node, runs them in a container runtime, reports their state."""
