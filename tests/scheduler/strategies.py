"""Random nodes and pods, small enough to collide often."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.scheduler.builders import EVERYTHING, HOST, NodeBuilder, PodBuilder, make_node, make_pod, near, term

NODE_NAMES = ("a", "b", "c", "d", "e", "f")

amounts: dict[str, SearchStrategy[str]] = {
    "cpu": st.sampled_from(["0", "100m", "250m", "1", "1500m", "3"]),
    "memory": st.sampled_from(["0", "64Mi", "200Mi", "1Gi", "3000000000"]),
    "gpu": st.sampled_from(["0", "1", "2"]),
}
requests = st.fixed_dictionaries({}, optional=amounts)
capacities = st.fixed_dictionaries(
    {"pods": st.sampled_from(["0", "1", "3", "10"])},
    optional={
        "cpu": st.sampled_from(["1", "2", "3900m", "8"]),
        "memory": st.sampled_from(["256Mi", "1Gi", "4Gi", "7.5Gi"]),
        "gpu": st.sampled_from(["1", "2"]),
    },
)
labels = st.fixed_dictionaries(
    {},
    optional={
        "zone": st.sampled_from(["z1", "z2"]),
        "disk": st.sampled_from(["ssd", "hdd", ""]),
        "size": st.sampled_from(["1", "5", "05", "big"]),
    },
)
effects = ("NoSchedule", "NoExecute", "PreferNoSchedule")


@st.composite
def nodes(draw: DrawFn, name: str) -> NodeBuilder:
    node = make_node(name).capacity(**draw(capacities)).labels(**draw(labels))
    if draw(st.integers(0, 5)):
        node.labels(**{HOST: name})
    for key in draw(st.sets(st.sampled_from(["dedicated", "spot"]))):
        node.taint(key, draw(st.sampled_from(["", "x"])), draw(st.sampled_from(effects)))
    return node.cordoned() if draw(st.integers(0, 6)) == 0 else node


expressions = st.one_of(
    st.tuples(
        st.sampled_from(["zone", "disk", "none"]),
        st.sampled_from(["In", "NotIn"]),
        st.lists(st.sampled_from(["z1", "z2", "ssd", ""]), max_size=2),
    ),
    st.tuples(
        st.sampled_from(["zone", "disk", "none"]),
        st.sampled_from(["Exists", "DoesNotExist"]),
        st.lists(st.just("x"), max_size=1),
    ),
    st.tuples(
        st.sampled_from(["size", "none"]),
        st.sampled_from(["Gt", "Lt"]),
        st.lists(st.sampled_from(["3", "-1", "many"]), min_size=1, max_size=2),
    ),
)
name_fields = st.tuples(
    st.just("metadata.name"),
    st.sampled_from(["In", "NotIn"]),
    st.lists(st.sampled_from(NODE_NAMES), min_size=1, max_size=1),
)


@st.composite
def terms(draw: DrawFn, *, fields: bool) -> dict[str, Any]:
    by_name = draw(st.lists(name_fields, max_size=1)) if fields else []
    return term(*draw(st.lists(expressions, max_size=2)), fields=tuple(by_name))


NAMESPACES: dict[str, dict[str, str]] = {"default": {"team": "one"}, "other": {}}
TOPOLOGIES = ("zone", "disk", HOST)

pod_selectors = st.one_of(
    st.none(),
    st.just(EVERYTHING),
    st.fixed_dictionaries({"matchLabels": st.fixed_dictionaries({"app": st.sampled_from(["web", "db"])})}),
    st.fixed_dictionaries({
        "matchExpressions": st.lists(
            st.one_of(
                st.fixed_dictionaries({
                    "key": st.just("app"),
                    "operator": st.sampled_from(["In", "NotIn"]),
                    "values": st.lists(st.sampled_from(["web", "db"]), min_size=1, max_size=2),
                }),
                st.fixed_dictionaries({
                    "key": st.just("tier"),
                    "operator": st.sampled_from(["Exists", "DoesNotExist"]),
                }),
            ),
            max_size=2,
        )
    }),
)


@st.composite
def pod_terms(draw: DrawFn) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        more["namespaces"] = draw(st.lists(st.sampled_from(["default", "other"]), min_size=1, max_size=2))
    if draw(st.integers(0, 3)) == 0:
        more["namespaceSelector"] = draw(st.sampled_from([EVERYTHING, {"matchLabels": {"team": "one"}}]))
    return near(draw(st.sampled_from(TOPOLOGIES)), draw(pod_selectors), **more)


@st.composite
def roomy_nodes(draw: DrawFn, name: str) -> NodeBuilder:
    """Nodes that take whatever comes, as far as they are concerned."""
    node = make_node(name).capacity(cpu="64", memory="64Gi", pods="99", gpu="99")
    return node.labels(**{"zone": "z1"} | draw(labels) | {HOST: name})


@st.composite
def social_pods(draw: DrawFn, name: str, *, demanding: bool = True) -> PodBuilder:
    """Pods to which other pods matter, and nothing else unless they are ``demanding``."""
    pod = draw(pods(name)) if demanding and draw(st.booleans()) else make_pod(name)
    pod.namespace(draw(st.sampled_from(["default", "default", "other"])))
    pod.labels(**draw(st.fixed_dictionaries({"app": st.sampled_from(["web", "db"])}, optional={"tier": st.just("x")})))
    if draw(st.integers(0, 5)) == 0:
        pod.deleting()
    for hard in draw(st.lists(st.booleans(), max_size=2)):
        more: dict[str, Any] = {}
        if hard and draw(st.booleans()):
            more["minDomains"] = draw(st.integers(1, 3))
        if draw(st.integers(0, 3)) == 0:
            more["matchLabelKeys"] = ["tier"]
        for policy in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if draw(st.integers(0, 2)) == 0:
                more[policy] = draw(st.sampled_from(["Honor", "Ignore"]))
        key, skew = draw(st.sampled_from(TOPOLOGIES)), draw(st.integers(1, 2))
        selector = draw(pod_selectors)
        if selector is None:
            more.pop("matchLabelKeys", None)
        pod.spread(key, selector, skew=skew, hard=hard, **more)
    for anti in (False, True):
        if draw(st.integers(0, 3)) == 0:
            pod.affinity(*draw(st.lists(pod_terms(), min_size=1, max_size=2)), anti=anti)
        if draw(st.integers(0, 3)) == 0:
            pod.likes(*draw(st.lists(st.tuples(st.integers(1, 100), pod_terms()), min_size=1, max_size=2)), anti=anti)
    return pod


@st.composite
def pods(draw: DrawFn, name: str) -> PodBuilder:
    pod = make_pod(name)
    for wanted in draw(st.lists(requests, min_size=1, max_size=2)):
        pod.requests(**wanted)
    for wanted in draw(st.lists(requests, max_size=2)):
        pod.init(sidecar=draw(st.booleans()), **wanted)
    if draw(st.integers(0, 4)) == 0:
        pod.overhead(cpu="50m")
    if draw(st.integers(0, 3)) == 0:
        pod.host_port(
            draw(st.sampled_from([80, 81])),
            draw(st.sampled_from(["TCP", "UDP"])),
            draw(st.sampled_from(["", "0.0.0.0", "127.0.0.1", "10.0.0.1"])),
        )
    for key, operator in draw(
        st.lists(
            st.sampled_from([
                ("dedicated", "Equal"),
                ("dedicated", "Exists"),
                ("spot", "Exists"),
                ("", "Exists"),
                ("node.kubernetes.io/unschedulable", "Exists"),
            ]),
            max_size=2,
        )
    ):
        pod.tolerates(key, operator, draw(st.sampled_from(["", "x"])), draw(st.sampled_from(["", *effects])))
    if draw(st.integers(0, 3)) == 0:
        pod.controller(draw(st.sampled_from(["web", "db"])))
    if draw(st.integers(0, 4)) == 0:
        pod.selector(**draw(labels))
    if draw(st.integers(0, 2)) == 0:
        # Not by name here: what PreFilter then says in place of the filters has tests of its own.
        pod.required(*draw(st.lists(terms(fields=False), min_size=1, max_size=2)))
    if draw(st.integers(0, 2)) == 0:
        pod.preferred(*draw(st.lists(st.tuples(st.integers(1, 100), terms(fields=True)), min_size=1, max_size=3)))
    return pod
