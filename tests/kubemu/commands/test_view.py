"""What a person sees of ``kubemu up``, at a terminal and in a file."""

import sys

import pytest

from tests.kubemu.commands.clusters import SECONDS, Kubemu
from tests.live.processes import ROOT
from tests.live.terminal import Terminal

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n"
TERMINAL = {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"}


def test_a_terminal_shows_what_is_there_until_ctrl_c(kubemu: Kubemu) -> None:
    argv = [sys.executable, "-m", "kubemu", "up"]
    with Terminal(argv, {**kubemu.env, **TERMINAL}, cwd=str(ROOT)) as terminal:
        terminal.until("is ready after")
        assert "default.kubeconfig" in terminal.until("Ctrl-C ends it")
        terminal.until("1 of 1 nodes ready, 0 of 0 pods running")
        kubemu.run("apply", "-f", "-", stdin=POD)
        terminal.until("1 of 1 pods running")
        terminal.until("default/web")
        terminal.type("\x03")
        assert terminal.wait() == 0
    assert kubemu.left() == []


@pytest.mark.slow
def test_a_file_gets_lines(kubemu: Kubemu) -> None:
    process = kubemu.start("up")
    process.wait_for_line(r"^  export KUBECONFIG=\S+default\.kubeconfig$", stream="stdout", timeout=SECONDS)
    kubemu.run("apply", "-f", "-", stdin=POD)
    process.wait_for_line(
        r"^\d\d:\d\d:\d\d pod default/web: Running, 1/1 ready on node-0 \(127\.\d+\.\d+\.\d+\)$",
        stream="stdout",
        timeout=SECONDS,
    )
    assert process.stop(SECONDS) == 0
    assert process.stderr == []
