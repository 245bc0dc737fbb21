"""Runs the plugins that are on, in their order (``k8s.io/apiserver/pkg/admission/chain.go``, v0.36)."""

from collections.abc import Sequence

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation

_Request = tuple[Operation, str, str, str]
_Interested = tuple[tuple[AdmissionPlugin, ...], tuple[AdmissionPlugin, ...]]


class AdmissionChain:
    """All changes come first, then all checks."""

    def __init__(self, plugins: Sequence[AdmissionPlugin]) -> None:
        self.plugins = tuple(plugins)
        self._interested: dict[_Request, _Interested] = {}

    async def admit(self, attributes: Attributes) -> None:
        for plugin in self._of(attributes)[0]:
            await plugin.admit(attributes)

    async def validate(self, attributes: Attributes) -> None:
        for plugin in self._of(attributes)[1]:
            await plugin.validate(attributes)

    def _of(self, attributes: Attributes) -> _Interested:
        info = attributes.info
        request = (attributes.operation, info.group, info.plural, attributes.subresource)
        found = self._interested.get(request)
        if found is None:
            interested = [plugin for plugin in self.plugins if plugin.handles(*request)]
            found = self._interested[request] = (
                tuple(plugin for plugin in interested if type(plugin).admit is not AdmissionPlugin.admit),
                tuple(plugin for plugin in interested if type(plugin).validate is not AdmissionPlugin.validate),
            )
        return found
