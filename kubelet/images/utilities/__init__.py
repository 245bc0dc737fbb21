"""The usual utilities, as busybox has them: one module a family, one function a program.

A module is loaded when somebody first runs one of its programs: a node whose containers only sleep loads none of them.
"""

import functools
from collections.abc import Mapping
from importlib import import_module

from kubelet.fake.process import Process
from kubelet.fake.program import Program, Until
from kubelet.images.utilities.command import Utility, as_program

_FAMILIES: Mapping[str, str] = {
    "archive": "tar",
    "awk.program": "awk",
    "block_devices": "blockdev",
    "blocks": "dd install mktemp realpath sync truncate",
    "coding": "base64 md5sum=checksum sha1sum=checksum sha256sum=checksum sha512sum=checksum",
    "comparing": "cmp comm diff",
    "dig": "dig",
    "dumping": "hd=hexdump hexdump od xxd",
    "ends": "head tail",
    "environment": "date echo env false printenv printf pwd sleep true which xargs yes",
    "copying": "cp link ln mv unlink",
    "files": "basename chgrp=chown chmod chown dirname mkdir readlink rm rmdir touch",
    "filters": "cat cut tee tr wc",
    "finding": "find",
    "identity": "arch groups hostname id=identify kill ps uname whoami",
    "listing": "ls stat",
    "interfaces": "ifconfig ip netstat ping route ss",
    "kernel": "sysctl",
    "lookups": "getent",
    "mounted": "df du mount umount",
    "name_lookups": "host nslookup",
    "network": "nc wget",
    "numbers": "[=test expr seq test",
    "packing": ("bunzip2=pack bzcat=pack bzip2=pack gunzip=pack gzip=pack unxz=pack xz=pack xzcat=pack zcat=pack"),
    "roots": "chroot",
    "running": "free killall nproc pgrep pidof pkill top uptime",
    "running_others": "nice nohup setsid stress stress-ng=stress time timeout usleep watch",
    "screen": "clear stty tty",
    "search": "egrep=grep fgrep=grep grep",
    "sed": "sed",
    "sorting": "sort uniq",
    "text": "expand fold nl paste rev shuf split tac",
}
"""Programs by the module that has them; ``NAME=FUNCTION`` where the function is called otherwise."""


@functools.cache
def utilities() -> Mapping[str, Program]:
    """Return all programs by the path they are found at."""
    programs: dict[str, Program] = {}
    for module, names in _FAMILIES.items():
        for entry in names.split():
            name, _, function = entry.partition("=")
            programs[f"/bin/{name}"] = as_program(_later(module, function or name))
    return programs


def find_utility(module: str, function: str) -> Utility:
    """Return a utility, and load the module it is in."""
    found: Utility = getattr(import_module(f"{__name__}.{module}"), function)
    return found


def _later(module: str, function: str) -> Utility:
    async def run(process: Process) -> int | Until:
        return await find_utility(module, function)(process)

    return run
