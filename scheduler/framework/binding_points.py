"""Reserve, Permit, PreBind, Bind and PostBind: a pod on its way to the node that was chosen for it."""

import logging

from scheduler.framework.cycle_state import CycleState
from scheduler.framework.faults import PluginFailed
from scheduler.framework.interface import (
    BindPlugin,
    PermitPlugin,
    Plugin,
    PostBindPlugin,
    PreBindPlugin,
    ReservePlugin,
)
from scheduler.framework.pod_info import PodInfo
from scheduler.framework.points import PointTable
from scheduler.framework.status import SUCCESS, Code, Status
from scheduler.framework.waiting_pods import WaitingPods

logger = logging.getLogger(__name__)

MAX_PERMIT_SECONDS = 15 * 60.0
"""The longest that a Permit plugin can have a pod wait."""


class BindingPoints:
    """A profile's plugins from Reserve on. Follows ``pkg/scheduler/framework/runtime/framework.go`` (v1.36).

    Statuses that come back are success or name the plugin that gave them; one that raises has met an error.
    """

    def __init__(self, points: PointTable, waiting_pods: WaitingPods) -> None:
        self._waiting_pods = waiting_pods
        self._reserve = [plugin for plugin in points.at("reserve") if isinstance(plugin, ReservePlugin)]
        self._permit = [plugin for plugin in points.at("permit") if isinstance(plugin, PermitPlugin)]
        self._pre_bind = [plugin for plugin in points.at("preBind") if isinstance(plugin, PreBindPlugin)]
        self._bind = [plugin for plugin in points.at("bind") if isinstance(plugin, BindPlugin)]
        self._post_bind = [plugin for plugin in points.at("postBind") if isinstance(plugin, PostBindPlugin)]

    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        """Run Reserve, up to the first that refuses; the caller then has everything unreserved."""
        for plugin in self._reserve:
            try:
                status = plugin.reserve(state, pod, node_name)
            except Exception as error:
                return _failed("Reserve", plugin, error)
            if not status.success:
                return _verdict("Reserve", plugin, status)
        return SUCCESS

    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Run Unreserve, last plugin first; one that fails does not keep the others from theirs."""
        for plugin in reversed(self._reserve):
            try:
                plugin.unreserve(state, pod, node_name)
            except Exception:
                logger.exception("plugin %s failed to unreserve pod %s", plugin.name, pod.key)

    def permit(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        """Run Permit. With ``WAIT`` the pod is among the waiting ones from here on."""
        timeouts: dict[str, float] = {}
        for plugin in self._permit:
            try:
                result = plugin.permit(state, pod, node_name)
            except Exception as error:
                return _failed("Permit", plugin, error)
            if result.status.code is Code.WAIT:
                timeouts[plugin.name] = min(result.timeout_seconds, MAX_PERMIT_SECONDS)
            elif not result.status.success:
                return _verdict("Permit", plugin, result.status)
        if not timeouts:
            return SUCCESS
        self._waiting_pods.add(pod, timeouts)
        return Status(Code.WAIT, (f'one or more plugins asked to wait and no plugin rejected pod "{pod.name}"',))

    async def wait_on_permit(self, pod: PodInfo) -> Status:
        """Wait until the plugins that made the pod wait have allowed it, or one has rejected it."""
        return await self._waiting_pods.wait(pod.uid)

    def prepares(self, state: CycleState, pod: PodInfo, node_name: str) -> bool:
        """Return whether PreBind has something to do for the pod, which may take long."""
        try:
            return any(
                plugin.pre_bind_pre_flight(state, pod, node_name).code is not Code.SKIP for plugin in self._pre_bind
            )
        except Exception:
            # PreBind meets the same fault, and tells it.
            return True

    async def pre_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        """Run PreBind of the plugins that have something to do, up to the first that fails."""
        for plugin in self._pre_bind:
            try:
                status = plugin.pre_bind_pre_flight(state, pod, node_name)
                if status.code is Code.SKIP:
                    continue
                if status.success:
                    status = await plugin.pre_bind(state, pod, node_name)
            except Exception as error:
                return _failed("PreBind", plugin, error)
            if not status.success:
                return _verdict("PreBind", plugin, status)
        return SUCCESS

    async def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status:
        """Run the Bind plugins until one does not skip."""
        for plugin in self._bind:
            try:
                status = await plugin.bind(state, pod, node_name)
            except Exception as error:
                return _failed("Bind", plugin, error)
            if status.code is not Code.SKIP:
                return status.by(plugin.name)
        return Status(Code.ERROR, ("all bind plugins skipped the pod",))

    def post_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Run PostBind; nothing hangs on it any longer."""
        for plugin in self._post_bind:
            try:
                plugin.post_bind(state, pod, node_name)
            except Exception:
                logger.exception("plugin %s failed after pod %s was bound", plugin.name, pod.key)


def _failed(point: str, plugin: Plugin, error: Exception) -> Status:
    logger.error("%s plugin %s failed", point, plugin.name, exc_info=error)
    return Status(Code.ERROR, (str(PluginFailed(point, plugin.name, error)),), plugin.name)


def _verdict(point: str, plugin: Plugin, status: Status) -> Status:
    if status.rejected:
        return status.by(plugin.name)
    return Status(Code.ERROR, (str(PluginFailed(point, plugin.name, status.message)),), plugin.name)
