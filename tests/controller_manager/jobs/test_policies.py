from typing import Any

import pytest

from apimachinery.types.batch import PodFailurePolicy, SuccessPolicy
from apimachinery.types.pod import Pod
from controller_manager.jobs.indexes import Indexes
from controller_manager.jobs.policies import Judgement, failing_message, judge, success_message
from tests.controller_manager.jobs.objects import pod

DISRUPTED = [{"type": "DisruptionTarget", "status": "True"}]


def codes(action: str, *values: int, operator: str = "In", container: str | None = None) -> dict[str, Any]:
    return {"action": action, "onExitCodes": {"containerName": container, "operator": operator, "values": values}}


@pytest.mark.parametrize(
    ("rules", "failed", "judgement"),
    [
        pytest.param([], pod("p", "Failed"), Judgement(), id="no-rule"),
        pytest.param([codes("Ignore", 1)], pod("p", "Failed"), Judgement("Ignore"), id="ignored"),
        pytest.param([codes("Count", 1), codes("Ignore", 1)], pod("p", "Failed"), Judgement("Count"), id="first-rule"),
        pytest.param([codes("Ignore", 2)], pod("p", "Failed"), Judgement(), id="other-code"),
        pytest.param(
            [codes("FailIndex", 2, operator="NotIn")], pod("p", "Failed"), Judgement("FailIndex"), id="code-not-in"
        ),
        pytest.param(
            [codes("Ignore", 2, operator="NotIn")],
            pod("p", "Failed", exit_code=0),
            Judgement(),
            id="zero-never-matches",
        ),
        pytest.param([codes("Ignore", 1, container="x")], pod("p", "Failed"), Judgement(), id="other-container"),
        pytest.param([codes("Ignore", 1, container="c")], pod("p", "Failed"), Judgement("Ignore"), id="its-container"),
        pytest.param([codes("Ignore", 1)], pod("p"), Judgement(), id="still-running"),
        pytest.param(
            [codes("Count", 9), codes("FailJob", 1)],
            pod("p", "Failed"),
            Judgement(
                "FailJob", "Container c for pod default/p failed with exit code 1 matching FailJob rule at index 1"
            ),
            id="fails-the-job-by-code",
        ),
        pytest.param(
            [{"action": "FailJob", "onPodConditions": [{"type": "DisruptionTarget"}]}],
            pod("p", "Failed", conditions=DISRUPTED),
            Judgement("FailJob", "Pod default/p has condition DisruptionTarget matching FailJob rule at index 0"),
            id="fails-the-job-by-condition",
        ),
        pytest.param(
            [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "False"}]}],
            pod("p", "Failed", conditions=DISRUPTED),
            Judgement(),
            id="condition-of-another-status",
        ),
    ],
)
def test_failure_policy(rules: list[dict[str, Any]], failed: Pod, judgement: Judgement) -> None:
    assert judge(PodFailurePolicy.model_validate({"rules": rules}), failed) == judgement
    assert judge(None, failed).counts


def test_the_first_pod_that_fails_the_job_says_why() -> None:
    policy = PodFailurePolicy.model_validate({"rules": [codes("FailJob", 42)]})
    pods = [pod("a", "Failed"), pod("b", "Failed", exit_code=42), pod("c", "Failed", exit_code=42)]
    assert failing_message(policy, pods).startswith("Container c for pod default/b ")
    assert not failing_message(policy, pods[:1])
    assert not failing_message(None, pods)


@pytest.mark.parametrize(
    ("rules", "succeeded", "message"),
    [
        pytest.param([{"succeededIndexes": "0"}], "", "", id="none-has-succeeded"),
        pytest.param([{"succeededIndexes": "0"}], "1", "", id="another"),
        pytest.param([{"succeededIndexes": "0,2"}], "0", "", id="not-all"),
        pytest.param([{"succeededIndexes": "0,2"}], "0-3", "Matched rules at index 0", id="all"),
        pytest.param(
            [{"succeededIndexes": "0-3", "succeededCount": 2}], "0,3", "Matched rules at index 0", id="enough-of-them"
        ),
        pytest.param([{"succeededIndexes": "0-1", "succeededCount": 2}], "1-4", "", id="enough-but-others"),
        pytest.param(
            [{"succeededIndexes": "4"}, {"succeededCount": 3}], "0-2", "Matched rules at index 1", id="any-three"
        ),
        pytest.param([{"succeededIndexes": "9"}], "0-4", "", id="past-the-end"),
    ],
)
def test_success_policy(rules: list[dict[str, Any]], succeeded: str, message: str) -> None:
    policy = SuccessPolicy.model_validate({"rules": rules})
    assert success_message(policy, 5, Indexes.parse(succeeded, 5)) == message
