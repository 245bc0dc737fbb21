"""``/stats/summary``: what the node and its pods use (``k8s.io/kubelet/pkg/apis/stats/v1alpha1``, v0.36)."""

from typing import Any

import orjson
from aiohttp import web

from apimachinery.clock import rfc3339
from kubelet.eviction.manager import MAX_INODES, MAX_PIDS
from kubelet.server.served import ServedNode
from kubelet.server.usage import SYSTEM_CORES, SYSTEM_MEMORY, ContainerUse, NodeUse, PodUse, VolumeUse

JSONObject = dict[str, Any]

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_INTERFACE = "eth0"
_NANO = 10**9


async def summary(node: ServedNode, request: web.Request) -> web.StreamResponse:
    """Answer with the usage; ``only_cpu_and_memory=true`` leaves out everything else."""
    brief = request.query.get("only_cpu_and_memory", "") in _TRUE
    use = node.meter.read(node, files=not brief)
    return web.Response(body=orjson.dumps(summary_of(use, brief=brief)), content_type="application/json")


def summary_of(use: NodeUse, *, brief: bool = False) -> JSONObject:
    """Return a ``Summary``; ``brief`` is of processor and memory alone."""
    return {"node": _node(use, brief=brief), "pods": [_pod(pod, use, brief=brief) for pod in use.pods]}


def _node(use: NodeUse, *, brief: bool) -> JSONObject:
    at, started = rfc3339(use.at), rfc3339(use.started_at)
    pods_cpu = sum(pod.nano_cores for pod in use.pods)
    uptime = max(0.0, (use.at - use.started_at).total_seconds())
    system_cpu = round(uptime * SYSTEM_CORES * _NANO)
    shown: JSONObject = {
        "nodeName": use.name,
        "systemContainers": [
            {
                "name": "kubelet",
                "startTime": started,
                "cpu": _cpu(at, use.nano_cores - pods_cpu, system_cpu),
                "memory": _memory(at, SYSTEM_MEMORY),
            },
            {
                "name": "pods",
                "startTime": started,
                "cpu": _cpu(at, pods_cpu, use.cpu - system_cpu),
                "memory": _memory(at, use.memory - SYSTEM_MEMORY, use.memory_capacity),
            },
        ],
        "startTime": started,
        "cpu": _cpu(at, use.nano_cores, use.cpu),
        "memory": _memory(at, use.memory, use.memory_capacity),
    }
    if brief:
        return shown
    running = sum(len(pod.containers) for pod in use.pods)
    return {
        **shown,
        "network": _network(at, sum(pod.network for pod in use.pods)),
        "fs": _files(use, use.disk),
        "runtime": {"imageFs": _files(use, use.images)},
        "rlimit": {"time": at, "maxpid": MAX_PIDS, "curproc": running},
    }


def _pod(pod: PodUse, use: NodeUse, *, brief: bool) -> JSONObject:
    at = rfc3339(use.at)
    shown: JSONObject = {
        "podRef": {"name": pod.name, "namespace": pod.namespace, "uid": pod.uid},
        "startTime": rfc3339(pod.started_at),
        "containers": [_container(entry, use, brief=brief) for entry in pod.containers],
        "cpu": _cpu(at, pod.nano_cores, pod.cpu),
        "memory": _memory(at, pod.memory, pod.memory_limit),
    }
    if brief:
        return shown
    shown["network"] = _network(at, pod.network)
    if pod.volumes:
        shown["volume"] = [_volume(volume, pod, use) for volume in pod.volumes]
    shown["ephemeral-storage"] = _files(use, pod.disk)
    shown["process_stats"] = {"process_count": len(pod.containers)}
    return shown


def _container(entry: ContainerUse, use: NodeUse, *, brief: bool) -> JSONObject:
    at, stats = rfc3339(entry.stats.timestamp), entry.stats
    shown: JSONObject = {
        "name": entry.name,
        "startTime": rfc3339(entry.started_at),
        "cpu": _cpu(at, stats.usage_nano_cores, stats.usage_core_nano_seconds),
        "memory": _memory(at, stats.working_set_bytes, entry.memory_limit),
    }
    if not brief:
        shown["rootfs"] = _files(use, stats.writable_layer_used_bytes)
    return shown


def _cpu(at: str, nano_cores: int, total: int) -> JSONObject:
    return {"time": at, "usageNanoCores": nano_cores, "usageCoreNanoSeconds": total}


def _memory(at: str, used: int, limit: int = 0) -> JSONObject:
    """Nothing here is cached or swapped out: all memory in use belongs to the working set."""
    shown: JSONObject = {"time": at, "usageBytes": used, "workingSetBytes": used, "rssBytes": used}
    if limit:
        shown["availableBytes"] = max(0, limit - used)
    return {**shown, "pageFaults": used // 4096, "majorPageFaults": 0}


def _network(at: str, moved: int) -> JSONObject:
    counted = {"name": _INTERFACE, "rxBytes": moved, "rxErrors": 0, "txBytes": moved, "txErrors": 0}
    return {"time": at, **counted, "interfaces": [counted]}


def _files(use: NodeUse, used: int) -> JSONObject:
    """Files are not counted one by one: who runs counts as one (see the eviction manager)."""
    running = sum(len(pod.containers) for pod in use.pods)
    return {
        "time": rfc3339(use.at),
        "availableBytes": max(0, use.disk_capacity - use.disk),
        "capacityBytes": use.disk_capacity,
        "usedBytes": used,
        "inodesFree": MAX_INODES - running,
        "inodes": MAX_INODES,
    }


def _volume(volume: VolumeUse, pod: PodUse, use: NodeUse) -> JSONObject:
    shown = {**_files(use, volume.used), "name": volume.name}
    if volume.claim:
        shown["pvcRef"] = {"name": volume.claim, "namespace": pod.namespace}
    return shown
