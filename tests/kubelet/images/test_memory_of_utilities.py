"""What happens when a utility would have to hold more than it may: it fails and says so, and leaves nothing out."""

import pytest

from apimachinery.clock import RealClock
from kubelet.images.utilities.command import MOST_HELD
from tests.kubelet.fake.world import open_world

MUCH = f"head -c {MOST_HELD + 1} /dev/zero"
LINES = "head -c 600000 /dev/zero | tr '\\0' '\\n'"


@pytest.mark.parametrize(
    ("script", "complaint", "code"),
    [
        pytest.param(f"{MUCH} | tac", "tac: out of memory\n", 1, id="tac"),
        pytest.param(f"{MUCH} | sort > /dev/null", "sort: out of memory\n", 2, id="sort"),
        pytest.param(f"{LINES} | sort > /dev/null", "sort: out of memory\n", 2, id="sort-lines"),
        pytest.param(f"{MUCH} | tail -n 1 > /dev/null", "tail: out of memory\n", 1, id="tail"),
        pytest.param(f"{LINES} | tail -n 590000 > /dev/null", "tail: out of memory\n", 1, id="tail-lines"),
        pytest.param(f"{MUCH} | tail -c {MOST_HELD + 1} > /dev/null", "tail: out of memory\n", 1, id="tail-bytes"),
        pytest.param(f"{MUCH} | head -c -{MOST_HELD + 1} > /dev/null", "head: out of memory\n", 1, id="head-bytes"),
        pytest.param(f"{MUCH} | xargs -0 echo > /dev/null", "xargs: out of memory\n", 1, id="xargs"),
        pytest.param(f"{MUCH} | sed s/a/b/ > /dev/null", "sed: out of memory\n", 1, id="sed"),
        pytest.param("head -c 9000000 /dev/zero | grep -E '(a|b)*c'", "grep: out of memory\n", 2, id="grep"),
        pytest.param(
            "x=$(head -c 17000000 /dev/zero | tr '\\0' x); echo not reached", "out of memory", 2, id="captured"
        ),
    ],
)
async def test_too_much(script: str, complaint: str, code: int) -> None:
    async with open_world(RealClock()) as world:
        output, errors, status = await world.sh(script)
        assert output == ""
        assert complaint in errors
        assert status == code


@pytest.mark.parametrize(
    ("script", "output"),
    [
        pytest.param("seq 300000 | tail -n 2", "299999\n300000\n", id="tail"),
        pytest.param("seq 300000 | tail -n +299999", "299999\n300000\n", id="tail-from"),
        pytest.param("seq 300000 | head -n -299998", "1\n2\n", id="head"),
        pytest.param(
            "printf 'a\\nb\\nc' | head -n -1; printf 'a\\nb\\nc' | tail -n 2", "a\nb\nb\nc", id="no-last-newline"
        ),
        pytest.param("seq 300000 | tail -c 7", "300000\n", id="tail-bytes"),
        pytest.param("seq 100000 | head -c -588888", "1\n2\n3\n4", id="head-bytes"),
        pytest.param("seq 20000 | sort -rn | head -n 2", "20000\n19999\n", id="sort"),
        pytest.param("seq 30000 | xargs echo | wc -l", "2\n", id="xargs"),
        pytest.param("seq 30000 | xargs echo | tr ' ' '\\n' | wc -l", "30000\n", id="xargs-all"),
    ],
)
async def test_much(script: str, output: str) -> None:
    """Who has to hold only some of it takes any amount."""
    async with open_world(RealClock()) as world:
        assert await world.sh(script) == (output, "", 0)
