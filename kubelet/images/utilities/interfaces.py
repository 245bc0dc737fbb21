"""Utilities about the pod's network: ip, ifconfig, route, netstat, ss, ping.

A pod has one interface with its address. Nothing of it can be changed by a container.
"""

import ipaddress
import re

from kubelet.fake.network import Bound, Scope
from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, number, parse_options, say, seconds
from kubelet.images.utilities.hosts import UnknownHost, resolve

_MTU = 1500
_CHANGING = frozenset({"add", "append", "change", "del", "delete", "flush", "replace", "set"})


def _hardware_address(process: Process) -> str:
    """Return one that belongs to the pod's address, as bridges make them."""
    return ":".join(f"{byte:02x}" for byte in (0x0A, 0x58, *ipaddress.IPv4Address(process.ip).packed))


async def ip(process: Process) -> int:
    """``ip [-4 | -o | -br] address|link|route [show] ...``; changes are ``Operation not permitted``."""
    words = [word for word in process.argv[1:] if not word.startswith("-")]
    flags = {word for word in process.argv[1:] if word.startswith("-")}
    what = words[0] if words else ""
    action = words[1] if len(words) > 1 else "show"
    if not what:
        raise CommandFault("usage: ip [OPTIONS] address|route|link|neigh|rule [ARGS]")
    if action in _CHANGING:
        raise CommandFault("RTNETLINK answers: Operation not permitted", 2)
    if "address".startswith(what):
        device = words[words.index("dev") + 1] if "dev" in words[:-1] else words[2] if len(words) > 2 else ""
        await _addresses(process, flags, device)
    elif "link".startswith(what):
        for index, name, address in _devices(process):
            await say(process, "\n".join(_link(process, index, name, address)))
    elif "route".startswith(what):
        gateway = process.world.network.gateway
        if action == "get" and len(words) > 2:
            await say(process, f"{words[2]} via {gateway} dev eth0  src {process.ip}")
        else:
            cidr = process.world.network.cidr
            await say(process, f"default via {gateway} dev eth0 \n{cidr} dev eth0 scope link  src {process.ip} ")
    elif not any(known.startswith(what) for known in ("neighbour", "neighbor", "rule")):
        raise CommandFault(f"invalid argument '{what}' to 'ip'")
    return 0


def _devices(process: Process) -> list[tuple[int, str, str]]:
    prefix = ipaddress.IPv4Network(process.world.network.cidr).prefixlen
    return [(1, "lo", "127.0.0.1/8"), (2, "eth0", f"{process.ip}/{prefix}")]


def _link(process: Process, index: int, name: str, address: str) -> list[str]:
    if name == "lo":
        return [
            f"{index}: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000",
            "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00",
        ]
    return [
        f"{index}: {name}@if{index + 1}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu {_MTU} qdisc noqueue ",
        f"    link/ether {_hardware_address(process)} brd ff:ff:ff:ff:ff:ff",
    ]


async def _addresses(process: Process, flags: set[str], wanted: str) -> None:
    for index, name, address in _devices(process):
        if wanted not in {"", "show", name}:
            continue
        scope = "host" if name == "lo" else "global"
        if "-br" in flags or "-brief" in flags:
            await say(process, f"{name:<16} {'UNKNOWN' if name == 'lo' else 'UP':<14} {address} ")
        elif "-o" in flags:
            await say(process, f"{index}: {name}    inet {address} scope {scope} {name}\\       valid_lft forever")
        else:
            lines = _link(process, index, name, address)
            lines += [f"    inet {address} scope {scope} {name}", "       valid_lft forever preferred_lft forever"]
            await say(process, "\n".join(lines))


async def ifconfig(process: Process) -> int:
    """``ifconfig [-a] [INTERFACE]``."""
    options = parse_options(process.argv[1:], "a")
    if len(options.operands) > 1:
        raise CommandFault("SIOCSIFADDR: Operation not permitted")
    known = [name for _, name, _ in _devices(process)]
    if options.operands and options.operands[0] not in known:
        raise CommandFault(f"{options.operands[0]}: error fetching interface information: Device not found")
    blocks = []
    for _, name, address in reversed(_devices(process)):
        if options.operands and name != options.operands[0]:
            continue
        interface = ipaddress.IPv4Interface(address)
        kind = "Local Loopback" if name == "lo" else f"Ethernet  HWaddr {_hardware_address(process).upper()}"
        blocks.append(
            f"{name:<9} Link encap:{kind}\n          inet addr:{interface.ip}  Mask:{interface.netmask}\n"
            f"          UP RUNNING  MTU:{65536 if name == 'lo' else _MTU}  Metric:1\n"
        )
    await say(process, "\n".join(blocks))
    return 0


def _listening(process: Process, flags: set[str]) -> list[Bound]:
    kinds = {name for letter, name in {"t": "tcp", "u": "udp"}.items() if letter in flags} or {"tcp", "udp"}
    return [bound for bound in process.world.network.listeners(process.ip) if bound.kind in kinds]


def _local(process: Process, bound: Bound) -> str:
    address = {Scope.ANY: "0.0.0.0", Scope.LOOPBACK: "127.0.0.1", Scope.ADDRESS: process.ip}[bound.scope]
    return f"{address}:{bound.port}"


async def netstat(process: Process) -> int:
    """``netstat [-tulnap]``: what listens on the pod's address; ``-r`` shows the routes."""
    options = parse_options(process.argv[1:], "tulnapreWi")
    if "r" in options.flags:
        network = ipaddress.IPv4Network(process.world.network.cidr)
        await say(
            process,
            "Kernel IP routing table\n"
            "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n"
            f"0.0.0.0         {process.world.network.gateway:<15} 0.0.0.0         UG        0 0          0 eth0\n"
            f"{network.network_address!s:<15} 0.0.0.0         {network.netmask!s:<15} U         0 0          0 eth0",
        )
        return 0
    everything = "servers and established" if "a" in options.flags else "w/o servers"
    shown = "only servers" if "l" in options.flags else everything
    await say(process, f"Active Internet connections ({shown})")
    await say(process, "Proto Recv-Q Send-Q Local Address           Foreign Address         State       ")
    for bound in _listening(process, options.flags) if options.flags & {"l", "a"} else ():
        state = "LISTEN" if bound.kind == "tcp" else ""
        await say(process, f"{bound.kind:<5} {0:6d} {0:6d} {_local(process, bound):<23} {'0.0.0.0:*':<23} {state:<12}")
    return 0


async def ss(process: Process) -> int:
    """``ss [-tulnap]``: what listens on the pod's address."""
    options = parse_options(process.argv[1:], "tulnapeoH")
    if "H" not in options.flags:
        await say(process, "Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process")
    for bound in _listening(process, options.flags) if options.flags & {"l", "a"} else ():
        state = "LISTEN" if bound.kind == "tcp" else "UNCONN"
        await say(process, f"{bound.kind:<5} {state:<6} {0:<6} {128:<6} {_local(process, bound):>18} {'0.0.0.0:*':>17}")
    return 0


async def ping(process: Process) -> int:
    """``ping [-c COUNT] [-i SECONDS] [-w SECONDS] [-W SECONDS] [-q] HOST``.

    Every address of the pod network answers, but for those of this node's range that no pod has; what is elsewhere
    is unreachable. Nothing is sent.
    """
    options = parse_options(process.argv[1:], "qn4Av", "ciwWsIt")
    if len(options.operands) != 1:
        raise CommandFault("usage: ping [OPTIONS] HOST")
    host = options.operands[0]
    try:
        address = await resolve(process, host)
    except UnknownHost:
        raise CommandFault(f"bad address '{host}'") from None
    size = number(options.values.get("s", "56"))
    await say(process, f"PING {host} ({address}): {size} data bytes")
    if not address.startswith("127."):
        raise CommandFault("sendto: Network is unreachable")
    answers = not process.world.network.is_free(address)
    count = number(options.values["c"]) if "c" in options.values else -1
    until = process.clock.monotonic() + seconds(options.values["w"]) if "w" in options.values else float("inf")
    sent = 0
    while sent != count and process.clock.monotonic() < until:
        if sent:
            await process.sleep(max(0.01, seconds(options.values.get("i", "1"))))
        if answers and "q" not in options.flags:
            await say(process, f"{size + 8} bytes from {address}: seq={sent} ttl=64 time=0.050 ms")
        sent += 1
    if not answers:
        await process.sleep(seconds(options.values.get("W", "10")))
    await say(process, _statistics(host, sent, sent if answers else 0))
    return int(not answers)


def _statistics(host: str, sent: int, received: int) -> str:
    lost = round(100 * (sent - received) / sent) if sent else 0
    text = (
        f"\n--- {host} ping statistics ---\n"
        f"{sent} packets transmitted, {received} packets received, {lost}% packet loss"
    )
    return f"{text}\nround-trip min/avg/max = 0.050/0.050/0.050 ms" if received else text


async def route(process: Process) -> int:
    """``route [-n]``."""
    words = [word for word in process.argv[1:] if not re.fullmatch(r"-[ne]+", word)]
    if words:
        raise CommandFault("SIOCADDRT: Operation not permitted")
    process.argv = ["route", "-rn"]
    return await netstat(process)
