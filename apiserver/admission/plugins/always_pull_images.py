"""Every image is pulled each time, so that nobody runs one by knowing its name.

``plugin/pkg/admission/alwayspullimages``, v1.36.
"""

from typing import Any

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation

JSONObject = dict[str, Any]

_ALWAYS = "Always"
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


class AlwaysPullImages(AdmissionPlugin):
    name = "AlwaysPullImages"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        if (group, plural) != ("", "pods"):
            return False
        return (operation, subresource) in {
            (Operation.CREATE, ""),
            (Operation.UPDATE, ""),
            (Operation.UPDATE, "ephemeralcontainers"),
        }

    async def admit(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        spec = attributes.obj["spec"]
        if attributes.old is not None and _images(spec) <= _images(attributes.old["spec"]):
            return
        for key in _CONTAINERS:
            for container in spec.get(key, ()):
                container["imagePullPolicy"] = _ALWAYS
        for volume in spec.get("volumes", ()):
            if (image := volume.get("image")) is not None:
                image["pullPolicy"] = _ALWAYS


def _images(spec: JSONObject) -> set[str]:
    return {container.get("image", "") for key in _CONTAINERS for container in spec.get(key, ())}
