"""The field managers of a server."""

from apiserver.fieldmanager.manager import FieldManager
from apiserver.fieldmanager.scale import ScaleFieldManager
from apiserver.registry.resource import Registry, ResourceInfo


class FieldManagers:
    """Each is made when it is first needed, and anew when its resource has changed."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._made: dict[tuple[str, str, str, str], FieldManager] = {}

    def of(self, info: ResourceInfo, subresource: str = "") -> FieldManager:
        key = (info.group, info.version, info.plural, subresource)
        found = self._made.get(key)
        if found is None or found.info is not info:
            if subresource == "scale":
                found = ScaleFieldManager(self._registry, info)
            else:
                found = FieldManager(self._registry, info, subresource)
            self._made[key] = found
        return found
