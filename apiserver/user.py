"""Who sends a request (``k8s.io/apiserver/pkg/authentication/user``, v0.36)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class UserInfo:
    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the ``UserInfo`` of reviews, without what is empty."""
        shown: dict[str, Any] = {"username": self.name}
        if self.uid:
            shown["uid"] = self.uid
        if self.groups:
            shown["groups"] = list(self.groups)
        if self.extra:
            shown["extra"] = {key: list(values) for key, values in self.extra.items()}
        return shown


ADMIN = UserInfo("kubernetes-admin", groups=("system:masters", "system:authenticated"))
"""Everybody, as long as requests are not authenticated."""
