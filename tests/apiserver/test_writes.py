"""Creating and changing: what the server fills in, keeps, counts and only tries."""

import asyncio
import re

import pytest

from tests.apiserver.conftest import JSON_PATCH, MERGE, STRATEGIC, Api, check_status
from tests.apiserver.objects import JSONObject, container, pod, replica_set, with_field


class TestCreate:
    async def test_the_server_fills_in_the_metadata(self, api: Api) -> None:
        obj = pod("p", labels={"a": "1"})
        given = {"uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z", "generation": 9, "selfLink": "/x"}
        given |= {"deletionTimestamp": "2001-01-01T00:00:00Z", "managedFields": [{"manager": "me"}]}
        obj["metadata"] |= given
        created = await api.create("pods", obj)
        meta = created["metadata"]
        assert set(meta) == {
            "name", "namespace", "uid", "resourceVersion", "creationTimestamp", "labels", "generation", "managedFields"
        }  # fmt: skip
        assert [entry["operation"] for entry in meta["managedFields"]] == ["Update"]
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", meta["uid"])
        assert meta["creationTimestamp"] > "2026"
        assert (meta["namespace"], meta["generation"], meta["labels"]) == (api.namespace, 1, {"a": "1"})
        assert await api.get("pods", "p") == created

    async def test_a_pods_defaults(self, api: Api) -> None:
        containers = [{"name": "a", "image": "busybox"}]
        obj = pod("p", containers=containers, automountServiceAccountToken=False)
        assert (await api.create("pods", obj))["spec"] == {
            "containers": [
                {
                    "name": "a",
                    "image": "busybox",
                    "imagePullPolicy": "Always",
                    "resources": {},
                    "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File",
                }
            ],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "securityContext": {},
            "schedulerName": "default-scheduler",
            "enableServiceLinks": True,
            "serviceAccountName": "default",
            "serviceAccount": "default",
            "automountServiceAccountToken": False,
            "priority": 0,
            "preemptionPolicy": "PreemptLowerPriority",
            "tolerations": [
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
                for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
            ],
        }

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            pytest.param({"image": "a:v1"}, {"imagePullPolicy": "IfNotPresent"}, id="a tag is pulled once"),
            pytest.param({"image": "reg:5000/a"}, {"imagePullPolicy": "Always"}, id="a port is no tag"),
            pytest.param({"image": "a@sha256:00"}, {"imagePullPolicy": "IfNotPresent"}, id="a digest is pulled once"),
            pytest.param(
                {"resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "0.5"}}},
                {"resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}}},
                id="requests follow limits",
            ),
            pytest.param(
                {"ports": [{"containerPort": 80}]}, {"ports": [{"containerPort": 80, "protocol": "TCP"}]}, id="TCP"
            ),
            pytest.param(
                {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
                {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name", "apiVersion": "v1"}}}]},
                id="field reference",
            ),
        ],
    )
    async def test_a_containers_defaults(self, api: Api, fields: JSONObject, expected: JSONObject) -> None:
        created = await api.create("pods", pod("p", containers=[container(**fields)]))
        assert created["spec"]["containers"][0] == {**created["spec"]["containers"][0], **expected}

    @pytest.mark.parametrize(
        ("resources", "qos"),
        [
            ({}, "BestEffort"),
            ({"requests": {"cpu": "1"}}, "Burstable"),
            ({"limits": {"cpu": "1"}}, "Burstable"),
            ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
            ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1000m", "memory": "1024Mi"}}, "Guaranteed"),
            ({"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1"}}, "Burstable"),
            ({"limits": {"cpu": "0", "memory": "0"}}, "BestEffort"),
        ],
    )
    async def test_a_new_pod_is_pending_with_its_class(self, api: Api, resources: JSONObject, qos: str) -> None:
        obj = pod("p", containers=[container(resources=resources)])
        obj["status"] = {"phase": "Running", "podIP": "10.0.0.1"}
        assert (await api.create("pods", obj))["status"] == {"phase": "Pending", "qosClass": qos}

    async def test_generated_names(self, api: Api) -> None:
        obj = with_field(pod(), "metadata.generateName", "web-")
        names = {(await api.create("pods", obj))["metadata"]["name"] for _ in range(20)}
        assert len(names) == 20
        assert all(re.fullmatch(r"web-[bcdfghjklmnpqrstvwxz2456789]{5}", name) for name in names)

    async def test_a_long_base_is_cut(self, api: Api) -> None:
        obj = with_field(pod(), "metadata.generateName", "a" * 80)
        assert len((await api.create("pods", obj))["metadata"]["name"]) == 63

    async def test_a_name_beats_its_base(self, api: Api) -> None:
        obj = with_field(pod("mine"), "metadata.generateName", "web-")
        assert (await api.create("pods", obj))["metadata"]["name"] == "mine"

    async def test_a_replica_set_starts_with_one_replica_and_no_status(self, api: Api) -> None:
        obj = replica_set("r", replicas=None)
        obj["status"] = {"replicas": 7}
        created = await api.create("replicasets", obj)
        assert (created["spec"]["replicas"], created["status"]) == (1, {"replicas": 0})
        assert created["spec"]["template"]["spec"]["restartPolicy"] == "Always"

    async def test_gated_pods_say_so(self, api: Api) -> None:
        created = await api.create("pods", pod("p", schedulingGates=[{"name": "example.com/wait"}]))
        assert [(c["type"], c["reason"]) for c in created["status"]["conditions"]] == [
            ("PodScheduled", "SchedulingGated")
        ]

    async def test_nulls_are_nothing(self, api: Api) -> None:
        obj = with_field(with_field(pod("p"), "spec.nodeName", None), "metadata.labels", None)
        created = await api.create("pods", obj)
        assert "nodeName" not in created["spec"]
        assert "labels" not in created["metadata"]


class TestDryRun:
    async def test_nothing_is_stored(self, api: Api) -> None:
        await api.create("pods", pod("there"))
        await api.create("replicasets", replica_set("r"))
        async with api.unchanged():
            tried = await api.create("pods", pod("p"), dryRun="All")
            assert tried["metadata"]["uid"]
            assert tried["spec"]["schedulerName"] == "default-scheduler"
            patched = await api.patch("pods", "there", {"metadata": {"labels": {"a": "1"}}}, dryRun="All")
            assert patched["metadata"]["labels"] == {"a": "1"}
            await api.delete("pods", "there", dryRun="All")
            await api.delete("pods", "there", {"dryRun": ["All"]})
            await api.delete("pods", dryRun="All")
            await api.create("pods", pod("there"), code=409, dryRun="All")
            scale = {"metadata": {"name": "r"}, "spec": {"replicas": 5}}
            assert (await api.replace("replicasets", scale, subresource="scale", dryRun="All"))["spec"] == {
                "replicas": 5
            }
        await api.get("pods", "p", code=404)


class TestUpdate:
    @pytest.fixture
    async def stored(self, api: Api) -> JSONObject:
        return await api.create("replicasets", replica_set("r"))

    async def test_the_generation_counts_changes_of_the_spec(self, api: Api, stored: JSONObject) -> None:
        labelled = await api.replace("replicasets", with_field(stored, "metadata.labels.x", "1"))
        assert labelled["metadata"]["generation"] == 1
        scaled = await api.replace("replicasets", with_field(labelled, "spec.replicas", 3))
        assert scaled["metadata"]["generation"] == 2
        status = {"status": {"replicas": 3, "observedGeneration": 2}}
        reported = await api.patch("replicasets", "r", status, subresource="status")
        assert reported["metadata"]["generation"] == 2
        assert (await api.patch("replicasets", "r", {"metadata": {"generation": 40}}))["metadata"]["generation"] == 2

    async def test_a_write_that_changes_nothing_takes_no_revision(self, api: Api, stored: JSONObject) -> None:
        async with api.unchanged():
            assert await api.replace("replicasets", stored) == stored
            assert await api.patch("replicasets", "r", {}) == stored
            assert await api.patch("replicasets", "r", {"spec": {"replicas": 1}}, kind=STRATEGIC) == stored

    async def test_spec_and_status_keep_to_their_halves(self, api: Api, stored: JSONObject) -> None:
        both = with_field(with_field(stored, "spec.replicas", 2), "status.replicas", 9)
        assert (await api.replace("replicasets", both))["status"] == {"replicas": 0}
        del both["metadata"]["resourceVersion"]
        reported = await api.replace("replicasets", with_field(both, "spec.replicas", 5), subresource="status")
        assert (reported["spec"]["replicas"], reported["status"]) == (2, {"replicas": 9})

    async def test_what_the_server_filled_in_stays(self, api: Api, stored: JSONObject) -> None:
        obj = replica_set("r", replicas=4)
        replaced = await api.replace("replicasets", obj)
        for key in ("uid", "creationTimestamp", "namespace"):
            assert replaced["metadata"][key] == stored["metadata"][key]

    async def test_one_of_two_writers_with_one_version_wins(self, api: Api, stored: JSONObject) -> None:
        path = api.path("replicasets", "r")
        answers = await asyncio.gather(
            *(api.http.put(path, json=with_field(stored, "spec.replicas", count)) for count in range(2, 10))
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7

    async def test_patches_without_a_version_all_count(self, api: Api, stored: JSONObject) -> None:
        await asyncio.gather(
            *(api.patch("replicasets", "r", {"metadata": {"labels": {f"l{number}": "1"}}}) for number in range(30))
        )
        assert len((await api.get("replicasets", "r"))["metadata"]["labels"]) == 30

    @pytest.mark.parametrize(
        ("kind", "patch"),
        [
            (MERGE, {"spec": {"replicas": 3}, "metadata": {"labels": {"a": "1"}}}),
            (STRATEGIC, {"spec": {"replicas": 3}, "metadata": {"labels": {"a": "1"}}}),
            (
                JSON_PATCH,
                [
                    {"op": "test", "path": "/spec/replicas", "value": 1},
                    {"op": "replace", "path": "/spec/replicas", "value": 3},
                    {"op": "add", "path": "/metadata/labels", "value": {"a": "1"}},
                ],
            ),
        ],
    )
    async def test_every_patch_format(self, api: Api, stored: JSONObject, kind: str, patch: object) -> None:
        patched = await api.patch("replicasets", "r", patch, kind=kind)
        assert (patched["spec"]["replicas"], patched["metadata"]["labels"]) == (3, {"a": "1"})
        assert patched["spec"]["selector"] == stored["spec"]["selector"]

    async def test_selectors_are_immutable(self, api: Api, stored: JSONObject) -> None:
        patch = {"spec": {"selector": {"matchLabels": {"b": "1"}}, "template": {"metadata": {"labels": {"b": "1"}}}}}
        async with api.unchanged():
            check_status(
                await api.patch("replicasets", "r", patch, code=422),
                422,
                "Invalid",
                ("spec.selector",),
                "field is immutable",
            )

    async def test_put_does_not_create(self, api: Api) -> None:
        await api.replace("pods", pod("p"), code=404)

    async def test_put_creates_leases(self, api: Api) -> None:
        """As upstream allows for leases, so that a kubelet can renew one that is gone."""
        lease = {"metadata": {"name": "n1"}, "spec": {"holderIdentity": "n1"}}
        created = await api.replace("leases", lease, code=201)
        assert created["metadata"]["uid"]
        renewed = await api.replace("leases", with_field(created, "spec.holderIdentity", "n2"))
        assert renewed["spec"]["holderIdentity"] == "n2"


class TestPods:
    @pytest.fixture
    async def stored(self, api: Api) -> JSONObject:
        return await api.create("pods", pod("p", activeDeadlineSeconds=100))

    @pytest.mark.parametrize(
        "patch",
        [
            pytest.param({"spec": {"containers": [{"name": "main", "image": "x:2"}]}}, id="image"),
            pytest.param({"spec": {"activeDeadlineSeconds": 50}}, id="a sooner deadline"),
            pytest.param({"spec": {"tolerations": [{"key": "a", "operator": "Exists"}]}}, id="a toleration more"),
            pytest.param({"metadata": {"labels": {"a": "b"}, "annotations": {"a": "b"}}}, id="metadata"),
        ],
    )
    async def test_what_may_change(self, api: Api, stored: JSONObject, patch: JSONObject) -> None:
        await api.patch("pods", "p", patch, kind=STRATEGIC)

    async def test_a_status_is_reported(self, api: Api, stored: JSONObject) -> None:
        status = {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "podIPs": [{"ip": "10.0.0.1"}],
            "conditions": [{"type": "Ready", "status": "True"}],
        }
        reported = await api.patch("pods", "p", {"status": status}, kind=STRATEGIC, subresource="status")
        assert reported["status"] == {**status, "qosClass": "BestEffort"}
        assert reported["spec"] == stored["spec"]
        assert await api.request("GET", api.path("pods", "p", "status")) == reported

    @pytest.mark.parametrize("kind", [STRATEGIC, MERGE])
    async def test_a_status_patch_changes_nothing_else(self, api: Api, stored: JSONObject, kind: str) -> None:
        spec = {"containers": [{"name": "main", "image": "x:2"}], "activeDeadlineSeconds": None}
        patch = {"spec": spec, "status": {"phase": "Running", "message": None}}
        reported = await api.patch("pods", "p", patch, kind=kind, subresource="status")
        assert reported["spec"] == stored["spec"]
        assert reported["status"] == {"phase": "Running", "qosClass": "BestEffort"}
        async with api.unchanged():
            assert await api.patch("pods", "p", patch, kind=kind, subresource="status") == reported

    async def test_a_status_patch_that_makes_the_spec_wrong_is_refused(self, api: Api, stored: JSONObject) -> None:
        async with api.unchanged():
            status = await api.patch("pods", "p", {"spec": {"priority": "x"}}, subresource="status", code=422)
        check_status(status, 422, "Invalid", ("patch",), "PodSpec.spec.priority of type int32")

    async def test_a_container_that_may_not_restart_does_not_come_back(self, api: Api) -> None:
        await api.create("pods", pod("once", restartPolicy="Never"))
        ended = {"name": "main", "state": {"terminated": {"exitCode": 0}}}
        running = {"name": "main", "state": {"running": {}}}
        await api.patch("pods", "once", {"status": {"containerStatuses": [ended]}}, subresource="status")
        async with api.unchanged():
            status = await api.patch(
                "pods", "once", {"status": {"containerStatuses": [running]}}, subresource="status", code=422
            )
        check_status(status, 422, "Invalid", ("status.containerStatuses[0].state",))


class TestBinding:
    async def test_a_pod_gets_its_node_once(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        answer = await api.bind("p", "n1")
        assert (answer["kind"], answer["status"]) == ("Status", "Success")
        bound = await api.get("pods", "p")
        assert bound["spec"]["nodeName"] == "n1"
        assert [(c["type"], c["status"]) for c in bound["status"]["conditions"]] == [("PodScheduled", "True")]
        async with api.unchanged():
            status = await api.bind("p", "n2", code=409)
        check_status(status, 409, "Conflict", text='pod p is already assigned to node "n1"')

    async def test_one_of_many_schedulers_wins(self, api: Api) -> None:
        await api.create("pods", pod("p"))
        path = api.path("pods", "p", "binding")
        answers = await asyncio.gather(
            *(api.http.post(path, json={"target": {"name": f"n{number}"}}) for number in range(8))
        )
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7

    @pytest.mark.parametrize(
        ("binding", "code", "fields"),
        [
            pytest.param({}, 422, ("target.name",), id="no target"),
            pytest.param({"target": {"kind": "Node"}}, 422, ("target.name",), id="no name"),
            pytest.param({"target": {"kind": "Pod", "name": "x"}}, 422, ("target.kind",), id="no node"),
            pytest.param({"target": "n1"}, 400, (), id="text"),
            pytest.param({"kind": "Pod", "target": {"name": "n1"}}, 400, (), id="another kind"),
            pytest.param([], 400, (), id="a list"),
            pytest.param({"target": {"name": 1}}, 400, (), id="the name is a number"),
            pytest.param({"target": {"name": "n1"}, "metadata": 1}, 400, (), id="metadata is a number"),
        ],
    )
    async def test_refused(self, api: Api, binding: object, code: int, fields: tuple[str, ...]) -> None:
        await api.create("pods", pod("p"))
        async with api.unchanged():
            status = await api.request("POST", api.path("pods", "p", "binding"), code=code, json=binding)
        check_status(status, code, "Invalid" if code == 422 else "BadRequest", fields)

    async def test_pods_that_are_not_to_be_bound(self, api: Api) -> None:
        await api.create("pods", pod("gated", schedulingGates=[{"name": "example.com/wait"}]))
        await api.create("pods", with_field(pod("going"), "metadata.finalizers", ["example.com/hold"]))
        await api.delete("pods", "going")
        async with api.unchanged():
            check_status(await api.bind("gated", "n1", code=409), 409, "Conflict", text="schedulingGates")
            check_status(await api.bind("going", "n1", code=409), 409, "Conflict", text="is being deleted")
            check_status(await api.bind("missing", "n1", code=404), 404, "NotFound")


class TestScale:
    async def test_reading_and_writing(self, api: Api) -> None:
        await api.create("replicasets", replica_set("r", replicas=2))
        path = api.path("replicasets", "r", "scale")
        scale = await api.request("GET", path)
        assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
        assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 0, "selector": "app=r"})
        assert (await api.replace("replicasets", with_field(scale, "spec.replicas", 5), subresource="scale"))[
            "spec"
        ] == {"replicas": 5}
        check_status(await api.request("PUT", path, code=409, json=scale), 409, "Conflict")
        for kind, patch in (
            (MERGE, {"spec": {"replicas": 6}}),
            (JSON_PATCH, [{"op": "replace", "path": "/spec/replicas", "value": 6}]),
        ):
            patched = await api.patch("replicasets", "r", patch, kind=kind, subresource="scale")
            assert patched["spec"]["replicas"] == 6
        assert (await api.get("replicasets", "r"))["metadata"]["generation"] == 3

    @pytest.mark.parametrize(
        ("scale", "code"),
        [
            ({"spec": {"replicas": -1}}, 422),
            ({"spec": {"replicas": "2"}}, 400),
            ({"spec": []}, 400),
            ({"kind": "Pod"}, 400),
            ({"metadata": {"name": "other"}}, 400),
            ({"metadata": 1}, 400),
            ([], 400),
        ],
    )
    async def test_refused(self, api: Api, scale: object, code: int) -> None:
        await api.create("replicasets", replica_set("r"))
        async with api.unchanged():
            await api.request("PUT", api.path("replicasets", "r", "scale"), code=code, json=scale)

    @pytest.mark.parametrize(
        ("kind", "patch", "code"),
        [
            (MERGE, {"spec": {"replicas": "2"}}, 422),
            (MERGE, {"spec": {"replicas": -2}}, 422),
            (MERGE, {"spec": None, "metadata": None}, 200),
            (MERGE, [], 400),
            (JSON_PATCH, {}, 400),
            (JSON_PATCH, [{"op": "remove", "path": "/nothing"}], 422),
            ("text/plain", {}, 415),
        ],
    )
    async def test_patches(self, api: Api, kind: str, patch: object, code: int) -> None:
        await api.create("replicasets", replica_set("r"))
        await api.patch("replicasets", "r", patch, kind=kind, subresource="scale", code=code)
