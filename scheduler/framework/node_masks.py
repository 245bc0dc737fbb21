"""Which nodes a selector or a term matches, all at once."""

import numpy as np

from apimachinery.selectors import Operator, Selector
from scheduler.framework.arrays import BoolArray
from scheduler.framework.node_selection import Term
from scheduler.framework.node_table import NodeTable


def term_mask(term: Term, nodes: NodeTable) -> BoolArray:
    """Return which nodes meet every requirement of a term."""
    mask = np.ones(nodes.count, dtype=np.bool_)
    for requirement in term.labels:
        mask &= nodes.labels.mask(requirement, nodes.count)
    for requirement in term.names:
        named = nodes.name_mask(requirement.values)
        mask &= named if requirement.operator is Operator.IN else ~named
    return mask


def labels_mask(selector: Selector, nodes: NodeTable) -> BoolArray:
    """Return which nodes' labels the selector matches."""
    mask = np.ones(nodes.count, dtype=np.bool_)
    for requirement in selector.requirements:
        mask &= nodes.labels.mask(requirement, nodes.count)
    return mask
