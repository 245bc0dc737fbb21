"""Clusters for tests and scripts: :class:`Cluster`, which the fixtures of the pytest plugin are made of.

What runs in the user's own process imports nothing but the standard library and this package: neither the weight of the
components nor a package of the user's that has the name of one of them matters here.
"""

from kubemu.testing.cluster import Cluster, ClusterFailed

__all__ = ["Cluster", "ClusterFailed"]
