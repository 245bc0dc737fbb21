"""The tables of built-in resources, and the seams that handlers meet them by."""

import httpx
import pytest

from apimachinery.schema.bundle import load_bundle
from apiserver.registry.builtin import builtin_registry, tables
from apiserver.registry.resource import Registry


@pytest.fixture(scope="module")
def registry() -> Registry:
    return builtin_registry(load_bundle())


def test_groups_come_in_upstreams_order_of_priority(registry: Registry) -> None:
    groups = registry.groups()
    assert list(groups)[:4] == ["", "apiregistration.k8s.io", "apps", "events.k8s.io"]
    assert groups["autoscaling"][0] == "v2"


def test_names_do_not_collide_within_a_version(registry: Registry) -> None:
    for group, versions in registry.groups().items():
        for version in versions:
            infos = registry.of_version(group, version)
            names = [name for info in infos for name in (info.plural, info.singular, *info.short_names) if name]
            # "endpoints" is its own singular.
            assert len(names) - len(set(names)) == sum(info.plural == info.singular for info in infos)


def test_every_table_has_rows() -> None:
    assert all(rows for api_version, rows in tables().items() if api_version != "autoscaling/v1")


def test_what_comes_and_goes_changes_the_generation(registry: Registry) -> None:
    own, config_maps = Registry(), registry.find("", "v1", "configmaps")
    assert config_maps is not None
    before = own.generation
    own.add(config_maps)
    assert (own.find("", "v1", "configmaps"), own.generation) == (config_maps, before + 1)
    own.remove("", "v1", "configmaps")
    assert (own.find("", "v1", "configmaps"), own.generation) == (None, before + 2)


async def test_events_are_served_under_both_groups(http: httpx.AsyncClient, namespace: str) -> None:
    event = {
        "metadata": {"name": "seen"},
        "regarding": {"kind": "Pod", "name": "web", "namespace": namespace},
        "reportingController": "tests.example/controller",
        "reportingInstance": "one",
        "action": "Looking",
        "reason": "Seen",
        "type": "Normal",
        "note": "it is there",
        "eventTime": "2026-01-01T00:00:00.000000Z",
    }
    path = f"namespaces/{namespace}/events"
    created = await http.post(f"/apis/events.k8s.io/v1/{path}", json=event)
    assert created.status_code == 201, created.text
    assert (created.json()["apiVersion"], created.json()["note"]) == ("events.k8s.io/v1", "it is there")
    core = (await http.get(f"/api/v1/{path}/seen")).json()
    assert (core["apiVersion"], core["involvedObject"]["name"], core["message"]) == ("v1", "web", "it is there")
    selected = await http.get(f"/apis/events.k8s.io/v1/{path}", params={"fieldSelector": "regarding.name=web"})
    assert [item["regarding"]["name"] for item in selected.json()["items"]] == ["web"]
    patched = await http.patch(
        f"/apis/events.k8s.io/v1/{path}/seen",
        json={"series": {"count": 2, "lastObservedTime": "2026-01-01T00:00:01.000000Z"}},
        headers={"content-type": "application/merge-patch+json"},
    )
    assert (patched.json()["series"]["count"], "message" in patched.json()) == (2, False)


@pytest.mark.parametrize(
    ("group", "plural", "spec", "status"),
    [
        pytest.param(
            "authorization.k8s.io",
            "selfsubjectaccessreviews",
            {"resourceAttributes": {"verb": "create", "resource": "pods"}},
            {"allowed": True},
            id="self",
        ),
        pytest.param(
            "authorization.k8s.io",
            "subjectaccessreviews",
            {"user": "jane", "resourceAttributes": {"verb": "create", "resource": "pods"}},
            {"allowed": False, "reason": "only the administrator is known to this server"},
            id="somebody",
        ),
        pytest.param(
            "authentication.k8s.io",
            "selfsubjectreviews",
            {},
            {"userInfo": {"username": "kubernetes-admin", "groups": ["system:masters", "system:authenticated"]}},
            id="who-am-i",
        ),
        pytest.param(
            "authentication.k8s.io",
            "tokenreviews",
            {"token": "abc"},
            {"user": {}, "error": "invalid bearer token"},
            id="token",
        ),
    ],
)
async def test_reviews_are_answered_and_not_stored(
    http: httpx.AsyncClient, group: str, plural: str, spec: dict[str, object], status: dict[str, object]
) -> None:
    body = {"spec": spec} if spec else {}
    answer = await http.post(f"/apis/{group}/v1/{plural}", json=body)
    assert (answer.status_code, answer.json()["status"]) == (201, status)
    assert (await http.get(f"/apis/{group}/v1/{plural}")).status_code == 405


async def test_a_review_about_nothing_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", json={"spec": {}})
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
    assert answer.json()["details"]["causes"][0]["field"] == "spec.resourceAttributes"
