"""The plugins, in the order in which they run."""

from apiserver.admission.interface import Access, AdmissionPlugin
from apiserver.admission.plugins.namespace_lifecycle import NamespaceLifecycle


def all_plugins(access: Access) -> tuple[AdmissionPlugin, ...]:
    """Return a fresh instance of every plugin (``AllOrderedPlugins`` in ``pkg/kubeapiserver/options``, v1.36)."""
    return (NamespaceLifecycle(access),)
