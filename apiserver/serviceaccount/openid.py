"""What others need to check tokens by themselves (``pkg/serviceaccount/openidmetadata.go``, v1.36).

Upstream's ``jwks_uri`` is ``https`` whatever the server does; here it is where the client has found this page, in the
plain HTTP that is served, unless ``--service-account-jwks-uri`` says otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import FastAPI, Request, Response

from apiserver.serviceaccount.keys import VerificationKey
from apiserver.serviceaccount.tokens import ServiceAccountTokens

JSONObject = dict[str, Any]

CONFIGURATION = "/.well-known/openid-configuration"
KEY_SET = "/openid/v1/jwks"
_CACHE: Mapping[str, str] = {"Cache-Control": "public, max-age=3600"}


def configuration(issuer: str, key_set_uri: str, keys: Sequence[VerificationKey]) -> JSONObject:
    return {
        "issuer": issuer,
        "jwks_uri": key_set_uri,
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": sorted({key.algorithm for key in keys}),
    }


def is_discoverable(issuer: str) -> bool:
    """Whether OpenID Connect lets an issuer of this name be discovered; the pages are not there for another."""
    try:
        parts = urlsplit(issuer)
    except ValueError:
        return False
    return parts.scheme == "https" and not parts.query and not parts.fragment


def add_openid(app: FastAPI, tokens: ServiceAccountTokens, key_set_uri: str) -> None:
    """``key_set_uri`` is where the keys are said to be; empty for this server's own page."""
    issuer = tokens.policy.issuers[0]
    if not is_discoverable(issuer):
        return

    @app.get(CONFIGURATION)
    async def get_configuration(request: Request) -> Response:
        found = (await tokens.keys()).all
        uri = key_set_uri or f"http://{request.headers.get('host', '')}{KEY_SET}"
        body = orjson.dumps(configuration(issuer, uri, found))
        return Response(body, media_type="application/json", headers=_CACHE)

    @app.get(KEY_SET)
    async def get_key_set(request: Request) -> Response:
        body = orjson.dumps({"keys": [key.to_jwk() for key in (await tokens.keys()).all]})
        return Response(body, media_type="application/jwk-set+json", headers=_CACHE)
