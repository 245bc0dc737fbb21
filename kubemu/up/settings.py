"""What can be set about a cluster."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Passed whole to whoever needs some of it; the command line fills it."""

    name: str = ""
    """What the cluster is called among those of this user; empty takes the first of ``default``, ``default-2``, …"""

    port: int = 0
    """Port of the API server on 127.0.0.1; 0 lets the system choose."""

    nodes: int = 1
    """How many equal nodes there are, called ``node-0`` and so on."""

    node_shapes: str = ""
    """A YAML file that describes the nodes instead, as ``python -m kubelet --node-shapes`` reads it."""

    image_files: tuple[str, ...] = ()
    """Files and folders of images, as ``python -m kubelet --images`` reads them."""

    scheduler_config: str = ""
    """A file as ``python -m scheduler --config`` reads it; empty has the scheduler decide as upstream's by default."""

    seed: int | None = None
    """Seed of everything that is drawn at random; ``None`` draws one."""

    time_scale: float = 1.0
    """How many times as fast as the machine's the cluster's time passes."""

    separate: bool = False
    """Whether each component is a process of its own."""

    verbosity: int = 0
    """How much the components log, as ``--v`` says."""

    manifests: tuple[Path, ...] = ()
    """Files and folders of objects that the cluster has from the start."""

    init_hooks: tuple[str, ...] = ()
    """Shell commands that are run before the cluster is said to be ready."""
