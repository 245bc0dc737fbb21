"""The page on pod life cycles draws what the tables say."""

import pytest

from tools import lifecycle_diagrams as tool


def test_the_page_is_up_to_date() -> None:
    page = tool.PAGE.read_text(encoding="utf-8")
    assert page == tool.document(page), "docs/pod-lifecycle.md is stale: run `make lifecycle-diagrams`"


def test_a_page_without_a_place_for_a_diagram_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for 'stages of a pod'"):
        tool.document("nothing here")
