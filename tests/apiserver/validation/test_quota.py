"""ResourceQuotas and LimitRanges that are refused, and in which words."""

from typing import Any

import pytest

from apiserver.registry.quota import LimitRangeStrategy
from apiserver.validation import quota
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines


def spec(**fields: Any) -> JSONObject:
    return {"metadata": {"name": "q"}, "spec": fields}


def expression(scope: str, operator: str, *given: str) -> JSONObject:
    requirement: JSONObject = {"scopeName": scope, "operator": operator}
    return {"matchExpressions": [{**requirement, "values": list(given)} if given else requirement]}


EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
EXPRESSIONS = "spec.scopeSelector.matchExpressions"


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            spec(hard={"cpu": "1", "requests.storage": "1Gi", "count/jobs.batch": "2", "hugepages-2Mi": "4Mi"}),
            [],
            id="fine",
        ),
        pytest.param(
            spec(hard={"apples": "1"}),
            [
                'spec.hard[apples]: Invalid value: "apples": must be a standard resource type or fully qualified',
                'spec.hard[apples]: Invalid value: "apples": must be a standard resource for quota',
            ],
            id="unknown resource",
        ),
        pytest.param(
            spec(hard={"storage": "1Gi"}),
            ['spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota'],
            id="no resource for quotas",
        ),
        pytest.param(
            spec(hard={"cpu": "-1"}),
            ['spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
            id="negative",
        ),
        pytest.param(
            spec(hard={"pods": "500m"}), ['spec.hard[pods]: Invalid value: "500m": must be an integer'], id="half a pod"
        ),
        pytest.param(spec(hard={"pods": "1"}, scopes=["BestEffort"]), [], id="best effort pods"),
        pytest.param(
            spec(hard={"cpu": "1"}, scopes=["BestEffort"]),
            ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
            id="best effort cpu",
        ),
        pytest.param(
            spec(hard={"pods": "1"}, scopes=["Slow"]),
            ['spec.scopes: Invalid value: ["Slow"]: unsupported scope'],
            id="unknown scope",
        ),
        pytest.param(
            spec(hard={"pods": "1"}, scopes=["Terminating", "NotTerminating"]),
            ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
            id="both ways",
        ),
        pytest.param(
            spec(hard={"pods": "1"}, scopeSelector=expression("PriorityClass", "In", "high")), [], id="priority class"
        ),
        pytest.param(
            spec(hard={"pods": "1"}, scopeSelector=expression("PriorityClass", "In")),
            [
                f"{EXPRESSIONS}.values: Required value: "
                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            ],
            id="in nothing",
        ),
        pytest.param(
            spec(hard={"pods": "1"}, scopeSelector=expression("Terminating", "In", "x")),
            [f'{EXPRESSIONS}.operator: Invalid value: "In": {EXISTS}'],
            id="a flag with values",
        ),
        pytest.param(
            spec(hard={"pods": "1"}, scopeSelector=expression("PriorityClass", "Exists", "x")),
            [
                f'{EXPRESSIONS}.values: Invalid value: ["x"]: '
                "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            ],
            id="exists with values",
        ),
        pytest.param(
            spec(hard={"pods": "1"}, scopeSelector=expression("Slow", "Like")),
            [
                f'{EXPRESSIONS}.scopeName: Invalid value: "Slow": unsupported scope',
                f'{EXPRESSIONS}.operator: Invalid value: "Like": not a valid selector operator',
            ],
            id="all unknown",
        ),
    ],
)
def test_quotas(obj: JSONObject, expected: list[str]) -> None:
    assert lines(quota.validate_resource_quota(obj)) == expected


def test_scopes_never_change() -> None:
    old, new = spec(hard={"pods": "1"}, scopes=["Terminating"]), spec(hard={"pods": "2"})
    assert lines(quota.validate_resource_quota_update(new, old)) == [
        "spec.scopes: Invalid value: []: field is immutable"
    ]


def test_what_is_used_is_checked() -> None:
    obj = {"metadata": {}, "status": {"hard": {"pods": "1"}, "used": {"pods": "-1"}}}
    assert lines(quota.validate_resource_quota_status(obj)) == [
        'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0'
    ]


def limit(kind: str = "Container", **fields: JSONObject) -> JSONObject:
    return spec(limits=[{"type": kind, **fields}])


AT = "spec.limits[0]"


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            limit(max={"cpu": "2"}, min={"cpu": "1"}, default={"cpu": "2"}, defaultRequest={"cpu": "1"}), [], id="fine"
        ),
        pytest.param(
            limit("Node", max={"cpu": "1"}),
            [f'{AT}.type: Invalid value: "Node": must be a standard limit type or fully qualified'],
            id="unknown type",
        ),
        pytest.param(
            spec(limits=[{"type": "Pod"}, {"type": "Pod"}]),
            ['spec.limits[1].type: Duplicate value: "Pod"'],
            id="one type twice",
        ),
        pytest.param(
            limit("Pod", default={"cpu": "1"}),
            [f"{AT}.default: Forbidden: may not be specified when `type` is 'Pod'"],
            id="default of pods",
        ),
        pytest.param(
            limit("PersistentVolumeClaim"),
            [
                f"{AT}.limits: Required value: "
                "either minimum or maximum storage value is required, but neither was provided"
            ],
            id="claims without bounds",
        ),
        pytest.param(
            limit(max={"storage": "1Gi"}),
            [f'{AT}.max[storage]: Invalid value: "storage": must be a standard resource for containers'],
            id="no resource of containers",
        ),
        pytest.param(
            limit(max={"cpu": "1"}, min={"cpu": "2"}),
            [f'{AT}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
            id="min above max",
        ),
        pytest.param(
            limit(min={"cpu": "2"}, defaultRequest={"cpu": "1"}),
            [f'{AT}.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1'],
            id="min above the default request",
        ),
        pytest.param(
            limit(default={"cpu": "1"}, defaultRequest={"cpu": "2"}),
            [
                f'{AT}.defaultRequest[cpu]: Invalid value: "2": '
                "default request value 2 is greater than default limit value 1"
            ],
            id="default request above the default",
        ),
        pytest.param(
            limit(default={"cpu": "2"}, max={"cpu": "1"}),
            [f'{AT}.default[cpu]: Invalid value: "1": default value 2 is greater than max value 1'],
            id="default above max",
        ),
        pytest.param(
            limit(maxLimitRequestRatio={"cpu": "500m"}),
            [f'{AT}.maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
            id="ratio below one",
        ),
        pytest.param(
            limit(max={"cpu": "2"}, min={"cpu": "1"}, maxLimitRequestRatio={"cpu": "4"}),
            [f'{AT}.maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 2.000000'],
            id="ratio that is never reached",
        ),
        pytest.param(
            limit(default={"a.b/gpu": "2"}, defaultRequest={"a.b/gpu": "1"}),
            [
                f'{AT}.defaultRequest[a.b/gpu]: Invalid value: "1": '
                "default value 2 must equal to defaultRequest value 1 in a.b/gpu"
            ],
            id="what is never overcommitted",
        ),
    ],
)
def test_limit_ranges(obj: JSONObject, expected: list[str]) -> None:
    assert lines(quota.validate_limit_range(obj)) == expected


@pytest.mark.parametrize(
    ("given", "default", "request_"),
    [
        pytest.param({"max": {"cpu": "2"}}, {"cpu": "2"}, {"cpu": "2"}, id="from max"),
        pytest.param({"min": {"cpu": "1"}}, None, {"cpu": "1"}, id="from min"),
        pytest.param({"default": {"cpu": "3"}, "min": {"cpu": "1"}}, {"cpu": "3"}, {"cpu": "3"}, id="from the default"),
        pytest.param({"type": "Pod", "max": {"cpu": "2"}}, None, None, id="not for pods"),
    ],
)
def test_defaults_of_containers(given: JSONObject, default: JSONObject | None, request_: JSONObject | None) -> None:
    obj = spec(limits=[{"type": "Container", **given}])
    LimitRangeStrategy().default(obj)
    found = obj["spec"]["limits"][0]
    assert (found.get("default"), found.get("defaultRequest")) == (default, request_)
