"""What every handler shares."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apimachinery.clock import Clock
from apimachinery.schema.bundle import Bundle
from apiserver.admission.chain import AdmissionChain
from apiserver.decoding import BodyDecoder
from apiserver.handlers.watching import Watches
from apiserver.http import Call
from apiserver.registry.resource import Registry
from apiserver.storage import Objects
from apiserver.user import ADMIN, UserInfo

AfterCreate = Callable[["Context", dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Context:
    bundle: Bundle
    registry: Registry
    objects: Objects
    decoder: BodyDecoder
    watches: Watches
    admission: AdmissionChain
    clock: Clock
    rng: random.Random
    after_create: Mapping[tuple[str, str], AfterCreate] = field(default_factory=dict)
    """What else has to be made when an object has been, by group and plural; done before the answer is sent."""


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a write is to be done, whatever it writes. What is put into ``warnings`` reaches the client."""

    dry_run: bool = False
    user: UserInfo = ADMIN
    field_manager: str = ""
    warnings: list[str] = field(default_factory=list)


def write_options(call: Call) -> WriteOptions:
    """Read from the query what all writes have in common; raise 422 for a ``dryRun`` that is not ``All``."""
    return WriteOptions(call.query.dry_run(), ADMIN, call.query.text("fieldManager"), call.warnings)
