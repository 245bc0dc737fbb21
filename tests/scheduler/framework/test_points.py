"""Who is asked where: general plugins, switched on and off at single points."""

import pytest

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.interface import EnabledPlugin, PermitPlugin, PermitResult, PointPlugins, ReservePlugin
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.status import SUCCESS, Status
from tests.scheduler.framework.tables import point_table


class Reserves(ReservePlugin):
    def __init__(self, name: str) -> None:
        self.name = name

    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        return SUCCESS

    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None: ...


class Both(Reserves, PermitPlugin):
    def permit(self, state: CycleState, pod: PodInfo, node_name: str) -> PermitResult:
        return PermitResult()


A, B, C = Reserves("a"), Both("b"), Reserves("c")


def chosen(*enabled: str, off: tuple[str, ...] = ()) -> PointPlugins:
    return PointPlugins(tuple(EnabledPlugin(name) for name in enabled), frozenset(off))


@pytest.mark.parametrize(
    ("at_reserve", "expected"),
    [
        pytest.param(chosen(), ["a", "b", "c"], id="nothing said"),
        pytest.param(chosen(off=("b",)), ["a", "c"], id="one off"),
        pytest.param(chosen(off=("*",)), [], id="all off"),
        pytest.param(chosen("c", off=("*",)), ["c"], id="all off but one"),
        pytest.param(chosen("c"), ["c", "a", "b"], id="one that is named comes first"),
        pytest.param(chosen("b", "a", off=("a",)), ["b", "a", "c"], id="on counts more than off"),
    ],
)
def test_one_point(at_reserve: PointPlugins, expected: list[str]) -> None:
    table = point_table(A, B, C, reserve=at_reserve)
    assert [plugin.name for plugin in table.at("reserve")] == expected
    assert [plugin.name for plugin in table.at("permit")] == ["b"]


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        pytest.param({"permit": chosen("a")}, "plugin 'a' does not extend PermitPlugin", id="does not implement it"),
        pytest.param({"permit": chosen("b", "b")}, "enables the plugin 'b' twice at permit", id="twice"),
    ],
)
def test_a_profile_that_cannot_work_is_refused(points: dict[str, PointPlugins], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        point_table(A, B, C, **points)
