"""``kubectl``'s own verbs, whose objects it sends in protobuf: nothing about them is set on either side."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from apimachinery.schema.decoder import without_nulls
from tests.clients.manifests import pod
from tests.live.processes import Kubectl

JSONObject = dict[str, Any]

TARGET = {"resources": ["pods"], "verbs": ["get", "list"], "apiGroups": [""]}
PEM = b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
BOB = {"kind": "User", "name": "bob", "apiGroup": "rbac.authorization.k8s.io"}


def assert_has(found: Any, wanted: Any, path: str = "") -> None:
    """Check that ``found`` has everything that ``wanted`` has; lists have to be as long."""
    if isinstance(wanted, dict):
        for name, field in wanted.items():
            assert name in found, f"{path}.{name} is missing"
            assert_has(found[name], field, f"{path}.{name}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), f"{path} has {len(found)} entries"
        for index, entry in enumerate(wanted):
            assert_has(found[index], entry, f"{path}[{index}]")
    else:
        assert found == wanted, path


def write_key_pair(certificate: Path, key: Path) -> None:
    private, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).serial_number(1)
    certificate.write_bytes(builder.sign(private, SHA256()).public_bytes(Encoding.PEM))
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def created(kubectl: Kubectl, *args: str) -> JSONObject:
    """Run a verb that creates something; return what the server made of it."""
    verb, *rest = args
    shown = kubectl.run(verb, "--output=json", *rest)
    # Newer versions begin with what they think of an option; and there is a null for times that there are none of.
    found: JSONObject = without_nulls(json.loads(shown[shown.index("{") :]))
    assert found["metadata"]["uid"]
    return found


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        pytest.param(
            "deployment NAME --image=nginx --replicas=0 --port=80",
            {
                "spec": {
                    "replicas": 0,
                    "progressDeadlineSeconds": 600,
                    "selector": {"matchLabels": {"app": "made"}},
                    "template": {
                        "spec": {
                            "containers": [{"image": "nginx", "ports": [{"containerPort": 80, "protocol": "TCP"}]}]
                        }
                    },
                }
            },
            id="deployment",
        ),
        pytest.param("configmap NAME --from-literal=a=1 --from-literal=b=", {"data": {"a": "1", "b": ""}}, id="cm"),
        pytest.param(
            "secret generic NAME --from-literal=a=1 --from-literal=b=",
            {"type": "Opaque", "data": {"a": "MQ==", "b": ""}},
            id="secret-generic",
        ),
        pytest.param(
            "secret docker-registry NAME --docker-username=u --docker-password=p",
            {"type": "kubernetes.io/dockerconfigjson"},
            id="secret-docker-registry",
        ),
        pytest.param(
            "service clusterip NAME --tcp=80:8080",
            {"spec": {"type": "ClusterIP", "ports": [{"name": "80-8080", "port": 80, "targetPort": 8080}]}},
            id="service-clusterip",
        ),
        pytest.param(
            "service clusterip NAME --clusterip=None",
            {"spec": {"clusterIP": "None", "clusterIPs": ["None"]}},
            id="service-headless",
        ),
        pytest.param(
            "service nodeport NAME --tcp=80",
            {"spec": {"type": "NodePort", "ports": [{"port": 80, "targetPort": 80}]}},
            id="service-nodeport",
        ),
        pytest.param(
            "service loadbalancer NAME --tcp=80",
            {"spec": {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": True}},
            id="service-loadbalancer",
        ),
        pytest.param(
            "service externalname NAME --external-name=example.com",
            {"spec": {"type": "ExternalName", "externalName": "example.com"}},
            id="service-externalname",
        ),
        pytest.param(
            "job NAME --image=busybox -- date",
            {
                "spec": {
                    "backoffLimit": 6,
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"command": ["date"]}]}},
                }
            },
            id="job",
        ),
        pytest.param(
            "cronjob NAME --image=busybox --schedule=@daily --restart=Never",
            {
                "spec": {
                    "schedule": "@daily",
                    "suspend": False,
                    "jobTemplate": {"spec": {"template": {"spec": {"restartPolicy": "Never"}}}},
                }
            },
            id="cronjob",
        ),
        pytest.param("role NAME --verb=get,list --resource=pods", {"rules": [TARGET]}, id="role"),
        pytest.param("clusterrole NAME --verb=get,list --resource=pods", {"rules": [TARGET]}, id="clusterrole"),
        pytest.param(
            "clusterrole NAME --verb=get --non-resource-url=/healthz",
            {"rules": [{"nonResourceURLs": ["/healthz"], "verbs": ["get"]}]},
            id="clusterrole-of-urls",
        ),
        pytest.param(
            "clusterrole NAME --aggregation-rule=a=b",
            {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}},
            id="clusterrole-of-others",
        ),
        pytest.param(
            "rolebinding NAME --role=r --user=bob --serviceaccount=other:sa",
            {
                "roleRef": {"kind": "Role", "name": "r"},
                "subjects": [BOB, {"kind": "ServiceAccount", "name": "sa", "namespace": "other"}],
            },
            id="rolebinding",
        ),
        pytest.param(
            "clusterrolebinding NAME --clusterrole=r --user=bob",
            {"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [BOB]},
            id="clusterrolebinding",
        ),
        pytest.param("serviceaccount NAME", {"kind": "ServiceAccount"}, id="serviceaccount"),
        pytest.param("namespace NAME", {"spec": {"finalizers": ["kubernetes"]}}, id="namespace"),
        pytest.param(
            "quota NAME --hard=pods=3,requests.cpu=1000m",
            {"spec": {"hard": {"pods": "3", "requests.cpu": "1"}}},
            id="quota",
        ),
        pytest.param(
            "poddisruptionbudget NAME --selector=a=b --min-available=0",
            {"spec": {"minAvailable": 0, "selector": {"matchLabels": {"a": "b"}}}},
            id="pdb",
        ),
        pytest.param(
            "poddisruptionbudget NAME --selector=a=b --max-unavailable=50%",
            {"spec": {"maxUnavailable": "50%"}},
            id="pdb-percentage",
        ),
        pytest.param(
            "priorityclass NAME --value=0 --preemption-policy=Never",
            {"value": 0, "preemptionPolicy": "Never"},
            id="priorityclass",
        ),
        pytest.param(
            "ingress NAME --class=c --rule=example.com/x*=front:80,tls=cert",
            {
                "spec": {
                    "ingressClassName": "c",
                    "tls": [{"hosts": ["example.com"], "secretName": "cert"}],
                    "rules": [
                        {
                            "host": "example.com",
                            "http": {
                                "paths": [
                                    {
                                        "path": "/x",
                                        "pathType": "Prefix",
                                        "backend": {"service": {"name": "front", "port": {"number": 80}}},
                                    }
                                ]
                            },
                        }
                    ],
                }
            },
            id="ingress",
        ),
    ],
)
def test_create(kubectl: Kubectl, namespace: str, args: str, wanted: JSONObject) -> None:
    in_cluster = args.startswith(("clusterrole", "priorityclass", "namespace"))
    # What has no namespace needs a name that no other test takes.
    name = f"{namespace}-made" if in_cluster else "made"
    found = created(kubectl, "create", *args.replace("NAME", name).split())
    assert found["metadata"]["name"] == name
    assert_has(found, wanted)
    if in_cluster:
        kubectl.run("delete", found["kind"], name, "--wait=false")


class TestCreating:
    def test_bytes_that_are_no_text(self, kubectl: Kubectl, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(bytes(range(256)))
        found = created(kubectl, "create", "configmap", "blob", f"--from-file={tmp_path / 'file'}")
        assert len(found["binaryData"]["file"]) == 344

    def test_a_certificate(self, kubectl: Kubectl, tmp_path: Path) -> None:
        certificate, key = tmp_path / "cert", tmp_path / "key"
        write_key_pair(certificate, key)
        found = created(kubectl, "create", "secret", "tls", "tls", f"--cert={certificate}", f"--key={key}")
        assert found["type"] == "kubernetes.io/tls"
        assert b64decode(found["data"]["tls.crt"]) == certificate.read_bytes()

    def test_a_job_of_a_cron_job(self, kubectl: Kubectl) -> None:
        owner = created(kubectl, "create", "cronjob", "cron", "--image=busybox", "--schedule=@daily")
        found = created(kubectl, "create", "job", "now", "--from=cronjob/cron")
        reference = {"kind": "CronJob", "name": "cron", "uid": owner["metadata"]["uid"], "controller": True}
        assert_has(found["metadata"]["ownerReferences"], [reference])

    def test_a_token(self, kubectl: Kubectl) -> None:
        token = kubectl.run("create", "token", "default", "--duration=20m", "--audience=me")
        assert token.count(".") == 2

    def test_on_the_server_only_for_show(self, kubectl: Kubectl) -> None:
        shown = created(kubectl, "create", "deployment", "web", "--image=nginx", "--dry-run=server")
        assert shown["spec"]["revisionHistoryLimit"] == 10
        assert "not found" in kubectl.run("get", "deployment", "web", status=1)

    def test_what_is_there_already(self, kubectl: Kubectl) -> None:
        kubectl.run("create", "configmap", "settings")
        refused = kubectl.run("create", "configmap", "settings", status=1)
        assert refused == 'error: failed to create configmap: configmaps "settings" already exists\n'

    def test_what_is_invalid(self, kubectl: Kubectl) -> None:
        refused = kubectl.run("create", "cronjob", "web", "--image=busybox", "--schedule=never", status=1)
        assert 'CronJob.batch "web" is invalid: spec.schedule: Invalid value: "never"' in refused

    @pytest.mark.parametrize(
        "args",
        [
            pytest.param("deployment web --image=nginx --replicas=0", id="deployment"),
            pytest.param("cronjob web --image=busybox --schedule=@daily", id="cronjob"),
            pytest.param("ingress web --rule=example.com/=front:http", id="ingress"),
        ],
    )
    def test_the_same_object_in_json(self, kubectl: Kubectl, args: str) -> None:
        """What kubectl shows is the JSON of the struct that it sends in protobuf."""
        shown = kubectl.run("create", *args.split(), "--dry-run=client", "-o", "json")
        wanted = json.loads(kubectl.run("create", "--dry-run=server", "-o", "json", "-f", "-", stdin=shown))
        found = created(kubectl, "create", *args.split())
        assert found["spec"] == wanted["spec"]
        assert found["metadata"].get("labels") == wanted["metadata"].get("labels")


class TestRunning:
    def test_run(self, kubectl: Kubectl) -> None:
        args = ("--image=busybox", "--port=80", "--env=A=1", "--labels=app=web", "--command", "--", "sleep", "60")
        container = {"name": "web", "command": ["sleep", "60"], "env": [{"name": "A", "value": "1"}]}
        found = created(kubectl, "run", "web", *args)
        assert_has(found, {"spec": {"restartPolicy": "Always", "containers": [container]}})

    def test_run_and_expose(self, kubectl: Kubectl) -> None:
        assert kubectl.run("run", "web", "--image=nginx", "--port=80", "--expose").splitlines() == [
            "service/web created",
            "pod/web created",
        ]

    def test_run_with_zeros(self, kubectl: Kubectl) -> None:
        overrides = json.dumps({"spec": {"terminationGracePeriodSeconds": 0, "enableServiceLinks": False}})
        found = created(kubectl, "run", "web", "--image=nginx", f"--overrides={overrides}")
        assert_has(found["spec"], {"terminationGracePeriodSeconds": 0, "enableServiceLinks": False})

    def test_expose_and_autoscale(self, kubectl: Kubectl) -> None:
        kubectl.run("create", "deployment", "web", "--image=nginx")
        service = created(kubectl, "expose", "deployment", "web", "--port=80", "--target-port=http")
        ports = [{"port": 80, "protocol": "TCP", "targetPort": "http"}]
        assert_has(service["spec"], {"selector": {"app": "web"}, "ports": ports})
        scaler = created(kubectl, "autoscale", "deployment", "web", "--min=2", "--max=5", "--cpu-percent=50")
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
        assert_has(scaler["spec"], {"minReplicas": 2, "maxReplicas": 5, "scaleTargetRef": target})

    def test_scale_and_delete(self, kubectl: Kubectl) -> None:
        kubectl.run("create", "deployment", "web", "--image=nginx", "--replicas=0")
        kubectl.run("scale", "deployment", "web", "--replicas=3")
        assert kubectl.run("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "3"
        assert "deleted" in kubectl.run("delete", "deployment", "web", "--cascade=orphan", "--wait=false")

    def test_annotating_what_was_created(self, kubectl: Kubectl) -> None:
        kubectl.run("create", "serviceaccount", "robot")
        assert kubectl.run("annotate", "serviceaccount", "robot", "note=seen") == "serviceaccount/robot annotated\n"
        assert kubectl.run("get", "sa", "robot", "-o", "jsonpath={.metadata.annotations.note}") == "seen"

    def test_copying_a_pod_to_debug_it(self, kubectl: Kubectl) -> None:
        kubectl.run("create", "-f", "-", stdin=yaml.safe_dump(pod()))
        kubectl.run("debug", "web", "--image=busybox", "--copy-to=copy", "--container=shell", "--attach=false")
        names = kubectl.run("get", "pod", "copy", "-o", "jsonpath={.spec.containers[*].name}")
        assert names == "web shell"

    def test_draining_pods(self, kubectl: Kubectl, namespace: str) -> None:
        node = yaml.safe_dump({"apiVersion": "v1", "kind": "Node", "metadata": {"name": namespace}})
        bound = pod()
        bound["spec"] |= {"nodeName": namespace, "terminationGracePeriodSeconds": 0}
        kubectl.run("create", "-f", "-", stdin=f"{node}---\n{yaml.safe_dump(bound)}")
        drained = kubectl.run("drain", namespace, "--force", "--grace-period=0", "--timeout=20s")
        assert f"evicting pod {namespace}/web" in drained
        assert kubectl.run("get", "pods", "-o", "name") == ""
        kubectl.run("delete", "node", namespace)


class TestAccess:
    def test_may_i(self, kubectl: Kubectl) -> None:
        assert kubectl.run("auth", "can-i", "create", "deployments.apps") == "yes\n"
        assert "*.*" in kubectl.run("auth", "can-i", "--list")

    def test_who_am_i(self, kubectl: Kubectl) -> None:
        found = json.loads(kubectl.run("auth", "whoami", "-o", "json"))
        assert found["status"]["userInfo"]["username"] == "kubernetes-admin"

    def test_reconciling_roles(self, kubectl: Kubectl, namespace: str) -> None:
        kubectl.run("create", "role", "reader", "--verb=get", "--resource=pods")
        role = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            # It looks for what is there in the namespace that stands here.
            "metadata": {"name": "reader", "namespace": namespace},
            "rules": [TARGET],
        }
        binding = kubectl.run(
            "create", "rolebinding", "bob", "--role=reader", "--user=bob", "--dry-run=client", "-o=yaml"
        )
        kubectl.run("auth", "reconcile", "-f", "-", stdin=f"{yaml.safe_dump(role)}---\n{binding}")
        rules = json.loads(kubectl.run("get", "role", "reader", "-o", "jsonpath={.rules}"))
        assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list"}
        assert kubectl.run("get", "rolebinding", "bob", "-o", "jsonpath={.subjects[0].name}") == "bob"

    @pytest.mark.parametrize(("verb", "condition"), [("approve", "Approved"), ("deny", "Denied")])
    def test_certificates(self, kubectl: Kubectl, namespace: str, verb: str, condition: str) -> None:
        name = f"{namespace}-{verb}"
        request = {
            "apiVersion": "certificates.k8s.io/v1",
            "kind": "CertificateSigningRequest",
            "metadata": {"name": name},
            "spec": {"request": b64encode(PEM).decode(), "signerName": "example.com/signer", "usages": ["client auth"]},
        }
        kubectl.run("create", "-f", "-", stdin=yaml.safe_dump(request))
        kubectl.run("certificate", verb, name)
        found = json.loads(kubectl.run("get", "csr", name, "-o", "json"))
        assert [entry["type"] for entry in found["status"]["conditions"]] == [condition]
        kubectl.run("delete", "csr", name)
