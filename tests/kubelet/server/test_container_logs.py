"""Logs over HTTP, and the kubelet's words for those there are none of."""

from typing import Any

import httpx
import pytest

from apimachinery.types.pod import ContainerStatus, PodStatus
from kubelet.server.container_logs import NoLog, logged_container
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig

ENDED = {"terminated": {"exitCode": 0, "containerID": "fake://old"}}


def status(**fields: Any) -> PodStatus:
    entry = {"name": "web", "ready": False, "restartCount": 0, "image": "i", "imageID": "", **fields}
    return PodStatus(container_statuses=[ContainerStatus.model_validate(entry)])


def waiting(reason: str, **fields: Any) -> PodStatus:
    return status(state={"waiting": {"reason": reason}}, **fields)


@pytest.mark.parametrize(
    ("reported", "previous", "expected"),
    [
        pytest.param(status(state={"running": {}}, containerID="fake://now"), False, "fake://now", id="running"),
        pytest.param(status(state=ENDED), False, "fake://old", id="ended"),
        pytest.param(waiting("CrashLoopBackOff", lastState=ENDED), False, "fake://old", id="between two runs"),
        pytest.param(status(state={"running": {}}, lastState=ENDED), True, "fake://old", id="the run before"),
    ],
)
def test_which_run_is_meant(reported: PodStatus, previous: bool, expected: str) -> None:
    assert logged_container("p", reported, "web", previous=previous) == expected


@pytest.mark.parametrize(
    ("reported", "previous", "reason"),
    [
        pytest.param(PodStatus(), False, 'container "web" in pod "p" is not available', id="no status"),
        pytest.param(
            status(state={"running": {}}),
            True,
            'previous terminated container "web" in pod "p" not found',
            id="no run before",
        ),
        pytest.param(
            waiting("ContainerCreating"),
            False,
            'container "web" in pod "p" is waiting to start: ContainerCreating',
            id="being created",
        ),
        pytest.param(
            waiting("ErrImagePull"),
            False,
            'container "web" in pod "p" is waiting to start: image can\'t be pulled',
            id="no image",
        ),
        pytest.param(
            waiting("ImagePullBackOff"),
            False,
            'container "web" in pod "p" is waiting to start: trying and failing to pull image',
            id="no image for long",
        ),
        pytest.param(status(), False, 'container "web" in pod "p" is waiting to start - no logs yet', id="no state"),
        pytest.param(
            status(state={"terminated": {"exitCode": 1}}), False, 'container "web" in pod "p" is terminated', id="lost"
        ),
    ],
)
def test_why_there_is_no_log(reported: PodStatus, previous: bool, reason: str) -> None:
    with pytest.raises(NoLog) as refused:
        logged_container("p", reported, "web", previous=previous)
    assert str(refused.value) == reason


def script(text: str) -> Any:
    return container("web", image="busybox", command=["sh", "-c", text])


async def test_a_log_and_its_parts(rig: Rig, http: httpx.AsyncClient) -> None:
    await rig.add(make_pod(script("echo one; echo two >&2; echo three; sleep 1000"), name="p"))
    await rig.until(lambda: len(rig.runtime.container_log(rig.runtime.list_containers()[0].id)) == 3)
    url = "/containerLogs/default/p/web"
    answer = await http.get(url)
    assert (answer.text, answer.headers["content-type"]) == ("one\ntwo\nthree\n", "text/plain")
    assert (await http.get(url, params={"tailLines": 1})).text == "three\n"
    assert (await http.get(url, params={"tailLines": 0})).text == ""
    assert (await http.get(url, params={"tailLines": 9})).text == "one\ntwo\nthree\n"
    assert (await http.get(url, params={"stream": "Stderr"})).text == "two\n"
    assert (await http.get(url, params={"limitBytes": 5})).text == "one\nt"


async def test_following_ends_with_the_container(rig: Rig, http: httpx.AsyncClient) -> None:
    await rig.add(make_pod(script("echo one; sleep 5; echo two; sleep 5"), name="p", policy="Never"))
    async with http.stream("GET", "/containerLogs/default/p/web", params={"follow": "true"}) as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == "one"
        await rig.clock.advance(5)
        assert await anext(lines) == "two"
        await rig.clock.advance(6)
        assert [line async for line in lines] == []


async def test_a_rotated_log(rig: Rig, http: httpx.AsyncClient) -> None:
    """Who follows goes on with the next file; who begins to read sees that one alone."""
    rig.runtime.logs.max_size = 1_000
    await rig.add(make_pod(script("seq 1 20; sleep 5; seq 21 30; sleep 5"), name="p", policy="Never"))
    url = "/containerLogs/default/p/web"
    async with http.stream("GET", url, params={"follow": "true"}) as answer:
        lines = answer.aiter_lines()
        assert [await anext(lines) for _ in range(20)] == [str(number) for number in range(1, 21)]
        await rig.clock.advance(5)
        assert [await anext(lines) for _ in range(10)] == [str(number) for number in range(21, 31)]
        # Twenty-four lines of these take more than a thousand bytes.
        assert (await http.get(url)).text == "25\n26\n27\n28\n29\n30\n"
        assert (await http.get(url, params={"tailLines": 2})).text == "29\n30\n"
        await rig.clock.advance(6)
        assert [line async for line in lines] == []


async def test_the_run_before(rig: Rig, http: httpx.AsyncClient) -> None:
    pod = make_pod(script("echo $((1 + 1)); sleep 1000"), name="p")
    await rig.add(pod)
    await rig.until(lambda: len(rig.runtime.container_log(rig.runtime.list_containers()[0].id)) == 1)
    assert (await http.get("/containerLogs/default/p/web", params={"previous": "true"})).status_code == 400
    rig.runtime.kill_container(rig.runtime.list_containers()[0].id, 9)
    await rig.settle()
    await rig.clock.advance(11)
    await rig.until(lambda: rig.container(pod).restart_count == 1)
    await rig.settle()
    assert (await http.get("/containerLogs/default/p/web", params={"previous": "true"})).text == "2\n"


async def test_the_run_before_the_pause_container_was_killed(rig: Rig, http: httpx.AsyncClient) -> None:
    """S2: what a container said in the pod's last sandbox can be read in its new one, and is forgotten with the pod."""
    pod = make_pod(script("hostname -i; sleep 1000"), name="p")
    await rig.add(pod)
    for _ in range(2):
        before = rig.status(pod).pod_ip
        runs = len(rig.runtime.list_pod_sandboxes())
        assert (await http.post("/debug/kill/default/p/pause")).status_code == 200
        await rig.settle()
        await rig.clock.advance(60)
        await rig.until(lambda before=before: rig.status(pod).pod_ip not in {"", before})
        await rig.until(lambda: rig.container(pod).state.running is not None)
        assert (await http.get("/containerLogs/default/p/web", params={"previous": "true"})).text == f"{before}\n"
    assert runs == len(rig.runtime.list_pod_sandboxes()) == 2
    await rig.remove(await rig.delete(pod, grace=0))
    await rig.until(lambda: not rig.runtime.list_pod_sandboxes())


async def test_what_is_refused(rig: Rig, http: httpx.AsyncClient) -> None:
    await rig.add(make_pod(script("sleep 1000"), name="p"))
    for path, code, text in (
        ("default/q/web", 404, 'pod "q" does not exist'),
        ("other/p/web", 404, 'pod "p" does not exist'),
        ("default/p/db", 404, 'container "db" not found in pod "p"'),
        ("default/p/web?tailLines=x", 400, '{"message": "Unable to decode query."}'),
        ("default/p/web?tailLines=-1", 422, '{"message": "Invalid request."}'),
    ):
        answer = await http.get(f"/containerLogs/{path}")
        assert (answer.status_code, answer.text) == (code, text)
