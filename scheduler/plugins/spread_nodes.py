"""Which nodes count for a spread constraint, as masks that are kept while labels and taints stay as they are."""

import numpy as np

from scheduler.framework.arrays import BoolArray
from scheduler.framework.node_table import NodeTable
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.spread import SpreadRule
from scheduler.framework.topology import Domains
from scheduler.plugins.node_affinity import unmatched
from scheduler.plugins.taint_toleration import intolerable


def has_all_keys(keys: tuple[str, ...], nodes: NodeTable) -> BoolArray:
    """Return which nodes have all of the labels."""

    def compute() -> BoolArray:
        mask = np.ones(nodes.count, dtype=np.bool_)
        for key in keys:
            mask &= nodes.labels.numbers(key, nodes.count)[0] >= 0
        return mask

    return nodes.topology.mask(("all of", keys), compute)


def domains_of(rule: SpreadRule, keys: tuple[str, ...], pod: PodInfo, nodes: NodeTable) -> Domains:
    """Return the domains of a rule; pods count on nodes that have all ``keys`` and that the rule's policies include."""
    selection = pod.node_selection if rule.honor_affinity else None
    if selection is not None and not selection.restricts:
        selection = None
    tolerations = pod.tolerations if rule.honor_taints and not nodes.taints.untainted else None
    others = tuple(sorted({key for key in keys if key != rule.topology_key}))
    if selection is None and tolerations is None and not others:
        return nodes.topology.domains(rule.topology_key, nodes.count)
    among = (selection, tolerations, others)

    def compute() -> BoolArray:
        mask = np.ones(nodes.count, dtype=np.bool_) if selection is None else ~unmatched(selection, nodes)
        if tolerations is not None:
            for taints, number in nodes.taints.sets.items():
                if intolerable(taints, tolerations):
                    mask &= nodes.taints.numbers[: nodes.count] != number
        return mask & has_all_keys(others, nodes) if others else mask

    eligible = nodes.topology.mask(among, compute)
    return nodes.topology.domains(rule.topology_key, nodes.count, among, eligible)
