"""Configuration files: what they say, and which field is at fault when they cannot be used."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from kubeclient.leader_election import Election
from scheduler.config.args import NodeResourcesFitArgs
from scheduler.config.load import ConfigError, load, parse
from scheduler.settings import Settings

HEAD = {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"}


def text(**fields: Any) -> str:
    return orjson.dumps(HEAD | fields).decode()


def profile(**fields: Any) -> dict[str, Any]:
    return {"profiles": [fields]}


def args(plugin: str, **fields: Any) -> dict[str, Any]:
    return profile(pluginConfig=[{"name": plugin, "args": fields}])


def strategy(**fields: Any) -> dict[str, Any]:
    return args("NodeResourcesFit", scoringStrategy=fields)


ARGS = "profiles[0].pluginConfig[0].args"
TERM = {"matchExpressions": [{"key": "disk", "operator": "Gt", "values": ["many"]}]}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        pytest.param({"podMaxBackoff": 3}, 'strict decoding error: unknown field "podMaxBackoff"', id="unknown field"),
        pytest.param(
            profile(plugins={"score": {"on": []}}),
            'strict decoding error: unknown field "profiles[0].plugins.score.on"',
            id="unknown field deep down",
        ),
        pytest.param(
            {"parallelism": "16"},
            'parallelism: Invalid value: "16": input should be a valid integer',
            id="a text where a number belongs",
        ),
        pytest.param(
            {"parallelism": 0},
            "parallelism: Invalid value: 0: should be an integer value greater than zero",
            id="no parallelism",
        ),
        pytest.param(
            {"percentageOfNodesToScore": 101},
            "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
            id="more than all nodes",
        ),
        pytest.param(
            {"podInitialBackoffSeconds": 0},
            "podInitialBackoffSeconds: Invalid value: 0: must be greater than 0",
            id="no back-off",
        ),
        pytest.param(
            {"podInitialBackoffSeconds": 20},
            "podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds",
            id="back-off that shrinks",
        ),
        pytest.param(
            {"leaderElection": {"resourceLock": "configmaps"}},
            'leaderElection.resourceLock: Invalid value: "configmaps": resourceLock value must be "leases"',
            id="a lock of old",
        ),
        pytest.param(
            {"leaderElection": {"leaseDuration": "5s"}},
            'leaderElection.leaseDuration: Invalid value: "10s": LeaseDuration must be greater than RenewDeadline',
            id="a lease that runs out before it is renewed",
        ),
        pytest.param(
            {"leaderElection": {"retryPeriod": "soon"}},
            'leaderElection.retryPeriod: Invalid value: "soon": time: invalid duration "soon"',
            id="no duration",
        ),
        pytest.param({"profiles": []}, "profiles: Required value", id="no profiles"),
        pytest.param(
            {"profiles": [{"schedulerName": "a"}, {"schedulerName": "a"}]},
            'profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
            id="two profiles of one name",
        ),
        pytest.param(profile(schedulerName=""), "profiles[0].schedulerName: Required value", id="no name"),
        pytest.param(
            {
                "profiles": [
                    {"schedulerName": "a"},
                    {"schedulerName": "b", "plugins": {"queueSort": {"enabled": [{"name": "Fifo"}]}}},
                ]
            },
            'profiles[1].plugins.queueSort: Invalid value: {"enabled":[{"name":"Fifo"}]}: '
            "must be the same for all profiles",
            id="two orders",
        ),
        pytest.param(
            profile(pluginConfig=[{"name": "Mine"}, {"name": "Mine"}]),
            'profiles[0].pluginConfig[1]: Duplicate value: "Mine"',
            id="arguments twice",
        ),
        pytest.param(
            profile(pluginConfig=[{"name": "NodeResourcesFit", "args": 5}]),
            f"{ARGS}: Invalid value: 5: has to match plugin args",
            id="arguments of the wrong kind",
        ),
        pytest.param(
            args("NodeResourcesFit", kind="NodeAffinityArgs"),
            f'{ARGS}.kind: Invalid value: "NodeAffinityArgs": has to match plugin args',
            id="another plugin's arguments",
        ),
        pytest.param(
            args("NodeAffinity", addedAfinity={}),
            f'strict decoding error: unknown field "{ARGS}.addedAfinity"',
            id="unknown argument",
        ),
        pytest.param(
            strategy(type="Best"),
            f'{ARGS}.scoringStrategy.type: Unsupported value: "Best": supported values: "LeastAllocated", '
            '"MostAllocated", "RequestedToCapacityRatio"',
            id="unknown strategy",
        ),
        pytest.param(
            strategy(resources=[{"name": "cpu", "weight": 101}]),
            f"{ARGS}.scoringStrategy.resources[0].weight: Invalid value: 101: "
            "resource weight of cpu not in valid range (0, 100]",
            id="weight",
        ),
        pytest.param(
            strategy(type="RequestedToCapacityRatio"),
            f"{ARGS}.scoringStrategy.requestedToCapacityRatio: Required value: "
            "must be specified when type is RequestedToCapacityRatio",
            id="no shape",
        ),
        pytest.param(
            strategy(
                type="RequestedToCapacityRatio",
                requestedToCapacityRatio={"shape": [{"utilization": 50, "score": 1}, {"utilization": 50, "score": 2}]},
            ),
            f"{ARGS}.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 50: "
            "values must be sorted in increasing order",
            id="shape out of order",
        ),
        pytest.param(
            strategy(
                type="RequestedToCapacityRatio",
                requestedToCapacityRatio={"shape": [{"utilization": 50, "score": 11}]},
            ),
            f"{ARGS}.scoringStrategy.requestedToCapacityRatio.shape[0].score: Invalid value: 11: "
            "not in valid range [0, 10]",
            id="score out of range",
        ),
        pytest.param(
            strategy(requestedToCapacityRatio={"shape": []}),
            f"{ARGS}.scoringStrategy.requestedToCapacityRatio: Forbidden: "
            "must be nil when type is not RequestedToCapacityRatio",
            id="a shape that nobody reads",
        ),
        pytest.param(
            args("NodeResourcesFit", ignoredResourceGroups=["example.com/gpu"]),
            f'{ARGS}.ignoredResourceGroups[0]: Invalid value: "example.com/gpu": '
            "resource group name can't contain '/'",
            id="a group that is none",
        ),
        pytest.param(
            args("NodeResourcesBalancedAllocation", resources=[{"name": "cpu", "weight": 2}]),
            f"{ARGS}.resources[0].weight: Invalid value: 2: must be 1",
            id="weighted balance",
        ),
        pytest.param(
            args(
                "NodeAffinity",
                addedAffinity={"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [TERM]}},
            ),
            f"{ARGS}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]."
            'matchExpressions[0].values: Invalid value: ["many"]: not what operator Gt takes',
            id="added affinity",
        ),
        pytest.param(
            args(
                "PodTopologySpread",
                defaultConstraints=[{"maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
            ),
            f'{ARGS}.defaultingType: Invalid value: "System": when .defaultConstraints are not empty; '
            f"{ARGS}.defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)",
            id="default constraints",
        ),
        pytest.param(
            args("InterPodAffinity", hardPodAffinityWeight=101),
            f"{ARGS}.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]",
            id="hard affinity",
        ),
        pytest.param(
            args("DefaultPreemption", minCandidateNodesPercentage=0, minCandidateNodesAbsolute=0),
            f"{ARGS}.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as "
            f"minCandidateNodesAbsolute; {ARGS}.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the "
            "same time as minCandidateNodesPercentage",
            id="no candidates",
        ),
        pytest.param(
            args("VolumeBinding", bindTimeoutSeconds=-1),
            f"{ARGS}.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value",
            id="bind time-out",
        ),
        pytest.param(
            {"extenders": [{"urlPrefix": "http://x"}]},
            "extenders: Forbidden: extenders are not supported; a plugin can do what one does",
            id="extenders",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text(**fields))
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param("- a\n", "must be an object of kind KubeSchedulerConfiguration", id="a list"),
        pytest.param(
            "apiVersion: v1\nkind: Pod\n",
            'no kind "Pod" is registered for version "v1"; want KubeSchedulerConfiguration of '
            "kubescheduler.config.k8s.io/v1",
            id="another kind",
        ),
        pytest.param("a: [", "error converting YAML to JSON", id="no YAML"),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_name(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=f"--config {file}: ") as caught:
        load(file)
    assert problem in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "none.yaml")


def test_what_a_file_leaves_out_is_upstreams_default() -> None:
    found = parse(text())
    (only,) = found.profiles
    assert only.scheduler_name == "default-scheduler"
    assert (found.document.pod_initial_backoff_seconds, found.document.pod_max_backoff_seconds) == (1, 10)
    assert found.document.leader_election.leader_elect


def test_back_off_is_taken_from_the_file() -> None:
    settings = parse(text(podInitialBackoffSeconds=2, podMaxBackoffSeconds=40)).applied_to(Settings(seed=3))
    assert (settings.seed, settings.pod_initial_backoff_seconds, settings.pod_max_backoff_seconds) == (3, 2.0, 40.0)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, Election("mine"), id="not mentioned: the flags count"),
        pytest.param({"leaderElection": {"leaderElect": False}}, None, id="off"),
        pytest.param(
            {"leaderElection": {"resourceName": "other", "leaseDuration": "1m", "renewDeadline": "40s"}},
            Election("other", lease_duration=60.0, renew_deadline=40.0),
            id="on",
        ),
    ],
)
def test_leader_election(fields: dict[str, Any], expected: Election | None) -> None:
    assert parse(text(**fields)).election(Election("mine")) == expected


def test_arguments_are_typed_and_defaulted() -> None:
    found = parse(text(**strategy(type="MostAllocated", resources=[{"name": "example.com/gpu", "weight": 0}])))
    fit = found.profiles[0].args["NodeResourcesFit"]
    assert isinstance(fit, NodeResourcesFitArgs)
    assert [(entry.name, entry.weight) for entry in fit.scoring_strategy.resources] == [("example.com/gpu", 1)]
    bare = parse(text(**args("NodeResourcesFit"))).profiles[0].args["NodeResourcesFit"]
    assert [entry.name for entry in bare.scoring_strategy.resources] == ["cpu", "memory"]


def test_arguments_of_users_plugins_are_left_as_they_are() -> None:
    found = parse(text(**args("Mine", rack="r1", depth=[1, {"deep": True}])))
    assert found.profiles[0].args["Mine"] == {"rack": "r1", "depth": [1, {"deep": True}]}
