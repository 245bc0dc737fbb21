"""Webhooks, admission policies, API services, flow control and claims of devices: defaults and refusals."""

from typing import Any

import pytest

from apiserver.registry import extensions as kinds
from apiserver.registry.strategy import Strategy
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

RULE = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
WEBHOOKS = kinds.WebhookConfigurationStrategy(mutating=True)
POLICY = kinds.AdmissionPolicyStrategy(mutating=False)
BINDING = kinds.AdmissionPolicyBindingStrategy(mutating=False)
SERVICE = kinds.APIServiceStrategy()
SCHEMA = kinds.FlowSchemaStrategy()
LEVEL = kinds.PriorityLevelStrategy()


def webhook(**fields: Any) -> JSONObject:
    return {
        "webhooks": [
            {
                "name": "a.example.com",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "clientConfig": {"url": "https://localhost:8443/x"},
                "rules": [dict(RULE)],
                **fields,
            }
        ]
    }


def checked(strategy: Strategy, obj: JSONObject) -> list[str]:
    strategy.default(obj)
    return lines(strategy.validate(obj))


AT = "webhooks[0]"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param(
            {"name": "a.b"},
            [f'{AT}.name: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
            id="name",
        ),
        pytest.param(
            {"clientConfig": {}},
            [f"{AT}.clientConfig: Required value: exactly one of url or service is required"],
            id="nobody to call",
        ),
        pytest.param(
            {"clientConfig": {"url": "http://a/b"}},
            [
                f'{AT}.clientConfig.url: Invalid value: "http": '
                "'https' is the only allowed URL scheme; desired format: https://host[/path]"
            ],
            id="plain HTTP",
        ),
        pytest.param(
            {"sideEffects": "Some"},
            [f'{AT}.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
            id="side effects",
        ),
        pytest.param(
            {"admissionReviewVersions": []},
            [f"{AT}.admissionReviewVersions: Required value: must specify one of v1, v1beta1"],
            id="no versions",
        ),
        pytest.param(
            {"timeoutSeconds": 31},
            [f"{AT}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds"],
            id="timeout",
        ),
        pytest.param(
            {"rules": [{**RULE, "operations": ["*", "CREATE"]}]},
            [
                f'{AT}.rules[0].operations: Invalid value: ["*","CREATE"]: '
                "if '*' is present, must not specify other operations"
            ],
            id="all and one",
        ),
    ],
)
def test_webhooks(fields: JSONObject, expected: list[str]) -> None:
    assert checked(WEBHOOKS, webhook(**fields)) == expected


def test_defaults_of_webhooks() -> None:
    obj = webhook(clientConfig={"service": {"namespace": "n", "name": "s"}})
    WEBHOOKS.default(obj)
    found = obj["webhooks"][0]
    assert found["clientConfig"]["service"]["port"] == 443
    assert found["rules"][0]["scope"] == "*"
    expected = {
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "namespaceSelector": {},
        "objectSelector": {},
        "timeoutSeconds": 10,
        "reinvocationPolicy": "Never",
    }
    assert expected.items() <= found.items()
    validating = webhook()
    kinds.WebhookConfigurationStrategy(mutating=False).default(validating)
    assert "reinvocationPolicy" not in validating["webhooks"][0]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"matchConstraints": {"resourceRules": [RULE]}, "validations": [{"expression": "true"}]}, [], id="fine"
        ),
        pytest.param(
            {"validations": [{"expression": "true"}]}, ["spec.matchConstraints: Required value"], id="about nothing"
        ),
        pytest.param(
            {"matchConstraints": {"resourceRules": [RULE]}},
            [
                f"spec.{key}: Required value: validations or auditAnnotations must contain at least one item"
                for key in ("validations", "auditAnnotations")
            ],
            id="without validations",
        ),
    ],
)
def test_policies(spec: JSONObject, expected: list[str]) -> None:
    assert checked(POLICY, {"spec": spec}) == expected


def test_bindings_of_policies() -> None:
    assert checked(BINDING, {"spec": {"policyName": "p"}}) == [
        "spec.validationActions: Required value: at least one validation action is required"
    ]
    problems = checked(BINDING, {"spec": {"policyName": "p", "validationActions": ["Deny", "Warn"]}})
    assert problems[0].startswith(
        'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn'
    )


def api_service(name: str = "v1.a.b", **spec: Any) -> JSONObject:
    return {
        "metadata": {"name": name, "creationTimestamp": "2024-01-01T00:00:00Z"},
        "spec": {"group": "a.b", "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1, **spec},
    }


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(api_service(), [], id="fine"),
        pytest.param(
            api_service("a"),
            ['metadata.name: Invalid value: "a": must be `spec.version+"."+spec.group`: "v1.a.b"'],
            id="name",
        ),
        pytest.param(
            api_service(groupPriorityMinimum=20001),
            ["spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000"],
            id="priority",
        ),
        pytest.param(
            api_service(service={"name": "s"}), ["spec.service.namespace: Required value"], id="service of no namespace"
        ),
    ],
)
def test_api_services(obj: JSONObject, expected: list[str]) -> None:
    assert checked(SERVICE, obj) == expected


def test_what_this_server_answers_itself_is_available() -> None:
    local, remote = api_service(), api_service(service={"name": "s", "namespace": "n"})
    for obj in (local, remote):
        SERVICE.default(obj)
        SERVICE.prepare_for_create(obj)
    assert local["status"]["conditions"][0]["reason"] == "Local"
    assert remote["status"] == {}
    assert remote["spec"]["service"]["port"] == 443


def test_flow_control() -> None:
    schema: JSONObject = {"spec": {}}
    assert checked(SCHEMA, schema) == ["spec.priorityLevelConfiguration.name: Required value"]
    assert schema["spec"]["matchingPrecedence"] == 1000
    assert checked(LEVEL, {"spec": {"type": "Limited"}}) == [
        "spec.limited: Required value: must not be empty when type is Limited"
    ]
    level = {"spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Queue", "queuing": {}}}}}
    assert checked(LEVEL, level) == []
    assert level["spec"]["limited"] == {
        "limitResponse": {"type": "Queue", "queuing": {"queues": 64, "handSize": 8, "queueLengthLimit": 50}},
        "nominalConcurrencyShares": 30,
        "lendablePercent": 0,
    }


def test_claims_of_devices() -> None:
    strategy = kinds.ResourceClaimStrategy()
    old: JSONObject = {"spec": {"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "gpu"}}]}}}
    strategy.default(old)
    wanted = old["spec"]["devices"]["requests"][0]["exactly"]
    assert (wanted["allocationMode"], wanted["count"]) == ("ExactCount", 1)
    problems = lines(strategy.validate_update({"spec": {}}, old))
    assert problems == ["spec: Invalid value: {}: field is immutable"]
