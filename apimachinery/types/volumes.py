"""The volumes of ``core/v1`` pods that a node serves by itself, and where containers mount them."""

from pydantic import Field

from apimachinery.types.base import LabelSelector, Model


class ObjectFieldSelector(Model):
    api_version: str = "v1"
    field_path: str


class ResourceFieldSelector(Model):
    container_name: str = ""
    resource: str
    divisor: str = "0"


class KeyToPath(Model):
    """``mode`` is in decimal on the wire; ``None`` takes the volume's ``defaultMode``."""

    key: str
    path: str
    mode: int | None = None


class EmptyDirVolumeSource(Model):
    """``medium`` is empty for the node's disk, ``Memory`` for a tmpfs."""

    medium: str = ""
    size_limit: str | None = None


class ConfigMapVolumeSource(Model):
    name: str = ""
    items: list[KeyToPath] = Field(default_factory=list)
    default_mode: int = 0o644
    optional: bool = False


class SecretVolumeSource(Model):
    secret_name: str = ""
    items: list[KeyToPath] = Field(default_factory=list)
    default_mode: int = 0o644
    optional: bool = False


class DownwardAPIVolumeFile(Model):
    path: str
    field_ref: ObjectFieldSelector | None = None
    resource_field_ref: ResourceFieldSelector | None = None
    mode: int | None = None


class DownwardAPIVolumeSource(Model):
    items: list[DownwardAPIVolumeFile] = Field(default_factory=list)
    default_mode: int = 0o644


class ConfigMapProjection(Model):
    """A ConfigMap or a Secret as one source of a projected volume."""

    name: str = ""
    items: list[KeyToPath] = Field(default_factory=list)
    optional: bool = False


class DownwardAPIProjection(Model):
    items: list[DownwardAPIVolumeFile] = Field(default_factory=list)


class ServiceAccountTokenProjection(Model):
    """An empty ``audience`` means the API server's own."""

    audience: str = ""
    expiration_seconds: int = 3600
    path: str


class ClusterTrustBundleProjection(Model):
    name: str = ""
    signer_name: str = ""
    label_selector: LabelSelector | None = None
    optional: bool = False
    path: str


class VolumeProjection(Model):
    """Exactly one source is set; one that has no field of its own here is kept among the extra fields."""

    config_map: ConfigMapProjection | None = None
    secret: ConfigMapProjection | None = None
    downward_api: DownwardAPIProjection | None = Field(None, alias="downwardAPI")
    service_account_token: ServiceAccountTokenProjection | None = None
    cluster_trust_bundle: ClusterTrustBundleProjection | None = None


class ProjectedVolumeSource(Model):
    sources: list[VolumeProjection] = Field(default_factory=list)
    default_mode: int = 0o644


class HostPathVolumeSource(Model):
    """``type`` is what must be there or is made: ``DirectoryOrCreate``, ``File``, …; empty checks nothing."""

    path: str
    type: str = ""


class PersistentVolumeClaimVolumeSource(Model):
    claim_name: str
    read_only: bool = False


class EphemeralVolumeSource(Model):
    """A claim of the pod's own, named ``POD-VOLUME``; its template is kept among the extra fields."""


class ImageVolumeSource(Model):
    reference: str = ""
    pull_policy: str = "IfNotPresent"


class Volume(Model):
    """One source is set; one that has no field of its own here is kept among the extra fields."""

    name: str
    empty_dir: EmptyDirVolumeSource | None = None
    config_map: ConfigMapVolumeSource | None = None
    secret: SecretVolumeSource | None = None
    downward_api: DownwardAPIVolumeSource | None = Field(None, alias="downwardAPI")
    projected: ProjectedVolumeSource | None = None
    host_path: HostPathVolumeSource | None = None
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    ephemeral: EphemeralVolumeSource | None = None
    image: ImageVolumeSource | None = None


class VolumeMount(Model):
    name: str
    mount_path: str
    sub_path: str = ""
    sub_path_expr: str = ""
    read_only: bool = False
    recursive_read_only: str = ""
    mount_propagation: str = ""
