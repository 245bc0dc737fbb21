"""Which parameters of a pod's log go together (``ValidatePodLogOptions``, ``pkg/apis/core/validation``, v1.36)."""

from apiserver.validation import field
from apiserver.validation.field import Causes

STREAMS = ("All", "Stderr", "Stdout")


def validate(
    *,
    tail_lines: int | None,
    limit_bytes: int | None,
    since_seconds: int | None,
    since_time: str,
    stream: str,
) -> Causes:
    """Return what is wrong with them; an empty text means that a parameter was not given."""
    causes = field.non_negative("tailLines", tail_lines)
    if limit_bytes is not None and limit_bytes < 1:
        causes.append(field.invalid("limitBytes", limit_bytes, "must be greater than 0"))
    if since_seconds is not None and since_time:
        causes.append(field.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif since_seconds is not None and since_seconds < 1:
        causes.append(field.invalid("sinceSeconds", since_seconds, "must be greater than 0"))
    if stream and stream not in STREAMS:
        causes.append(field.not_supported("stream", stream, STREAMS))
    if stream not in {"", "All"} and tail_lines is not None:
        causes.append(field.forbidden("", "`tailLines` and specific `stream` are mutually exclusive for now"))
    return causes
