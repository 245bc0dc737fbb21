"""Selectors of owners, read once for each version of their spec."""

import logging
from typing import TypeAlias

from apimachinery.selectors import Selector, SelectorSyntaxError, from_label_selector
from apimachinery.types.base import LabelSelector, Object

logger = logging.getLogger(__name__)

_Known: TypeAlias = tuple[int, Selector | None]


class CompiledSelectors:
    """By the owner's uid; :meth:`forget` an owner that is gone."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def of(self, owner: Object, selector: LabelSelector) -> Selector | None:
        """Return the owner's ``selector``, compiled; ``None`` for one that is malformed or would select everything."""
        meta = owner.metadata
        known = self._known.get(meta.uid)
        if known is None or known[0] != meta.generation:
            known = self._known[meta.uid] = (meta.generation, _compile(owner, selector))
        return known[1]

    def forget(self, owner: Object) -> None:
        self._known.pop(owner.metadata.uid, None)


def _compile(owner: Object, selector: LabelSelector) -> Selector | None:
    try:
        compiled = from_label_selector(selector)
    except SelectorSyntaxError as error:
        logger.warning("%s %s has a selector that cannot be read: %s", owner.KIND, owner.key, error)
        return None
    return None if compiled is None or compiled.empty else compiled
