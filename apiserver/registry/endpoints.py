"""Endpoints and EndpointSlices (``pkg/registry/{core/endpoint,discovery/endpointslice}``, v1.36)."""

from typing import Any

from apiserver.registry.strategy import Strategy
from apiserver.validation import endpoints
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]


class EndpointsStrategy(Strategy):
    counts_generations = False
    create_on_update = True

    def default(self, obj: JSONObject) -> None:
        for subset in obj.get("subsets", ()):
            for port in subset.get("ports", ()):
                port["protocol"] = port.get("protocol") or "TCP"

    def validate(self, obj: JSONObject) -> Causes:
        return endpoints.validate_endpoints(obj)


class EndpointSliceStrategy(Strategy):
    def default(self, obj: JSONObject) -> None:
        for port in obj.get("ports", ()):
            port.setdefault("name", "")
            port.setdefault("protocol", "TCP")

    def validate(self, obj: JSONObject) -> Causes:
        return endpoints.validate_endpoint_slice(obj)

    def validate_update(self, new: JSONObject, old: JSONObject) -> Causes:
        return endpoints.validate_endpoint_slice_update(new, old)
