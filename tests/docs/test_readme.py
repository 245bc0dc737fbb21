"""The README, done as it says in a folder that has what a checkout has for its reader."""

from pathlib import Path

import pytest

from tests.docs.page import links_of
from tests.docs.readers import reader_of
from tests.live.processes import require_kubectl

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_it_does_what_it_says(tmp_path: Path) -> None:
    """S1, S2, S8: from the first command to a pod that is looked into and broken."""
    require_kubectl()
    with reader_of(tmp_path) as reader:
        reader.bring(ROOT / "examples")
        reader.follow((ROOT / "README.md").read_text())


def test_its_links_lead_somewhere() -> None:
    assert links_of((ROOT / "README.md").read_text())
    for link in links_of((ROOT / "README.md").read_text()):
        assert (ROOT / link).exists(), link
