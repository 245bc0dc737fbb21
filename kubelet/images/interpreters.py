"""``python``, ``node``, ``perl`` and ``ruby``: what of them can be had without running anybody's code.

A version, a folder over HTTP (``python -m http.server``), the digits of pi that the tutorial on Jobs computes. Anything
else ends with 127, and says why.
"""

import posixpath
import re
from collections.abc import Mapping

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.fake.program import Program
from kubelet.images.api import serve_http
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.http import HTTPRequest, HTTPResponse
from kubelet.images.webserver import serve_file

_VERSIONS = {"python": "Python 3.14.0", "node": "v24.11.1", "perl": "This is perl 5, version 42", "ruby": "ruby 3.4.7"}
_ASKS = frozenset({"--version", "-V", "-v"})
_PI = re.compile(r"print bpi\((\d+)\)")
_MOST_DIGITS = 10_000
_CANNOT_RUN = 127


def _interpreter(name: str) -> Program:
    async def interpreter(process: Process) -> int:
        arguments = process.argv[1:]
        if set(arguments) & _ASKS:
            await process.print(_VERSIONS[name])
            return 0
        if not arguments and not await process.stdin.read(1):
            return 0
        if name == "python" and arguments[:2] == ["-m", "http.server"]:
            return await _serve_folder(process, arguments[2:])
        digits = _PI.search(" ".join(arguments)) if name == "perl" else None
        if digits is not None and 0 < int(digits[1]) <= _MOST_DIGITS:
            await process.print(pi(int(digits[1])))
            return 0
        await process.complain(
            f"{posixpath.basename(process.argv[0])}: code is not run in fake containers: {' '.join(process.argv)}\n"
            "An image of your own can say what this container does: see docs/images.md."
        )
        return _CANNOT_RUN

    return interpreter


async def _serve_folder(process: Process, arguments: list[str]) -> int:
    """``python -m http.server [PORT] [-d FOLDER]``."""
    port, folder, rest = 8000, process.cwd, list(arguments)
    while rest:
        word = rest.pop(0)
        if word in {"-d", "--directory"} and rest:
            folder = process.path(rest.pop(0))
        elif word in {"-b", "--bind"} and rest:
            rest.pop(0)
        elif word.isdigit():
            port = int(word)
    root = folder.rstrip("/")

    def answer(request: HTTPRequest) -> HTTPResponse:
        return serve_file(process, root, request, "SimpleHTTP/0.6 Python/3.14.0", listing=True)

    await process.print(f"Serving HTTP on 0.0.0.0 port {port} (http://0.0.0.0:{port}/) ...")
    return await serve_http(process, port, answer, server="SimpleHTTP/0.6 Python/3.14.0")


def pi(digits: int) -> str:
    """Return pi with that many digits, rounded: 5 gives ``3.1416``."""
    # Machin's formula, in integers with some digits to spare.
    unity = 10 ** (digits + 10)
    value = 4 * (4 * _arctan_inverse(5, unity) - _arctan_inverse(239, unity))
    rounded = str((value + 5 * 10**10) // 10**11)
    return rounded if digits == 1 else f"{rounded[0]}.{rounded[1:]}"


def _arctan_inverse(number: int, unity: int) -> int:
    power = total = unity // number
    sign, divisor = -1, 3
    while power:
        power //= number * number
        total += sign * (power // divisor)
        sign, divisor = -sign, divisor + 2
    return total


def interpreter_image(name: str) -> FakeImage:
    """Return the image of an interpreter; without arguments it has nothing to do."""
    programs: dict[str, Program] = {**shell_programs(bash=True)}
    for spelling in (name, f"{name}3") if name == "python" else (name,):
        programs[f"/usr/local/bin/{spelling}"] = _interpreter(name)
    return FakeImage(system_tree(programs), programs, cmd=(name,), size=120_000_000)


ABOUT: Mapping[str, str] = {
    "python": "`python -m http.server`, `--version`; code is not run (127)",
    "node": "`--version`; code is not run (127)",
    "perl": "`print bpi(N)` of the tutorial on Jobs, `--version`; code is not run (127)",
    "ruby": "`--version`; code is not run (127)",
}
"""What each can do, for the documentation."""
