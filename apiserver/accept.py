"""``Accept`` headers, taken apart as upstream does (``goautoneg``)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """One alternative; ``main`` and ``sub`` may be ``*``. The weight is not among the parameters."""

    main: str
    sub: str
    parameters: Mapping[str, str]

    def covers(self, media_type: str) -> bool:
        main, _, sub = media_type.partition("/")
        return self.main in {main, "*"} and self.sub in {sub, "*"}


def clauses(accept: str) -> list[Clause]:
    """Return the alternatives, best first: by weight, then the definite ones, then as they stand.

    Without a header anything will do. What is no media type is left out.
    """
    if not accept.strip():
        return [Clause("*", "*", {})]
    found: list[tuple[float, Clause]] = []
    for text in accept.split(","):
        media_type, *attributes = [part.strip() for part in text.split(";")]
        main, slash, sub = ("*", "/", "*") if media_type == "*" else media_type.partition("/")
        if not slash:
            continue
        parameters = dict(attribute.partition("=")[::2] for attribute in attributes if "=" in attribute)
        found.append((_weight(parameters.pop("q", "1")), Clause(main.lower(), sub.lower(), parameters)))
    found.sort(key=lambda entry: (-entry[0], entry[1].main == "*", entry[1].sub == "*"))
    return [clause for _, clause in found]


def accepts(accept: str, media_type: str) -> bool:
    """Whether a client takes a media type in its plain form."""
    return any(clause.covers(media_type) for clause in clauses(accept))


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
