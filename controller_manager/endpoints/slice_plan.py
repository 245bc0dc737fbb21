"""Which slices to write so that endpoints are as they should be, and as little else as possible changes.

Follows ``reconcileByPortMapping`` and ``finalize`` of ``k8s.io/endpointslice/reconciler.go`` (v0.36).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apimachinery.types.discovery import Endpoint, EndpointSlice
from controller_manager.endpoints.membership import LAST_CHANGE
from controller_manager.endpoints.slices import Group, PortsKey, endpoint_key, ports_key


@dataclass(slots=True)
class Plan:
    """What is to be written; a slice in ``update`` has the version that was decided on."""

    create: list[EndpointSlice] = field(default_factory=list)
    update: list[EndpointSlice] = field(default_factory=list)
    delete: list[EndpointSlice] = field(default_factory=list)

    def extend(self, other: "Plan") -> None:
        self.create += other.create
        self.update += other.update
        self.delete += other.delete


@dataclass(frozen=True, slots=True)
class Shape:
    """``blank`` is a slice as it would be created, ``limit`` how many endpoints it takes.

    Slices have the labels of ``blank``; with ``own_annotations`` its annotations too, else they keep theirs.
    With ``placeholder`` one slice without endpoints stands where there are none.
    """

    blank: EndpointSlice
    limit: int
    placeholder: bool = True
    own_annotations: bool = False


def plan(existing: Sequence[EndpointSlice], groups: Mapping[PortsKey, Group], shape: Shape) -> Plan:
    """Return what makes ``groups`` of the slices there are, all of the blank's kind of address."""
    made = Plan()
    by_ports: dict[PortsKey, list[EndpointSlice]] = {}
    for found in existing:
        if _owned(found, shape):
            by_ports.setdefault(ports_key(found.ports), []).append(found)
        else:
            made.delete.append(found)
    for key, group in groups.items():
        _fit(by_ports.pop(key, []), group, shape, made)
    for left in by_ports.values():
        made.delete += left
    if shape.placeholder and not made.create and len(made.delete) == len(existing):
        if len(made.delete) == 1 and _is_placeholder(made.delete[0], shape):
            return Plan()
        made.create.append(shape.blank)
    _reuse(made, shape)
    return made


def _owned(found: EndpointSlice, shape: Shape) -> bool:
    owners = {owner.uid for owner in shape.blank.metadata.owner_references}
    return any(owner.uid in owners for owner in found.metadata.owner_references)


def _is_placeholder(found: EndpointSlice, shape: Shape) -> bool:
    return _owned(found, shape) and not found.endpoints and not found.ports and _dressed(found, shape)


def _fit(slices: Sequence[EndpointSlice], group: Group, shape: Shape, made: Plan) -> None:
    """Keep what is there where it is, then fill up: first slices that are written anyway, then one that has room."""
    left = dict(group.endpoints)
    changed: list[EndpointSlice] = []
    unchanged: list[EndpointSlice] = []
    for found in slices:
        kept = [left.pop(key) for key in map(endpoint_key, found.endpoints) if key in left]
        if kept == found.endpoints and _dressed(found, shape):
            unchanged.append(found)
        elif kept or not found.endpoints:
            changed.append(_with(found, shape, endpoints=kept))
        else:
            made.delete.append(found)
    waiting = list(left.values())
    for found in sorted(changed, key=lambda entry: len(entry.endpoints), reverse=True):
        _fill(found, waiting, shape.limit)
    while waiting:
        room = _closest(unchanged, len(waiting), shape.limit)
        if room is not None:
            unchanged.remove(room)
            target = _with(room, shape, endpoints=room.endpoints)
            changed.append(target)
        else:
            target = shape.blank.model_copy(update={"ports": group.ports, "endpoints": []})
            made.create.append(target)
        _fill(target, waiting, shape.limit)
    made.update += changed


def _fill(target: EndpointSlice, waiting: list[Endpoint], limit: int) -> None:
    room = max(0, limit - len(target.endpoints))
    target.endpoints = [*target.endpoints, *waiting[:room]]
    del waiting[:room]


def _closest(slices: Sequence[EndpointSlice], count: int, limit: int) -> EndpointSlice | None:
    """Return the slice that ``count`` endpoints more would fill best, ``None`` when they do not fit in any."""
    fitting = [found for found in slices if len(found.endpoints) + count <= limit]
    return max(fitting, key=lambda found: len(found.endpoints), default=None)


def _dressed(found: EndpointSlice, shape: Shape) -> bool:
    """Return whether a slice has the labels and annotations that it should have."""
    wanted, has = shape.blank.metadata, found.metadata
    if has.labels != wanted.labels:
        return False
    return not shape.own_annotations or _without_time(has.annotations) == wanted.annotations


def _without_time(annotations: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in annotations.items() if key != LAST_CHANGE}


def _with(found: EndpointSlice, shape: Shape, **update: object) -> EndpointSlice:
    """Return a copy with what slices of this shape have, and with other fields."""
    wanted = shape.blank.metadata
    annotations = wanted.annotations if shape.own_annotations else _without_time(found.metadata.annotations)
    metadata = found.metadata.model_copy(update={"labels": wanted.labels, "annotations": annotations})
    return found.model_copy(update={"metadata": metadata, **update})


def _reuse(made: Plan, shape: Shape) -> None:
    """Write over slices that would go, rather than delete them and create others."""
    for found in list(made.delete):
        if made.create and _owned(found, shape):
            made.delete.remove(found)
            new = made.create.pop()
            made.update.append(_with(found, shape, endpoints=new.endpoints, ports=new.ports))
