"""The cluster's nodes as columns, which filters and scores compute on."""

from collections.abc import Iterable, Iterator

import numpy as np

from scheduler.framework.affinity_owners import AffinityOwners
from scheduler.framework.arrays import BoolArray, Column, grown
from scheduler.framework.images import ImageColumns
from scheduler.framework.labels import LabelColumns
from scheduler.framework.node_info import NodeInfo
from scheduler.framework.pod_counts import PodCounts
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.ports import PortColumns
from scheduler.framework.resources import ResourceColumns
from scheduler.framework.row_counts import CountTable, DerivedCache
from scheduler.framework.taints import TaintColumn
from scheduler.framework.topology import Topology
from scheduler.framework.volumes import VolumeColumns

_FIRST_CAPACITY = 16


class NodeTable:
    """Nodes by row, 0 to :attr:`count` - 1, and everything the rules need to know of them.

    Changing a node or a pod changes its row and nothing else; no cycle copies or rebuilds the table, and since
    scheduling never awaits in the middle of a decision, what it reads is one moment's truth. Removing a node puts
    the last row in its place, so row numbers hold only as long as no node is removed.

    Columns are arrays of at least :attr:`count` elements: cut them with ``[:nodes.count]``.
    """

    def __init__(self) -> None:
        self._capacity = _FIRST_CAPACITY
        self._rows: dict[str, int] = {}
        self._infos: list[NodeInfo] = []
        self._names: tuple[str, ...] | None = None
        self._unschedulable = np.zeros(self._capacity, dtype=np.bool_)
        self._unschedulable_nodes = 0
        self.resources = ResourceColumns(self._capacity)
        self.labels = LabelColumns(self._capacity)
        self.taints = TaintColumn(self._capacity)
        self.ports = PortColumns(self._capacity)
        self.topology = Topology(self.labels, self.taints)
        derived = DerivedCache()
        self.replicas: CountTable[str] = CountTable(self._capacity, derived)
        self.pods = PodCounts(self._capacity, derived)
        self.owners = AffinityOwners(self._capacity, derived)
        self.images = ImageColumns(self._capacity, derived)
        self.volumes = VolumeColumns()

    # Reading

    @property
    def count(self) -> int:
        return len(self._infos)

    @property
    def names(self) -> tuple[str, ...]:
        """Node names by row; the same object until a node comes or goes."""
        if self._names is None:
            self._names = tuple(info.name for info in self._infos)
        return self._names

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def row(self, name: str) -> int | None:
        return self._rows.get(name)

    def info(self, row: int) -> NodeInfo:
        return self._infos[row]

    @property
    def unschedulable(self) -> BoolArray | None:
        """Return which nodes are cordoned (``spec.unschedulable``), ``None`` when none is."""
        return self._unschedulable[: self.count] if self._unschedulable_nodes else None

    def name_mask(self, names: Iterable[str]) -> BoolArray:
        """Return which nodes have one of the names."""
        mask = np.zeros(self.count, dtype=np.bool_)
        for name in names:
            row = self._rows.get(name)
            if row is not None:
                mask[row] = True
        return mask

    # Nodes

    def add_node(self, info: NodeInfo) -> None:
        """Add a node that is not there yet, with no pods on it."""
        row = self.count
        if row == self._capacity:
            self._resize(2 * self._capacity)
        self._rows[info.name] = row
        self._infos.append(info)
        self._rows_changed()
        self._write(row, _blank(info.name), info)

    def update_node(self, info: NodeInfo) -> NodeInfo:
        """Change a node and return what it was."""
        row = self._rows[info.name]
        old = self._infos[row]
        self._infos[row] = info
        self._write(row, old, info)
        return old

    def remove_node(self, name: str) -> None:
        """Remove a node. Its pods must have been taken off it."""
        row = self._rows.pop(name)
        self._write(row, self._infos[row], _blank(name))
        last = self._infos.pop()
        self._rows_changed()
        if last.name != name:
            source = self.count
            for column in self._columns():
                column.move(source, row)
            self._unschedulable[row] = self._unschedulable[source]
            self._unschedulable[source] = False
            self._infos[row] = last
            self._rows[last.name] = row

    def _rows_changed(self) -> None:
        self._names = None
        # Masks made from labels are as long as the table was.
        self.labels.version += 1

    def _write(self, row: int, old: NodeInfo, new: NodeInfo) -> None:
        if new.allocatable != old.allocatable or new.allowed_pods != old.allowed_pods:
            self.resources.set_allocatable(row, new.allocatable, new.allowed_pods - old.allowed_pods)
        if new.labels != old.labels:
            self.labels.set_labels(row, old.labels, new.labels)
        if new.taints != old.taints:
            self.taints.set_taints(row, new.taints)
        if new.images != old.images:
            self.images.set_images(row, old.images, new.images)
        if new.unschedulable != old.unschedulable:
            self._unschedulable[row] = new.unschedulable
            self._unschedulable_nodes += 1 if new.unschedulable else -1

    def _columns(self) -> Iterator[Column]:
        yield self.resources
        yield self.labels
        yield self.taints
        yield self.ports
        yield self.replicas
        yield self.pods
        yield self.owners
        yield self.images
        yield self.volumes

    def _resize(self, capacity: int) -> None:
        self._capacity = capacity
        self._unschedulable = grown(self._unschedulable, capacity)
        for column in self._columns():
            column.resize(capacity)

    # Pods

    def add_pod(self, node_name: str, pod: PodInfo) -> None:
        """Let a pod take its place on a node of the table."""
        row = self._rows[node_name]
        for port in pod.host_ports:
            self.ports.add(row, port)
        self._count(row, pod, 1)

    def remove_pod(self, node_name: str, pod: PodInfo) -> None:
        """Undo :meth:`add_pod` of the same pod."""
        row = self._rows[node_name]
        for port in pod.host_ports:
            self.ports.remove(row, port)
        self._count(row, pod, -1)

    def _count(self, row: int, pod: PodInfo, pods: int) -> None:
        self.resources.add(row, pod.requests, pods)
        self.pods.add(row, pod.labels, deleting=pod.deleting, pods=pods)
        if pod.controller and not pod.deleting:
            self.replicas.add(row, pod.controller, pods)
        if pod.affinity is not None:
            self.owners.add(row, pod.affinity, pods)
        if pod.volumes is not None:
            self.volumes.add(row, pod.namespace, pod.volumes, pods)


def _blank(name: str) -> NodeInfo:
    return NodeInfo(name=name, labels={}, taints=(), unschedulable=False, allocatable=(), allowed_pods=0)
