"""Which free volume each claim of a pod would get, on every node at once.

``FindMatchingVolume`` of ``component-helpers/storage/volume`` (v0.36): a volume that was set aside for the claim, or
else the smallest that will do. Of equal ones the first by name is taken, so that the same history gives the same
bindings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from apimachinery.quantity import parse_quantity
from apimachinery.selectors import SelectorSyntaxError, from_label_selector
from apimachinery.types.storage import STORAGE, PersistentVolume, PersistentVolumeClaim
from apimachinery.volume_matching import fits, is_bound_to, is_free
from scheduler.framework.arrays import BoolArray, IntArray
from scheduler.framework.node_table import NodeTable
from scheduler.storage.places import Places

NONE = -1


@dataclass(frozen=True, slots=True)
class Choice:
    """For one claim: ``numbers[row]`` tells which of ``volumes`` it would get on a node, -1 for none."""

    claim: PersistentVolumeClaim
    volumes: Sequence[PersistentVolume]
    numbers: IntArray

    def at(self, row: int) -> PersistentVolume | None:
        number = int(self.numbers[row])
        return None if number == NONE else self.volumes[number]

    @property
    def found(self) -> BoolArray:
        """Return on which nodes there is a volume."""
        found: BoolArray = self.numbers != NONE
        return found


def choose(
    claims: Iterable[PersistentVolumeClaim],
    volumes: dict[str, list[PersistentVolume]],
    nodes: NodeTable,
    places: Places,
) -> list[Choice]:
    """Return a choice for each claim, smallest claim first; no volume is given to two of them on one node.

    ``volumes`` are those of each class by its name.
    """
    choices: list[Choice] = []
    for claim in sorted(claims, key=lambda claim: parse_quantity(claim.requested)):
        candidates = _candidates(claim, volumes.get(claim.storage_class, []))
        choices.append(Choice(claim, candidates, _numbers(candidates, choices, nodes, places)))
    return choices


def _candidates(claim: PersistentVolumeClaim, volumes: Iterable[PersistentVolume]) -> list[PersistentVolume]:
    """Return the volumes that the claim could have, best first."""
    try:
        selector = from_label_selector(claim.spec.selector)
    except SelectorSyntaxError:
        return []
    fitting = [volume for volume in volumes if fits(volume, claim)]
    for volume in fitting:
        if is_bound_to(volume, claim):
            return [volume]
    return sorted((volume for volume in fitting if is_free(volume, claim, selector)), key=_size)


def _size(volume: PersistentVolume) -> tuple[object, str]:
    return parse_quantity(volume.spec.capacity.get(STORAGE, "0")), volume.metadata.name


def _numbers(
    candidates: Sequence[PersistentVolume], earlier: Iterable[Choice], nodes: NodeTable, places: Places
) -> IntArray:
    numbers = np.full(nodes.count, NONE, dtype=np.int64)
    taken = [(choice, {volume.metadata.name: n for n, volume in enumerate(choice.volumes)}) for choice in earlier]
    left = nodes.count
    for number, volume in enumerate(candidates):
        if not left:
            break
        rows = places.rows(volume, nodes)
        if rows is None:
            rows = np.arange(nodes.count)
        free = numbers[rows] == NONE
        for choice, known in taken:
            other = known.get(volume.metadata.name)
            if other is not None:
                free &= choice.numbers[rows] != other
        rows = rows[free]
        numbers[rows] = number
        left -= len(rows)
    return numbers
