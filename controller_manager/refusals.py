"""What it means that the server refuses a write."""

from apimachinery.errors import Forbidden


def namespace_terminating(error: Exception) -> bool:
    """Return whether nothing can be created because its namespace is being deleted: no use in trying again."""
    return isinstance(error, Forbidden) and any(cause.reason == "NamespaceTerminating" for cause in error.causes)
