"""``sysctl``: parameters of the kernel."""

from kubelet.fake.process import Process
from kubelet.fake.sysctls import sysctls
from kubelet.images.utilities.command import complain, parse_options, say


async def sysctl(process: Process) -> int:
    """``sysctl [-aneNqw] [NAME | NAME=VALUE]...``: parameters can be read, and set by nobody in a container."""
    options = parse_options(process.argv[1:], "aAneNqwp")
    known = sysctls(process)
    names = sorted(known) if options.flags & {"a", "A"} else options.operands
    status = 0
    for word in names:
        name, sets, _ = word.partition("=")
        dotted = name.strip().replace("/", ".")
        if sets:
            await complain(process, f"error setting key '{dotted}': Read-only file system")
            status = 1
        elif dotted not in known:
            status = 1
            if "e" not in options.flags:
                path = dotted.replace(".", "/")
                await complain(process, f"error: '{path}' is an unknown key")
        else:
            value = known[dotted]
            await say(
                process, value if "n" in options.flags else dotted if "N" in options.flags else f"{dotted} = {value}"
            )
    return status
