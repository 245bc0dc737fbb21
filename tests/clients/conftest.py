"""A custom resource for clients, in a group of the test's own."""

from collections.abc import Iterator

import httpx
import pytest

from tests.clients.manifests import definition

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def widgets(apiserver: str, namespace: str) -> Iterator[str]:
    """The group of an established custom resource ``widgets``; it is deleted when the test ends."""
    group = f"{namespace}.example.com"
    with httpx.Client(base_url=apiserver, verify=False, trust_env=False) as http:
        http.post(_DEFINITIONS, json=definition(group)).raise_for_status()
        # Served as soon as the definition shows in discovery; the watch says when.
        params = {"watch": "1", "fieldSelector": f"metadata.name=widgets.{group}", "timeoutSeconds": "20"}
        with http.stream("GET", _DEFINITIONS, params=params) as lines:
            assert any(
                '"Established","lastTransitionTime"' in line or "InitialNamesAccepted" in line
                for line in lines.iter_lines()
            )
        yield group
        http.delete(f"{_DEFINITIONS}/widgets.{group}").raise_for_status()
