"""Kinds of whose objects nothing but the metadata is looked at, custom resources among them."""

from functools import cache

from pydantic import ConfigDict

from apimachinery.types.base import Object
from apimachinery.types.extensions import CustomResourceDefinition
from kubeclient.resources import Resource


@cache
def metadata_alone(group: str, version: str, kind: str, plural: str, *, namespaced: bool = True) -> Resource[Object]:
    """Return a resource whose objects are read without anything but their metadata."""
    body = {
        "API_VERSION": f"{group}/{version}" if group else version,
        "KIND": kind,
        "model_config": ConfigDict(extra="ignore"),
        "__module__": __name__,
    }
    return Resource(group, version, plural, type(kind, (Object,), body), namespaced)


def custom_resource(definition: CustomResourceDefinition) -> Resource[Object] | None:
    """Return the resource that a definition makes, in the version that is stored if that is served.

    ``None`` while none is served.
    """
    spec = definition.spec
    served = sorted((entry for entry in spec.versions if entry.served), key=lambda entry: not entry.storage)
    if not served or not definition.established:
        return None
    names = spec.names
    return metadata_alone(spec.group, served[0].name, names.kind, names.plural, namespaced=spec.scope == "Namespaced")


def api_versions(definition: CustomResourceDefinition) -> list[str]:
    """Return the ``apiVersion``s by which a definition's objects may be referred to."""
    return [f"{definition.spec.group}/{entry.name}" for entry in definition.spec.versions]
