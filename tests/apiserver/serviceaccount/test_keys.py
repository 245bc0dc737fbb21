"""Keys of tokens, from files and made up."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from apiserver.serviceaccount.errors import InvalidToken
from apiserver.serviceaccount.keys import TokenKeys, generate, load

Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def private_pem(key: Private) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: Private) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def header(token: str) -> Any:
    part = token.split(".")[0]
    return orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("curve", "algorithm"),
    [
        pytest.param(ec.SECP256R1(), "ES256", id="P-256"),
        pytest.param(ec.SECP384R1(), "ES384", id="P-384"),
        pytest.param(ec.SECP521R1(), "ES512", id="P-521"),
    ],
)
def test_elliptic_curves(curve: ec.EllipticCurve, algorithm: str) -> None:
    keys = TokenKeys(ec.generate_private_key(curve))
    token = keys.sign({"iss": "me"})
    assert header(token) == {"alg": algorithm, "kid": keys.all[0].key_id}
    assert keys.verify(token) == {"iss": "me"}


def test_other_curves_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown private key curve, must be 256, 384, or 521"):
        TokenKeys(ec.generate_private_key(ec.SECP256K1()))


def test_rsa_from_a_file(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    (tmp_path / "sa.key").write_bytes(private_pem(rsa_key))
    keys = load(str(tmp_path / "sa.key"), [])
    der = rsa_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key_id = urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    assert header(keys.sign({})) == {"alg": "RS256", "kid": key_id}
    shown = keys.all[0].to_jwk()
    assert {key: shown[key] for key in ("use", "kty", "kid", "alg")} == {
        "use": "sig",
        "kty": "RSA",
        "kid": key_id,
        "alg": "RS256",
    }
    assert set(shown) == {"use", "kty", "kid", "alg", "n", "e"}


def test_older_keys_are_still_good(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    older, oldest = generate(), ec.generate_private_key(ec.SECP384R1())
    (tmp_path / "all.pem").write_bytes(
        b"a comment\n" + private_pem(older._private) + public_pem(rsa_key) + public_pem(oldest)
    )
    keys = load("", [str(tmp_path / "all.pem")])
    assert [key.algorithm for key in keys.all] == ["ES256", "ES256", "RS256", "ES384"]
    for signed in (older.sign({"n": 1}), TokenKeys(rsa_key).sign({"n": 1}), TokenKeys(oldest).sign({"n": 1})):
        assert keys.verify(signed) == {"n": 1}


def test_a_key_without_an_id_is_looked_for() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    keys = TokenKeys(ec.generate_private_key(ec.SECP256R1()), [key.public_key()])
    assert keys.verify(jwt.encode({"n": 1}, key, "ES256")) == {"n": 1}


def test_tokens_of_others() -> None:
    keys, other = generate(), generate()
    key_id = keys.all[0].key_id
    forged = jwt.encode({"n": 1}, other._private, "ES256", headers={"kid": key_id})
    unsigned = jwt.encode({"n": 1}, None, "none", headers={"kid": key_id})
    public = urlsafe_b64encode(b"a secret that everybody knows, of a length that will do").decode()
    shared = jwt.encode({"n": 1}, public, "HS256", headers={"kid": key_id})
    for token in (forged, unsigned, shared):
        with pytest.raises(InvalidToken, match="error in cryptographic primitive"):
            keys.verify(token)
    with pytest.raises(InvalidToken, match="invalid signature, no keys found"):
        keys.verify(other.sign({"n": 1}))
    with pytest.raises(InvalidToken) as refused:
        keys.verify("no.token.this")
    assert str(refused.value) == "invalid bearer token"


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_files_without_keys(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sa.pem"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="does not contain a valid RSA or ECDSA private key"):
        load(str(path), [])
    with pytest.raises(ValueError, match="does not contain any valid RSA or ECDSA public keys"):
        load("", [str(path)])
    with pytest.raises(ValueError, match=r"cannot read .*: No such file or directory"):
        load(str(tmp_path / "none.pem"), [])


def test_keys_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "sa.key").write_bytes(private_pem(ed25519.Ed25519PrivateKey.generate()))
    with pytest.raises(ValueError, match="does not contain a valid RSA or ECDSA private key"):
        load(str(tmp_path / "sa.key"), [])
