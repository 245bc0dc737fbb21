"""The contract of :mod:`kubelet.runtime` as code: what every ``ContainerRuntime`` must pass.

Each check is a coroutine function that takes a :class:`Bench`: a new runtime, and a way to let time pass on the
runtime's clock. The runtime must have, or be able to pull, the images ``pause`` and ``busybox``. A runtime runs them
all::

    @pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.__name__)
    async def test_contract(check: Check) -> None:
        clock = ManualClock()
        async with FakeRuntime(clock=clock, ...) as runtime:
            await check(Bench(runtime, clock.advance))

A check that fails raises ``AssertionError``. S1 to S6 are rows of the project's mission.
"""

from collections.abc import Sequence

from kubelet.testing.bench import Bench, Check
from kubelet.testing.contents import content_checks
from kubelet.testing.images import image_checks
from kubelet.testing.lives import life_checks
from kubelet.testing.names import name_checks
from kubelet.testing.sandboxes import sandbox_checks
from kubelet.testing.streams import stream_checks
from kubelet.testing.usage import usage_checks

__all__ = ["Bench", "Check", "all_checks"]


def all_checks() -> Sequence[Check]:
    """Return every check of the contract."""
    return [
        *sandbox_checks(),
        *life_checks(),
        *image_checks(),
        *content_checks(),
        *usage_checks(),
        *name_checks(),
        *stream_checks(),
    ]
