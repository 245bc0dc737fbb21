"""Issues tokens, and tells whom a token stands for (``pkg/serviceaccount``, v1.36)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from apimachinery.clock import Clock, parse_rfc3339
from apimachinery.errors import NotFound
from apiserver.registry.resource import Registry
from apiserver.serviceaccount.claims import (
    LEEWAY_SECONDS,
    Bound,
    Lifetime,
    check_times,
    make_claims,
    unverified_issuer,
    user_of,
)
from apiserver.serviceaccount.errors import InvalidToken
from apiserver.serviceaccount.keys import TokenKeys
from apiserver.storage import Objects
from apiserver.user import UserInfo

JSONObject = dict[str, Any]

_INVALIDATED = "service account token has been invalidated"


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """How tokens are issued, and which are accepted."""

    issuers: tuple[str, ...]
    """The first issues; tokens of all of them are good."""
    audiences: tuple[str, ...]
    """What this server calls itself: whom a token is for when nobody else is named."""
    max_expiration: int = 0
    """Seconds that a token lasts at most; 0 is no bound."""
    extend_expiration: bool = True
    """Whether tokens of the kind that every pod gets last a year, and warn once they are as old as was asked for."""


def check_policy(policy: TokenPolicy) -> None:
    """Raise ``ValueError`` for what cannot be a policy (``BuiltInAuthenticationOptions.Validate``)."""
    if not policy.issuers or "" in policy.issuers:
        raise ValueError("service-account-issuer is a required flag")
    for issuer in policy.issuers:
        if ":" in issuer and not urlsplit(issuer).scheme:
            raise ValueError(f"service-account-issuer {issuer!r} contained a ':' but was not a valid URL")
    if policy.max_expiration and not 3600 <= policy.max_expiration <= 1 << 32:
        raise ValueError("the service-account-max-token-expiration must be between 1 hour and 2^32 seconds")


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Whom a token stands for, and which of the audiences that were asked about it is for."""

    user: UserInfo
    audiences: tuple[str, ...]


class ServiceAccountTokens:
    """Of one server. ``load`` finds the keys; it is called in a thread, when the first of them is needed."""

    def __init__(
        self, policy: TokenPolicy, load: Callable[[], TokenKeys], objects: Objects, registry: Registry, clock: Clock
    ) -> None:
        self.policy = policy
        self._load = load
        self._keys: TokenKeys | None = None
        self._loading = asyncio.Lock()
        self._objects = objects
        self._registry = registry
        self._clock = clock

    async def keys(self) -> TokenKeys:
        if self._keys is not None:
            # A lock would let one request through in each turn of the loop.
            return self._keys
        async with self._loading:
            if self._keys is None:
                self._keys = await asyncio.to_thread(self._load)
        return self._keys

    async def issue(
        self, account: JSONObject, bound: Bound, lifetime: Lifetime, audiences: Sequence[str], token_id: str
    ) -> str:
        claims = make_claims(
            account, bound, lifetime, issuer=self.policy.issuers[0], audiences=audiences, token_id=token_id
        )
        return (await self.keys()).sign(claims)

    async def authenticate(self, token: str, audiences: Sequence[str] = ()) -> Authenticated:
        """Tell whom a token stands for, if it is for any of ``audiences``; when there are none, for this server.

        Raises :class:`~apiserver.serviceaccount.errors.InvalidToken`, in upstream's words, for one that is not
        signed by this server, whose time is over, that is for others, or bound to what is gone.
        """
        if unverified_issuer(token) not in self.policy.issuers:
            raise InvalidToken
        claims = (await self.keys()).verify(token)
        wanted = tuple(audiences) or self.policy.audiences
        given = _audiences(claims) or self.policy.audiences
        common = tuple(audience for audience in given if audience in wanted)
        if not common:
            raise InvalidToken(
                f"token audiences {_quoted(given)} is invalid for the target audiences {_quoted(wanted)}"
            )
        check_times(claims, self._clock.now())
        await self._check_objects(claims.get("kubernetes.io") or {})
        return Authenticated(user_of(claims), common)

    async def _check_objects(self, private: JSONObject) -> None:
        namespace, account = private.get("namespace", ""), private.get("serviceaccount", {})
        name = account.get("name", "")
        found = await self._find("serviceaccounts", namespace, name)
        if found is None:
            raise InvalidToken(f'serviceaccounts "{name}" not found')
        if self._is_gone(found):
            raise InvalidToken(f"service account {namespace}/{name} has been deleted")
        if found["metadata"]["uid"] != account.get("uid", ""):
            uid = found["metadata"]["uid"]
            raise InvalidToken(f"service account UID ({uid}) does not match claim ({account.get('uid', '')})")
        await self._check_bound(private, "secret", namespace)
        await self._check_bound(private, "pod", namespace)
        if "pod" not in private:
            # The node of a pod's token is there to be read; the pod's fate alone decides.
            await self._check_bound(private, "node", "")

    async def _check_bound(self, private: JSONObject, claim: str, namespace: str) -> None:
        reference = private.get(claim)
        if reference is None:
            return
        found = await self._find(f"{claim}s", namespace, reference.get("name", ""))
        if found is None or self._is_gone(found):
            raise InvalidToken(_INVALIDATED)
        uid, given = found["metadata"]["uid"], reference.get("uid", "")
        if uid != given:
            raise InvalidToken(f"{claim} UID ({uid}) does not match service account {claim} ref claim ({given})")

    async def _find(self, plural: str, namespace: str, name: str) -> JSONObject | None:
        info = self._registry.find("", "v1", plural)
        assert info is not None
        try:
            record = await self._objects.get(info, namespace, name)
        except NotFound:
            return None
        found: JSONObject = orjson.loads(record.value)
        return found

    def _is_gone(self, obj: JSONObject) -> bool:
        deleted = obj["metadata"].get("deletionTimestamp")
        if not deleted:
            return False
        return (self._clock.now() - parse_rfc3339(deleted)).total_seconds() > LEEWAY_SECONDS


def _audiences(claims: JSONObject) -> tuple[str, ...]:
    """Return whom the token is for; a token of another issuer may have a single one that is no list."""
    given = claims.get("aud") or ()
    return (given,) if isinstance(given, str) else tuple(given)


def _quoted(values: Sequence[str]) -> str:
    return "[" + " ".join(f'"{value}"' for value in values) + "]"
