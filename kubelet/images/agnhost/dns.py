"""``agnhost etc-hosts``, ``dns-suffix`` and ``dns-server-list``: what a container knows of names."""

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import go_error, log_line


async def etc_hosts(process: Process, arguments: list[str]) -> int:
    """Print ``/etc/hosts``."""
    try:
        content = process.fs.read("/etc/hosts")
    except OSError as error:
        await process.stderr.write(log_line(process, go_error("open", "/etc/hosts", error), "F"))
        return 255
    await process.stdout.write(content + b"\n")
    return 0


async def dns_suffix(process: Process, arguments: list[str]) -> int:
    """Print the search list of ``/etc/resolv.conf``, with commas between."""
    found = _words(process, "search")
    # Of several lines the last one counts.
    await process.stdout.write((",".join(found[-1]) if found else "").encode())
    return 0


async def dns_server_list(process: Process, arguments: list[str]) -> int:
    """Print the name servers of ``/etc/resolv.conf``, with commas between."""
    await process.stdout.write(",".join(words[0] for words in _words(process, "nameserver") if words).encode())
    return 0


def _words(process: Process, keyword: str) -> list[list[str]]:
    try:
        lines = process.fs.read("/etc/resolv.conf").decode(errors="replace").splitlines()
    except OSError:
        return []
    split = [line.split() for line in lines]
    return [words[1:] for words in split if words[:1] == [keyword]]
