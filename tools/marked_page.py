"""Pages of which parts are generated: each between the marks ``<!-- NAME -->`` and ``<!-- end of NAME -->``."""

import re
from collections.abc import Mapping


def filled(page: str, parts: Mapping[str, str]) -> str:
    """Return a page with what stands between the marks brought up to date.

    Raises ``ValueError`` when a part has no place in it, or several.
    """
    for name, text in parts.items():
        marked = re.compile(f"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        page, found = marked.subn(lambda match, text=text: f"{match[1]}{text}\n{match[2]}", page)
        if found != 1:
            raise ValueError(f"the page has no place for {name!r}")
    return page
