"""What an operator's tests look like when there is a cluster to act on."""

import urllib.error
import urllib.request

import pytest
from conftest import Websites, eventually
from kubernetes.client.exceptions import ApiException


def fetched(url: str) -> str:
    """Return what is served; empty while nobody does."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.URLError:
        return ""


def test_a_website_is_served(websites: Websites) -> None:
    websites.create("blog", page="hello")
    websites.wait_ready("blog", "1/1")
    eventually(lambda: fetched(websites.url("blog")) == "hello")


def test_it_has_one_server_unless_told_otherwise(websites: Websites) -> None:
    websites.create("blog", page="hello")
    websites.wait_ready("blog", "1/1")
    assert len(websites.pods()) == 1


def test_it_is_scaled(websites: Websites) -> None:
    websites.create("blog", page="hello", replicas=3)
    websites.wait_ready("blog", "3/3")
    websites.patch("blog", replicas=1)
    websites.wait_ready("blog", "1/1")


def test_another_page_is_rolled_out(websites: Websites) -> None:
    websites.create("blog", page="old", replicas=2)
    websites.wait_ready("blog", "2/2")
    before = {pod.metadata.name for pod in websites.pods()}
    websites.patch("blog", page="new")
    eventually(lambda: fetched(websites.url("blog")) == "new")
    eventually(lambda: len(websites.pods()) == 2 and not before & {pod.metadata.name for pod in websites.pods()})


def test_a_suspended_website_has_no_servers(websites: Websites) -> None:
    websites.create("blog", page="hello", replicas=2)
    websites.wait_ready("blog", "2/2")
    websites.patch("blog", suspended=True)
    websites.wait_ready("blog", "0/0")
    eventually(lambda: not websites.pods())
    websites.patch("blog", suspended=False)
    websites.wait_ready("blog", "2/2")


def test_a_server_that_dies_is_replaced(websites: Websites) -> None:
    websites.create("blog", page="hello")
    websites.wait_ready("blog", "1/1")
    (pod,) = websites.pods()
    websites.core.delete_namespaced_pod(pod.metadata.name, websites.namespace, grace_period_seconds=0)
    eventually(lambda: websites.pods() != [] and websites.pods()[0].metadata.uid != pod.metadata.uid)
    websites.wait_ready("blog", "1/1")


def test_servers_that_cannot_start_are_told_of(websites: Websites) -> None:
    """The pods are pending for ever: there is no node with that much memory."""
    websites.create("blog", page="hello")
    websites.wait_ready("blog", "1/1")
    too_much = {"containers": [{"name": "web", "resources": {"requests": {"memory": "100Ti"}}}]}
    websites.apps.patch_namespaced_deployment("blog", websites.namespace, {"spec": {"template": {"spec": too_much}}})
    eventually(lambda: any(pod.status.phase == "Pending" for pod in websites.pods()))
    assert websites.ready("blog") == "1/1", "the old server stays until the new one is ready"


def test_all_goes_with_the_website(websites: Websites) -> None:
    websites.create("blog", page="hello")
    websites.wait_ready("blog", "1/1")
    websites.delete("blog")
    eventually(lambda: not websites.pods())
    with pytest.raises(ApiException, match="Not Found"):
        websites.core.read_namespaced_service("blog", websites.namespace)


def test_two_websites_are_kept_apart(websites: Websites) -> None:
    websites.create("blog", page="one")
    websites.create("shop", page="two")
    eventually(lambda: fetched(websites.url("blog")) == "one" if websites.ready("blog") == "1/1" else False)
    eventually(lambda: fetched(websites.url("shop")) == "two" if websites.ready("shop") == "1/1" else False)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        pytest.param({}, "spec.page", id="no page"),
        pytest.param({"page": ""}, "spec.page", id="an empty page"),
        pytest.param({"page": "hello", "replicas": 11}, "spec.replicas", id="too many servers"),
    ],
)
def test_what_makes_no_sense_is_refused(websites: Websites, spec: dict[str, object], said: str) -> None:
    with pytest.raises(ApiException, match=said) as refused:
        websites.create("blog", **spec)
    assert refused.value.status == 422
