"""Questions that are answered and not stored: who am I, may somebody do this, is this token good.

``pkg/registry/authorization`` and ``pkg/registry/authentication``, v1.36. Requests are not authenticated, and whoever
sends one may do everything, in whoever's name; the answers say just that. Who one is told to be is who one
impersonates, or the service account whose valid token one shows.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from apimachinery.clock import rfc3339
from apimachinery.errors import BadRequest
from apiserver.handlers.context import Context, write_options
from apiserver.http import Call
from apiserver.request import Target
from apiserver.serviceaccount.errors import InvalidToken
from apiserver.user import ADMIN
from apiserver.validation import field
from apiserver.validation.field import Causes, refusal

JSONObject = dict[str, Any]
Review = Callable[[Context, Target, JSONObject], JSONObject]
Handler = Callable[[Context, Target, Call], Awaitable[None]]


def reviews() -> Mapping[tuple[str, str], Handler]:
    """Return the handler of each reviewed resource, by group and plural."""
    return {
        ("authentication.k8s.io", "selfsubjectreviews"): _self_subject,
        ("authentication.k8s.io", "tokenreviews"): _token,
        ("authorization.k8s.io", "localsubjectaccessreviews"): _answered(_subject_access),
        ("authorization.k8s.io", "selfsubjectaccessreviews"): _answered(_self_subject_access),
        ("authorization.k8s.io", "selfsubjectrulesreviews"): _answered(_rules),
        ("authorization.k8s.io", "subjectaccessreviews"): _answered(_subject_access),
    }


def _read(context: Context, target: Target, call: Call) -> JSONObject:
    obj = context.decoder.read(call, target.info)
    write_options(call)
    obj = {"kind": target.info.kind, "apiVersion": target.info.api_version, **obj}
    obj.setdefault("metadata", {})["creationTimestamp"] = rfc3339(context.clock.now())
    return obj


def _answered(review: Review) -> Handler:
    async def handle(context: Context, target: Target, call: Call) -> None:
        obj = _read(context, target, call)
        obj["status"] = review(context, target, obj)
        await call.answer_object(201, obj)

    return handle


async def _self_subject(context: Context, target: Target, call: Call) -> None:
    obj = _read(context, target, call)
    scheme, _, token = call.header(b"authorization").partition(" ")
    user = call.user
    if user is ADMIN and scheme.lower() == "bearer":
        # Another token is as good as none: its sender may do everything all the same.
        with contextlib.suppress(InvalidToken):
            user = (await context.tokens.authenticate(token.strip())).user
    obj["status"] = {"userInfo": user.to_dict()}
    await call.answer_object(201, obj)


async def _token(context: Context, target: Target, call: Call) -> None:
    obj = _read(context, target, call)
    spec = obj.get("spec", {})
    if not spec.get("token"):
        raise BadRequest("token is required for TokenReview in authentication")
    try:
        found = await context.tokens.authenticate(spec["token"], spec.get("audiences", ()))
    except InvalidToken as error:
        obj["status"] = {"user": {}, "error": str(error)}
    else:
        obj["status"] = {"authenticated": True, "user": found.user.to_dict(), "audiences": list(found.audiences)}
    await call.answer_object(201, obj)


def _self_subject_access(context: Context, target: Target, obj: JSONObject) -> JSONObject:
    _check(target, obj, _attributes(obj))
    return {"allowed": True}


def _subject_access(context: Context, target: Target, obj: JSONObject) -> JSONObject:
    spec = obj.get("spec", {})
    causes = _attributes(obj)
    if not spec.get("user") and not spec.get("groups"):
        causes.append(field.invalid("spec.user", "", "at least one of user or group must be specified"))
    if target.info.namespaced:
        asked = spec.get("resourceAttributes", {}).get("namespace", "")
        if asked != target.namespace:
            causes.append(field.invalid("spec.resourceAttributes.namespace", asked, "must match metadata.namespace"))
    _check(target, obj, causes)
    groups = set(spec.get("groups", ()))
    # Nobody is known but the administrator; anybody else is somebody nothing has been granted to.
    if spec.get("user") == ADMIN.name or "system:masters" in groups:
        return {"allowed": True}
    return {"allowed": False, "reason": "only the administrator is known to this server"}


def _attributes(obj: JSONObject) -> Causes:
    spec = obj.get("spec", {})
    resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and other is not None:
        detail = "cannot be specified in combination with resourceAttributes"
        return [field.invalid("spec.nonResourceAttributes", other, detail)]
    if resource is None and other is None:
        detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        return [field.invalid("spec.resourceAttributes", None, detail)]
    return []


def _check(target: Target, obj: JSONObject, causes: Causes) -> None:
    if causes:
        raise refusal(target.info.kind, target.info.group, obj["metadata"].get("name", ""), causes)


def _rules(context: Context, target: Target, obj: JSONObject) -> JSONObject:
    if not obj.get("spec", {}).get("namespace"):
        raise BadRequest("no namespace on request")
    return {
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }
