"""How a plugin words its refusal (``k8s.io/apiserver/pkg/admission/errors.go``, v0.36)."""

from collections.abc import Sequence

from apimachinery.errors import Cause, Forbidden
from apiserver.admission.interface import Attributes


def forbidden(attributes: Attributes, why: str, causes: Sequence[Cause] = ()) -> Forbidden:
    """Return the 403 for a request. An object that has no name yet is called by what its name is made from."""
    info = attributes.info
    name = attributes.name
    if not name:
        metadata = (attributes.obj or {}).get("metadata", {})
        name = metadata.get("name") or metadata.get("generateName") or "Unknown"
    return Forbidden(
        f'{info.qualified} "{name}" is forbidden: {why}', name=name, group=info.group, kind=info.plural, causes=causes
    )


def joined(problems: Sequence[str]) -> str:
    """Return several problems in one line, each once, as upstream's aggregates print them."""
    distinct = list(dict.fromkeys(problems))
    return distinct[0] if len(distinct) == 1 else f"[{', '.join(distinct)}]"
