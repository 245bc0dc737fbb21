"""What nodes and pods use, as their kubelets tell: what is behind ``metrics.k8s.io``.

``samples`` reads a kubelet's answer, ``rates`` makes usage of two of them, ``collector`` asks, ``objects`` writes what
clients see. Nobody is asked before a client asks.
"""
