"""The images that are a system and nothing more: a shell, the usual utilities, nothing to do."""

from collections.abc import Mapping

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


def shell_images() -> Mapping[str, FakeImage]:
    """Return the images by their short names."""
    plain = shell_programs()
    with_bash = shell_programs(bash=True)
    with_curl = {**plain, "/usr/bin/curl": curl}
    alpine = _os_release("Alpine Linux", "alpine", "3.22.2")
    return {
        "busybox": FakeImage(system_tree(plain), plain, cmd=("sh",), size=4_420_000),
        "alpine": FakeImage(system_tree(plain, os_release=alpine), plain, cmd=("/bin/sh",), size=8_300_000),
        "debian": FakeImage(
            system_tree(with_bash, os_release=_os_release("Debian GNU/Linux", "debian", "13")),
            with_bash,
            cmd=("bash",),
            size=117_000_000,
        ),
        "ubuntu": FakeImage(
            system_tree(with_bash, os_release=_os_release("Ubuntu", "ubuntu", "24.04")),
            with_bash,
            cmd=("/bin/bash",),
            size=78_100_000,
        ),
        "bash": FakeImage(system_tree(with_bash, os_release=alpine), with_bash, cmd=("bash",), size=15_100_000),
        "curl": FakeImage(
            system_tree(
                with_curl,
                os_release=alpine,
                files={"/entrypoint.sh": _CURL_ENTRYPOINT},
                modes={"/entrypoint.sh": 0o755},
            ),
            with_curl,
            ("/entrypoint.sh",),
            size=22_800_000,
        ),
    }
