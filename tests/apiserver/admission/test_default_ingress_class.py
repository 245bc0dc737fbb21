"""DefaultIngressClass: which class an ingress gets that names none."""

import pytest

from tests.apiserver.admission.server import JSONObject, Server

BACKEND = {"service": {"name": "s", "port": {"number": 80}}}


@pytest.mark.parametrize(
    ("metadata", "spec", "given"),
    [
        pytest.param({}, {}, "usual", id="none named"),
        pytest.param({}, {"ingressClassName": "mine"}, "mine", id="one named"),
        pytest.param({"annotations": {"kubernetes.io/ingress.class": "mine"}}, {}, None, id="one named the older way"),
    ],
)
async def test_classes(server: Server, metadata: JSONObject, spec: JSONObject, given: str | None) -> None:
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"}
    wanted = {"metadata": {"name": "usual", "annotations": annotations}, "spec": {"controller": "example.com/c"}}
    await server.create("ingressclasses", wanted)
    ingress = {"metadata": {"name": "i", **metadata}, "spec": {"defaultBackend": BACKEND, **spec}}
    assert (await server.create("ingresses", ingress))["spec"].get("ingressClassName") == given


async def test_none_is_the_default(server: Server) -> None:
    created = await server.create("ingresses", {"metadata": {"name": "i"}, "spec": {"defaultBackend": BACKEND}})
    assert "ingressClassName" not in created["spec"]
