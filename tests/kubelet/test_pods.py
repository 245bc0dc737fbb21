"""Small questions about a pod."""

import pytest

from kubelet.pods import field_path, find_container, full_name, go_duration
from tests.kubelet.builders import container, make_pod

POD = make_pod(container("a"), init=(container("i"),))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.012, "12ms"), (1.5, "1.5s"), (10, "10s"), (60, "1m0s"), (160, "2m40s"), (3600, "1h0m0s")],
)
def test_go_duration(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text


def test_names() -> None:
    assert full_name(POD) == "web_default(uid-web)"
    assert field_path(POD, find_container(POD, "i")) == "spec.initContainers{i}"
    assert field_path(POD, find_container(POD, "a")) == "spec.containers{a}"


def test_a_container_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        find_container(POD, "none")
