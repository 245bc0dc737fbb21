"""What every handler shares."""

import random
from dataclasses import dataclass, field

from apimachinery.clock import Clock
from apimachinery.schema.bundle import Bundle
from apiserver.admission.chain import AdmissionChain
from apiserver.decoding import BodyDecoder
from apiserver.handlers.watching import Watches
from apiserver.http import Call
from apiserver.registry.resource import Registry
from apiserver.storage import Objects
from apiserver.user import ADMIN, UserInfo


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
