"""``agnhost test-service-account-issuer-discovery``: checks the pod's token with the keys that its issuer publishes."""

import json
from typing import Any

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, go_error, log_line, parse_flags
from kubelet.images.agnhost.in_cluster import ACCOUNT, NOT_IN_CLUSTER, api_url
from kubelet.images.utilities.http_client import BadReply, EmptyReply, Request, exchange

_DEFAULTS = {
    "token-path": f"{ACCOUNT}/token",
    "audience": "",
    "in-cluster-discovery": "false",
}
_TIMEOUT_SECONDS = 10.0
_ALGORITHMS = ("RS256", "ES256", "ES384", "RS384", "RS512")


class _Failed(Exception):
    """The token cannot be trusted, or that cannot be found out."""


async def issuer_discovery(process: Process, arguments: list[str]) -> int:
    """``… [--token-path F] --audience A [--in-cluster-discovery]``; the documents come from the API server."""
    try:
        values = parse_flags(arguments, _DEFAULTS)
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    path = values["token-path"]
    try:
        token = process.fs.read(path).decode(errors="replace").strip()
    except OSError as error:
        await process.stderr.write(log_line(process, go_error("open", path, error), "F"))
        return 255
    await process.stderr.write(log_line(process, "OK: Got token"))
    try:
        document = await _document(process, "/.well-known/openid-configuration")
        keys = await _document(process, "/openid/v1/jwks")
        _verify(token, str(document.get("issuer", "")), keys, values["audience"])
    except _Failed as failure:
        await process.stderr.write(log_line(process, str(failure), "F"))
        return 255
    await process.stderr.write(log_line(process, "OK: Validated signature on JWT"))
    return 0


async def _document(process: Process, path: str) -> dict[str, Any]:
    url = api_url(process, path)
    if url is None:
        raise _Failed(NOT_IN_CLUSTER)
    try:
        async with process.clock.timeout(_TIMEOUT_SECONDS):
            reply = await exchange(process, Request(url, user_agent="agnhost"))
        found: dict[str, Any] = json.loads(bytes(reply.body))
    except TimeoutError:
        raise _Failed(f"{path}: context deadline exceeded") from None
    except (OSError, BadReply, EmptyReply, ValueError) as error:
        raise _Failed(f"{path}: {error}") from error
    if reply.status != 200:
        raise _Failed(f"{path}: {reply.status}: {found}")
    return found


def _verify(token: str, issuer: str, keys: dict[str, Any], audience: str) -> None:
    # Only this program needs it.
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        key = jwt.PyJWKSet.from_dict(keys)[header["kid"]]
        jwt.decode(
            token,
            key,
            algorithms=list(_ALGORITHMS),
            issuer=issuer,
            audience=audience or None,
            options={"verify_aud": bool(audience), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, KeyError) as error:
        raise _Failed(f"failed to verify signature: {error}") from error
