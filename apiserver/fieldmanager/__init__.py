"""Who owns which field: ``metadata.managedFields`` on every write.

Follows ``k8s.io/apimachinery/pkg/util/managedfields`` (v0.36) over :mod:`apimachinery.structured_merge`.

:mod:`~apiserver.fieldmanager.manager` is what handlers call, :mod:`~apiserver.fieldmanager.entries` the form on the
wire, :mod:`~apiserver.fieldmanager.names` how managers are called.
"""
