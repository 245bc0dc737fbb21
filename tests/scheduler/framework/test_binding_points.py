"""From Reserve to PostBind: the order, who ends it, and what is undone."""

from collections.abc import Mapping

import pytest

from apimachinery.clock import ManualClock
from scheduler.framework.binding_points import BindingPoints
from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import (
    BindPlugin,
    PermitPlugin,
    PermitResult,
    PostBindPlugin,
    PreBindPlugin,
    ReservePlugin,
)
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import SKIP, SUCCESS, Code, Status
from scheduler.framework.waiting_pods import WaitingPods
from tests.scheduler.builders import make_pod
from tests.scheduler.framework.tables import point_table

POD = make_pod().node("a").info()
Answer = Status | PermitResult | Exception


class Everywhere(ReservePlugin, PermitPlugin, PreBindPlugin, BindPlugin, PostBindPlugin):
    """Takes part everywhere, notes it, and answers as told; success where nothing is told."""

    def __init__(self, name: str, story: list[str], answers: Mapping[str, Answer]) -> None:
        self.name = name
        self._story = story
        self._answers = answers

    def _note(self, point: str) -> Answer:
        self._story.append(f"{self.name} {point}")
        answer = self._answers.get(point, SUCCESS)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _status(self, point: str) -> Status:
        answer = self._note(point)
        assert isinstance(answer, Status)
        return answer

    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        return self._status("reserve")

    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        self._note("unreserve")

    def permit(self, state: CycleState, pod: PodInfo, node_name: str) -> PermitResult:
        answer = self._note("permit")
        return answer if isinstance(answer, PermitResult) else PermitResult(SUCCESS)

    def pre_bind_pre_flight(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        return self._status("pre-flight")

    async def pre_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        return self._status("pre-bind")

    async def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        return self._status("bind")

    def post_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        self._note("post-bind")


class Room:
    def __init__(self, **answers: Mapping[str, Answer]) -> None:
        self.story: list[str] = []
        self.waiting = WaitingPods(ManualClock())
        plugins = [Everywhere(name, self.story, answers.get(name, {})) for name in ("one", "two")]
        self.points = BindingPoints(point_table(*plugins), self.waiting)


def test_reserve_stops_at_the_first_refusal() -> None:
    room = Room(one={"reserve": Status(Code.UNSCHEDULABLE, ("taken",))})
    assert room.points.reserve(CycleState(), POD, "a") == Status(Code.UNSCHEDULABLE, ("taken",), "one")
    assert room.story == ["one reserve"]


def test_unreserve_runs_backwards_whatever_fails() -> None:
    room = Room(two={"unreserve": RuntimeError("broken")})
    room.points.unreserve(CycleState(), POD, "a")
    assert room.story == ["two unreserve", "one unreserve"]


@pytest.mark.parametrize(
    ("answers", "expected", "waits_for"),
    [
        pytest.param({}, SUCCESS, [], id="all agree"),
        pytest.param(
            {"one": {"permit": PermitResult(Status(Code.WAIT), 5)}},
            Status(Code.WAIT, ('one or more plugins asked to wait and no plugin rejected pod "pod"',)),
            ["one"],
            id="one waits",
        ),
        pytest.param(
            {
                "one": {"permit": PermitResult(Status(Code.WAIT), 5)},
                "two": {"permit": PermitResult(Status(Code.UNSCHEDULABLE, ("no",)))},
            },
            Status(Code.UNSCHEDULABLE, ("no",), "two"),
            [],
            id="a rejection is stronger than waiting",
        ),
        pytest.param(
            {"one": {"permit": RuntimeError("broken")}},
            Status(Code.ERROR, ('running Permit plugin "one": broken',), "one"),
            [],
            id="one fails",
        ),
    ],
)
def test_permit(answers: Mapping[str, Mapping[str, Answer]], expected: Status, waits_for: list[str]) -> None:
    room = Room(**answers)
    assert room.points.permit(CycleState(), POD, "a") == expected
    waiting = room.waiting.get(POD.uid)
    assert (waiting.pending_plugins if waiting else []) == waits_for


@pytest.mark.parametrize(
    ("answers", "expected", "story"),
    [
        pytest.param(
            {"one": {"pre-flight": SKIP}},
            SUCCESS,
            ["one pre-flight", "two pre-flight", "two pre-bind"],
            id="nothing to do for one",
        ),
        pytest.param(
            {"one": {"pre-bind": Status(Code.ERROR, ("lost",))}},
            Status(Code.ERROR, ('running PreBind plugin "one": lost',), "one"),
            ["one pre-flight", "one pre-bind"],
            id="an error ends it",
        ),
    ],
)
async def test_pre_bind(answers: Mapping[str, Mapping[str, Answer]], expected: Status, story: list[str]) -> None:
    room = Room(**answers)
    assert await room.points.pre_bind(CycleState(), POD, "a") == expected
    assert room.story == story


async def test_post_bind_asks_everybody() -> None:
    room = Room(one={"post-bind": RuntimeError("broken")})
    assert (await room.points.bind(CycleState(), POD, "a")).success
    room.points.post_bind(CycleState(), POD, "a")
    assert room.story == ["one bind", "one post-bind", "two post-bind"]
