"""``sample-apiserver`` and ``etcd`` as upstream's test of aggregation runs them: two containers of one pod."""

import httpx

from tests.kubelet.images.node import Node

IMAGES = "registry.k8s.io/e2e-test-images/sample-apiserver:1.29.2", "registry.k8s.io/etcd:3.6.8-0"


async def test_it_is_ready_while_etcd_is_there(node: Node) -> None:
    sample, etcd = IMAGES
    await node.runtime.pull_image(etcd)
    server = await node.start(sample, "--etcd-servers=http://127.0.0.1:2379", "--audit-log-path=-")
    url = node.url(server, "", 443).replace("http:", "https:")
    async with httpx.AsyncClient(verify=False, trust_env=False) as browser:
        assert (await browser.get(f"{url}/livez")).text == "ok"
        failed = await browser.get(f"{url}/readyz")
        assert (failed.status_code, "[-]etcd failed" in failed.text) == (500, True)
        pod = node.runtime.container_status(server).sandbox_id
        command = ("/usr/local/bin/etcd", "--listen-client-urls", "http://127.0.0.1:2379")
        beside = await node.run(pod, image=etcd, command=command, name="etcd")
        await node.until(lambda: b"ready to serve" in node.log(beside))
        assert (await browser.get(f"{url}/readyz")).text == "ok"
        path = f"{url}/apis/wardle.example.com/v1alpha1/namespaces/default/flunders"
        made = await browser.post(path, json={"metadata": {"name": "sample"}})
        assert (made.status_code, made.json()["kind"]) == (201, "Flunder")
        assert (await browser.get(f"{path}?labelSelector=a=b")).json()["items"] == []
        health = await node.output(beside, "sh", "-c", "wget -q -O- http://127.0.0.1:2379/health")
        assert health == b'{"health":"true","reason":""}'
    await node.runtime.stop_container(server, 30)
    assert node.runtime.container_status(server).exit_code == 2


async def test_it_needs_etcd(node: Node) -> None:
    server = await node.start(IMAGES[0])
    assert (await node.exited(server)).exit_code == 1
    assert b"--etcd-servers must be specified" in node.log(server)


async def test_etcd_wants_urls(node: Node) -> None:
    started = await node.start(IMAGES[1], "etcd", "--listen-client-urls", "http://")
    assert (await node.exited(started)).exit_code == 1
    assert b"invalid URL" in node.log(started)
    version = await node.start(IMAGES[1], "etcd", "--version", name="version")
    await node.exited(version)
    assert node.log(version) == b"etcd Version: 3.6.8\n"
