"""The objects that lead to the scheduler's pages."""

import pytest

from scheduler.publishing import endpoint_slice, service


@pytest.mark.parametrize(
    ("bound", "address", "kind"),
    [
        pytest.param("127.0.0.1", "127.0.0.1", "IPv4", id="an address"),
        pytest.param("0.0.0.0", "127.0.0.1", "IPv4", id="all of them"),
        pytest.param("::", "::1", "IPv6", id="all of them, of version 6"),
    ],
)
def test_the_slice_leads_to_where_the_pages_are(bound: str, address: str, kind: str) -> None:
    found = endpoint_slice(bound, 10259)
    assert (found["endpoints"][0]["addresses"], found["addressType"]) == ([address], kind)
    assert found["ports"][0]["port"] == 10259
    assert found["metadata"]["labels"]["kubernetes.io/service-name"] == service(10259)["metadata"]["name"]
