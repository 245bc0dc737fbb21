"""What every handler shares."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apimachinery.clock import Clock
from apimachinery.schema.bundle import Bundle
from apiserver.admission.chain import AdmissionChain
from apiserver.decoding import BodyDecoder
from apiserver.fieldmanager import names
from apiserver.fieldmanager.managers import FieldManagers
from apiserver.handlers.watching import Watches
from apiserver.http import Call
from apiserver.metrics import Metrics
from apiserver.registry.resource import Registry
from apiserver.serviceaccount.tokens import ServiceAccountTokens
from apiserver.storage import Objects
from apiserver.usage.collector import UsageCollector
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
    field_managers: FieldManagers
    clock: Clock
    rng: random.Random
    tokens: ServiceAccountTokens
    usage: UsageCollector
    metrics: Metrics = field(default_factory=Metrics)
    min_request_timeout: float = 1800
    """Seconds that a watch lasts at least, and half of what it lasts at most, when its client does not say."""
    components: Mapping[str, str] = field(default_factory=dict)
    """Base URLs of the components that ``componentstatuses`` tells of, beside the store, by their names."""
    after_create: Mapping[tuple[str, str], AfterCreate] = field(default_factory=dict)
    """What else has to be made when an object has been, by group and plural; done before the answer is sent."""


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a write is to be done, whatever it writes. What is put into ``warnings`` reaches the client."""

    dry_run: bool = False
    user: UserInfo = ADMIN
    field_manager: str = "kube-apiserver"
    """Who is to own what is written; what the server writes by itself is its own."""
    warnings: list[str] = field(default_factory=list)


def write_options(call: Call) -> WriteOptions:
    """Read from the request what all writes have in common.

    Who names no manager is called by what comes first in the ``User-Agent``.
    """
    manager = call.query.text("fieldManager") or names.of_user_agent(call.header(b"user-agent"))
    return WriteOptions(call.query.dry_run(), call.user, manager, call.warnings)
