"""Kinds that extend the API server or tune it: webhooks, admission policies, API services, flow control.

The checks that a typo runs into (``pkg/apis/{admissionregistration,flowcontrol}``,
``k8s.io/kube-aggregator/pkg/apis/apiregistration``, v1.36); expressions are not compiled here.
"""

from typing import Any
from urllib.parse import urlsplit

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.field import Causes
from apiserver.validation.selector import validate_label_selector

JSONObject = dict[str, Any]

OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
SCOPES = ("*", "Cluster", "Namespaced")
_FAILURE_POLICIES = ("Fail", "Ignore")
_MATCH_POLICIES = ("Equivalent", "Exact")


def validate_webhooks(configuration: JSONObject) -> Causes:
    """Check a MutatingWebhookConfiguration or a ValidatingWebhookConfiguration."""
    causes: Causes = []
    seen: set[str] = set()
    for index, webhook in enumerate(configuration.get("webhooks", [])):
        path, name = f"webhooks[{index}]", webhook.get("name", "")
        causes += _webhook(webhook, path)
        if name in seen:
            causes.append(field.duplicate(f"{path}.name", name))
        seen.add(name)
    return causes


def _webhook(webhook: JSONObject, path: str) -> Causes:
    causes = values.named(f"{path}.name", webhook.get("name", ""), names.fully_qualified_name)
    for index, rule in enumerate(webhook.get("rules", [])):
        causes += validate_rule(rule, f"{path}.rules[{index}]")
    for key, supported in (
        ("failurePolicy", _FAILURE_POLICIES),
        ("matchPolicy", _MATCH_POLICIES),
        ("reinvocationPolicy", ("IfNeeded", "Never")),
    ):
        causes += values.optional_one_of(f"{path}.{key}", webhook.get(key), supported)
    if (effects := webhook.get("sideEffects")) is None:
        causes.append(field.required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun"))
    else:
        causes += values.optional_one_of(f"{path}.sideEffects", effects, ("None", "NoneOnDryRun"))
    seconds = webhook.get("timeoutSeconds")
    if seconds is not None and not 1 <= seconds <= 30:
        detail = "the timeout value must be between 1 and 30 seconds"
        causes.append(field.invalid(f"{path}.timeoutSeconds", seconds, detail))
    for key in ("namespaceSelector", "objectSelector"):
        if (selector := webhook.get(key)) is not None:
            causes += validate_label_selector(selector, f"{path}.{key}")
    causes += _review_versions(webhook.get("admissionReviewVersions", []), f"{path}.admissionReviewVersions")
    return causes + _client(webhook.get("clientConfig", {}), f"{path}.clientConfig")


def _review_versions(versions: list[str], path: str) -> Causes:
    if not versions:
        return [field.required(path, "must specify one of v1, v1beta1")]
    if not {"v1", "v1beta1"} & set(versions):
        return [field.invalid(path, versions, "must include at least one of v1, v1beta1")]
    return []


def _client(client: JSONObject, path: str) -> Causes:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        return [field.required(path, "exactly one of url or service is required")]
    if service is not None:
        causes = [field.required(f"{path}.service.{key}") for key in ("name", "namespace") if not service.get(key)]
        if (text := service.get("path")) is not None and not text.startswith("/"):
            causes.append(field.invalid(f"{path}.service.path", text, "must start with a '/'"))
        return causes + values.port(f"{path}.service.port", service.get("port", 443))
    try:
        parts = urlsplit(str(url))
    except ValueError as error:
        return [field.required(f"{path}.url", f"url must be a valid URL: {error}")]
    causes = []
    if parts.scheme != "https":
        detail = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
        causes.append(field.invalid(f"{path}.url", parts.scheme, detail))
    if not parts.netloc:
        detail = "host must be specified; desired format: https://host[/path]"
        causes.append(field.invalid(f"{path}.url", parts.netloc, detail))
    return causes


def validate_rule(rule: JSONObject, path: str) -> Causes:
    """Check which requests a webhook or a policy is about."""
    causes = [
        field.required(f"{path}.{key}")
        for key in ("operations", "apiGroups", "apiVersions", "resources")
        if not rule.get(key)
    ]
    for key in ("operations", "apiGroups", "apiVersions"):
        given = rule.get(key, [])
        if len(given) > 1 and "*" in given:
            detail = "if '*' is present, must not specify other " + ("operations" if key == "operations" else "values")
            causes.append(field.invalid(f"{path}.{key}", given, detail))
    for index, operation in enumerate(rule.get("operations", [])):
        causes += values.optional_one_of(f"{path}.operations[{index}]", operation, OPERATIONS)
    return causes + values.optional_one_of(f"{path}.scope", rule.get("scope"), SCOPES)


def validate_admission_policy(policy: JSONObject, *, mutating: bool) -> Causes:
    """Check a ValidatingAdmissionPolicy or a MutatingAdmissionPolicy."""
    spec = policy.get("spec", {})
    causes = values.optional_one_of("spec.failurePolicy", spec.get("failurePolicy"), _FAILURE_POLICIES)
    constraints = spec.get("matchConstraints")
    if constraints is None:
        causes.append(field.required("spec.matchConstraints"))
    else:
        causes += _match_resources(constraints, "spec.matchConstraints")
        if not constraints.get("resourceRules"):
            causes.append(field.required("spec.matchConstraints.resourceRules"))
    if not mutating and not spec.get("validations") and not spec.get("auditAnnotations"):
        for key in ("validations", "auditAnnotations"):
            detail = "validations or auditAnnotations must contain at least one item"
            causes.append(field.required(f"spec.{key}", detail))
    return causes


def _match_resources(match: JSONObject, path: str) -> Causes:
    causes = values.optional_one_of(f"{path}.matchPolicy", match.get("matchPolicy"), _MATCH_POLICIES)
    for key in ("namespaceSelector", "objectSelector"):
        if (selector := match.get(key)) is not None:
            causes += validate_label_selector(selector, f"{path}.{key}")
    for key in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(match.get(key, [])):
            causes += validate_rule(rule, f"{path}.{key}[{index}]")
    return causes


def validate_admission_policy_binding(binding: JSONObject, *, mutating: bool) -> Causes:
    spec = binding.get("spec", {})
    causes = values.named("spec.policyName", spec.get("policyName", ""), names.dns_subdomain)
    if (match := spec.get("matchResources")) is not None:
        causes += _match_resources(match, "spec.matchResources")
    if not mutating:
        actions = spec.get("validationActions", [])
        if not actions:
            causes.append(field.required("spec.validationActions", "at least one validation action is required"))
        for index, action in enumerate(actions):
            path = f"spec.validationActions[{index}]"
            causes += values.optional_one_of(path, action, ("Audit", "Deny", "Warn"))
            if action in actions[:index]:
                causes.append(field.duplicate(path, action))
        if {"Deny", "Warn"} <= set(actions):
            detail = (
                "must not contain both Deny and Warn (repeating the same validation failure information in the API "
                "response and headers serves no purpose)"
            )
            causes.append(field.invalid("spec.validationActions", actions, detail))
    return causes


def validate_api_service(service: JSONObject) -> Causes:
    spec, name = service.get("spec", {}), service["metadata"].get("name", "")
    group, version = spec.get("group", ""), spec.get("version", "")
    causes: Causes = []
    if name != f"{version}.{group}":
        detail = f'must be `spec.version+"."+spec.group`: "{version}.{group}"'
        causes.append(field.invalid("metadata.name", name, detail))
    if group:
        causes += field.problems("spec.group", group, names.dns_subdomain(group))
    causes += field.problems("spec.version", version, names.dns_label_1035(version))
    for key, highest in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        number = spec.get(key, 0)
        if not 0 < number <= highest:
            detail = f"must be positive and less than {highest}"
            causes.append(field.invalid(f"spec.{key}", number, detail))
    target = spec.get("service")
    if target is None:
        if spec.get("caBundle"):
            causes.append(field.invalid("spec.caBundle", "<omitted>", "local APIServices may not have a caBundle"))
        if spec.get("insecureSkipTLSVerify"):
            detail = "local APIServices may not have insecureSkipTLSVerify"
            causes.append(field.invalid("spec.insecureSkipTLSVerify", True, detail))
        return causes
    causes += [field.required(f"spec.service.{key}") for key in ("namespace", "name") if not target.get(key)]
    if spec.get("insecureSkipTLSVerify") and spec.get("caBundle"):
        detail = "may not be true if caBundle is present"
        causes.append(field.invalid("spec.insecureSkipTLSVerify", True, detail))
    return causes


def validate_flow_schema(schema: JSONObject) -> Causes:
    spec = schema.get("spec", {})
    causes: Causes = []
    precedence = spec.get("matchingPrecedence", 0)
    for passed, detail in (
        (precedence > 0, "must be a positive value"),
        (precedence <= 10000, "must not be greater than 10000"),
    ):
        if not passed:
            causes.append(field.invalid("spec.matchingPrecedence", precedence, detail))
    method = (spec.get("distinguisherMethod") or {}).get("type")
    causes += values.optional_one_of("spec.distinguisherMethod.type", method, ("ByNamespace", "ByUser"))
    path = "spec.priorityLevelConfiguration.name"
    return causes + values.named(
        path, (spec.get("priorityLevelConfiguration") or {}).get("name", ""), names.dns_subdomain
    )


def validate_priority_level(level: JSONObject) -> Causes:
    """Check a PriorityLevelConfiguration."""
    spec = level.get("spec", {})
    kind = spec.get("type", "")
    causes = values.optional_one_of("spec.type", kind, ("Exempt", "Limited"))
    if kind == "Limited":
        limited = spec.get("limited")
        if limited is None:
            return [*causes, field.required("spec.limited", "must not be empty when type is Limited")]
        shares, response = limited.get("nominalConcurrencyShares", 0), limited.get("limitResponse", {})
        path = "spec.limited"
        causes += field.non_negative(f"{path}.nominalConcurrencyShares", shares)
        causes += values.optional_one_of(f"{path}.limitResponse.type", response.get("type", ""), ("Queue", "Reject"))
        if response.get("type") == "Reject" and response.get("queuing") is not None:
            detail = "must be nil if limited.limitResponse.type is not Limited"
            causes.append(field.forbidden(f"{path}.limitResponse.queuing", detail))
    elif spec.get("limited") is not None:
        causes.append(field.forbidden("spec.limited", "must be nil if the type is not Limited"))
    return causes


def validate_fixed_spec(new: JSONObject, old: JSONObject) -> Causes:
    """Claims of devices, and their templates, are what they were made as."""
    return values.immutable("spec", new.get("spec"), old.get("spec"))
