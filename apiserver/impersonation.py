"""Requests in the name of somebody else: the ``Impersonate-…`` headers.

``k8s.io/apiserver/pkg/endpoints/filters/impersonation`` (v0.36). Whoever sends a request may do everything, and so be
anybody too.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from apimachinery import names
from apimachinery.errors import BadRequest
from apiserver.user import UserInfo

PREFIX = b"impersonate-"

_USER = b"impersonate-user"
_GROUP = b"impersonate-group"
_UID = b"impersonate-uid"
_EXTRA = b"impersonate-extra-"

_ANONYMOUS = "system:anonymous"
_AUTHENTICATED = "system:authenticated"
_UNAUTHENTICATED = "system:unauthenticated"
_SERVICE_ACCOUNTS = "system:serviceaccounts"
_AUTHENTICATION = "authentication.k8s.io/v1"


def impersonated(headers: Iterable[tuple[bytes, bytes]]) -> UserInfo | None:
    """Return the user in whose name a request is made, ``None`` for its sender's own; header names are lower-case.

    Raises 400 when groups, a uid or anything else is asked for without a user.
    """
    user, uid, groups = "", "", []
    extra: dict[str, list[str]] = {}
    for name, value in headers:
        if not name.startswith(PREFIX):
            continue
        text = value.decode("latin-1")
        if name == _USER:
            user = user or text
        elif name == _UID:
            uid = uid or text
        elif name == _GROUP:
            groups.append(text)
        elif name.startswith(_EXTRA):
            extra.setdefault(unquote(name[len(_EXTRA) :].decode("latin-1")), []).append(text)
    if user:
        shown = {key: tuple(values) for key, values in extra.items()}
        return UserInfo(user, uid, _groups(user, groups), shown)
    if uid or groups or extra:
        raise BadRequest(f"requested [{_asked(uid, groups, extra)}] without impersonating a user")
    return None


def _groups(user: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the groups of a user: those that are given, or those that are known, and one that all have."""
    groups = list(given)
    namespace = _service_account_namespace(user)
    if namespace and not groups:
        groups = [_SERVICE_ACCOUNTS, f"{_SERVICE_ACCOUNTS}:{namespace}"]
    if user == _ANONYMOUS:
        if _UNAUTHENTICATED not in groups:
            groups.append(_UNAUTHENTICATED)
    elif not {_AUTHENTICATED, _UNAUTHENTICATED} & set(groups):
        groups.append(_AUTHENTICATED)
    return tuple(groups)


def _service_account_namespace(user: str) -> str:
    """Return the namespace of a service account by its user name, empty for any other user."""
    parts = user.split(":")
    if parts[:2] != ["system", "serviceaccount"] or len(parts) != 4:
        return ""
    return parts[2] if not names.dns_label(parts[2]) and not names.dns_subdomain(parts[3]) else ""


def _asked(uid: str, groups: Sequence[str], extra: dict[str, list[str]]) -> str:
    """Write what is asked for as Go writes object references: their fields, most of them empty."""
    references = [f"{{Group  {group}    }}" for group in groups]
    references += [
        f"{{UserExtra  {value}  {_AUTHENTICATION}  {key}}}" for key, values in extra.items() for value in values
    ]
    if uid:
        references.append(f"{{UID  {uid}  {_AUTHENTICATION}  }}")
    return " ".join(references)
