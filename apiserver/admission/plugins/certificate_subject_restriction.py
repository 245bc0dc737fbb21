"""Nobody becomes an administrator by a certificate.

``plugin/pkg/admission/certificates/subjectrestriction``, v1.36.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.refusals import forbidden

_SIGNER = "kubernetes.io/kube-apiserver-client"
_MASTERS = b"system:masters"
_ORGANIZATION = bytes.fromhex("060355040a")
_SEQUENCE, _SET = 0x30, 0x31
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE REQUEST-----(.*?)-----END CERTIFICATE REQUEST-----", re.DOTALL)


class CertificateSubjectRestriction(AdmissionPlugin):
    name = "CertificateSubjectRestriction"

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        request = (operation, group, plural, subresource)
        return request == (Operation.CREATE, "certificates.k8s.io", "certificatesigningrequests", "")

    async def validate(self, attributes: Attributes) -> None:
        assert attributes.obj is not None
        spec = attributes.obj.get("spec", {})
        if spec.get("signerName") == _SIGNER and _MASTERS in organizations(spec.get("request", "")):
            why = f"use of {_SIGNER} signer with system:masters group is not allowed"
            raise forbidden(attributes, why)


def organizations(request: str) -> set[bytes]:
    """Return the organizations that a PKCS #10 request names, from its PEM in base64.

    A request that does not parse names none; whoever signs will not sign it.
    """
    try:
        found = _BLOCK.search(base64.b64decode(request))
        content = base64.b64decode(found[1]) if found else b""
        (whole,) = (value for tag, value in _values(content) if tag == _SEQUENCE)
        information = next(value for tag, value in _values(whole) if tag == _SEQUENCE)
        subject = next(value for tag, value in _values(information) if tag == _SEQUENCE)
        return {
            value
            for tag, names in _values(subject)
            if tag == _SET
            for _, name in _values(names)
            if name.startswith(_ORGANIZATION)
            for _, value in list(_values(name))[1:]
        }
    except (binascii.Error, IndexError, StopIteration, ValueError):
        return set()


def _values(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and content of each value in a run of DER; raise ``IndexError`` where it breaks off."""
    position = 0
    while position < len(der):
        tag, length = der[position], der[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(der[position : position + size], "big")
            position += size
        if position + length > len(der):
            raise IndexError
        yield tag, der[position : position + length]
        position += length
