"""The kubelet's HTTP server (``pkg/kubelet/server``, v1.36): logs, pods, metrics, and killing containers.

One :class:`~kubelet.server.server.KubeletServer` serves all nodes of a process: each node has a listener of its own
on its own address, which costs a socket, and all listeners share one application. The address that a request came in
on tells which node it is for.
"""
