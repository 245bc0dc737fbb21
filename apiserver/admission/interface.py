"""What an admission plugin is (``k8s.io/apiserver/pkg/admission/interfaces.go``, v0.36)."""

import enum
import random
from dataclasses import dataclass, field
from typing import Any

from apimachinery.clock import Clock
from apiserver.admission.observed import ObservedStore
from apiserver.admission.quota.ledger import QuotaLedger
from apiserver.registry.resource import Registry, ResourceInfo
from apiserver.storage import Objects
from apiserver.user import ADMIN, UserInfo

JSONObject = dict[str, Any]


class Operation(enum.StrEnum):
    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    CONNECT = "CONNECT"


@dataclass(slots=True, kw_only=True)
class Attributes:
    """One request as plugins see it.

    ``obj`` is the object to be written, in its stored form and with defaults; ``None`` for DELETE. ``old`` is the
    current state for UPDATE and DELETE. For a subresource with a body of another kind (binding, eviction, scale)
    ``obj`` is that body. ``name`` may be empty on CREATE with ``generateName``. What is put into ``warnings`` reaches
    the client.
    """

    operation: Operation
    info: ResourceInfo
    namespace: str
    name: str
    subresource: str = ""
    obj: JSONObject | None = None
    old: JSONObject | None = None
    dry_run: bool = False
    user: UserInfo = ADMIN
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Access:
    """What plugins may read and, rarely, write: the server's own objects, without another round of admission."""

    objects: Objects
    registry: Registry
    clock: Clock
    writes: ObservedStore
    """The store that the objects are in."""
    quotas: QuotaLedger
    rng: random.Random


class AdmissionPlugin:
    """Base of all plugins; a plugin overrides :meth:`admit`, :meth:`validate` or both.

    Both are called again when a write is retried because somebody else wrote in between, so they must be safe to
    repeat. Both refuse by raising a :class:`~apimachinery.errors.StatusError`, usually ``Forbidden``.
    """

    name: str
    """Upstream's name, as the flags know it."""

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        """Whether the plugin cares for such requests at all; asked once for each kind of request, then remembered."""
        raise NotImplementedError

    async def admit(self, attributes: Attributes) -> None:
        """Change ``attributes.obj`` in place, before it is validated."""

    async def validate(self, attributes: Attributes) -> None:
        """Look at what is about to be stored, when nothing changes it any more."""
