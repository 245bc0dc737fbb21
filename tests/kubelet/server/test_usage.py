"""What a node's pods use, added up."""

from kubelet.server.usage import SYSTEM_MEMORY, Counter, PodUse, UsageMeter
from tests.kubelet.builders import container, make_pod
from tests.kubelet.rig import Rig
from tests.kubelet.server.conftest import served

MEBI = 1024 * 1024


def test_a_counter_never_falls() -> None:
    counter = Counter()
    assert counter.add_up({"a": 5, "b": 2}) == 7
    assert counter.add_up({"a": 6}) == 8, "what b has counted stays"
    assert counter.add_up({"a": 6, "c": 1}) == 9
    assert counter.add_up({}) == 9


def only(pods: object) -> PodUse:
    assert isinstance(pods, list)
    (pod,) = pods
    assert isinstance(pod, PodUse)
    return pod


async def test_pods_and_node_add_up(rig: Rig) -> None:
    annotations = {"kubemu.io/memory": "100Mi", "kubemu.io/cpu": "500m"}
    containers = [container("web", image="idle"), container("side", image="idle")]
    volumes = [{"name": "scratch", "emptyDir": {}}, {"name": "fast", "emptyDir": {"medium": "Memory"}}]
    containers[0]["volumeMounts"] = [
        {"name": "scratch", "mountPath": "/scratch"},
        {"name": "fast", "mountPath": "/fast"},
    ]
    pod = make_pod(*containers, name="p", metadata={"annotations": annotations}, volumes=volumes)
    node, meter = served(rig), UsageMeter(rig.clock.now())
    await rig.add(pod)
    await rig.clock.advance(10)
    use = meter.read(node)
    one = only(use.pods)
    assert [entry.name for entry in one.containers] == ["web", "side"]
    assert (one.memory, one.nano_cores) == (200 * MEBI, 1_000_000_000)
    assert 9e9 < one.cpu <= 11e9, "a core for ten seconds"
    assert {volume.name: volume.in_memory for volume in one.volumes} == {"scratch": False, "fast": True}
    assert use.memory == SYSTEM_MEMORY + one.memory
    assert use.cpu > one.cpu
    directory = f"/var/lib/kubelet/pods/{pod.metadata.uid}/volumes/kubernetes.io~empty-dir"
    rig.runtime.write_file(f"{directory}/fast/file", b"x" * 1000)
    rig.runtime.write_file(f"{directory}/scratch/file", b"x" * 500)
    after = only(meter.read(node).pods)
    assert (after.memory - one.memory, after.disk - one.disk) == (1000, 500)


async def test_the_node_keeps_what_pods_that_left_have_used(rig: Rig) -> None:
    pod = make_pod(container("web", image="idle"), name="p", metadata={"annotations": {"kubemu.io/cpu": "2"}})
    node, meter = served(rig), UsageMeter(rig.clock.now())
    await rig.add(pod)
    await rig.clock.advance(10)
    before = meter.read(node)
    deleted = await rig.delete(pod, grace=0)
    await rig.remove(deleted)
    await rig.until(lambda: not node.pods.seen())
    after = meter.read(node)
    assert not after.pods
    assert after.cpu >= before.cpu > 20e9
