"""The one family of errors that become a Kubernetes ``Status``.

Raised anywhere below the HTTP layer of a server and turned into a response in one place; raised by the client
when a server answered with one. Codes and reasons are those of ``metav1.StatusReason`` (v1.36).

::

    StatusError
    ├── BadRequest               400 BadRequest
    ├── Unauthorized             401 Unauthorized
    ├── Forbidden                403 Forbidden
    ├── NotFound                 404 NotFound
    ├── MethodNotAllowed         405 MethodNotAllowed
    ├── NotAcceptable            406 NotAcceptable
    ├── Conflict                 409 Conflict
    │   └── AlreadyExists        409 AlreadyExists
    ├── Expired                  410 Expired
    ├── RequestEntityTooLarge    413 RequestEntityTooLarge
    ├── UnsupportedMediaType     415 UnsupportedMediaType
    ├── Invalid                  422 Invalid
    ├── TooManyRequests          429 TooManyRequests
    ├── InternalError            500 InternalError
    ├── ServiceUnavailable       503 ServiceUnavailable
    └── ServerTimeout            504 Timeout

Beside it stands :class:`FatalError`, for what a process cannot start or go on with.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of ``details.causes``: why, in words, and the path of the field it is about."""

    reason: str
    message: str
    field: str = ""

    def to_dict(self) -> dict[str, str]:
        entry = {"reason": self.reason, "message": self.message}
        if self.field:
            entry["field"] = self.field
        return entry


class StatusError(Exception):
    """An error with the shape of ``metav1.Status``.

    ``name``, ``group`` and ``kind`` fill ``details`` (where ``kind`` is the resource's plural for most
    reasons, as upstream writes it); ``retry_after_seconds`` adds the hint and the ``Retry-After`` header;
    ``continue_token`` is where a list that expired between two pages may go on.
    """

    code: ClassVar[int] = 500
    reason: ClassVar[str] = "InternalError"

    def __init__(
        self,
        message: str,
        *,
        name: str = "",
        group: str = "",
        kind: str = "",
        uid: str = "",
        causes: Sequence[Cause] = (),
        retry_after_seconds: int | None = None,
        continue_token: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.name = name
        self.group = group
        self.kind = kind
        self.uid = uid
        self.causes = tuple(causes)
        self.retry_after_seconds = retry_after_seconds
        self.continue_token = continue_token

    def to_status(self) -> dict[str, Any]:
        """Return the ``Status`` object as it goes over the wire."""
        details: dict[str, Any] = {}
        for key in ("name", "group", "kind", "uid"):
            if value := getattr(self, key):
                details[key] = value
        if self.causes:
            details["causes"] = [cause.to_dict() for cause in self.causes]
        if self.retry_after_seconds is not None:
            details["retryAfterSeconds"] = self.retry_after_seconds
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {"continue": self.continue_token} if self.continue_token else {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
        }
        if details:
            status["details"] = details
        status["code"] = self.code
        return status


class BadRequest(StatusError):
    code = 400
    reason = "BadRequest"


class Unauthorized(StatusError):
    code = 401
    reason = "Unauthorized"


class Forbidden(StatusError):
    code = 403
    reason = "Forbidden"


class NotFound(StatusError):
    code = 404
    reason = "NotFound"


class MethodNotAllowed(StatusError):
    code = 405
    reason = "MethodNotAllowed"


class NotAcceptable(StatusError):
    code = 406
    reason = "NotAcceptable"


class Conflict(StatusError):
    code = 409
    reason = "Conflict"


class AlreadyExists(Conflict):
    reason = "AlreadyExists"


class Expired(StatusError):
    code = 410
    reason = "Expired"


class RequestEntityTooLarge(StatusError):
    code = 413
    reason = "RequestEntityTooLarge"


class UnsupportedMediaType(StatusError):
    code = 415
    reason = "UnsupportedMediaType"


class Invalid(StatusError):
    code = 422
    reason = "Invalid"


class TooManyRequests(StatusError):
    code = 429
    reason = "TooManyRequests"


class InternalError(StatusError):
    code = 500
    reason = "InternalError"


class ServiceUnavailable(StatusError):
    code = 503
    reason = "ServiceUnavailable"


class ServerTimeout(StatusError):
    code = 504
    reason = "Timeout"


def _families() -> Iterable[type[StatusError]]:
    pending: list[type[StatusError]] = [StatusError]
    while pending:
        family = pending.pop()
        yield family
        pending.extend(family.__subclasses__())


def error_from_status(status: Mapping[str, Any], code: int) -> StatusError:
    """Rebuild the error that a server's ``Status`` describes.

    The reason decides the class, the HTTP ``code`` where the reason is unknown; a code nobody knows gives
    :class:`InternalError` (5xx) or :class:`BadRequest`.
    """
    reason = status.get("reason", "")
    found: type[StatusError] | None = None
    for family in _families():
        if family is StatusError:
            continue
        if family.reason == reason and reason:
            found = family
            break
        if family.code == code and (found is None or not issubclass(family, found)):
            found = found or family
    if found is None:
        found = InternalError if code >= 500 else BadRequest
    details = status.get("details") or {}
    return found(
        status.get("message") or f"the server answered {code}",
        name=details.get("name", ""),
        group=details.get("group", ""),
        kind=details.get("kind", ""),
        uid=details.get("uid", ""),
        causes=[
            Cause(cause.get("reason", ""), cause.get("message", ""), cause.get("field", ""))
            for cause in details.get("causes") or ()
        ],
        retry_after_seconds=details.get("retryAfterSeconds"),
        continue_token=(status.get("metadata") or {}).get("continue", ""),
    )


class FatalError(Exception):
    """Something the user has to mend: a taken port, a bad option, a server that is none.

    A process that meets one prints its text as a single line and exits with status 1.
    """
