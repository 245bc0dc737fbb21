"""What a pod is called."""

from typing import Any

import pytest

from kubelet.hostnames import HostnameTooLong, PodHostname, pod_hostname
from tests.kubelet.builders import make_pod

DOMAIN = "sub.default.svc.cluster.local"


@pytest.mark.parametrize(
    ("name", "spec", "expected"),
    [
        pytest.param("web", {}, PodHostname("web", "web"), id="its name"),
        pytest.param("web.1", {}, PodHostname("web.1", "web.1"), id="its name, with a dot"),
        pytest.param("w" * 70, {}, PodHostname("w" * 63, "w" * 63), id="cut off"),
        pytest.param("w" * 62 + "-x", {}, PodHostname("w" * 62, "w" * 62), id="cut off without a hyphen at the end"),
        pytest.param("web", {"hostname": "box"}, PodHostname("box", "box"), id="hostname"),
        pytest.param("web", {"subdomain": "sub"}, PodHostname("web", "web", DOMAIN), id="subdomain"),
        pytest.param(
            "web",
            {"hostname": "box", "subdomain": "sub", "setHostnameAsFQDN": True},
            PodHostname(f"box.{DOMAIN}", "box", DOMAIN),
            id="full name",
        ),
        pytest.param("web", {"setHostnameAsFQDN": True}, PodHostname("web", "web"), id="no domain to be full with"),
        pytest.param("web", {"hostnameOverride": "a.b", "subdomain": "sub"}, PodHostname("a.b", "a.b"), id="override"),
        pytest.param("web", {"hostNetwork": True}, PodHostname("node-1", "node-1"), id="node's network"),
    ],
)
def test_names(name: str, spec: dict[str, Any], expected: PodHostname) -> None:
    assert pod_hostname(make_pod(name=name, **spec), "cluster.local") == expected


def test_a_full_name_that_does_not_fit() -> None:
    pod = make_pod(name="w" * 40, subdomain="sub", setHostnameAsFQDN=True)
    with pytest.raises(HostnameTooLong, match=r"is too long \(64 characters is the max, 70 characters requested\)"):
        pod_hostname(pod, "cluster.local")
