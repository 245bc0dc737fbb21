"""``redis``: what its server answers, and what ``redis-cli`` prints of that."""

import asyncio
from typing import Any

import pytest

from kubelet.images.redis.client import plain, pretty
from kubelet.images.redis.protocol import Error, ProtocolError, Reader, Reply, Status, encode
from kubelet.runtime import ContainerState
from tests.kubelet.images.node import Node


async def cli(node: Node, server: str, *words: str) -> str:
    result = await node.runtime.exec_sync(server, ["redis-cli", *words], None)
    return (result.stdout + result.stderr).decode()


@pytest.mark.parametrize(
    ("commands", "last"),
    [
        pytest.param(["PING"], "PONG\n", id="ping"),
        pytest.param(["PING hello"], "hello\n", id="ping with a text"),
        pytest.param(["SET a 1", "GET a"], "1\n", id="set and get"),
        pytest.param(["GET a"], "\n", id="nothing"),
        pytest.param(["SET a 1", "set a 2 nx", "GET a"], "1\n", id="only if not there"),
        pytest.param(["SET a 1 EX 0"], "ERR invalid expire time in 'set' command\n", id="no time"),
        pytest.param(["SET a x", "INCR a"], "ERR value is not an integer or out of range\n", id="no number"),
        pytest.param(["INCR a", "INCRBY a 5", "DECR a"], "5\n", id="counting"),
        pytest.param(["SET a x", "SET b y", "DEL a b c"], "2\n", id="delete"),
        pytest.param(["MSET a 1 b 2", "MGET a c b"], "1\n\n2\n", id="several"),
        pytest.param(["MSET aa 1 ab 2 b 3", "KEYS a*"], "aa\nab\n", id="keys"),
        pytest.param(["RPUSH l a b c", "LPUSH l z", "LRANGE l 0 -2"], "z\na\nb\n", id="list"),
        pytest.param(["RPUSH l a", "LPOP l", "EXISTS l"], "0\n", id="an empty list is none"),
        pytest.param(["SADD s b a b", "SMEMBERS s"], "a\nb\n", id="set"),
        pytest.param(["HSET h a 1 b 2", "HGETALL h"], "a\n1\nb\n2\n", id="hash"),
        pytest.param(["SADD s a", "TYPE s"], "set\n", id="type"),
        pytest.param(
            ["SADD s a", "GET s"], "WRONGTYPE Operation against a key holding the wrong kind of value\n", id="wrong"
        ),
        pytest.param(["GET"], "ERR wrong number of arguments for 'get' command\n", id="too few"),
        pytest.param(["FLY a"], "ERR unknown command 'fly', with args beginning with: 'a'\n", id="unknown"),
        pytest.param(["SET a 1", "RENAME a b", "GET b"], "1\n", id="rename"),
        pytest.param(["SET a x", "APPEND a yz", "STRLEN a"], "3\n", id="append"),
        pytest.param(["SET a 1", "DBSIZE"], "1\n", id="size"),
        pytest.param(["SET a 1", "FLUSHALL", "DBSIZE"], "0\n", id="flush"),
        pytest.param(["SELECT 99"], "ERR DB index is out of range\n", id="database"),
        pytest.param(["CONFIG SET maxmemory 2mb", "CONFIG GET maxmemory"], "maxmemory\n2097152\n", id="configuration"),
    ],
)
async def test_commands(node: Node, commands: list[str], last: str) -> None:
    server = await node.start("redis:8")
    for command in commands:
        answer = await cli(node, server, *command.split())
    assert answer == last


async def test_keys_end(node: Node) -> None:
    server = await node.start("redis")
    await cli(node, server, "SET", "a", "1", "EX", "10")
    await cli(node, server, "SET", "b", "1")
    assert await cli(node, server, "TTL", "a") == "10\n"
    assert await cli(node, server, "TTL", "b") == "-1\n"
    await cli(node, server, "EXPIRE", "b", "5")
    await cli(node, server, "PERSIST", "b")
    await node.pass_time(10)
    assert await cli(node, server, "TTL", "a") == "-2\n"
    assert await cli(node, server, "MGET", "a", "b") == "\n1\n"


async def test_a_password(node: Node) -> None:
    server = await node.start("redis", "redis-server", "--requirepass", "secret")
    assert await cli(node, server, "PING") == "NOAUTH Authentication required.\n"
    assert await cli(node, server, "-a", "secret", "PING") == "PONG\n"
    assert (await cli(node, server, "AUTH", "wrong")).startswith("WRONGPASS")


async def test_a_file_configures_it(node: Node) -> None:
    """As the tutorial on ConfigMaps has it."""
    await node.runtime.pull_image("redis")
    script = "printf 'maxmemory 2mb\\nmaxmemory-policy allkeys-lru \\n' > /r.conf; exec redis-server /r.conf"
    server = await node.run(await node.sandbox(), script, image="redis")
    await node.logged(server, b"Ready to accept connections")
    assert await cli(node, server, "CONFIG", "GET", "maxmemory-policy") == "maxmemory-policy\nallkeys-lru\n"
    assert await cli(node, server, "CONFIG", "GET", "maxmemory") == "maxmemory\n2097152\n"


async def test_it_ends_well(node: Node) -> None:
    server = await node.start("redis")
    assert "redis_version:" in await cli(node, server, "INFO")
    await node.runtime.stop_container(server, 30)
    assert node.runtime.container_status(server).exit_code == 0
    assert "bye bye" in node.entries(server)[-1]
    other = await node.start("redis", name="other")
    await cli(node, other, "SHUTDOWN")
    assert (await node.exited(other)).state is ContainerState.EXITED


async def test_commands_come_in_pieces_and_in_rows(node: Node) -> None:
    """Also as plain lines, as one types them into ``nc``."""
    server = await node.start("redis")
    reader, writer = await asyncio.open_connection(node.ip(server), 6379)
    writer.write(b"*1\r\n$4\r\nPI")
    await writer.drain()
    writer.write(b"NG\r\nSET a 1\r\nGET a\r\n")
    assert await reader.readexactly(19) == b"+PONG\r\n+OK\r\n$1\r\n1\r\n"
    writer.write(b"*1\r\n!\r\n")
    assert b"ERR Protocol error" in await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_the_client_reads_commands(node: Node) -> None:
    server = await node.start("redis")
    script = "printf 'SET a \"two words\"\\nGET a\\nquit\\n' | redis-cli"
    assert await node.output(server, "sh", "-c", script) == b"OK\ntwo words\n"
    assert "Connection refused" in await cli(node, server, "-p", "1", "PING")


@pytest.mark.parametrize(
    ("reply", "raw", "shown"),
    [
        pytest.param(None, b"\n", b"(nil)\n", id="nothing"),
        pytest.param(Status("OK"), b"OK\n", b"OK\n", id="status"),
        pytest.param(Error("ERR no"), b"ERR no\n", b"(error) ERR no\n", id="error"),
        pytest.param(3, b"3\n", b"(integer) 3\n", id="number"),
        pytest.param(b'a"b', b'a"b\n', b'"a\\"b"\n', id="text"),
        pytest.param([], b"\n", b"(empty array)\n", id="empty"),
        pytest.param([b"a", [b"b", 1]], b"a\nb\n1\n", b'1) "a"\n2) 1) "b"\n   2) (integer) 1\n', id="nested"),
    ],
)
def test_replies(reply: Reply, raw: bytes, shown: bytes) -> None:
    assert (plain(reply), pretty(reply)) == (raw, shown)
    reader = Reader()
    reader.feed(encode(reply))
    assert reader.reply() == (reply,)


@pytest.mark.parametrize("data", [b"*x\r\n", b"*1\r\n*1\r\n$1\r\na\r\n"])
def test_what_is_no_command(data: bytes) -> None:
    reader: Any = Reader()
    reader.feed(data)
    with pytest.raises(ProtocolError):
        reader.command()
