"""What a node does when it runs short of memory, disk or process ids (``pkg/kubelet/eviction``, v1.36)."""
