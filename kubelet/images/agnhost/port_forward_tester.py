"""``agnhost port-forward-tester``: takes a connection, expects some bytes and sends chunks, by its environment."""

import contextlib

from kubelet.fake.process import Process
from kubelet.images.arrivals import Streams, listen_for_streams

_LINGER_SECONDS = 0.5


async def port_forward_tester(process: Process, arguments: list[str]) -> int:
    """Without flags; ``BIND_ADDRESS``, ``BIND_PORT``, ``EXPECTED_CLIENT_DATA``, ``CHUNKS``, ``CHUNK_SIZE``,
    ``CHUNK_INTERVAL`` (milliseconds)."""
    host, port = process.env.get("BIND_ADDRESS") or "localhost", process.env.get("BIND_PORT", "")
    if not port.isdigit():
        await process.print(f"Error resolving: lookup tcp/{port}: unknown port")
        return 1
    host = {"localhost": "127.0.0.1", "0.0.0.0": ""}.get(host, host)
    try:
        arrived = await listen_for_streams(process, int(port), host=host)
    except OSError as error:
        await process.print(f"Error listening: {(error.strerror or str(error)).lower()}")
        return 1
    streams = await arrived.get()
    await process.print("Accepted client connection")
    with contextlib.closing(streams[1]):
        return await _received(process, streams) or await _sent(process, streams)


async def _received(process: Process, streams: Streams) -> int:
    expected = process.env.get("EXPECTED_CLIENT_DATA", "").encode()
    if not expected:
        return 0
    data = await streams[0].read(len(expected))
    if len(data) != len(expected):
        await process.print(f"Expected to read {len(expected)} bytes from client, but got {len(data)} instead. err=EOF")
        return 2
    if data != expected:
        await process.print(
            f'Expect to read "{expected.decode()}", but got "{data.decode(errors="replace")}". err=<nil>'
        )
        return 3
    await process.print("Received expected client data")
    return 0


async def _sent(process: Process, streams: Streams) -> int:
    numbers: list[int] = []
    for name in ("CHUNKS", "CHUNK_SIZE", "CHUNK_INTERVAL"):
        text = process.env.get(name, "")
        if not text.isdigit():
            await process.print(f'Error parsing {name} "{text}": strconv.Atoi: parsing "{text}": invalid syntax')
            return 1
        numbers.append(int(text))
    chunks, size, interval = numbers
    _, writer = streams
    try:
        for number in range(chunks):
            writer.write(b"x" * size)
            await writer.drain()
            if number + 1 < chunks:
                await process.sleep(interval / 1000)
    except OSError as error:
        await process.print(f"Expected to write {size} bytes from client, but wrote 0 instead. err={error.strerror}")
        return 4
    await process.print("Shutting down connection")
    writer.write_eof()
    await process.sleep(_LINGER_SECONDS)
    await process.print("Done")
    return 0
