"""Small questions about a pod."""

import pytest

from kubelet.pods import field_path, find_container, full_name
from tests.kubelet.builders import container, make_pod

POD = make_pod(container("a"), init=(container("i"),))


def test_names() -> None:
    assert full_name(POD) == "web_default(uid-web)"
    assert field_path(POD, find_container(POD, "i")) == "spec.initContainers{i}"
    assert field_path(POD, find_container(POD, "a")) == "spec.containers{a}"


def test_a_container_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        find_container(POD, "none")
