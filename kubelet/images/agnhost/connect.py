"""``agnhost connect``: tries to open a connection, and tells in one word what went wrong."""

from apimachinery.duration import parse_duration
from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, parse_flags
from kubelet.images.datagrams import open_datagrams
from kubelet.images.utilities.hosts import UnknownHost, resolve

_DEFAULTS = {"timeout": "0", "protocol": "tcp", "udp-data": "hostname", "sctp-data": "hostname"}


async def connect(process: Process, arguments: list[str]) -> int:
    """``connect HOST:PORT [--timeout D] [--protocol tcp|udp]``."""
    places = [
        word
        for before, word in zip(["", *arguments], arguments, strict=False)
        if not word.startswith("-") and not (before.startswith("-") and "=" not in before)
    ]
    try:
        values = parse_flags(arguments, _DEFAULTS)
        seconds = parse_duration(values["timeout"])
    except (FlagFault, ValueError) as fault:
        await process.complain(f"Error: {fault}")
        return 1
    host, colon, port = places[0].rpartition(":") if places else ("", "", "")
    if not colon or not port.isdigit():
        await process.complain(f"UNKNOWN: address {places[0] if places else ''}: missing port in address")
        return 1
    if values["protocol"] not in {"tcp", "udp"}:
        await process.complain("Unsupported protocol")
        return 1
    trying = _tcp(process, host, int(port))
    if values["protocol"] == "udp":
        trying.close()
        trying = _udp(process, host, int(port), values["udp-data"])
    try:
        async with process.clock.timeout(seconds or None):
            await trying
    except TimeoutError:
        problem = "TIMEOUT"
    except UnknownHost as error:
        problem = f"DNS: {error.strerror}"
    except ConnectionRefusedError:
        problem = "REFUSED"
    except OSError as error:
        problem = f"OTHER: {error.strerror or error}"
    else:
        return 0
    await process.complain(problem)
    return 1


async def _tcp(process: Process, host: str, port: int) -> None:
    _, writer = await process.connect(await resolve(process, host), port)
    writer.close()


async def _udp(process: Process, host: str, port: int, data: str) -> None:
    client = await open_datagrams(process, await resolve(process, host), port)
    try:
        client.send(f"{data}\n".encode())
        await client.receive()
    finally:
        client.close()
