"""Tokens of service accounts for the pods of a node (``pkg/kubelet/token/token_manager.go``, v1.36)."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from apimachinery.errors import NotFound, StatusError
from apimachinery.types.config import TokenRequest
from apimachinery.types.pod import Pod
from kubeclient.client import Client
from kubeclient.errors import ConnectionFailed

logger = logging.getLogger(__name__)

LONGEST_USE = timedelta(hours=24)
"""A token is renewed at this age, however long it is good for."""

JITTER_SECONDS = 10.0
"""By up to how many seconds sooner a token is renewed, so that those of one moment are not renewed in one."""


class TokenFault(Exception):
    """No token can be had; the text is fit for an event."""


@dataclass(frozen=True, slots=True)
class Token:
    """``content`` is what is shown of it; ``lifetime`` is what it was given, by which its time of issue is known."""

    content: bytes
    expires: datetime
    lifetime: timedelta

    def expired(self, now: datetime) -> bool:
        return now > self.expires


def needs_renewal(token: Token, now: datetime, *, jitter: timedelta = timedelta()) -> bool:
    """Whether a token is older than 80 % of its life or than a day, or is from the future."""
    issued = token.expires - token.lifetime
    return now > issued + LONGEST_USE - jitter or now > token.expires - token.lifetime / 5 - jitter or now < issued


@dataclass(frozen=True, slots=True)
class _Key:
    """What a token is for. An empty audience means the API server's own."""

    audience: str
    lifetime: int


# Nearly all tokens are for the same and live as long.
_key = lru_cache(maxsize=256)(_Key)


@lru_cache(maxsize=256)
def _seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


class TokenManager:
    """Gets tokens that are bound to their pods, keeps them, and gets new ones in time.

    It renews nothing by itself: who shows a token asks for it again now and then.
    """

    def __init__(self, client: Client, rng: random.Random) -> None:
        self._client = client
        self._clock = client.clock
        self._rng = rng
        self._tokens: dict[str, tuple[tuple[_Key, Token], ...]] = {}
        """By the uid of a pod, which nearly always has one: a dictionary each would take more than the rest."""
        self._supported: bool | None = None

    async def token(self, pod: Pod, audience: str, lifetime: int) -> bytes:
        """Return a token of the pod's service account that is good for about ``lifetime`` seconds.

        Raises :class:`TokenFault`. An old token that is still good is better than none.
        """
        uid, key = pod.metadata.uid, _key(audience, lifetime)
        known = dict(self._tokens.get(uid, ())).get(key)
        if known is not None and not self._due(known):
            return known.content
        try:
            fresh = await self._request(pod, key)
        except (StatusError, ConnectionFailed, TokenFault) as error:
            if known is None:
                raise TokenFault(f"failed to fetch token: {error}") from error
            if known.expired(self._clock.now()):
                name = f"{pod.spec.service_account_name}/{pod.metadata.namespace}"
                raise TokenFault(f"token {name} expired and refresh failed: {error}") from error
            logger.warning("pod %s keeps its old token: %s", pod.key, error)
            return known.content
        self._tokens[uid] = tuple({**dict(self._tokens.get(uid, ())), key: fresh}.items())
        return fresh.content

    def due(self, uid: str) -> bool:
        """Whether one of a pod's tokens is to be renewed."""
        return any(self._due(token) for _, token in self._tokens.get(uid, ()))

    def forget(self, uid: str) -> None:
        """A pod is gone."""
        self._tokens.pop(uid, None)

    def _due(self, token: Token) -> bool:
        jitter = timedelta(seconds=int(self._rng.random() * JITTER_SECONDS))
        return needs_renewal(token, self._clock.now(), jitter=jitter)

    async def _request(self, pod: Pod, key: _Key) -> Token:
        meta, account = pod.metadata, pod.spec.service_account_name
        wanted: dict[str, Any] = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {
                "audiences": [key.audience] if key.audience else [],
                "expirationSeconds": key.lifetime,
                "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": meta.name, "uid": meta.uid},
            },
        }
        path = f"/api/v1/namespaces/{meta.namespace}/serviceaccounts/{account}/token"
        try:
            answer = await self._client.request("POST", path, body=orjson.dumps(wanted))
        except StatusError as error:
            if isinstance(error, NotFound) or error.code == 405:
                await self._check_supported()
            raise
        granted = TokenRequest.model_validate_json(answer)
        expires = granted.status.expiration_timestamp.astimezone(UTC)
        return Token(granted.status.token.encode(), expires, _seconds(granted.spec.expiration_seconds))

    async def _check_supported(self) -> None:
        """Raise :class:`TokenFault` when the API server gives no tokens at all."""
        if self._supported is None:
            found: Mapping[str, Any] = orjson.loads(await self._client.request("GET", "/api/v1"))
            self._supported = any(entry["name"] == "serviceaccounts/token" for entry in found.get("resources", ()))
        if not self._supported:
            raise TokenFault("the API server does not have TokenRequest endpoints enabled")
