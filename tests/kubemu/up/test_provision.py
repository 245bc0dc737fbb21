"""Init hooks."""

from pathlib import Path

import pytest

from apimachinery.errors import FatalError
from kubemu.up.provision import run_hook

SERVER = "http://127.0.0.1:1"


async def test_a_hook_knows_the_cluster(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    await run_hook(f'echo "$KUBECONFIG $KUBEMU_SERVER" > {seen}', SERVER, "/some/config")
    assert seen.read_text() == f"/some/config {SERVER}\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("echo one; echo two >&2; exit 4", "init hook 'echo one; echo two >&2; exit 4' ended with status 4:\none\ntwo"),
        ("exit 5", "init hook 'exit 5' ended with status 5"),
        ("no-such-command", "ended with status 127"),
    ],
)
async def test_a_hook_that_fails_tells_what_it_said(command: str, said: str) -> None:
    with pytest.raises(FatalError) as caught:
        await run_hook(command, SERVER, "/some/config")
    assert said in str(caught.value)
