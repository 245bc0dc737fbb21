"""Restart policies that containers have of their own (``validateContainerRestartPolicy`` in
``pkg/apis/core/validation/validation.go`` and ``ContainerShouldRestart`` in ``pkg/api/pod/util.go``, v1.36)."""

from typing import Any

from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

_POLICIES = ("Always", "Never", "OnFailure")
_ACTIONS = ("Restart", "RestartAllContainers")
_OPERATORS = ("In", "NotIn")
_MOST_RULES = 20
_MOST_EXIT_CODES = 255


def validate_restart_policy(container: JSONObject, path: str) -> Causes:
    causes: Causes = []
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or []
    if policy is None:
        if rules:
            detail = "must specify restartPolicy when restart rules are used"
            causes.append(field.required(f"{path}.restartPolicy", detail))
    elif policy not in _POLICIES:
        causes.append(field.not_supported(f"{path}.restartPolicy", policy, _POLICIES))
    path = f"{path}.restartPolicyRules"
    if len(rules) > _MOST_RULES:
        causes.append(field.too_many(path, len(rules), _MOST_RULES))
    for index, rule in enumerate(rules):
        causes += _rule(rule, f"{path}[{index}]")
    return causes


def _rule(rule: JSONObject, path: str) -> Causes:
    causes: Causes = []
    if (action := rule.get("action", "")) not in _ACTIONS:
        causes.append(field.not_supported(f"{path}.action", action, _ACTIONS))
    codes = rule.get("exitCodes")
    if codes is None:
        return [*causes, field.required(f"{path}.exitCodes", "must be specified")]
    if (operator := codes.get("operator", "")) not in _OPERATORS:
        causes.append(field.not_supported(f"{path}.exitCodes.operator", operator, _OPERATORS))
    if (count := len(codes.get("values") or ())) > _MOST_EXIT_CODES:
        causes.append(field.too_many(f"{path}.exitCodes.values", count, _MOST_EXIT_CODES))
    return causes


def may_restart(container: JSONObject, pod_policy: str, exit_code: int) -> bool:
    """Whether a container that has ended with this code is started again: by its rules, its own or the pod's policy."""
    for rule in container.get("restartPolicyRules") or ():
        codes = rule.get("exitCodes") or {}
        if (exit_code in (codes.get("values") or ())) == (codes.get("operator") == "In"):
            return True
    policy = container.get("restartPolicy") or pod_policy
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def restarts_everything(container: JSONObject) -> bool:
    """Whether the end of this container may start all containers of its pod again."""
    return any(rule.get("action") == "RestartAllContainers" for rule in container.get("restartPolicyRules") or ())
