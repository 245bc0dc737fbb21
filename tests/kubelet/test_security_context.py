"""Containers that must not run as root."""

from typing import Any

import pytest

from kubelet.runtime import Image
from kubelet.security_context import root_refusal
from tests.kubelet.builders import container, make_pod

ROOT = Image("id", ["x:latest"], 1)
NUMBERED = Image("id", ["x:latest"], 1, uid=1000)
NAMED = Image("id", ["x:latest"], 1, uid=None, username="app")
WHO = '(pod: "web_default(uid-web)", container: web)'


@pytest.mark.parametrize(
    ("own", "whole", "image", "refused"),
    [
        pytest.param({}, {}, ROOT, "", id="nobody minds"),
        pytest.param({}, {"runAsNonRoot": True}, NUMBERED, "", id="the image's user"),
        pytest.param({"runAsUser": 5}, {"runAsNonRoot": True}, ROOT, "", id="the container's user"),
        pytest.param({"runAsNonRoot": False}, {"runAsNonRoot": True}, ROOT, "", id="its own word comes first"),
        pytest.param(
            {"runAsNonRoot": True}, {}, ROOT, f"container has runAsNonRoot and image will run as root {WHO}", id="root"
        ),
        pytest.param(
            {"runAsUser": 0},
            {"runAsNonRoot": True, "runAsUser": 7},
            NUMBERED,
            f"container's runAsUser breaks non-root policy {WHO}",
            id="asked for",
        ),
        pytest.param(
            {},
            {"runAsNonRoot": True},
            NAMED,
            "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root " + WHO,
            id="a name says nothing",
        ),
    ],
)
def test_refusals(own: dict[str, Any], whole: dict[str, Any], image: Image, refused: str) -> None:
    pod = make_pod(container(securityContext=own), securityContext=whole)
    assert root_refusal(pod, pod.spec.containers[0], image) == refused
