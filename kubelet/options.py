"""The kubelet's command-line options, and the settings they make.

Each option that says something of a node is named as its field of :class:`~kubelet.settings.Settings`. Names and
defaults are upstream's where upstream has the option.
"""

import dataclasses
import socket
from collections.abc import Mapping
from typing import Any

import click

from componentbase.option_kinds import all_of, count, duration, port, switch
from kubelet.eviction.thresholds import DEFAULT_HARD, BadThreshold, parse_thresholds
from kubelet.fake.catalogue import UNPULLABLE
from kubelet.option_values import (
    address,
    addresses,
    host_paths,
    limits,
    log_size,
    name_prefix,
    node_name,
    pairs,
    patterns,
    pod_range,
    quantities,
    quantity,
    taints,
    whole_seconds,
)
from kubelet.settings import Settings

identity_options = all_of(
    click.option(
        "--node-name",
        "--hostname-override",
        "node_name",
        default=lambda: socket.gethostname().lower(),
        show_default="the machine's host name",
        metavar="NAME",
        callback=node_name,
        help="Name of the node.",
    ),
    count(
        "--nodes",
        default=None,
        minimum=1,
        maximum=10_000,
        what="Be that many equal nodes in this one process, named by --name-prefix and their number, from 0.",
    ),
    click.option(
        "--name-prefix",
        default="node-",
        show_default=True,
        metavar="PREFIX",
        callback=name_prefix,
        help="How the names of --nodes begin.",
    ),
    click.option(
        "--node-shapes",
        type=click.Path(dir_okay=False),
        default=None,
        metavar="FILE",
        help="Be the nodes that this YAML file describes: kinds of machines, and how many there are of each.",
    ),
    click.option(
        "--node-ip",
        default="",
        show_default="the first of the node's range of pod addresses",
        metavar="IP",
        callback=address,
        help="Address of the node. It must be one of this machine's.",
    ),
)
"""Which nodes the process is."""

registration_options = all_of(
    click.option(
        "--node-labels",
        default="",
        metavar="KEY=VALUE,...",
        callback=pairs,
        help="Labels to register the node with.",
    ),
    click.option(
        "--register-with-taints",
        default="",
        metavar="KEY=VALUE:EFFECT,...",
        callback=taints,
        help="Taints to register the node with.",
    ),
    switch("--register-node", default=True, what="Create the Node object. Otherwise somebody else has to."),
    switch(
        "--register-schedulable",
        default=True,
        what="Have the scheduler use the node from the start; if not, it has to be uncordoned first.",
    ),
    click.option("--provider-id", default="", metavar="ID", help="What spec.providerID of the node says."),
    duration(
        "--node-status-update-frequency",
        default=10.0,
        positive=True,
        what="How often the node's status is looked at; it is written when it has changed, and every five minutes.",
    ),
    click.option(
        "--node-lease-duration",
        "lease_duration",
        default="40s",
        show_default=True,
        metavar="DURATION",
        callback=whole_seconds,
        help="For how long a heartbeat counts (nodeLeaseDurationSeconds upstream). There are four in that time.",
    ),
    click.option(
        "--expose-host-path",
        "exposed_host_paths",
        multiple=True,
        metavar="PATH=FOLDER",
        callback=host_paths,
        help="Show a folder of this machine at PATH on the node, for hostPath volumes to read. May be repeated.",
    ),
    duration(
        "--sync-frequency",
        default=60.0,
        positive=True,
        what="How often tokens in volumes are looked at. ConfigMaps and Secrets are watched, and seen at once.",
    ),
)
"""What the Node object says from the start."""

offer_options = all_of(
    click.option("--cpu", default="4", show_default=True, metavar="QUANTITY", callback=quantity, help="CPUs to offer."),
    click.option(
        "--memory", default="8Gi", show_default=True, metavar="QUANTITY", callback=quantity, help="Memory to offer."
    ),
    click.option(
        "--ephemeral-storage",
        default="100Gi",
        show_default=True,
        metavar="QUANTITY",
        callback=quantity,
        help="Disk space to offer.",
    ),
    count("--max-pods", default=110, minimum=1, what="How many pods the node takes."),
)
"""What the node has."""

reserve_options = all_of(
    click.option(
        "--system-reserved",
        default="",
        metavar="RESOURCE=QUANTITY,...",
        callback=quantities,
        help="What of the node is kept for the system.",
    ),
    click.option(
        "--kube-reserved",
        default="",
        metavar="RESOURCE=QUANTITY,...",
        callback=quantities,
        help="What of the node is kept for Kubernetes' own parts.",
    ),
    click.option(
        "--eviction-hard",
        default=",".join(f"{signal}<{amount}" for signal, amount in DEFAULT_HARD.items()),
        show_default=True,
        metavar="SIGNAL<QUANTITY,...",
        callback=limits,
        help="How little may be left before pods are ended at once. A threshold of 0% is none.",
    ),
    click.option(
        "--eviction-soft",
        default="",
        metavar="SIGNAL<QUANTITY,...",
        callback=limits,
        help="How little may be left before pods are ended once that has lasted for --eviction-soft-grace-period.",
    ),
    click.option(
        "--eviction-soft-grace-period",
        default="",
        metavar="SIGNAL=DURATION,...",
        callback=pairs,
        help="For how long a soft threshold has to be met.",
    ),
    click.option(
        "--eviction-minimum-reclaim",
        default="",
        metavar="SIGNAL=QUANTITY,...",
        callback=pairs,
        help="How much more than a threshold has to be left again.",
    ),
    duration(
        "--eviction-pressure-transition-period",
        default=300.0,
        what="For how long the node says that it is under pressure after that has gone.",
    ),
    count(
        "--image-gc-high-threshold",
        default=85,
        maximum=100,
        what="From how many percent of the disk in use images are removed that nobody uses. 100 never removes any.",
    ),
    count("--image-gc-low-threshold", default=80, maximum=100, what="Down to how many percent of the disk they are."),
    duration(
        "--minimum-image-ttl-duration", default=120.0, what="For how long an image is kept even if nobody uses it."
    ),
    count(
        "--eviction-max-pod-grace-period",
        default=0,
        what="The most seconds that a pod has to end when a soft threshold is met.",
    ),
)
"""What is kept back of what the node has, and when pods have to go."""

shutdown_options = all_of(
    duration(
        "--shutdown-grace-period",
        default=0.0,
        what="At SIGTERM, end the pods within this time and report it before the process ends. 0s does not.",
    ),
    duration(
        "--shutdown-grace-period-critical-pods",
        default=0.0,
        what="How much of --shutdown-grace-period, at its end, is for critical pods.",
    ),
)
"""How the node goes down."""

state_option = click.option(
    "--state-dir",
    default="",
    metavar="DIR",
    help="Keep the pods here, so that the next process of the node goes on with them; else they are started anew.",
)

static_pod_options = all_of(
    click.option(
        "--pod-manifest-path",
        default="",
        metavar="PATH",
        help="Folder of manifests of static pods, or one such file. With several nodes, {node} in it stands for a "
        "node's name; without it the first node runs them.",
    ),
    click.option(
        "--mirror-static-pods",
        type=bool,
        default=False,
        show_default=True,
        is_flag=True,
        help="Show static pods in the API through mirror pods, as upstream does.",
    ),
    click.option(
        "--pod-cidr",
        default="",
        metavar="CIDR",
        callback=pod_range,
        help="Range of pod addresses until the API server gives the node one; with it static pods start without "
        "an API server.",
    ),
)
"""Pods from files."""

server_options = all_of(
    port(
        "--healthz-port",
        default=10248,
        what="Port of the kubelet's own HTTP server (/healthz, /livez, /readyz). 0 serves nothing.",
    ),
    click.option(
        "--healthz-bind-address",
        default="",
        show_default="the node's address on the pod network",
        metavar="IP",
        help="Address of the kubelet's own HTTP server. It is opened once the node has its range of pod addresses.",
    ),
    port(
        "--port",
        default=10250,
        what="Port of the kubelet's server (logs, pods, metrics, debugging), which the API server relays to. "
        "0 serves nothing.",
    ),
    click.option(
        "--address",
        default="",
        show_default="each node's own address",
        metavar="IP",
        help="Address of the kubelet's server. 0.0.0.0 takes what comes in on any node's address.",
    ),
)
"""The kubelet's own HTTP servers."""

image_options = all_of(
    switch("--serialize-image-pulls", default=True, what="Pull images one after the other."),
    count(
        "--max-parallel-image-pulls",
        default=None,
        minimum=1,
        shown="any number",
        what="How many images are pulled at once with --serialize-image-pulls=false.",
    ),
    click.option(
        "--images",
        "image_files",
        multiple=True,
        type=click.Path(exists=True),
        metavar="FILE|FOLDER",
        help="Know the images that this file describes, or every file of this folder: FakeImage objects in YAML, or "
        "Python. Read at the start. May be repeated.",
    ),
    switch(
        "--fake-image-objects",
        default=True,
        what="Know the images that FakeImage objects of the API describe, and define that kind where it is not.",
    ),
    click.option(
        "--unpullable-images",
        default=",".join(UNPULLABLE),
        show_default=True,
        metavar="PATTERN,...",
        callback=patterns,
        help="Images that cannot be pulled, so that this can be seen. A pattern is compared with the whole reference, "
        "without its tag where the pattern has none, and with the registry.",
    ),
)
"""How images come to the node."""

log_options = all_of(
    click.option(
        "--container-log-max-size",
        default="10Mi",
        show_default=True,
        metavar="QUANTITY",
        callback=log_size,
        help="At what size a container's log file is rotated. A negative one never does.",
    ),
    count(
        "--container-log-max-files",
        default=5,
        minimum=2,
        what="As many log files of a container are kept.",
    ),
)
"""The logs of containers."""

dns_options = all_of(
    click.option(
        "--cluster-dns",
        default="127.64.0.10",
        show_default=True,
        metavar="IP,...",
        callback=addresses,
        help="Name servers for pods that use the cluster's DNS.",
    ),
    click.option(
        "--cluster-domain",
        default="cluster.local",
        show_default=True,
        metavar="DOMAIN",
        help="Domain of the cluster, which pods search for names.",
    ),
    click.option(
        "--resolv-conf",
        default="",
        show_default="a made-up one",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="Resolver file of the node, for pods that use its DNS.",
    ),
)
"""How pods resolve names."""

seed_option = click.option(
    "--seed",
    type=int,
    default=None,
    metavar="NUMBER",
    help="Draw ids and jitter by this seed, so that the same history gives the same ones.",
)


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Return the settings that the options of these names make."""
    if options["shutdown_grace_period_critical_pods"] > options["shutdown_grace_period"]:
        raise click.UsageError("--shutdown-grace-period-critical-pods must not exceed --shutdown-grace-period")
    if options["image_gc_low_threshold"] >= options["image_gc_high_threshold"]:
        raise click.UsageError("--image-gc-low-threshold must be less than --image-gc-high-threshold")
    known = {field.name for field in dataclasses.fields(Settings)}
    try:
        thresholds = parse_thresholds(
            options["eviction_hard"],
            options["eviction_soft"],
            options["eviction_soft_grace_period"],
            options["eviction_minimum_reclaim"],
        )
    except BadThreshold as error:
        raise click.UsageError(str(error)) from error
    return Settings(**{name: value for name, value in options.items() if name in known}, eviction_thresholds=thresholds)
