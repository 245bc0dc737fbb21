"""One line of the tables of built-in resources."""

from dataclasses import dataclass, field

from apiserver.registry.resource import ALL_VERBS, Conversion, Subresource
from apiserver.registry.strategy import Strategy

READ_ONLY = ("get", "list")
CREATE_ONLY = ("create",)

SCALE = Subresource("scale", ("get", "patch", "update"), "Scale", group="autoscaling", version="v1")


def proxy(kind: str) -> Subresource:
    """Return the ``proxy`` subresource; ``kind`` is that of its options."""
    return Subresource("proxy", ("create", "delete", "get", "patch", "update"), kind)


def stream(name: str, kind: str) -> Subresource:
    """Return a subresource that becomes a stream; ``kind`` is that of its options."""
    return Subresource(name, ("create", "get"), kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A resource of one API version.

    ``stored_as`` is the API version whose form is stored, where that is another than this row's; ``conversion``
    then leads there and back.
    """

    kind: str
    plural: str
    singular: str | None = None
    """What one is called; by default its kind, in lower case."""
    namespaced: bool = True
    strategy: Strategy = field(default_factory=Strategy)
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status: bool = False
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = ()
    stored_as: str = ""
    conversion: Conversion | None = None
