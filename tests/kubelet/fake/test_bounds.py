"""Programs that never end, or want everything, starve nobody: other containers of the same loop go on."""

import asyncio

import pytest

from apimachinery.clock import RealClock
from kubelet.fake.process import MAX_PROCESSES
from tests.kubelet.fake.world import open_world
from tests.live.addresses import own_range

DEADLINE = 30.0
"""Seconds, on the machine's own clock, for what takes milliseconds by itself."""

_LONG_LINE = "head -c 100000 /dev/zero | tr '\\0' x"

RUNAWAYS = [
    pytest.param("while :; do :; done", id="loop"),
    pytest.param("while true; do true; done", id="programs"),
    pytest.param("f() { f | f & }; f; wait", id="fork-bomb"),
    pytest.param("while :; do sleep 1000 & done", id="children"),
    pytest.param("yes > /dev/null", id="yes"),
    pytest.param("yes | cat > /dev/null", id="pipe"),
    pytest.param("x=$(yes)", id="captured"),
    pytest.param("cat /dev/zero > /dev/null", id="zeros"),
    pytest.param("dd if=/dev/urandom of=/dev/null bs=1M", id="dd"),
    pytest.param("cat /dev/zero > file", id="file"),
    pytest.param("echo x > loop; cat loop >> loop", id="file-into-itself"),
    pytest.param("seq 1 1000000000 > /dev/null", id="numbers"),
    pytest.param("cat /dev/zero | gzip | gunzip > /dev/null", id="compressed"),
    pytest.param("tar cf - /dev/zero . | tar tf - > /dev/null; while :; do tar c /etc | tar t; done", id="archives"),
    pytest.param("cat /dev/zero | od > /dev/null", id="dump"),
    pytest.param("yes | awk '{n[NR] = $0 NR}'", id="awk"),
    pytest.param("yes | sed s/y/n/ > /dev/null", id="sed"),
    pytest.param(f"{_LONG_LINE} | grep -E '(x+x+)+y'", id="grep"),
    pytest.param(f"while :; do {_LONG_LINE} | grep -E '(x*)*(x*)*\\1y\\2z'; done", id="grep-with-references"),
    pytest.param(f"{_LONG_LINE} | sed -E 's/x.*z|x/./g'", id="sed-to-the-end-again-and-again"),
    pytest.param(f"{_LONG_LINE} | awk -F 'x.*z|x' '{{print $9}}'", id="awk-fields"),
    pytest.param(f"{_LONG_LINE} | awk '{{gsub(/x.*z|x/, \".\")}}'", id="awk-gsub"),
    pytest.param(f"v=$({_LONG_LINE}); while :; do [[ $v =~ (x+x+)+y ]]; done", id="double-bracket"),
    pytest.param(f"v=$({_LONG_LINE}); while :; do case $v in *x*x*x*x*x*x*y) ;; esac; done", id="case"),
    pytest.param(f"v=$({_LONG_LINE}); while :; do w=${{v%x*x*x*x*y}}; done", id="trim"),
    pytest.param("sed ':a;ba'", id="sed-loop"),
    pytest.param("yes | xargs", id="xargs"),
    pytest.param("while :; do find / > /dev/null; done", id="find"),
    pytest.param("top -b -d 0 > /dev/null", id="top"),
    pytest.param("ping -i 0 localhost > /dev/null", id="ping"),
]


@pytest.mark.parametrize("script", RUNAWAYS)
async def test_others_are_answered(script: str) -> None:
    async with open_world(RealClock()) as runaway, open_world(RealClock(), cidr=own_range(24)) as other:
        runaway.start(["sh", "-c", script])
        async with asyncio.timeout(DEADLINE):
            for round_ in range(3):
                assert await other.sh(f"echo {round_} | cat; sleep 0.02") == (f"{round_}\n", "", 0)
        assert len(runaway.container.processes) <= MAX_PROCESSES
