"""Deleting: at once, gracefully, held up by finalizers, many at a time."""

from datetime import timedelta

import pytest

from apimachinery.clock import parse_rfc3339
from tests.apiserver.conftest import Api, check_status
from tests.apiserver.objects import JSONObject, pod, replica_set, with_field

HOLD = "example.com/hold"


def held(name: str) -> JSONObject:
    return with_field(pod(name), "metadata.finalizers", [HOLD])


async def test_most_things_go_at_once(api: Api) -> None:
    created = await api.create("replicasets", replica_set("r"))
    answer = await api.delete("replicasets", "r")
    assert answer == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {"name": "r", "group": "apps", "kind": "replicasets", "uid": created["metadata"]["uid"]},
    }
    await api.get("replicasets", "r", code=404)


class TestPods:
    async def test_one_that_never_ran_goes_at_once(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        answer = await api.delete("pods", "p")
        assert (answer["kind"], answer["metadata"]["name"]) == ("Pod", "p")
        await api.get("pods", "p", code=404)

    @pytest.mark.parametrize(
        ("options", "seconds"),
        [
            pytest.param(None, 30, id="its own period"),
            pytest.param({"gracePeriodSeconds": 5}, 5, id="another period"),
            pytest.param({"gracePeriodSeconds": -1}, 1, id="a negative one is the shortest"),
        ],
    )
    async def test_one_with_a_node_gets_time(self, api: Api, options: JSONObject | None, seconds: int) -> None:
        await api.create("pods", pod("p"))
        await api.bind("p", "n1")
        before = await api.get("pods", "p")
        going = await api.delete("pods", "p", options)
        meta = going["metadata"]
        assert meta["deletionGracePeriodSeconds"] == seconds
        assert meta["generation"] == before["metadata"]["generation"] + 1
        assert meta["resourceVersion"] != before["metadata"]["resourceVersion"]
        asked = parse_rfc3339(meta["deletionTimestamp"]) - timedelta(seconds=seconds)
        assert abs(asked - parse_rfc3339(meta["creationTimestamp"])) < timedelta(seconds=10)
        assert await api.get("pods", "p") == going
        await api.delete("pods", "p", {"gracePeriodSeconds": 0})
        await api.get("pods", "p", code=404)

    async def test_a_second_delete_only_ever_shortens(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        await api.bind("p", "n1")
        await api.delete("pods", "p", {"gracePeriodSeconds": 20})
        async with api.unchanged():
            await api.delete("pods", "p", {"gracePeriodSeconds": 60})
            await api.delete("pods", "p")
        assert (await api.delete("pods", "p", {"gracePeriodSeconds": 10}))["metadata"][
            "deletionGracePeriodSeconds"
        ] == 10

    @pytest.mark.parametrize("seconds", [10**12, 2**63 - 1])
    async def test_a_period_past_all_years_ends_with_the_last(self, api: Api, seconds: int) -> None:
        await api.create("pods", pod("p"))
        await api.bind("p", "n1")
        meta = (await api.delete("pods", "p", {"gracePeriodSeconds": seconds}))["metadata"]
        assert (meta["deletionGracePeriodSeconds"], meta["deletionTimestamp"]) == (seconds, "9999-12-31T23:59:59Z")
        meta = (await api.delete("pods", "p", {"gracePeriodSeconds": 5}))["metadata"]
        assert meta["deletionGracePeriodSeconds"] == 5
        assert meta["deletionTimestamp"] < "9999"

    @pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
    async def test_one_that_has_ended_needs_no_time(self, api: Api, phase: str) -> None:
        await api.create("pods", pod("p"))
        await api.bind("p", "n1")
        await api.patch("pods", "p", {"status": {"phase": phase}}, subresource="status")
        await api.delete("pods", "p")
        await api.get("pods", "p", code=404)

    async def test_the_period_in_the_query(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        await api.bind("p", "n1")
        await api.delete("pods", "p", gracePeriodSeconds="0")
        await api.get("pods", "p", code=404)


class TestFinalizers:
    async def test_they_hold_the_object_until_they_are_gone(self, api: Api) -> None:
        await api.create("pods", held("p"))
        going = await api.delete("pods", "p")
        assert going["metadata"]["deletionTimestamp"]
        assert (await api.patch("pods", "p", {"metadata": {"labels": {"a": "1"}}}))["metadata"]["labels"]
        last = await api.patch("pods", "p", {"metadata": {"finalizers": None}})
        assert "finalizers" not in last["metadata"]
        await api.get("pods", "p", code=404)

    async def test_none_are_added_once_it_goes(self, api: Api) -> None:
        await api.create("pods", held("p"))
        await api.delete("pods", "p")
        async with api.unchanged():
            status = await api.patch("pods", "p", {"metadata": {"finalizers": [HOLD, "example.com/more"]}}, code=422)
        check_status(status, 422, "Invalid", ("metadata.finalizers",), "no new finalizers can be added")

    async def test_the_mark_of_deletion_is_not_taken_back(self, api: Api) -> None:
        await api.create("pods", held("p"))
        marked = (await api.delete("pods", "p"))["metadata"]["deletionTimestamp"]
        patched = await api.patch("pods", "p", {"metadata": {"deletionTimestamp": None}})
        assert patched["metadata"]["deletionTimestamp"] == marked

    @pytest.mark.parametrize(
        ("policy", "finalizers"),
        [("Foreground", ["foregroundDeletion"]), ("Orphan", ["orphan"]), ("Background", None)],
    )
    async def test_propagation_policies(self, api: Api, policy: str, finalizers: list[str] | None) -> None:
        await api.create("replicasets", replica_set("r"))
        await api.delete("replicasets", "r", {"propagationPolicy": policy})
        if finalizers is None:
            await api.get("replicasets", "r", code=404)
        else:
            assert (await api.get("replicasets", "r"))["metadata"]["finalizers"] == finalizers


WORK = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "w"},
    "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "a:1"}]}}},
}


@pytest.mark.parametrize(
    ("options", "finalizers", "warned"),
    [
        pytest.param({}, ["orphan"], True, id="nothing said"),
        pytest.param({"propagationPolicy": "Background"}, None, False, id="background"),
        pytest.param({"orphanDependents": False}, None, False, id="the old way"),
        pytest.param({"propagationPolicy": "Foreground"}, ["foregroundDeletion"], False, id="foreground"),
    ],
)
async def test_a_jobs_pods_stay_unless_it_is_said(
    api: Api, options: JSONObject, finalizers: list[str] | None, warned: bool
) -> None:
    path = f"/apis/batch/v1/namespaces/{api.namespace}/jobs"
    await api.request("POST", path, json=WORK, code=201)
    response = await api.http.request("DELETE", f"{path}/w", json=options)
    assert ("child pods are preserved by default" in response.headers.get("warning", "")) == warned
    left = await api.http.get(f"{path}/w")
    assert (left.json()["metadata"]["finalizers"] if left.status_code == 200 else None) == finalizers


class TestPreconditions:
    async def test_uid_and_version_must_fit(self, api: Api) -> None:
        created = await api.create("pods", pod("p"))
        async with api.unchanged():
            for wanted in ({"uid": "other"}, {"resourceVersion": "1"}):
                status = await api.delete("pods", "p", {"preconditions": wanted}, code=409)
                check_status(status, 409, "Conflict", text="Precondition failed")
        fitting = {key: created["metadata"][key] for key in ("uid", "resourceVersion")}
        await api.delete("pods", "p", {"preconditions": fitting})
        await api.get("pods", "p", code=404)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 400),
        ({"gracePeriodSeconds": "1"}, 400),
        ({"gracePeriodSeconds": 1.5}, 400),
        ({"preconditions": "x"}, 400),
        ({"dryRun": "All"}, 400),
        ({"dryRun": ["Some"]}, 422),
        ({"propagationPolicy": "Sideways"}, 422),
        ({"propagationPolicy": 1}, 400),
        ({"propagationPolicy": ""}, 422),
        ({"propagationPolicy": "Orphan", "orphanDependents": True}, 422),
        ({"orphanDependents": "yes"}, 400),
        ({"preconditions": {"uid": 1}}, 400),
        ({"kind": "Pod"}, 400),
    ],
)
async def test_options_that_are_refused(api: Api, options: JSONObject, code: int) -> None:
    await api.create("pods", pod("p"))
    async with api.unchanged():
        await api.delete("pods", "p", options, code=code)


async def test_what_is_wrong_with_options_is_said(api: Api) -> None:
    await api.create("pods", pod("p"))
    status = await api.delete("pods", "p", {"gracePeriodSeconds": "1"}, code=400)
    text = "cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"
    check_status(status, 400, "BadRequest", text=text)
    status = await api.delete("pods", "p", code=422, dryRun="Some")
    text = 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"'
    check_status(status, 422, "Invalid", ("dryRun",), text)


async def test_options_in_the_query_count_without_a_body_only(api: Api) -> None:
    await api.create("replicasets", replica_set("r"))
    await api.delete("replicasets", "r", {"nobodyKnows": 1}, propagationPolicy="Orphan")
    await api.get("replicasets", "r", code=404)
    await api.create("replicasets", replica_set("r"))
    await api.delete("replicasets", "r", orphanDependents="true")
    assert (await api.get("replicasets", "r"))["metadata"]["finalizers"] == ["orphan"]


async def test_options_in_yaml(api: Api) -> None:
    await api.create("replicasets", replica_set("r"))
    headers = {"content-type": "application/yaml"}
    body = b"propagationPolicy: Foreground"
    await api.request("DELETE", api.path("replicasets", "r"), content=body, headers=headers)
    assert (await api.get("replicasets", "r"))["metadata"]["finalizers"] == ["foregroundDeletion"]
    await api.request(
        "DELETE", api.path("replicasets", "r"), content=b"x", headers={"content-type": "text/x"}, code=415
    )


class TestCollections:
    async def test_what_the_selectors_match(self, api: Api) -> None:
        for name, labels in (("a", {"tier": "x"}), ("b", {"tier": "x"}), ("c", {"tier": "y"})):
            await api.create("pods", pod(name, labels=labels))
        answer = await api.delete("pods", labelSelector="tier=x", fieldSelector="metadata.name!=b")
        assert (answer["kind"], [item["metadata"]["name"] for item in answer["items"]]) == ("PodList", ["a"])
        assert await api.names("pods") == ["b", "c"]
        await api.delete("pods")
        assert await api.names("pods") == []

    async def test_one_that_is_held_does_not_hold_up_the_others(self, api: Api) -> None:
        await api.create("pods", held("a"))
        await api.create("pods", pod("b"))
        await api.delete("pods")
        assert await api.names("pods") == ["a"]

    async def test_namespaces_are_not_deleted_by_the_dozen(self, api: Api) -> None:
        check_status(await api.request("DELETE", "/api/v1/namespaces", code=405), 405, "MethodNotAllowed")


class TestNamespaces:
    async def test_one_that_goes_takes_nothing_new(self, api: Api) -> None:
        await api.create("pods", pod("there"))
        path = f"/api/v1/namespaces/{api.namespace}"
        going = await api.request("DELETE", path)
        assert going["status"]["phase"] == "Terminating"
        assert going["spec"]["finalizers"] == ["kubernetes"]
        async with api.unchanged():
            status = await api.create("pods", pod("new"), code=403)
        check_status(
            status,
            403,
            "Forbidden",
            ("metadata.namespace",),
            f"unable to create new content in namespace {api.namespace} because it is being terminated",
        )
        assert status["details"]["causes"][0]["reason"] == "NamespaceTerminating"
        await api.patch("pods", "there", {"metadata": {"labels": {"a": "1"}}})
        await api.delete("pods", "there")
        done = await api.request("PUT", f"{path}/finalize", json={"metadata": {"name": api.namespace}, "spec": {}})
        assert done["metadata"]["name"] == api.namespace
        await api.request("GET", path, code=404)

    async def test_a_finalizer_without_a_domain_is_refused(self, api: Api) -> None:
        path = f"/api/v1/namespaces/{api.namespace}"
        wanted = {"metadata": {"name": api.namespace}, "spec": {"finalizers": ["mine"]}}
        async with api.unchanged("pods"):
            status = await api.request("PUT", f"{path}/finalize", json=wanted, code=422)
        check_status(status, 422, "Invalid", ("spec.finalizers",), "nor is it fully qualified")

    async def test_a_namespaces_label_is_its_name(self, api: Api) -> None:
        path = f"/api/v1/namespaces/{api.namespace}"
        found = await api.request("GET", path)
        assert found["metadata"]["labels"] == {"kubernetes.io/metadata.name": api.namespace}
        assert found["status"] == {"phase": "Active"}

    async def test_the_system_namespaces_are_there(self, api: Api) -> None:
        found = await api.request("GET", "/api/v1/namespaces")
        names = {item["metadata"]["name"] for item in found["items"]}
        assert {"default", "kube-system", "kube-public", "kube-node-lease"} <= names
