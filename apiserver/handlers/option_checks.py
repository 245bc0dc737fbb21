"""The options of writes, checked before anything else is looked at
(``k8s.io/apimachinery/pkg/apis/meta/v1/validation``, v0.36)."""

from apimachinery.patch_types import PATCH_TYPES, PatchType
from apimachinery.schema.decoder import FieldValidation
from apiserver.fieldmanager import names
from apiserver.handlers.patching import media_type_of
from apiserver.http import Call
from apiserver.request import dry_run_problems
from apiserver.validation import field
from apiserver.validation.field import Causes, refusal

_KINDS = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}


def check_write_options(call: Call) -> None:
    """Raise 422 for query parameters that a create, update or patch cannot have; of other requests nothing is said.

    A patch in a format that nobody knows is left to be refused for that.
    """
    kind, query = _KINDS.get(call.method), call.query
    if kind is None or (not call.scope["query_string"] and call.method != "PATCH"):
        return
    causes: Causes = []
    manager = query.text("fieldManager")
    if call.method == "PATCH":
        form = media_type_of(call)
        if form == PatchType.APPLY:
            if not manager:
                causes.append(field.required("fieldManager", "is required for apply patch"))
        elif form not in PATCH_TYPES:
            return
        elif query.given("force"):
            causes.append(field.forbidden("force", "may not be specified for non-apply patch"))
    if manager:
        causes += names.validate(manager)
    if query.given("dryRun"):
        causes += dry_run_problems([query.text("dryRun")])
    validation = query.text("fieldValidation")
    if validation and validation not in set(FieldValidation):
        causes.append(field.not_supported("fieldValidation", validation, ["", *FieldValidation]))
    if causes:
        raise refusal(kind, "meta.k8s.io", "", causes)
