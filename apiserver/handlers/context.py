"""What every handler shares."""

import random
from dataclasses import dataclass

from apimachinery.clock import Clock
from apimachinery.schema.bundle import Bundle
from apiserver.decoding import BodyDecoder
from apiserver.handlers.watching import Watches
from apiserver.registry.resource import Registry
from apiserver.storage import Objects


@dataclass(frozen=True, slots=True)
class Context:
    bundle: Bundle
    registry: Registry
    objects: Objects
    decoder: BodyDecoder
    watches: Watches
    clock: Clock
    rng: random.Random
