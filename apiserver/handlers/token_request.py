"""POST ``serviceaccounts/NAME/token`` (``pkg/registry/core/serviceaccount/storage/token.go``, v1.36)."""

from datetime import timedelta
from typing import Any

from apimachinery.clock import rfc3339
from apimachinery.errors import BadRequest, NotFound
from apiserver.admission.interface import Attributes, Operation
from apiserver.generated_names import generate_uuid
from apiserver.handlers.context import Context, write_options
from apiserver.http import Call
from apiserver.request import Target
from apiserver.serviceaccount.claims import Bound, Lifetime
from apiserver.serviceaccount.tokens import TokenPolicy
from apiserver.storage import conflict_of, identity
from apiserver.validation import field
from apiserver.validation.authentication import validate_token_request
from apiserver.validation.field import refusal
from store.interface import Record

JSONObject = dict[str, Any]

_GROUP = "authentication.k8s.io"
_DEFAULT_SECONDS = 3600
_POD_TOKEN_SECONDS = 3607
"""What the tokens that pods get by themselves ask for; an odd number, so that they can be told from others."""
_EXTENDED_SECONDS = 365 * 24 * 3600


async def request_token(context: Context, target: Target, call: Call) -> None:
    """Issue a token of a service account, which must exist, as must what the token is to be bound to."""
    asked = context.decoder.read_kind(call, f"{_GROUP}/v1", "TokenRequest")
    options = write_options(call)
    metadata, spec = asked.setdefault("metadata", {}), asked.setdefault("spec", {})
    _check_place(target, metadata)
    account = identity(await _find(context, "serviceaccounts", target.namespace, target.name))
    policy, now = context.tokens.policy, context.clock.now()
    spec["audiences"] = spec.get("audiences") or list(policy.audiences)
    spec.setdefault("expirationSeconds", _DEFAULT_SECONDS)
    metadata |= {"name": target.name, "namespace": target.namespace, "creationTimestamp": rfc3339(now)}
    asked = {"kind": "TokenRequest", "apiVersion": f"{_GROUP}/v1", "metadata": metadata, "spec": spec}
    attributes = Attributes(
        operation=Operation.CREATE,
        info=target.info,
        namespace=target.namespace,
        name=target.name,
        subresource="token",
        obj=asked,
        dry_run=options.dry_run,
        user=options.user,
        warnings=options.warnings,
    )
    await context.admission.admit(attributes)
    if causes := validate_token_request(spec):
        raise refusal("TokenRequest", _GROUP, "", causes)
    await context.admission.validate(attributes)
    bound = await _bound(context, target, spec.get("boundObjectRef"))
    seconds = spec["expirationSeconds"]
    if policy.max_expiration and seconds > policy.max_expiration:
        call.warnings.append(f"requested expiration of {seconds} seconds shortened to {policy.max_expiration} seconds")
        seconds = spec["expirationSeconds"] = policy.max_expiration
    expires, warn_after = extended(policy, spec, bound)
    token_id = generate_uuid(context.rng)
    token = await context.tokens.issue(account, bound, Lifetime(now, expires, warn_after), spec["audiences"], token_id)
    asked["status"] = {"token": token, "expirationTimestamp": rfc3339(now + timedelta(seconds=seconds))}
    await call.answer_object(201, asked)


def extended(policy: TokenPolicy, spec: JSONObject, bound: Bound) -> tuple[int, int]:
    """Return after how many seconds a token expires, and after how many it is to warn (0: never).

    The token that a pod gets by itself outlives what was asked for, since old clients read theirs only once.
    """
    seconds: int = spec["expirationSeconds"]
    for_server = set(spec["audiences"]) <= set(policy.audiences)
    if policy.extend_expiration and bound.pod is not None and seconds == _POD_TOKEN_SECONDS and for_server:
        return _EXTENDED_SECONDS, seconds
    return seconds, 0


def _check_place(target: Target, metadata: JSONObject) -> None:
    for key, place in (("name", target.name), ("namespace", target.namespace)):
        given = metadata.get(key)
        if given and given != place:
            detail = f"must match the service account {key} if specified"
            cause = field.invalid(f"metadata.{key}", given, detail)
            raise refusal("TokenRequest", _GROUP, target.name, [cause])


async def _bound(context: Context, target: Target, reference: JSONObject | None) -> Bound:
    """Return what a token is to be bound to; raise 404, 409 for another object of that name, 400 for other kinds."""
    if reference is None:
        return Bound()
    kind, name = reference.get("kind", ""), reference.get("name", "")
    group, _, version = reference.get("apiVersion", "").rpartition("/")
    match group, kind:
        case "", "Pod":
            bound = await _bound_to_pod(context, target, name)
        case "", "Secret":
            bound = Bound(secret=identity(await _find(context, "secrets", target.namespace, name)))
        case "", "Node":
            bound = Bound(node=identity(await _find(context, "nodes", "", name)))
        case _:
            raise BadRequest(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    found = bound.pod or bound.secret or bound.node
    assert found is not None
    uid = reference.get("uid")
    if uid and uid != found["metadata"]["uid"]:
        why = (
            f"the UID in the bound object reference ({uid}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise conflict_of(group, kind, kind, name, why)
    return bound


async def _bound_to_pod(context: Context, target: Target, name: str) -> Bound:
    record = await _find(context, "pods", target.namespace, name)
    runs_as, node_name = record.fields["spec.serviceAccountName"], record.fields["spec.nodeName"]
    if runs_as != target.name:
        raise BadRequest(
            f'cannot bind token for serviceaccount "{target.name}" to pod running with serviceaccount "{runs_as}"'
        )
    pod = identity(record)
    if not node_name:
        return Bound(pod=pod)
    try:
        node = identity(await _find(context, "nodes", "", node_name))
    except NotFound:
        # The name alone still tells a reader where the pod is.
        node = {"metadata": {"name": node_name}}
    return Bound(pod=pod, node=node)


async def _find(context: Context, plural: str, namespace: str, name: str) -> Record:
    info = context.registry.find("", "v1", plural)
    assert info is not None
    return await context.objects.get(info, namespace, name)
