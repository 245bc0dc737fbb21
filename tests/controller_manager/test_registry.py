import pytest

from controller_manager.registry import aliases, controllers, enabled, unknown_names


@pytest.mark.parametrize(
    ("selection", "runs"),
    [
        pytest.param(["*"], True, id="all"),
        pytest.param([], False, id="none"),
        pytest.param(["*", "-replicaset-controller"], False, id="all-but-it"),
        pytest.param(["-replicaset-controller", "*"], False, id="order-of-the-star-does-not-matter"),
        pytest.param(["replicaset-controller"], True, id="only-it"),
        pytest.param(["namespace-controller"], False, id="only-another"),
        pytest.param(["*", "-replicaset"], False, id="by-its-older-name"),
        pytest.param(["replicaset", "-replicaset-controller"], True, id="the-first-entry-decides"),
    ],
)
def test_selection(selection: list[str], runs: bool) -> None:
    assert enabled("replicaset-controller", selection) is runs


def test_every_alias_names_a_controller() -> None:
    assert set(aliases().values()) <= set(controllers())


def test_unknown_names_are_found() -> None:
    assert unknown_names(["*", "-namespace", "cronjobs", "-foo"], controllers()) == ["cronjobs", "-foo"]
