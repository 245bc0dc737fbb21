"""Patches that are refused, and what is said of fields that stand in them twice or that there are none of."""

from typing import Any

import httpx
import pytest

from tests.apiserver.conftest import JSON_PATCH, MERGE, STRATEGIC, Api, check_status
from tests.apiserver.objects import JSONObject, pod


@pytest.fixture
async def stored(api: Api) -> JSONObject:
    return await api.create("pods", pod("p", labels={"a": "1"}))


async def send(api: Api, kind: str, body: str, code: int, **params: str) -> tuple[JSONObject, str]:
    """Return the answer and its warning."""
    answer = await api.http.patch(api.path("pods", "p"), content=body, headers={"content-type": kind}, params=params)
    assert answer.status_code == code, answer.text
    return answer.json(), answer.headers.get("warning", "")


@pytest.mark.usefixtures("stored")
class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "body", "text"),
        [
            pytest.param(
                JSON_PATCH,
                "{}",
                "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
                id="json-patch-is-a-list",
            ),
            pytest.param(
                JSON_PATCH,
                "[1]",
                "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp",
                id="of-operations",
            ),
            pytest.param(
                JSON_PATCH,
                '[{"op": "add", "path": 1}]',
                "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type "
                "string",
                id="with-paths",
            ),
            pytest.param(MERGE, "[", "error decoding patch: unexpected end of JSON input", id="bad-merge-patch"),
            pytest.param(
                MERGE,
                "[]",
                "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
                id="merge-patch-is-an-object",
            ),
            pytest.param(STRATEGIC, "{", "unexpected end of JSON input", id="bad-strategic-patch"),
            pytest.param(
                STRATEGIC,
                "3",
                "json: cannot unmarshal number into Go value of type map[string]interface {}",
                id="strategic-patch-is-an-object",
            ),
            pytest.param(
                STRATEGIC,
                '{"spec": {"containers": [{"image": "x"}]}}',
                "map: map[image:x] does not contain declared merge key: name",
                id="no-merge-key",
            ),
            pytest.param(
                STRATEGIC, '{"spec": {"$retainKeys": 1}}', "invalid patch format of retainKeys", id="retain-keys"
            ),
        ],
    )
    async def test_malformed(self, api: Api, kind: str, body: str, text: str) -> None:
        status, _ = await send(api, kind, body, 400)
        check_status(status, 400, "BadRequest")
        assert status["message"] == text

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            pytest.param(JSON_PATCH, '[{"op": "test", "path": "/metadata/name", "value": "q"}]', id="test"),
            pytest.param(JSON_PATCH, '[{"op": "remove", "path": "/spec/x"}]', id="nothing-there"),
            pytest.param(JSON_PATCH, '[{"op": "grow", "path": "/spec/x"}]', id="unknown-operation"),
            pytest.param(JSON_PATCH, '[{"op": "add"}]', id="no-path"),
            pytest.param(STRATEGIC, '{"metadata": {"finalizers": [["a"]]}}', id="lists-of-lists"),
        ],
    )
    async def test_what_does_not_fit(self, api: Api, kind: str, body: str) -> None:
        await api.patch("pods", "p", {"metadata": {"finalizers": ["x/y"]}})
        status, _ = await send(api, kind, body, 422)
        check_status(status, 422, "Invalid")
        assert status["message"] == "the server rejected our request due to an error in our request"

    @pytest.mark.parametrize("value", ['"\\ud800"', "36893488147419103232", '{"\\ud800": 1}'])
    @pytest.mark.parametrize("kind", [MERGE, STRATEGIC])
    async def test_what_cannot_be_encoded(self, api: Api, kind: str, value: str) -> None:
        for path in ('{"spec": {"hostNetwork": %s}}', '{"metadata": {"labels": {"b": %s}}}', '{"spec": {"x": %s}}'):
            answer = await api.http.patch(
                api.path("pods", "p"),
                content=path % value,
                headers={"content-type": kind},
                params={"fieldValidation": "Strict"},
            )
            assert answer.status_code in {400, 422}, answer.text

    async def test_other_media_types(self, api: Api) -> None:
        status, _ = await send(api, "application/json", "{}", 415)
        check_status(status, 415, "UnsupportedMediaType")
        assert status["message"] == (
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
            "application/apply-patch+yaml"
        )


PROBLEMS: list[Any] = [
    pytest.param(
        MERGE,
        '{"metadata": {"labels": {"b": "1"}, "labels": {"b": "2"}}}',
        'duplicate field "metadata.labels"',
        id="merge",
    ),
    pytest.param(
        STRATEGIC,
        '{"metadata": {"labels": {"b": "1", "b": "2"}}}',
        'duplicate field "metadata.labels.b"',
        id="strategic",
    ),
    pytest.param(
        JSON_PATCH,
        '[{"op": "test", "op": "add", "path": "/metadata/labels/b", "value": "2"}]',
        'json patch duplicate field "[0].op"',
        id="json",
    ),
    pytest.param(
        JSON_PATCH,
        '[{"op": "add", "path": "/metadata/labels/b", "value": "2", "why": 1}]',
        'json patch unknown field "[0].why"',
        id="json-unknown",
    ),
    pytest.param(
        STRATEGIC, '{"metadata": {"labels": {"b": "2"}}, "what": 1}', 'unknown field "what"', id="strategic-unknown"
    ),
    pytest.param(
        MERGE,
        '{"metadata": {"labels": {"b": "2"}}, "spec": {"x": 1, "x": 2}}',
        'duplicate field "spec.x", unknown field "spec.x"',
        id="both",
    ),
]


@pytest.mark.usefixtures("stored")
class TestFieldValidation:
    @pytest.mark.parametrize(("kind", "body", "problem"), PROBLEMS)
    async def test_strict(self, api: Api, kind: str, body: str, problem: str) -> None:
        status, _ = await send(api, kind, body, 422, fieldValidation="Strict")
        check_status(status, 422, "Invalid", ("patch",), f"strict decoding error: {problem}")
        assert (await api.get("pods", "p"))["metadata"]["labels"] == {"a": "1"}

    @pytest.mark.parametrize(("kind", "body", "problem"), PROBLEMS)
    async def test_warn(self, api: Api, kind: str, body: str, problem: str) -> None:
        patched, warning = await send(api, kind, body, 200)
        assert patched["metadata"]["labels"] == {"a": "1", "b": "2"}
        for text in problem.split(", "):
            assert text.replace('"', '\\"') in warning

    @pytest.mark.parametrize(("kind", "body", "problem"), PROBLEMS)
    async def test_ignore(self, api: Api, kind: str, body: str, problem: str) -> None:
        patched, warning = await send(api, kind, body, 200, fieldValidation="Ignore")
        assert patched["metadata"]["labels"] == {"a": "1", "b": "2"}
        assert warning == ""


async def test_a_patch_with_a_number_that_cannot_be_stored(http: httpx.AsyncClient, namespace: str) -> None:
    """The refusal shows what the patch has made of the object, whatever is in it."""
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    (await http.post(path, json={"metadata": {"name": "c"}})).raise_for_status()
    headers = {"content-type": "application/merge-patch+json"}
    answer = await http.patch(f"{path}/c", content=b'{"apiVersion": -9223372036854775809}', headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
