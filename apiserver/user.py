"""Who sends a request (``k8s.io/apiserver/pkg/authentication/user``, v0.36)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UserInfo:
    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()


ADMIN = UserInfo("kubernetes-admin", groups=("system:masters", "system:authenticated"))
"""Everybody, as long as requests are not authenticated."""
