"""What can go wrong between a client and its server.

An answer that says no is an :class:`apimachinery.errors.StatusError`. What is left is::

    ConnectionFailed    no answer: refused, reset, timed out; trying again later is right
    NotAnAPIServer      an answer that no Kubernetes API server gives; trying again is useless
"""

from apimachinery.errors import FatalError


class ConnectionFailed(Exception):
    """No answer came; the text says from where and why."""


class NotAnAPIServer(FatalError):
    """Something else answers at that address."""
