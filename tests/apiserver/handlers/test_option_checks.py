"""What the query of a write is refused for, and in whose name."""

from typing import Any

import pytest

from tests.apiserver.conftest import MERGE, Api, check_status
from tests.apiserver.objects import pod

APPLY = "application/apply-patch+yaml"


@pytest.mark.parametrize(
    ("method", "content_type", "kind"),
    [
        pytest.param("POST", "application/json", "CreateOptions", id="create"),
        pytest.param("PUT", "application/json", "UpdateOptions", id="update"),
        pytest.param("PATCH", MERGE, "PatchOptions", id="patch"),
        pytest.param("PATCH", APPLY, "PatchOptions", id="apply"),
    ],
)
@pytest.mark.parametrize(
    ("params", "field", "message"),
    [
        pytest.param(
            {"dryRun": "Some"}, "dryRun", 'Unsupported value: ["Some"]: supported values: "All"', id="dry-run"
        ),
        pytest.param(
            {"fieldValidation": "Some"},
            "fieldValidation",
            'Unsupported value: "Some": supported values: "", "Ignore", "Strict", "Warn"',
            id="validation",
        ),
        pytest.param(
            {"fieldManager": "a" * 129}, "fieldManager", "Too long: may not be more than 128 bytes", id="manager"
        ),
    ],
)
async def test_refusals(
    api: Api, method: str, content_type: str, kind: str, params: dict[str, Any], field: str, message: str
) -> None:
    path = api.path("pods", "" if method == "POST" else "p")
    given = {"fieldManager": "tester", **params}
    status = await api.request(
        method, path, code=422, json=pod("p"), params=given, headers={"content-type": content_type}
    )
    text = f'{kind}.meta.k8s.io "" is invalid: {field}: {message}'
    check_status(status, 422, "Invalid", (field,), text)


async def test_all_at_once(api: Api) -> None:
    status = await api.create("pods", pod("p"), code=422, dryRun="x", fieldValidation="y")
    check_status(status, 422, "Invalid", ("dryRun", "fieldValidation"))


async def test_a_patch_that_nobody_can_read_is_refused_for_that(api: Api) -> None:
    headers = {"content-type": "text/plain"}
    await api.request("PATCH", api.path("pods", "p"), code=415, content=b"", params={"dryRun": "x"}, headers=headers)
