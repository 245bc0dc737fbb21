"""The keys that tokens are signed and checked with (``pkg/serviceaccount/jwt.go``, v1.36).

The libraries behind them take a tenth of a second to load and some twenty megabytes to keep. They are imported by
the functions that need them, so that a server that nobody asks for a token goes without.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from apiserver.serviceaccount.errors import InvalidToken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from jwt.types import Options

    PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

JSONObject = dict[str, Any]

_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key; ``key_id`` is derived from it, and cannot be mistaken for it."""

    key_id: str
    algorithm: str
    public: "PublicKey"

    def to_jwk(self) -> JSONObject:
        from jwt import get_algorithm_by_name

        shown: JSONObject = get_algorithm_by_name(self.algorithm).to_jwk(self.public, as_dict=True)
        shown.pop("key_ops", None)
        return {"use": "sig", "kty": shown.pop("kty"), "kid": self.key_id, "alg": self.algorithm, **shown}


class TokenKeys:
    """One key that signs, and all that are good for checking."""

    def __init__(self, private: "PrivateKey", others: Sequence["PublicKey"] = ()) -> None:
        """``others`` are accepted beside the signing key's own public half. Raises ``ValueError`` for odd curves."""
        self._private = private
        self._signing = _verification_key(private.public_key())
        self._header = _base64url(orjson.dumps({"alg": self._signing.algorithm, "kid": self._signing.key_id}))
        self.all = [self._signing]
        for other in map(_verification_key, others):
            if other.key_id not in {key.key_id for key in self.all}:
                self.all.append(other)

    def sign(self, claims: JSONObject) -> str:
        """Return the token that says ``claims``, in the order that they have."""
        from jwt import get_algorithm_by_name

        # The library would check the key, and write the same header, for each token anew.
        signed = self._header + b"." + _base64url(orjson.dumps(claims))
        signature = get_algorithm_by_name(self._signing.algorithm).sign(signed, self._private)
        return (signed + b"." + _base64url(signature)).decode()

    def verify(self, token: str) -> JSONObject:
        """Return the claims of a token that one of the keys has signed; nothing else about it is checked.

        Raises :class:`~apiserver.serviceaccount.errors.InvalidToken`.
        """
        import jwt

        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
        except jwt.InvalidTokenError:
            raise InvalidToken from None
        fitting = [key for key in self.all if not key_id or key.key_id == key_id]
        if not fitting:
            raise InvalidToken("invalid signature, no keys found")
        # Of time there is but one, the server's clock; the library would ask the machine's.
        unchecked: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        for key in fitting:
            try:
                claims: JSONObject = jwt.decode(token, key.public, [key.algorithm], options=unchecked)
            except jwt.InvalidTokenError:
                continue
            return claims
        raise InvalidToken("go-jose/go-jose: error in cryptographic primitive")


def generate() -> TokenKeys:
    """Return a key that nobody else has."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return TokenKeys(ec.generate_private_key(ec.SECP256R1()))


def load(signing_file: str, key_files: Sequence[str]) -> TokenKeys:
    """Read PEM files: a private key to sign with, made up when there is none, and keys of either kind to check with.

    Raises ``ValueError`` for files that cannot be read or hold no such keys.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    private = _private_key(signing_file) if signing_file else ec.generate_private_key(ec.SECP256R1())
    return TokenKeys(private, [key for name in key_files for key in _public_keys(name)])


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read {name}: {error.strerror}") from error


def _private_key(name: str) -> "PrivateKey":
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _read(name)
    try:
        found = load_pem_private_key(content, password=None)
    except (TypeError, ValueError) as error:
        raise ValueError(f"data does not contain a valid RSA or ECDSA private key: {name}") from error
    if not isinstance(found, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError(f"data does not contain a valid RSA or ECDSA private key: {name}")
    return found


def _public_keys(name: str) -> list["PublicKey"]:
    """Return the public keys of a file, which may hold several, private ones and certificates among them."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    found: list[Any] = []
    for block in _pem_blocks(_read(name)):
        try:
            if b"PRIVATE KEY" in block:
                found.append(load_pem_private_key(block, password=None).public_key())
            elif b"CERTIFICATE" in block:
                found.append(x509.load_pem_x509_certificate(block).public_key())
            else:
                found.append(load_pem_public_key(block))
        except (TypeError, ValueError):
            continue
    keys = [key for key in found if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)]
    if not keys:
        raise ValueError(f"data does not contain any valid RSA or ECDSA public keys: {name}")
    return keys


def _pem_blocks(content: bytes) -> list[bytes]:
    blocks, current = [], b""
    for line in content.splitlines(keepends=True):
        if line.startswith(b"-----BEGIN "):
            current = b""
        current += line
        if line.startswith(b"-----END "):
            blocks.append(current)
    return blocks


def _verification_key(public: "PublicKey") -> VerificationKey:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key_id = _base64url(hashlib.sha256(der).digest()).decode()
    algorithm = "RS256" if isinstance(public, rsa.RSAPublicKey) else _CURVES.get(public.curve.name)
    if algorithm is None:
        raise ValueError("unknown private key curve, must be 256, 384, or 521")
    return VerificationKey(key_id, algorithm, public)


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
