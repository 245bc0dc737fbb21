"""Field errors of API objects: the words are :mod:`apimachinery.field_errors`', the answer is made here."""

from collections.abc import Sequence

from apimachinery.errors import Cause, Invalid
from apimachinery.field_errors import Causes as Causes
from apimachinery.field_errors import aggregate as aggregate
from apimachinery.field_errors import duplicate as duplicate
from apimachinery.field_errors import forbidden as forbidden
from apimachinery.field_errors import invalid as invalid
from apimachinery.field_errors import invalid_whole as invalid_whole
from apimachinery.field_errors import non_negative as non_negative
from apimachinery.field_errors import not_found as not_found
from apimachinery.field_errors import not_supported as not_supported
from apimachinery.field_errors import problems as problems
from apimachinery.field_errors import required as required
from apimachinery.field_errors import too_long as too_long
from apimachinery.field_errors import too_many as too_many


def refusal(kind: str, group: str, name: str, causes: Sequence[Cause]) -> Invalid:
    """Return the 422 for these causes, worded as ``apierrors.NewInvalid``."""
    qualified = f"{kind}.{group}" if group else kind
    message = f'{qualified} "{name}" is invalid: {aggregate(causes)}'
    return Invalid(message, name=name, group=group, kind=kind, causes=causes)
