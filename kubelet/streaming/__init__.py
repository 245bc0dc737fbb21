"""Streams between clients and containers: exec, attach and port-forward, and the protocols that carry them."""
