"""The same scripts in the fake shell and in the machine's own: same output, same exit code.

Each file of ``corpus`` runs as a whole, in an empty folder. What busybox does otherwise than the machine's tools is
kept out of them and tested by itself. A first line
``# needs: NAME...`` says what the machine must have for a comparison.
"""

import difflib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from apimachinery.clock import RealClock
from tests.kubelet.fake.world import open_world

CORPUS = [
    pytest.param(path.read_text(), id=path.stem) for path in sorted((Path(__file__).parent / "corpus").glob("*.sh"))
]
pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell to compare with")


def real(script: str, folder: Path) -> tuple[str, int]:
    """Run a script in the machine's shell."""
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return done.stdout.decode(), code


async def fake(script: str) -> tuple[str, int]:
    """Run a script in the fake shell."""
    async with open_world(RealClock()) as world:
        output, _, code = await world.sh(script)
    return output, code


@pytest.mark.parametrize("script", CORPUS)
async def test_same_as_the_real_shell(script: str, tmp_path: Path) -> None:
    needed = re.match(r"# needs: (.*)", script)
    missing = [name for name in (needed[1].split() if needed is not None else ()) if shutil.which(name) is None]
    if missing:
        pytest.skip(f"there is no {missing[0]} to compare with")
    (output, code), (expected, expected_code) = await fake(script), real(script, tmp_path)
    difference = "\n".join(difflib.unified_diff(expected.split("\n"), output.split("\n"), "real", "fake", lineterm=""))
    assert not difference, difference
    assert code == expected_code
