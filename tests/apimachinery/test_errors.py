"""Errors and the ``Status`` they travel as."""

from typing import Any

import pytest

from apimachinery import errors
from apimachinery.errors import Cause, StatusError, error_from_status

FAMILIES = [
    (errors.BadRequest, 400, "BadRequest"),
    (errors.Unauthorized, 401, "Unauthorized"),
    (errors.Forbidden, 403, "Forbidden"),
    (errors.NotFound, 404, "NotFound"),
    (errors.MethodNotAllowed, 405, "MethodNotAllowed"),
    (errors.NotAcceptable, 406, "NotAcceptable"),
    (errors.Conflict, 409, "Conflict"),
    (errors.AlreadyExists, 409, "AlreadyExists"),
    (errors.Expired, 410, "Expired"),
    (errors.RequestEntityTooLarge, 413, "RequestEntityTooLarge"),
    (errors.UnsupportedMediaType, 415, "UnsupportedMediaType"),
    (errors.Invalid, 422, "Invalid"),
    (errors.TooManyRequests, 429, "TooManyRequests"),
    (errors.InternalError, 500, "InternalError"),
    (errors.ServiceUnavailable, 503, "ServiceUnavailable"),
    (errors.ServerTimeout, 504, "Timeout"),
]


@pytest.mark.parametrize(("family", "code", "reason"), [pytest.param(*row, id=row[2]) for row in FAMILIES])
def test_each_comes_back_as_it_went(family: type[StatusError], code: int, reason: str) -> None:
    cause = Cause("FieldValueInvalid", "Invalid value: -1", "spec.replicas")
    sent = family("no", name="web", group="apps", kind="replicasets", uid="u1", causes=[cause], retry_after_seconds=3)
    status = sent.to_status()
    assert status == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "no",
        "reason": reason,
        "details": {
            "name": "web",
            "group": "apps",
            "kind": "replicasets",
            "uid": "u1",
            "causes": [{"reason": "FieldValueInvalid", "message": "Invalid value: -1", "field": "spec.replicas"}],
            "retryAfterSeconds": 3,
        },
        "code": code,
    }
    back = error_from_status(status, code)
    assert type(back) is family
    assert back.to_status() == status
    assert str(back) == "no"


@pytest.mark.parametrize(
    ("status", "code", "family"),
    [
        pytest.param({"reason": "Gone"}, 410, errors.Expired, id="Gone is what 410 was called once"),
        pytest.param({}, 409, errors.Conflict, id="a conflict without a reason is no AlreadyExists"),
        pytest.param({}, 404, errors.NotFound, id="by code"),
        pytest.param({"reason": "Novel"}, 418, errors.BadRequest, id="nobody knows: the client's fault"),
        pytest.param({"reason": "Novel"}, 599, errors.InternalError, id="nobody knows: the server's fault"),
        pytest.param({"reason": "NotFound"}, 500, errors.NotFound, id="the reason decides"),
        pytest.param({"details": None, "message": None}, 403, errors.Forbidden, id="nulls"),
    ],
)
def test_strange_answers(status: dict[str, Any], code: int, family: type[StatusError]) -> None:
    found = error_from_status(status, code)
    assert type(found) is family
    assert found.message


def test_a_bare_error_has_no_details() -> None:
    assert "details" not in errors.NotFound("no").to_status()
