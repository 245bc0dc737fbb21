"""``agnhost``: sub-commands that serve and connect."""

import asyncio
import json
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from kubelet.fake.catalogue import NamedImage
from kubelet.images.agnhost.crd_conversion_webhook import CannotConvert, convert
from kubelet.images.declared.image import fake_image
from kubelet.images.declared.spec import FakeImageSpec
from tests.kubelet.images.node import Node

AGNHOST = "agnhost"


async def test_nettest_counts(node: Node, browser: httpx.AsyncClient) -> None:
    server = await node.start(AGNHOST, "nettest")
    for _ in range(2):
        await browser.post(node.url(server, "/write", 8080), content=b'{"Source":"prestop"}')
    await browser.post(node.url(server, "/write", 8080), content=b"{}")
    state = (await browser.get(node.url(server, "/read", 8080))).json()
    assert state["Received"] == {"prestop": 2}
    assert (state["Hostname"], len(state["Errors"])) == ("pod", 1)
    assert (await browser.get(node.url(server, "/status", 8080))).text == "running"
    await browser.get(node.url(server, "/quit", 8080))
    assert (await node.exited(server)).exit_code == 0


async def test_nettest_may_end_late(node: Node) -> None:
    server = await node.start(AGNHOST, "nettest", "--delay-shutdown", "10")
    node.runtime.kill_container(server, 15)
    await node.pass_time(9)
    assert "Sleeping 10 seconds before exit ..." in node.entries(server)
    await node.pass_time(1)
    assert (await node.exited(server)).exit_code == 0


async def test_porter(node: Node) -> None:
    """A port of its own for each variable, in TLS with a certificate that nobody has signed."""
    env = {"SERVE_PORT_8080": "<a>one</a>", "SERVE_TLS_PORT_8443": "secret", "PORT_9000": "none"}
    server = await node.start(AGNHOST, "porter", env=env)
    async with httpx.AsyncClient(verify=False, trust_env=False) as browser:
        assert (await browser.post(node.url(server, "/any", 8080))).text == "<a>one</a>"
        secure = node.url(server, "/any", 8443).replace("http:", "https:")
        assert (await browser.get(secure)).text == "secret"
    async with httpx.AsyncClient(trust_env=False) as strict:
        with pytest.raises(httpx.ConnectError):
            await strict.get(secure)


async def test_porter_tells_of_requests(node: Node, browser: httpx.AsyncClient) -> None:
    server = await node.start(AGNHOST, "porter", "--json-response", env={"SERVE_PORT_8080": "foo"})
    answer = await browser.put(node.url(server, "/", 8080), content=b"body")
    assert answer.json() == {"Method": "PUT", "Body": "body"}


async def test_guestbook(node: Node, browser: httpx.AsyncClient) -> None:
    """A primary keeps its replica up to date; the front end asks them by name."""
    primary = await node.start(AGNHOST, "guestbook", "--http-port", "6379")
    await browser.get(node.url(primary, "/set?key=early&value=1", 6379))
    replica = await node.start(
        AGNHOST, "guestbook", "--http-port", "6379", "--replicaof", node.ip(primary), name="replica"
    )
    await node.until(lambda: any("Registered to node" in line for line in node.entries(replica)))
    answer = await browser.get(node.url(primary, "/set?key=messages&value=hello", 6379))
    assert answer.json() == {"message": "Updated"}
    for server in (primary, replica):
        got = await browser.get(node.url(server, "/get?key=messages", 6379))
        assert got.text == '{"data":"hello"}'
    assert (await browser.get(node.url(replica, "/get", 6379))).json()["data"]["early"] == "1"
    assert (await browser.get(node.url(replica, "/get?key=no", 6379))).text == '{"data":""}'
    front = await node.start(AGNHOST, "guestbook", name="front")
    for name, server in (("agnhost-primary", primary), ("agnhost-replica", replica)):
        await node.output(front, "sh", "-c", f"echo '{node.ip(server)} {name}' >> /etc/hosts")
    set_ = await browser.get(node.url(front, "/guestbook?cmd=set&key=messages&value=new"))
    assert set_.json() == {"message": "Updated"}
    assert (await browser.get(node.url(front, "/guestbook?cmd=get&key=messages"))).text == '{"data":"new"}'
    assert (await browser.get(node.url(front, "/guestbook?cmd=drop"))).status_code == 400


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        pytest.param(["{ip}:8080"], 0, "", id="tcp"),
        pytest.param(["{ip}:8081", "--protocol", "udp"], 0, "", id="udp"),
        pytest.param(["{ip}:9999"], 1, "REFUSED\n", id="refused"),
        pytest.param(["nobody.example:80"], 1, "DNS: ", id="dns"),
        pytest.param(["nowhere"], 1, "UNKNOWN: ", id="no port"),
        pytest.param(["192.0.2.1:80", "--timeout=1s"], 1, "OTHER: Network is unreachable\n", id="outside"),
        pytest.param(["{ip}:1", "--protocol=sctp"], 1, "Unsupported protocol\n", id="sctp"),
    ],
)
async def test_connect(node: Node, arguments: list[str], code: int, problem: str) -> None:
    server = await node.start(AGNHOST, "netexec")
    command = ["/agnhost", "connect", *(word.format(ip=node.ip(server)) for word in arguments)]
    result = await node.runtime.exec_sync(server, command, None)
    assert result.exit_code == code
    assert result.stderr.decode().startswith(problem)


async def test_resource_consumer_moves_what_is_used(node: Node, browser: httpx.AsyncClient) -> None:
    """For as long as it is asked to; what is asked for adds up."""
    server = await node.start(AGNHOST, "resource-consumer")
    before = node.runtime.container_stats(server)
    for _ in range(2):
        answer = await browser.post(
            node.url(server, "/ConsumeCPU", 8080), data={"millicores": "300", "durationSec": "30"}
        )
        assert answer.text == "ConsumeCPU\n300 millicores\n30 durationSec\n"
    await browser.post(node.url(server, "/ConsumeMem?megabytes=5&durationSec=10", 8080))
    used = node.runtime.container_stats(server)
    assert used.usage_nano_cores - before.usage_nano_cores == pytest.approx(600_000_000, rel=0.01)
    assert used.working_set_bytes - before.working_set_bytes == 5 * 1024 * 1024
    await node.pass_time(30)
    after = node.runtime.container_stats(server)
    assert (after.usage_nano_cores, after.working_set_bytes) == (before.usage_nano_cores, before.working_set_bytes)
    assert (await browser.post(node.url(server, "/ConsumeCPU", 8080))).status_code == 400
    await browser.post(node.url(server, "/BumpMetric?metric=m&delta=3&durationSec=5", 8080))
    assert "m 3\n" in (await browser.get(node.url(server, "/metrics", 8080))).text


# Webhooks


async def webhook(node: Node, *arguments: str) -> str:
    """Start a webhook with a certificate, as a secret would bring it."""
    from cryptography.hazmat.primitives import serialization

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    certificate = certificate_of(key)
    script = f"mkdir /c; echo '{certificate}' > /c/crt; echo '{pem}' > /c/key; exec /agnhost {' '.join(arguments)}"
    flags = " --tls-cert-file=/c/crt --tls-private-key-file=/c/key"
    await node.runtime.pull_image(AGNHOST)
    started = await node.run(await node.sandbox("hook"), f"{script}{flags}", image=AGNHOST)
    for _ in range(20):
        await node.pass_time(0)
    return started


def certificate_of(key: ec.EllipticCurvePrivateKey) -> str:
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hook")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    built = builder.not_valid_after(datetime(2090, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    return built.public_bytes(serialization.Encoding.PEM).decode()


MARKED = {"metadata": {"labels": {"webhook-e2e-test": "webhook-disallow"}}}
UNWANTED = {"data": {"webhook-e2e-test": "webhook-disallow"}}
KEPT = {"operation": "DELETE", "oldObject": {"data": {"webhook-e2e-test": "webhook-nondeletable"}}}
ATTACH = {"name": "to-be-attached-pod", "object": {"stdin": True, "container": "container1"}}


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_webhook(node: Node, version: str) -> None:
    """Every path, with what it refuses and what it changes."""
    server = await webhook(node, "webhook", "--port=8444", "--sidecar-image=busybox")
    async with httpx.AsyncClient(verify=False, trust_env=False) as browser:

        async def ask(path: str, request: dict[str, Any]) -> dict[str, Any]:
            body = {
                "apiVersion": f"admission.k8s.io/{version}",
                "kind": "AdmissionReview",
                "request": {"uid": "u", "operation": "CREATE", **request},
            }
            url = node.url(server, path, 8444).replace("http:", "https:")
            answer = (await browser.post(url, json=body)).json()
            assert (answer["apiVersion"], answer["response"]["uid"]) == (body["apiVersion"], "u")
            found: dict[str, Any] = answer["response"]
            return found

        for path, request, text in (
            ("/always-deny", {}, "this webhook denies all requests"),
            ("/pods", {"object": MARKED}, "the pod contains unwanted label"),
            (
                "/pods",
                {"object": {"spec": {"containers": [{"name": "webhook-disallow"}]}}},
                "the pod contains unwanted container name",
            ),
            ("/pods/attach", ATTACH, "attaching to pod 'to-be-attached-pod' is not allowed"),
            ("/configmaps", {"object": UNWANTED}, "the configmap contains unwanted key and value"),
            ("/configmaps", KEPT, "the configmap cannot be deleted because it contains unwanted key and value"),
            ("/custom-resource", {"object": UNWANTED}, "the custom resource contains unwanted data"),
            ("/custom-resource", KEPT, "the custom resource cannot be deleted because it contains unwanted key"),
            ("/crd", {"object": MARKED}, "the crd contains unwanted label"),
        ):
            refused = await ask(path, request)
            assert refused["allowed"] is False
            assert text in json.dumps(refused["status"])
        for path in ("/pods", "/pods/attach", "/configmaps", "/custom-resource", "/crd"):
            assert (await ask(path, {"object": {"metadata": {}}}))["allowed"] is True
        for path, obj in (
            ("/add-label", {"metadata": {}}),
            ("/mutating-pods", {"metadata": {"name": "webhook-to-be-mutated"}}),
            ("/mutating-pods-sidecar", {"spec": {"containers": [{"name": "a"}]}}),
            ("/mutating-configmaps", {"data": {"mutation-start": "yes"}}),
            ("/mutating-custom-resource", {"data": {"mutation-stage-1": "yes"}}),
        ):
            changed = await ask(path, {"object": obj})
            assert (changed["allowed"], changed["patchType"]) == (True, "JSONPatch")
        ready = node.url(server, "/readyz", 8444).replace("http:", "https:")
        assert (await browser.get(ready)).text == "ok"


async def test_a_webhook_needs_its_certificate(node: Node) -> None:
    started = await node.start(AGNHOST, "webhook", "--tls-cert-file=/no", "--tls-private-key-file=/no")
    assert (await node.exited(started)).exit_code == 255
    assert b"open /no: no such file or directory" in node.log(started)


@pytest.mark.parametrize(
    ("given", "version", "expected"),
    [
        pytest.param({"hostPort": "h:1"}, 2, {"host": "h", "port": "1"}, id="apart"),
        pytest.param({"host": "h", "port": "1"}, 1, {"hostPort": "h:1"}, id="together"),
        pytest.param({"host": "h"}, 1, {"hostPort": "h:"}, id="half"),
        pytest.param({}, 2, {}, id="nothing"),
    ],
)
def test_conversions(given: dict[str, Any], version: int, expected: dict[str, Any]) -> None:
    converted = convert({"apiVersion": f"stable.example.com/v{3 - version}", **given}, f"stable.example.com/v{version}")
    assert converted == {"apiVersion": f"stable.example.com/v{version}", **expected}


@pytest.mark.parametrize(
    ("given", "version", "problem"),
    [
        ({"apiVersion": "stable.example.com/v1"}, "stable.example.com/v1", "to itself"),
        ({"apiVersion": "stable.example.com/v1"}, "stable.example.com/v3", 'version "stable.example.com/v3"'),
        ({"apiVersion": "v9"}, "stable.example.com/v1", 'version "v9"'),
        ({"apiVersion": "stable.example.com/v1", "hostPort": "h"}, "stable.example.com/v2", "invalid hostPort"),
    ],
)
def test_conversions_there_are_not(given: dict[str, Any], version: str, problem: str) -> None:
    with pytest.raises(CannotConvert, match=problem):
        convert(given, version)


async def test_conversion_webhook(node: Node) -> None:
    server = await webhook(node, "crd-conversion-webhook", "--port=9444")
    url = node.url(server, "/crdconvert", 9444).replace("http:", "https:")
    obj = {"apiVersion": "stable.example.com/v1", "hostPort": "h:1"}
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "ConversionReview",
        "request": {"uid": "u", "desiredAPIVersion": "stable.example.com/v2", "objects": [obj]},
    }
    async with httpx.AsyncClient(verify=False, trust_env=False) as browser:
        answer = (await browser.post(url, json=body)).json()["response"]
    assert (answer["uid"], answer["result"]["status"]) == ("u", "Success")
    assert answer["convertedObjects"] == [{"apiVersion": "stable.example.com/v2", "host": "h", "port": "1"}]


# Tokens


@pytest.mark.parametrize(
    ("audience", "signer", "code"),
    [
        pytest.param("me", "issuer", 0, id="good"),
        pytest.param("you", "issuer", 255, id="another audience"),
        pytest.param("me", "stranger", 255, id="another key"),
    ],
)
async def test_issuer_discovery(node: Node, audience: str, signer: str, code: int) -> None:
    """A pod's token, checked with the keys that a server publishes."""
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("issuer", "stranger")}
    public = {**json.loads(ECAlgorithm.to_jwk(keys["issuer"].public_key())), "kid": "1", "alg": "ES256", "use": "sig"}
    documents = {
        "/.well-known/openid-configuration": {"issuer": "https://issuer"},
        "/openid/v1/jwks": {"keys": [public]},
    }
    token = jwt.encode({"iss": "https://issuer", "aud": ["me"]}, keys[signer], "ES256", headers={"kid": "1"})
    answers = [{"path": path, "body": json.dumps(document)} for path, document in documents.items()]
    issuer = {"ports": [{"port": 8080, "http": answers}]}
    node.images.put("issuer", [NamedImage(["issuer"], fake_image(FakeImageSpec.model_validate(issuer)))])
    server = await node.start("issuer", name="issuer")
    vessel = await node.start(AGNHOST)
    env = f"KUBERNETES_SERVICE_HOST={node.ip(server)} KUBERNETES_SERVICE_PORT=8080"
    check = f"/agnhost test-service-account-issuer-discovery --token-path /token --audience {audience}"
    result = await node.runtime.exec_sync(vessel, ["sh", "-c", f"echo {token} > /token; {env} {check}"], None)
    assert result.exit_code == code, result


async def test_issuer_discovery_needs_a_cluster(node: Node) -> None:
    started = await node.start(AGNHOST, "test-service-account-issuer-discovery", "--token-path=/localhost.crt")
    assert (await node.exited(started)).exit_code == 255
    assert b"KUBERNETES_SERVICE_HOST" in node.log(started)


async def test_no_bytes_are_lost_on_a_bad_request(node: Node) -> None:
    """A line that is no HTTP gets some answer, which is how ``nc`` tells that a port is served."""
    server = await node.start(AGNHOST, "netexec")
    reader, writer = await asyncio.open_connection(node.ip(server), 8080)
    writer.write(b"hostName\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400")
    writer.close()
    await writer.wait_closed()
