"""``agnhost logs-generator``: lines such as an API server's, evenly spread (``test/images/agnhost/logs-generator``)."""

from apimachinery.duration import parse_duration
from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, log_line, parse_flags, port_flag

_METHODS = ("GET", "POST", "PUT")
_NAMESPACES = ("kube-system", "default", "ns")
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SHORT = {"-t": "--log-lines-total", "-d": "--run-duration"}


async def logs_generator(process: Process, arguments: list[str]) -> int:
    """``logs-generator --log-lines-total N --run-duration D``."""
    try:
        values = parse_flags(
            [_SHORT.get(word, word) for word in arguments], {"log-lines-total": "0", "run-duration": "0"}
        )
        total, duration = port_flag(values, "log-lines-total"), parse_duration(values["run-duration"])
    except (FlagFault, ValueError) as fault:
        await process.complain(f"Error: {fault}")
        return 1
    if total <= 0:
        await process.stderr.write(log_line(process, f"Invalid total number of lines: {total}", "F"))
        return 255
    if duration <= 0:
        await process.stderr.write(log_line(process, f"Invalid duration: {values['run-duration']}", "F"))
        return 255
    began = process.clock.monotonic()
    rng = process.world.rng
    for number in range(total):
        name = "".join(rng.choice(_LETTERS) for _ in range(rng.randrange(3, 5)))
        path = f"/api/v1/namespaces/{rng.choice(_NAMESPACES)}/pods/{name}"
        line = f"{number} {rng.choice(_METHODS)} {path} {rng.randrange(200, 600)}"
        await process.stderr.write(log_line(process, line))
        # By the clock, so that what a line takes does not add up.
        await process.sleep(max(0.0, began + (number + 1) * duration / total - process.clock.monotonic()))
    return 0
