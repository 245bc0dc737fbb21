"""The node IPAM controller: every node gets a range of pod addresses (``pkg/controller/nodeipam``, v1.36)."""

import logging

from apimachinery.errors import NotFound
from apimachinery.types.core import Node, object_reference
from controller_manager.cidr_set import CidrSet
from controller_manager.controller import Context, Result
from kubeclient.events import NORMAL
from kubeclient.resources import NODES

logger = logging.getLogger(__name__)

NAME = "node-ipam-controller"

EVENT_SOURCE = "cidrAllocator"

UPDATE_WORKERS = 30
"""As upstream's ``cidrUpdateWorkers``."""


class NodeIpamController:
    """Woken by nodes; keys are their names.

    What nodes have is learnt from the cache before the first is served, so a restart changes nothing. A range whose
    write failed stays the node's: the next try writes the same one.
    """

    def __init__(self, context: Context) -> None:
        self.workers = UPDATE_WORKERS
        self._client = context.client
        self._queue = context.queue
        self._recorder = context.recorder(EVENT_SOURCE)
        settings = context.settings
        self._allocating = settings.allocate_node_cidrs
        self._cidrs = CidrSet(settings.cluster_cidr, settings.node_cidr_mask_size)
        self._without: set[str] = set()
        nodes = context.informers.informer(NODES)
        nodes.on_change(self._node_changed)
        self._nodes = nodes.cache

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            assert old is not None
            self._node_gone(old.metadata.name)
        elif not new.spec.pod_cidr:
            if old is None or old.spec.pod_cidr or not self._cidrs.holds(new.metadata.name):
                self._queue.add(new.metadata.name)
        elif old is None or old.spec.pod_cidr != new.spec.pod_cidr:
            self._learn(new)

    def _node_gone(self, name: str) -> None:
        self._without.discard(name)
        if self._cidrs.release(name) and self._without:
            self._queue.add(self._without.pop())

    def _learn(self, node: Node) -> None:
        name = node.metadata.name
        if not self._cidrs.occupy(name, node.spec.pod_cidr):
            logger.warning("node %s has %s, which is not free in the cluster's range", name, node.spec.pod_cidr)

    async def reconcile(self, key: str) -> Result | None:
        node = self._nodes.get(key)
        if node is None or node.spec.pod_cidr or not self._allocating:
            return None
        cidr = self._cidrs.allocate(key)
        if cidr is None:
            # Served when another node gives its range back.
            self._without.add(key)
            message = f"Node {key} status is now: CIDRNotAvailable"
            self._recorder.event(object_reference(node), NORMAL, "CIDRNotAvailable", message)
            return None
        metadata = {"uid": node.metadata.uid}
        patch = {"metadata": metadata, "spec": {"podCIDR": cidr, "podCIDRs": [cidr]}}
        try:
            await self._client.patch(NODES, key, patch)
        except NotFound:
            # Its deletion gives the range back, unless it has been seen already.
            if key not in self._nodes:
                self._node_gone(key)
        return None
