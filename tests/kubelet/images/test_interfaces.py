"""Utilities that show the pod's network."""

import pytest

from apimachinery.clock import ManualClock
from tests.kubelet.fake.world import open_world


@pytest.mark.parametrize(
    ("script", "output", "errors"),
    [
        pytest.param("ip link add dummy0 type dummy || true", "", "ip: RTNETLINK answers: Operation not permitted\n",
                     id="link-add"),
        pytest.param("ip addr | grep inet", "    inet 127.0.0.1/8 scope host lo\n"
                     "    inet 127.129.9.2/24 scope global eth0\n", "", id="addresses"),
        pytest.param("ip -4 addr show eth0 | head -n 1 | cut -d: -f1,2", "2: eth0@if3\n", "", id="one-address"),
        pytest.param("ip -o a show dev eth0 | cut -c1-31", "2: eth0    inet 127.129.9.2/24 \n", "", id="one-line"),
        pytest.param("ip link | grep -c link/", "2\n", "", id="links"),
        pytest.param("ip route; ip route get 127.64.0.1", "default via 127.129.9.1 dev eth0 \n"
                     "127.129.9.0/24 dev eth0 scope link  src 127.129.9.2 \n"
                     "127.64.0.1 via 127.129.9.1 dev eth0  src 127.129.9.2\n", "", id="routes"),
        pytest.param("ip nonsense; echo $?", "1\n", "ip: invalid argument 'nonsense' to 'ip'\n", id="nonsense"),
        pytest.param("ifconfig eth0 | grep addr:", "          inet addr:127.129.9.2  Mask:255.255.255.0\n", "",
                     id="ifconfig"),
        pytest.param("route -n | tail -n 2 | cut -c1-24", "0.0.0.0         127.129.\n127.129.9.0     0.0.0.0 \n", "",
                     id="route"),
        pytest.param("nc -l -p 8099 & nc -lu -p 8098 & sleep 1; netstat -tln | tail -n +3 | tr -s ' '; ss -uln |"
                     " tail -n 1 | tr -s ' '; kill $!", "tcp 0 0 0.0.0.0:8099 0.0.0.0:* LISTEN \n"
                     "udp UNCONN 0 128 0.0.0.0:8098 0.0.0.0:*\n", "", id="listening"),
        pytest.param("ping -c 2 127.0.0.1 | tail -n 2; ping -c1 tester > /dev/null && echo own", None, "", id="ping"),
        pytest.param("ping -c 1 -W 1 127.129.9.77; echo $?", "PING 127.129.9.77 (127.129.9.77): 56 data bytes\n\n"
                     "--- 127.129.9.77 ping statistics ---\n"
                     "1 packets transmitted, 0 packets received, 100% packet loss\n1\n", "", id="ping-nobody"),
        pytest.param("ping -c 1 8.8.8.8 > /dev/null; echo $?", "1\n", "ping: sendto: Network is unreachable\n",
                     id="ping-elsewhere"),
        pytest.param("ping nowhere", "", "ping: bad address 'nowhere'\n", id="ping-unknown"),
    ],
)  # fmt: skip
async def test_output(script: str, output: str | None, errors: str) -> None:
    clock = ManualClock()
    async with open_world(clock, cidr="127.129.9.0/24") as world:
        started = world.start(["sh", "-c", script])
        for _ in range(10):
            await clock.advance(1)
        out, said, _ = await started.done()
        assert said == errors
        assert out == output or (output is None and "2 packets received, 0% packet loss" in out and "own" in out)
