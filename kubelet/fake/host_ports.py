"""Host ports: listeners on the node's address whose traffic goes to a pod, as CNI's ``portmap`` plugin arranges it.

A pod sees the address that its client has. ``127.0.0.1`` as host address means the loopback of the node, which pods on
its network (``hostNetwork``) share.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import cast

from componentbase.relay import End, Patient
from kubelet.fake.network import Bound, PodNetwork
from kubelet.runtime import PortMapping, RuntimeFault

_MOST_FLOWS = 256
"""How many clients of one UDP port are remembered; an answer to one before them is lost."""


class HostPorts:
    """The host ports of one pod. ``group`` owns the connections under way."""

    def __init__(self, network: PodNetwork, ip: str, group: asyncio.TaskGroup, *, owner: str) -> None:
        self._network = network
        self._ip = ip
        self._group = group
        self._owner = owner
        self._bound: list[Bound] = []
        self._open: set[asyncio.BaseTransport] = set()

    async def open(self, mappings: Sequence[PortMapping]) -> None:
        """Listen on every host port there is; raise :class:`~kubelet.runtime.RuntimeFault` when one is taken."""
        for mapping in mappings:
            if not mapping.host_port or mapping.protocol not in {"TCP", "UDP"}:
                continue
            try:
                await self._listen(mapping)
            except OSError as error:
                self.close()
                wanted = f"{mapping.host_port}/{mapping.protocol.lower()} on {mapping.host_ip or '0.0.0.0'}"
                reason = (error.strerror or str(error)).lower()
                raise RuntimeFault(
                    f'plugin type="portmap" failed (add): cannot open hostport {wanted}: bind: {reason}'
                ) from error

    async def _listen(self, mapping: PortMapping) -> None:
        network, node, port = self._network, self._network.gateway, mapping.host_port
        if mapping.protocol == "TCP":
            made = network.listen(
                node, port, lambda: _Incoming(self, mapping.container_port), host=mapping.host_ip, owner=self._owner
            )
            self._bound.append(await made)
        else:
            flows = _Flows(self, mapping.container_port)
            self._bound.append(
                await network.listen_udp(node, port, lambda: flows, host=mapping.host_ip, owner=self._owner)
            )

    def close(self) -> None:
        """Listen no more, and break off what is under way."""
        for bound in self._bound:
            bound.close()
        self._bound.clear()
        for transport in list(self._open):
            transport.close()

    # What its protocols need

    def opened(self, transport: asyncio.BaseTransport) -> None:
        self._open.add(transport)

    def closed(self, transport: asyncio.BaseTransport | None) -> None:
        if transport is not None:
            self._open.discard(transport)

    def connect(self, incoming: "_Incoming", client: str, port: int) -> None:
        self._group.create_task(self._connect(incoming, client, port), name="host-port")

    async def _connect(self, incoming: "_Incoming", client: str, port: int) -> None:
        ip, real_port = self._network.endpoint(self._ip, port)
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _Outgoing(self, incoming), ip, real_port, local_addr=(client, 0))
        except OSError:
            incoming.close()

    def send(self, flow: "_Flow", client: str, port: int) -> None:
        self._group.create_task(self._open_flow(flow, client, port), name="host-port-flow")

    async def _open_flow(self, flow: "_Flow", client: str, port: int) -> None:
        try:
            await self._network.connect_udp(self._ip, port, lambda: flow, source=client)
        except OSError:
            flow.end()


class _End(End):
    """One of the two connections that are joined, which the pod's host ports keep count of."""

    def __init__(self, ports: HostPorts) -> None:
        super().__init__()
        self._ports = ports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._ports.opened(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._ports.closed(self.transport)
        super().connection_lost(error)


class _Incoming(_End, Patient):
    """A client's connection to the host port, which is there before the pod's side."""

    def __init__(self, ports: HostPorts, port: int) -> None:
        super().__init__(ports)
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._ports.connect(self, transport.get_extra_info("peername")[0], self._port)


class _Outgoing(_End):
    """The connection to the pod."""

    def __init__(self, ports: HostPorts, incoming: _Incoming) -> None:
        super().__init__(ports)
        self._incoming = incoming

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        client = self._incoming.transport
        if client is None or client.is_closing():
            transport.close()
            return
        self.join(self._incoming)
        self._incoming.begin()


class _Flows(asyncio.DatagramProtocol):
    """A UDP host port: a socket towards the pod for each client, so that its answers find the way back."""

    def __init__(self, ports: HostPorts, port: int) -> None:
        self._ports = ports
        self._port = port
        self._flows: OrderedDict[tuple[str, int], _Flow] = OrderedDict()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        flow = self._flows.get(addr)
        if flow is None or flow.ended:
            flow = self._flows[addr] = _Flow(self, self._ports, addr)
            if len(self._flows) > _MOST_FLOWS:
                self._flows.popitem(last=False)[1].end()
            self._ports.send(flow, addr[0], self._port)
        self._flows.move_to_end(addr)
        flow.pass_on(data)

    def connection_lost(self, exc: Exception | None) -> None:
        for flow in self._flows.values():
            flow.end()
        self._flows.clear()


class _Flow(asyncio.DatagramProtocol):
    """One client's datagrams to the pod, and the pod's to that client."""

    def __init__(self, flows: _Flows, ports: HostPorts, client: tuple[str, int]) -> None:
        self._flows = flows
        self._ports = ports
        self._client = client
        self._early: list[bytes] = []
        self._transport: asyncio.DatagramTransport | None = None
        self.ended = False

    def pass_on(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(data)
        else:
            self._early.append(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self._ports.opened(transport)
        for data in self._early:
            self._transport.sendto(data)
        self._early.clear()
        if self.ended:
            transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._flows.transport is not None:
            self._flows.transport.sendto(data, self._client)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ports.closed(self._transport)
        self.ended = True

    def end(self) -> None:
        self.ended = True
        if self._transport is not None:
            self._transport.close()
