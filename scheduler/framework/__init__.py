"""What scheduler plugins implement and what they look at.

The shape of ``k8s.io/kube-scheduler/framework`` (v1.36) with one difference: a plugin judges all nodes at once.
:class:`~scheduler.framework.node_table.NodeTable` holds the cluster as columns, one array element per node, kept in
step as nodes and pods come and go; filters answer with boolean masks over them and scores with integer vectors.
"""
