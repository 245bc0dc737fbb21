"""Which URL a kind lives under, and which model its objects are read into."""

from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar
from urllib.parse import quote

from apimachinery.types.apps import (
    ControllerRevision,
    DaemonSet,
    Deployment,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
)
from apimachinery.types.autoscaling import HorizontalPodAutoscaler
from apimachinery.types.batch import CronJob, Job
from apimachinery.types.config import ConfigMap, Secret
from apimachinery.types.core import Event, Lease, Namespace, Node
from apimachinery.types.discovery import EndpointSlice
from apimachinery.types.extensions import CustomResourceDefinition
from apimachinery.types.pod import Pod
from apimachinery.types.policy import PodDisruptionBudget
from apimachinery.types.quota import ResourceQuota
from apimachinery.types.service import Endpoints, Service
from apimachinery.types.storage import PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttributesClass


class Readable(Protocol):
    """What lists and watches make of a kind's objects: the typed kind, or a class of one's own that keeps less."""

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """Return the object of its JSON."""
        ...

    @property
    def key(self) -> str:
        """``namespace/name``, or the bare name where there is no namespace."""
        ...

    @property
    def uid(self) -> str: ...

    @property
    def resource_version(self) -> str: ...


T = TypeVar("T", bound=Readable)


@dataclass(frozen=True, slots=True)
class Resource(Generic[T]):
    """One served resource. ``group`` is empty for the core group."""

    group: str
    version: str
    plural: str
    model: type[T]
    namespaced: bool = True

    @property
    def root(self) -> str:
        """``/api/v1`` or ``/apis/<group>/<version>``."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def path(self, name: str = "", *, namespace: str = "", subresource: str = "") -> str:
        """Return the URL path of the collection, of one object, or of one of its subresources.

        No namespace on a namespaced resource means the collection across all of them.
        """
        parts = [self.root]
        if namespace and self.namespaced:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name:
            parts.append(quote(name, safe=""))
        if subresource:
            parts.append(subresource)
        return "/".join(parts)


PODS = Resource("", "v1", "pods", Pod)
NODES = Resource("", "v1", "nodes", Node, namespaced=False)
NAMESPACES = Resource("", "v1", "namespaces", Namespace, namespaced=False)
EVENTS = Resource("", "v1", "events", Event)
SERVICES = Resource("", "v1", "services", Service)
ENDPOINTS = Resource("", "v1", "endpoints", Endpoints)
ENDPOINT_SLICES = Resource("discovery.k8s.io", "v1", "endpointslices", EndpointSlice)
CONFIGMAPS = Resource("", "v1", "configmaps", ConfigMap)
SECRETS = Resource("", "v1", "secrets", Secret)
CONTROLLER_REVISIONS = Resource("apps", "v1", "controllerrevisions", ControllerRevision)
DAEMONSETS = Resource("apps", "v1", "daemonsets", DaemonSet)
DEPLOYMENTS = Resource("apps", "v1", "deployments", Deployment)
REPLICATION_CONTROLLERS = Resource("", "v1", "replicationcontrollers", ReplicationController)
STATEFULSETS = Resource("apps", "v1", "statefulsets", StatefulSet)
REPLICASETS = Resource("apps", "v1", "replicasets", ReplicaSet)
JOBS = Resource("batch", "v1", "jobs", Job)
CRONJOBS = Resource("batch", "v1", "cronjobs", CronJob)
POD_DISRUPTION_BUDGETS = Resource("policy", "v1", "poddisruptionbudgets", PodDisruptionBudget)
HORIZONTAL_POD_AUTOSCALERS = Resource("autoscaling", "v2", "horizontalpodautoscalers", HorizontalPodAutoscaler)
CUSTOM_RESOURCE_DEFINITIONS = Resource(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", CustomResourceDefinition, namespaced=False
)
RESOURCE_QUOTAS = Resource("", "v1", "resourcequotas", ResourceQuota)
LEASES = Resource("coordination.k8s.io", "v1", "leases", Lease)
PERSISTENT_VOLUMES = Resource("", "v1", "persistentvolumes", PersistentVolume, namespaced=False)
PERSISTENT_VOLUME_CLAIMS = Resource("", "v1", "persistentvolumeclaims", PersistentVolumeClaim)
STORAGE_CLASSES = Resource("storage.k8s.io", "v1", "storageclasses", StorageClass, namespaced=False)
VOLUME_ATTRIBUTES_CLASSES = Resource(
    "storage.k8s.io", "v1", "volumeattributesclasses", VolumeAttributesClass, namespaced=False
)
