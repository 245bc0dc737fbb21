"""CertificateSubjectRestriction: who must not be certified."""

import base64

import pytest

from apiserver.admission.plugins.certificate_subject_restriction import organizations
from tests.apiserver.admission.server import JSONObject, Server


def der(tag: int, *content: bytes) -> bytes:
    whole = b"".join(content)
    length = bytes([len(whole)]) if len(whole) < 128 else b"\x82" + len(whole).to_bytes(2, "big")
    return bytes([tag]) + length + whole


def name(oid: str, value: str) -> bytes:
    return der(0x31, der(0x30, der(0x06, bytes.fromhex(oid)), der(0x0C, value.encode())))


def request(*organization: str, padding: int = 0) -> str:
    """A PKCS #10 request as far as its subject; the rest is empty."""
    subject = der(0x30, name("550403", "jane" + "e" * padding), *(name("55040a", entry) for entry in organization))
    information = der(0x30, der(0x02, b"\0"), subject)
    encoded = base64.b64encode(der(0x30, information)).decode()
    lines = "\n".join(encoded[start : start + 64] for start in range(0, len(encoded), 64))
    pem = f"-----BEGIN CERTIFICATE REQUEST-----\n{lines}\n-----END CERTIFICATE REQUEST-----\n"
    return base64.b64encode(pem.encode()).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(request(), set(), id="none"),
        pytest.param(request("a", "b"), {b"a", b"b"}, id="two"),
        pytest.param(request("a", padding=200), {b"a"}, id="long lengths"),
        pytest.param("", set(), id="empty"),
        pytest.param("%%%", set(), id="no base64"),
        pytest.param(base64.b64encode(b"hello").decode(), set(), id="no PEM"),
        pytest.param(
            base64.b64encode(
                b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
            ).decode(),
            set(),
            id="cut off",
        ),
    ],
)
def test_organizations(text: str, expected: set[bytes]) -> None:
    assert organizations(text) == expected


@pytest.mark.parametrize(
    ("organization", "signer", "why"),
    [
        pytest.param("developers", "kubernetes.io/kube-apiserver-client", "", id="somebody"),
        pytest.param(
            "system:masters",
            "kubernetes.io/kube-apiserver-client",
            'certificatesigningrequests.certificates.k8s.io "r" is forbidden: use of '
            "kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
            id="an administrator",
        ),
        pytest.param("system:masters", "example.com/other", "", id="where it means nothing"),
    ],
)
async def test_requests(server: Server, organization: str, signer: str, why: str) -> None:
    spec = {"request": request(organization), "signerName": signer, "usages": ["client auth"]}
    wanted: JSONObject = {"metadata": {"name": "r"}, "spec": spec}
    if why:
        assert await server.refused("certificatesigningrequests", wanted) == why
    else:
        await server.create("certificatesigningrequests", wanted)
