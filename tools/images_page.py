"""Write what docs/images.md lists and shows: images that are built in, annotations, examples.

python -m tools.images_page
"""

from pathlib import Path

from kubelet.images.agnhost import SUB_COMMANDS
from kubelet.images.catalogue import entries
from kubelet.wishes import PREFIX, WISHES
from tools.markdown import table
from tools.marked_page import filled

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "images.md"
_EXAMPLES = {"examples/images/shop.yaml": "yaml", "examples/images/ticker.py": "python"}


def catalogue_table() -> str:
    """Return the images that are built in, with those alike in one row."""
    alike: dict[str, list[str]] = {}
    for name, entry in entries().items():
        alike.setdefault(entry.about, []).append(f"`{name}`")
    return table(["image", "what it does"], [(", ".join(names), about) for about, names in alike.items()])


def agnhost_list() -> str:
    return ", ".join(f"`{name}`" for name in SUB_COMMANDS)


def annotations_table() -> str:
    rows = [(f"`{PREFIX}{name}`", wish.form, wish.meaning, wish.live) for name, wish in WISHES.items()]
    return table(["annotation", "value", "what it does", "while the container runs"], rows)


def parts() -> dict[str, str]:
    """Return the generated parts by the names of their marks."""
    examples = {
        path: f"```{language}\n{(ROOT / path).read_text(encoding='utf-8').rstrip()}\n```"
        for path, language in _EXAMPLES.items()
    }
    return {
        "images that are built in": catalogue_table(),
        "sub-commands of agnhost": agnhost_list(),
        "annotations": annotations_table(),
        **examples,
    }


def document(page: str) -> str:
    """Return the page with its generated parts brought up to date."""
    return filled(page, parts())


def main() -> None:
    PAGE.write_text(document(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
