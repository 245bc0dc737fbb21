"""The pytest plugin, in test runs of its users."""

import re
from pathlib import Path

import pytest

from tests.live.processes import require_kubectl

pytest_plugins = ["pytester"]

CLIENTS = """
import subprocess

from kubernetes.client import CoreV1Api
from lightkube.resources.core_v1 import ConfigMap
from lightkube.models.meta_v1 import ObjectMeta

seen = []


def test_kubernetes(kubemu_kubernetes, kubemu_namespace):
    api = CoreV1Api(kubemu_kubernetes)
    api.create_namespaced_config_map(kubemu_namespace, {"metadata": {"name": "one"}})
    assert "one" in [found.metadata.name for found in api.list_namespaced_config_map(kubemu_namespace).items]
    seen.append(kubemu_namespace)


def test_lightkube(kubemu_lightkube, kubemu_namespace):
    kubemu_lightkube.create(ConfigMap(metadata=ObjectMeta(name="one")))
    assert kubemu_lightkube.get(ConfigMap, "one").metadata.namespace == kubemu_namespace
    seen.append(kubemu_namespace)


def test_kr8s(kubemu_kr8s, kubemu_namespace):
    from kr8s.objects import ConfigMap

    found = ConfigMap({"metadata": {"name": "one", "namespace": kubemu_namespace}}, api=kubemu_kr8s)
    found.create()
    assert [other.name for other in kubemu_kr8s.get("configmaps", "one")] == ["one"]
    seen.append(kubemu_namespace)


def test_kubectl(kubeconfig, kubemu_namespace):
    # Where $KUBECONFIG leads.
    subprocess.run(["kubectl", "create", "configmap", "one"], check=True)
    done = subprocess.run(["kubectl", "get", "configmaps", "-o", "name"], check=True, capture_output=True, text=True)
    assert "configmap/one" in done.stdout.split()
    seen.append(kubemu_namespace)


def test_namespaces_go_with_their_tests(kubemu_cluster, kubemu_kubernetes):
    assert len(set(seen)) == 4
    left = {found.metadata.name for found in CoreV1Api(kubemu_kubernetes).list_namespace().items}
    assert not left & set(seen)
"""


def test_fixtures(pytester: pytest.Pytester) -> None:
    require_kubectl()
    pytester.makepyfile(CLIENTS)
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q").assert_outcomes(passed=5)


@pytest.mark.slow
def test_a_cluster_for_each_worker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_one="def test_it(kubemu_cluster): print('server', kubemu_cluster.server)",
        test_two="def test_it(kubemu_cluster): print('server', kubemu_cluster.server)",
    )
    result = pytester.runpytest_subprocess("-n", "2", "--dist", "loadfile", "-rP")
    result.assert_outcomes(passed=2)
    assert len(set(re.findall(r"server (\S+)", result.stdout.str()))) == 2


def test_what_tests_ask_for(pytester: pytest.Pytester) -> None:
    """Markers and settings; what is asked for by tests that do not run does not count."""
    image = Path("images", "mine.yaml")
    pytester.mkdir("images")
    Path(pytester.path, image).write_text(
        "apiVersion: fakeimages.kubemu.io/v1alpha1\nkind: FakeImage\nmetadata: {name: mine}\n"
        "spec: {references: [example.com/mine], logs: [{line: hello}]}\n"
    )
    pytester.makeini("[pytest]\nkubemu_nodes = 2\nkubemu_seed = 7")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.kubemu_nodes(3)
        def test_three(kubemu_cluster):
            assert len(kubemu_cluster.nodes) == 3

        @pytest.mark.kubemu_images("images/mine.yaml")
        def test_image(kubemu_options):
            assert [path.rpartition("/")[2] for path in kubemu_options["images"]] == ["mine.yaml"]
            assert kubemu_options["seed"] == 7

        @pytest.mark.kubemu_nodes(5)
        def test_five(kubemu_cluster): ...
        """
    )
    result = pytester.runpytest_subprocess(
        "-q", "--strict-markers", "--deselect", "test_what_tests_ask_for.py::test_five"
    )
    result.assert_outcomes(passed=2, deselected=1)


def test_options_are_the_projects_to_override(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def kubemu_options(kubemu_options):
            return {**kubemu_options, "nodes": 2}
        """
    )
    pytester.makepyfile("def test_it(kubemu_cluster): assert len(kubemu_cluster.nodes) == 2")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_nothing_is_started_that_nobody_uses(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_it():\n"
        "    loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "    assert not loaded & {'apiserver', 'apimachinery', 'kubelet', 'pydantic', 'kubernetes'}\n"
        "    assert 'kubemu.pytest_plugin' in sys.modules and 'kubemu.testing' not in sys.modules\n"
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_a_client_that_was_imported_before(pytester: pytest.Pytester) -> None:
    """The official client reads ``$KUBECONFIG`` when it is imported, which is too early."""
    pytester.makepyfile(
        """
        from kubernetes import client, config

        def test_it(kubeconfig, kubemu_cluster):
            config.load_kube_config()
            assert client.Configuration.get_default_copy().host == kubemu_cluster.server
            assert client.VersionApi().get_code().minor == "36"
        """
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)
