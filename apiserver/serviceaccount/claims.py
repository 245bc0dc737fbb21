"""What a token says, and whom it stands for (``pkg/serviceaccount/claims.go`` and ``util.go``, v1.36)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from apiserver.serviceaccount.errors import InvalidToken
from apiserver.user import UserInfo

JSONObject = dict[str, Any]

LEEWAY_SECONDS = 60
"""How far clocks may be apart, and how long something that is being deleted still counts (go-jose's default)."""

_EXTRA = "authentication.kubernetes.io/"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a token is bound to, beside its account; the node comes with a pod, or stands alone."""

    pod: JSONObject | None = None
    secret: JSONObject | None = None
    node: JSONObject | None = None


@dataclass(frozen=True, slots=True)
class Lifetime:
    """``expires`` and ``warn_after`` are seconds from ``issued``; 0 is no warning."""

    issued: datetime
    expires: int
    warn_after: int = 0


def username(namespace: str, name: str) -> str:
    return f"system:serviceaccount:{namespace}:{name}"


def make_claims(
    account: JSONObject, bound: Bound, lifetime: Lifetime, *, issuer: str, audiences: Sequence[str], token_id: str
) -> JSONObject:
    """Return the claims of a new token, in the order of their names."""
    metadata, issued = account["metadata"], int(lifetime.issued.timestamp())
    private: JSONObject = {"namespace": metadata["namespace"]}
    if bound.node is not None and bound.secret is None:
        private["node"] = _reference(bound.node)
    if bound.pod is not None:
        private["pod"] = _reference(bound.pod)
    elif bound.secret is not None:
        private["secret"] = _reference(bound.secret)
    private["serviceaccount"] = _reference(account)
    if lifetime.warn_after:
        private["warnafter"] = issued + lifetime.warn_after
    return {
        "aud": list(audiences),
        "exp": issued + lifetime.expires,
        "iat": issued,
        "iss": issuer,
        "jti": token_id,
        "kubernetes.io": private,
        "nbf": issued,
        "sub": username(metadata["namespace"], metadata["name"]),
    }


def _reference(obj: JSONObject) -> JSONObject:
    metadata = obj["metadata"]
    return {key: metadata[key] for key in ("name", "uid") if metadata.get(key)}


def unverified_issuer(token: str) -> str:
    """Return who a token says has issued it, empty for what is no token; nothing of it can be relied upon."""
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    try:
        payload = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return ""
    issuer = payload.get("iss") if isinstance(payload, dict) else None
    return issuer if isinstance(issuer, str) else ""


def check_times(claims: JSONObject, now: datetime) -> None:
    """Raise :class:`~apiserver.serviceaccount.errors.InvalidToken` for a token whose time is over or to come."""
    seconds = now.timestamp()
    if "nbf" in claims and seconds + LEEWAY_SECONDS < claims["nbf"]:
        raise InvalidToken("service account token is not valid yet")
    if "exp" in claims and seconds - LEEWAY_SECONDS > claims["exp"]:
        raise InvalidToken("service account token has expired")


def user_of(claims: JSONObject) -> UserInfo:
    """Return whom a checked token stands for, as one that has been authenticated."""
    private = claims["kubernetes.io"]
    namespace, account = private["namespace"], private["serviceaccount"]
    extra: dict[str, tuple[str, ...]] = {}
    if token_id := claims.get("jti"):
        extra[_EXTRA + "credential-id"] = (f"JTI={token_id}",)
    for kind in ("node", "pod"):
        for field in ("name", "uid"):
            if value := private.get(kind, {}).get(field):
                extra[f"{_EXTRA}{kind}-{field}"] = (value,)
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return UserInfo(username(namespace, account["name"]), account.get("uid", ""), groups, extra)
