"""The images that are a system and nothing more: a shell, the usual utilities, nothing to do."""

from collections.abc import Callable, Mapping
from functools import partial

from kubelet.fake.image import FakeImage
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.utilities.curl import curl

# Options, and anything that is no command, are for curl.
_CURL_ENTRYPOINT = b"""#!/bin/sh
if [ $# -eq 0 ] || [ "${1#-}" != "$1" ] || ! command -v "$1" >/dev/null; then
  exec curl "$@"
fi
exec "$@"
"""


def _os_release(name: str, identifier: str, version: str) -> str:
    return f'NAME="{name}"\nID={identifier}\nVERSION_ID={version}\nPRETTY_NAME="{name} {version}"\n'


def _system(name: str, identifier: str, version: str, *, cmd: str, bash: bool, size: int) -> FakeImage:
    programs = shell_programs(bash=bash)
    return FakeImage(
        system_tree(programs, os_release=_os_release(name, identifier, version)), programs, cmd=(cmd,), size=size
    )


def _busybox() -> FakeImage:
    programs = shell_programs()
    return FakeImage(system_tree(programs), programs, cmd=("sh",), size=4_420_000)


def _curl() -> FakeImage:
    programs = {**shell_programs(), "/usr/bin/curl": curl}
    tree = system_tree(
        programs,
        os_release=_os_release(*_ALPINE),
        files={"/entrypoint.sh": _CURL_ENTRYPOINT},
        modes={"/entrypoint.sh": 0o755},
    )
    return FakeImage(tree, programs, ("/entrypoint.sh",), size=22_800_000)


_ALPINE = ("Alpine Linux", "alpine", "3.22.2")
_DEBIAN = ("Debian GNU/Linux", "debian", "13")
_UBUNTU = ("Ubuntu", "ubuntu", "24.04")
_SHELL = "a shell and the usual utilities"


def shell_images() -> Mapping[str, tuple[str, Callable[[], FakeImage]]]:
    """Return what makes each image by its short name, and what is to be said about it."""
    alpine = partial(_system, *_ALPINE, cmd="/bin/sh", bash=False, size=8_300_000)
    debian = partial(_system, *_DEBIAN, cmd="bash", bash=True, size=117_000_000)
    ubuntu = partial(_system, *_UBUNTU, cmd="/bin/bash", bash=True, size=78_100_000)
    bash = partial(_system, *_ALPINE, cmd="bash", bash=True, size=15_100_000)
    return {
        "busybox": (_SHELL, _busybox),
        "alpine": (_SHELL, alpine),
        "debian": (f"{_SHELL}, `bash`", debian),
        "ubuntu": (f"{_SHELL}, `bash`", ubuntu),
        "bash": (f"{_SHELL}, `bash`", bash),
        "curl": ("`curl`, or any command, in a small system", _curl),
        "glibc-dns-testing": (f"{_SHELL}, those that ask for names among them", debian),
    }
