import pytest

from scheduler.framework.events import Action
from tests.scheduler.builders import PodBuilder, make_pod


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param(make_pod().version(2), make_pod().version(1), Action(0), id="only the version"),
        pytest.param(
            make_pod().requests(cpu="1"), make_pod().requests(cpu="2"), Action.UPDATE_POD_SCALE_DOWN, id="less cpu"
        ),
        pytest.param(make_pod(), make_pod().requests(gpu="2"), Action.UPDATE_POD_SCALE_DOWN, id="no gpu any more"),
        pytest.param(make_pod().requests(cpu="3"), make_pod().requests(cpu="2"), Action(0), id="more cpu"),
        pytest.param(
            make_pod().tolerates("k", "Exists"), make_pod(), Action.UPDATE_POD_TOLERATION, id="a new toleration"
        ),
        pytest.param(
            make_pod(), make_pod().gates("a"), Action.UPDATE_POD_SCHEDULING_GATES_ELIMINATED, id="the last gate gone"
        ),
        pytest.param(make_pod().gates("a"), make_pod().gates("a", "b"), Action(0), id="one gate of two gone"),
    ],
)
def test_changes(new: PodBuilder, old: PodBuilder, expected: Action) -> None:
    assert new.info().changes_from(old.info()) == expected


def test_pods_of_one_template_share_their_parts() -> None:
    one = make_pod("one").requests(cpu="1").tolerates("k", "Exists").selector(disk="ssd").info()
    two = make_pod("two").requests(cpu="1").tolerates("k", "Exists").selector(disk="ssd").info()
    assert one.requests is two.requests
    assert one.tolerations is two.tolerations
    assert one.node_selection is two.node_selection


def test_on_node_changes_the_node_only() -> None:
    pod = make_pod().requests(cpu="1").host_port(80).controller("web").priority(3).info()
    placed = pod.on_node("a")
    assert placed.node_name == "a"
    assert placed.on_node("") == pod


def test_only_the_controlling_owner_counts() -> None:
    pod = make_pod().controller("web").obj()
    pod.metadata.owner_references[0].controller = False
    assert make_pod().controller("web").info().controller == "web"
    assert make_pod().info().controller == ""
