"""Images of installed packages."""

from importlib.metadata import EntryPoint

import pytest

from kubelet.images.api import Process, image, program
from kubelet.images.builtin import catalogue
from kubelet.images.plugins import GROUP, load_installed
from tests.kubelet.images.node import Node


@image("example.com/greeter", args=["you"])
async def greeter(process: Process) -> int:
    await process.print(f"hello {process.argv[1]}")
    return 4


both = [greeter]


async def test_entry_points_name_images(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    """Those that cannot be loaded are told by name; the others are there."""
    load_installed(
        node.images,
        [
            EntryPoint("missing", "no.such.module", GROUP),
            EntryPoint("nothing", "json:dumps", GROUP),
            EntryPoint("good", f"{__name__}:both", GROUP),
        ],
    )
    started = await node.start("example.com/greeter:v2")
    assert (await node.exited(started)).exit_code == 4
    assert node.log(started) == b"hello you\n"
    assert "no images of entry point missing (no.such.module): ModuleNotFoundError" in caplog.text
    assert "no images of entry point nothing (json:dumps): there is no image in it" in caplog.text


def test_what_is_installed_here_is_loaded() -> None:
    load_installed(catalogue())


def test_definitions_are_checked() -> None:
    with pytest.raises(ValueError, match="needs a reference"):
        image()
    with pytest.raises(ValueError, match="no absolute path"):
        program("restock")
