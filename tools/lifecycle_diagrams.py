"""Write the diagrams of docs/pod-lifecycle.md from the tables in kubelet/stages.py.

The rest of the page is written by hand.
"""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from kubelet.stages import POD_STAGES, RUN_STAGES, RunStage, Stage
from tools.marked_page import filled

PAGE = Path(__file__).parent.parent / "docs" / "pod-lifecycle.md"


def diagram(table: Mapping[StrEnum, Mapping[StrEnum, StrEnum]], first: Mapping[StrEnum, str], last: StrEnum) -> str:
    """Return a state machine as a mermaid diagram.

    ``first`` are the states that it may begin in, with what that takes; ``last`` is the one that it ends in. What
    leaves a state as it is is not drawn.
    """
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {state}: {why}" for state, why in first.items()]
    lines += [
        f"    {state} --> {following}: {event}"
        for state, row in table.items()
        for event, following in row.items()
        if following is not state
    ]
    return "\n".join([*lines, f"    {last} --> [*]", "```"])


def diagrams() -> dict[str, str]:
    """Return the diagrams by the names of their marks."""
    return {
        "stages of a pod": diagram(POD_STAGES, {Stage.RUNNING: "bound to the node"}, Stage.GONE),
        "stages of a run": diagram(
            RUN_STAGES,
            {RunStage.STARTING: "program started, with a postStart hook", RunStage.RUNNING: "program started, without"},
            RunStage.ENDED,
        ),
    }


def document(page: str) -> str:
    """Return the page with its diagrams brought up to date."""
    return filled(page, diagrams())


def main() -> int:
    PAGE.write_text(document(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{PAGE.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
