"""The page on images lists what there is, and shows the examples as they are (which other tests run)."""

from tools import images_page as tool


def test_the_page_is_up_to_date() -> None:
    page = tool.PAGE.read_text(encoding="utf-8")
    assert page == tool.document(page), "docs/images.md is stale: run `make images-page`"
