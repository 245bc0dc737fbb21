"""The live view's looks: a picture of a cluster, laid out for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kubemu.up.picture import Picture, PodLine

COLUMNS = {"POD": 24, "READY": 5, "STATUS": 17, "RESTARTS": 8, "NODE": 7, "IP": 9}
"""The headings, and how wide their columns are at least: together 80, and nothing jumps when a short word changes."""

_OTHER_ROWS = 12
"""What of a terminal's height is not for pods: what is above, headings, and the last lines told."""
_LEAST_PODS = 3
_TOLD_ROWS = 5
_ON_THE_WAY = frozenset({"Pending", "ContainerCreating", "PodInitializing", "Terminating"})


def status_style(line: PodLine) -> str:
    """Return the colour of a pod's status: red is for what does not get better by waiting a moment."""
    if line.status == "Succeeded":
        return "dim"
    ready, _, containers = line.ready.partition("/")
    if line.status == "Running" and ready == containers:
        return "green"
    return "yellow" if line.status in _ON_THE_WAY or line.status == "Running" else "red"


def rendered(picture: Picture, *, height: int) -> RenderableType:
    """Return what the view shows on a terminal of so many rows."""
    rows = max(_LEAST_PODS, height - _OTHER_ROWS)
    table = Table(
        title=picture.summary(),
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )
    for heading, width in COLUMNS.items():
        table.add_column(heading, no_wrap=True, min_width=width)
    for line in picture.shown_pods(rows):
        status = Text(line.status, status_style(line))
        table.add_row(line.name, line.ready, status, str(line.restarts), line.node or "-", line.ip or "-")
    hidden = len(picture.pods) - rows
    more = [Text(f"… and {hidden} more", style="dim")] if hidden > 0 else []
    told = [Text(line, style="dim", no_wrap=True, overflow="ellipsis") for line in list(picture.told)[-_TOLD_ROWS:]]
    return Group(table, *more, Text(""), *told)
