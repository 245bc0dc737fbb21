"""What the kinds of volumes work with."""

import random
from dataclasses import dataclass

from apimachinery.clock import Clock
from kubeclient.client import Client
from kubelet.config_sources import ConfigSources
from kubelet.environment import NodeFacts
from kubelet.node_files import NodeFiles
from kubelet.tokens import TokenManager


@dataclass(frozen=True, slots=True)
class VolumeHost:
    """One node, as its volumes see it. ``rng`` is for the names of folders."""

    files: NodeFiles
    clock: Clock
    client: Client
    node: NodeFacts
    sources: ConfigSources
    tokens: TokenManager
    rng: random.Random
