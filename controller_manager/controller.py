"""What a controller is, and what it is given.

The shape is that of controller-runtime's ``reconcile.Reconciler``: a change of an object only says *which key to look
at*; what to do is decided from the caches as they are when the key's turn comes. A lost, doubled or reordered change
therefore does no harm, nor does a restart in the middle.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from controller_manager.informers import Informers
from controller_manager.settings import Settings
from kubeclient.client import Client
from kubeclient.events import EventRecorder
from kubeclient.workqueue import WorkQueue

K = TypeVar("K", bound=Hashable, contravariant=True)


@dataclass(frozen=True, slots=True)
class Result:
    """Look at the key again in ``requeue_after`` seconds, should nothing wake it before."""

    requeue_after: float


class Controller(Protocol[K]):
    """One control loop.

    Its constructor takes a :class:`Context`, asks ``context.informers`` for the kinds that wake it, and adds handlers
    there which put keys into ``context.queue``. It starts nothing.
    """

    workers: int
    """How many keys are reconciled at once; one key never is twice at the same time."""

    async def reconcile(self, key: K, /) -> Result | None:
        """Bring what ``key`` names one step closer to what is asked for.

        Reads caches only (a decision that cannot be taken back may first ask the server). ``None`` means that
        nothing is left to do until a change; an exception has the key tried again with growing delays.
        """
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What every controller is built from."""

    client: Client
    informers: Informers
    queue: WorkQueue[Any]
    """The controller's own."""

    recorder: Callable[[str], EventRecorder]
    """Return the event recorder of a source component; the manager runs it."""

    settings: Settings


Constructor = Callable[[Context], Controller[Any]]
