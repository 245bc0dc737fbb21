from controller_manager.daemonset.plan import by_node
from controller_manager.daemonset.status import calculate_status
from tests.controller_manager.builders import NOW
from tests.controller_manager.daemonset.objects import KEEPS, NEW, OLD, RUNS, UNSUITED, daemon_pod, daemon_set


def test_numbers() -> None:
    nodes = {"new": RUNS, "old": RUNS, "unready": RUNS, "bare": RUNS, "keeps": KEEPS, "unsuited": UNSUITED}
    pods = [
        daemon_pod("new"),
        daemon_pod("old", OLD),
        daemon_pod("old", NEW, ready_for=None),
        daemon_pod("unready", ready_for=None),
        daemon_pod("keeps"),
    ]
    status = calculate_status(daemon_set(), nodes, by_node(pods), NEW, NOW, observed=True).status
    assert (status.desired_number_scheduled, status.current_number_scheduled, status.number_misscheduled) == (4, 3, 1)
    assert (status.number_ready, status.number_available, status.number_unavailable) == (2, 2, 2)
    assert (status.updated_number_scheduled, status.observed_generation) == (2, 2)


def test_time_makes_available() -> None:
    subject = daemon_set(spec={"minReadySeconds": 10})
    pods = by_node([daemon_pod("a", ready_for=20), daemon_pod("b", ready_for=4)])
    outcome = calculate_status(subject, {"a": RUNS, "b": RUNS}, pods, NEW, NOW, observed=False)
    assert (outcome.status.number_ready, outcome.status.number_available) == (2, 1)
    assert outcome.next_available_seconds == 6
    assert outcome.status.observed_generation == 0
