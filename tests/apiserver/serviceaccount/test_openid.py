"""The pages by which others find the keys."""

import jwt
import pytest

from apiserver.serviceaccount.openid import CONFIGURATION, KEY_SET, is_discoverable
from tests.apiserver.admission.server import Server

ISSUER = "https://kubernetes.default.svc.cluster.local"


async def test_a_token_can_be_checked_by_others() -> None:
    async with Server() as server:
        path = server.path("serviceaccounts", "default", "token")
        token = (await server.request("POST", path, code=201, json={}))["status"]["token"]
        found = await server.request("GET", CONFIGURATION)
        assert found == {
            "issuer": ISSUER,
            "jwks_uri": f"http://127.0.0.1{KEY_SET}",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }
        assert server.last is not None
        assert server.last.headers["content-type"] == "application/json"
        assert server.last.headers["cache-control"] == "public, max-age=3600"
        keys = jwt.PyJWKSet.from_dict(await server.request("GET", found["jwks_uri"]))
        assert server.last.headers["content-type"] == "application/jwk-set+json"
        key = keys[jwt.get_unverified_header(token)["kid"]]
        unchecked = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        claims = jwt.decode(token, key, ["ES256"], audience=ISSUER, issuer=ISSUER, options=unchecked)
        assert claims["sub"] == "system:serviceaccount:default:default"
        assert {CONFIGURATION, KEY_SET} <= set((await server.request("GET", "/"))["paths"])


async def test_keys_kept_elsewhere() -> None:
    async with Server(service_account_jwks_uri="https://keys/jwks") as server:
        assert (await server.request("GET", CONFIGURATION))["jwks_uri"] == "https://keys/jwks"


async def test_an_issuer_that_is_no_address() -> None:
    async with Server(service_account_issuer=("kubemu",)) as server:
        await server.request("GET", CONFIGURATION, code=404)
        await server.request("GET", KEY_SET, code=404)


@pytest.mark.parametrize(
    ("issuer", "found"),
    [
        pytest.param("https://me", True, id="https"),
        pytest.param("http://me", False, id="http"),
        pytest.param("https://me?x", False, id="query"),
        pytest.param("https://me#x", False, id="fragment"),
        pytest.param("https://[me", False, id="no URL"),
    ],
)
def test_discoverable(issuer: str, found: bool) -> None:
    assert is_discoverable(issuer) is found
