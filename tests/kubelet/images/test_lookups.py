"""``getent``: by ``/etc/hosts`` first."""

import pytest

from tests.kubelet.images.node import Node


@pytest.mark.parametrize(
    ("arguments", "expected", "code"),
    [
        pytest.param("hosts localhost", "127.0.0.1       localhost\n", 0, id="localhost"),
        pytest.param("hosts alias", "192.0.2.9       alias other\n", 0, id="an entry of the file"),
        pytest.param("hosts other pod", "192.0.2.9       alias other\nIP pod\n", 0, id="several"),
        pytest.param("hosts 192.0.2.9", "192.0.2.9       alias other\n", 0, id="by address"),
        pytest.param("hosts nowhere", "", 2, id="unknown"),
        pytest.param(
            "ahosts alias",
            "192.0.2.9       STREAM alias\n192.0.2.9       DGRAM\n192.0.2.9       RAW\n",
            0,
            id="addresses",
        ),
        pytest.param("passwd root", "root:x:0:0:root:/root:/bin/sh\n", 0, id="a user"),
        pytest.param("group 65534", "nogroup:x:65534:\n", 0, id="a group by number"),
        pytest.param("passwd nobody-else", "", 2, id="no user"),
    ],
)
async def test_getent(node: Node, arguments: str, expected: str, code: int) -> None:
    main = await node.start("busybox", "sleep", "1d")
    script = f"echo '192.0.2.9 alias other' >> /etc/hosts; getent {arguments}"
    result = await node.runtime.exec_sync(main, ("sh", "-c", script), None)
    assert result.exit_code == code
    assert result.stdout.decode() == expected.replace("IP", f"{node.ip(main):<15}")
