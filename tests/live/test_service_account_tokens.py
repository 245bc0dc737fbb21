"""Tokens of service accounts over HTTP, from servers given their keys on the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kubeclient.client import Client
from tests.live.addresses import own_range
from tests.live.node import NodeRig, start_kubelet
from tests.live.processes import Cluster, ServerProcess, component


def post(server: ServerProcess, path: str, body: dict[str, Any], **headers: str) -> Any:
    answer = httpx.post(f"{server.url}{path}", json=body, headers=headers, verify=False, trust_env=False)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_key_outlives_its_server(start_server: Callable[..., ServerProcess], tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    path = tmp_path / "sa.key"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    first, second = (
        start_server("--service-account-signing-key-file", str(path), "--service-account-issuer", "https://me")
        for _ in range(2)
    )
    issued = post(first, "/api/v1/namespaces/default/serviceaccounts/default/token", {})["status"]["token"]
    whoami = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    found = post(first, whoami, {}, authorization=f"Bearer {issued}")["status"]["userInfo"]
    assert found["username"] == "system:serviceaccount:default:default"
    # The other server takes it for what it is: signed by the same key, for an account of another cluster.
    review = post(second, "/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": issued}})["status"]
    assert "does not match claim" in review["error"]


def test_files_that_are_no_keys_are_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "sa.key"
    path.write_text("nothing")
    process = component("apiserver", "--port", "0", "--service-account-signing-key-file", str(path))
    assert process.wait(timeout=20) == 1
    assert len(process.stderr) == 1
    assert f"data does not contain a valid RSA or ECDSA private key: {path}" in process.stderr[0]


async def test_a_pod_finds_a_token_of_its_own(cluster: Cluster) -> None:
    """With nothing in its manifest about it, as a client library in a pod expects."""
    start_kubelet(cluster, "node-1")
    directory = "/var/run/secrets/kubernetes.io/serviceaccount"
    script = f"ls {directory}; cat {directory}/namespace; echo; cat {directory}/token"
    async with Client(cluster.url) as client:
        rig = NodeRig(client, "node-1")
        await rig.until_node_ready(own_range(28))
        main = {"name": "main", "image": "busybox", "command": ["sh", "-c", script]}
        pod = await rig.create("user", main, restartPolicy="Never")
        await rig.until_phase("user", "Succeeded")
        written = (await client.request("GET", "/api/v1/namespaces/default/pods/user/log")).decode()
    *lines, token = written.splitlines()
    assert lines == ["ca.crt", "namespace", "token", "default"]
    review = post(cluster.server, "/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": token}})["status"]
    assert review["user"]["username"] == "system:serviceaccount:default:default"
    assert review["user"]["extra"]["authentication.kubernetes.io/pod-uid"] == [pod.metadata.uid]
    assert review["user"]["extra"]["authentication.kubernetes.io/node-name"] == ["node-1"]
