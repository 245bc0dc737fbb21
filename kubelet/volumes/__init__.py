"""The volumes of pods: a module for each kind of source, and the manager that sets them up and keeps them fresh."""

from kubelet.volumes.manager import Progress, Volumes
from kubelet.volumes.paths import pod_directory, volume_directory

__all__ = ["Progress", "Volumes", "pod_directory", "volume_directory"]
