"""CertificateSigningRequests (``pkg/apis/certificates/validation/validation.go``, v1.36).

A request's PEM envelope is checked; the signature inside is left to whoever signs.
"""

import re
from typing import Any

from apimachinery import names
from apiserver.validation import field, values
from apiserver.validation.config import decode_base64
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]

USAGES = (
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
)
_DECISIONS = ("Approved", "Denied", "Failed")
_SHORTEST_SECONDS = 600
_LEGACY_SIGNER = "kubernetes.io/legacy-unknown"
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s+(.*?)-----END \1-----\s*", re.DOTALL)


def any_name(name: str) -> list[str]:
    """How a request is called is nobody's business."""
    return []


def validate_request(request: JSONObject) -> Causes:
    spec = request.get("spec", {})
    causes = _envelope(spec.get("request", ""))
    usages = spec.get("usages", [])
    if not usages:
        causes.append(field.required("spec.usages"))
    for index, usage in enumerate(usages):
        path = f"spec.usages[{index}]"
        causes += values.optional_one_of(path, usage, USAGES)
        if usage in usages[:index]:
            causes.append(field.duplicate(path, usage))
    signer = spec.get("signerName", "")
    if signer == _LEGACY_SIGNER:
        detail = "the legacy signerName is not allowed via this API version"
        causes.append(field.invalid("spec.signerName", signer, detail))
    else:
        causes += _signer(signer)
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _SHORTEST_SECONDS:
        detail = "may not specify a duration less than 600 seconds (10 minutes)"
        causes.append(field.invalid("spec.expirationSeconds", seconds, detail))
    return causes


def _envelope(text: str) -> Causes:
    path = "spec.request"
    try:
        content = decode_base64(text)
    except ValueError as error:
        return [field.invalid(path, text, str(error))]
    found = _BLOCK.search(content)
    if found is None or found[1] != b"CERTIFICATE REQUEST":
        return [field.invalid(path, text, "PEM block type must be CERTIFICATE REQUEST")]
    return []


def _signer(name: str) -> Causes:
    path = "spec.signerName"
    if not name:
        return [field.required(path)]
    domain, slash, rest = name.partition("/")
    if not slash or "/" in rest:
        detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [field.invalid(path, name, detail)]
    causes = field.problems(path, domain, names.dns_subdomain(domain))
    if "." not in domain:
        detail = "should be a domain with at least two segments separated by dots"
        causes.append(field.invalid(path, domain, detail))
    return causes + field.problems(path, rest, names.dns_subdomain(rest))


def validate_conditions(new: JSONObject, old: JSONObject) -> Causes:
    """Check the conditions of a request: decisions stand, and contradict no other."""
    path = "status.conditions"
    conditions = new.get("status", {}).get("conditions", [])
    causes: Causes = []
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        here, kind, status = f"{path}[{index}]", condition.get("type", ""), condition.get("status", "")
        if not kind:
            causes.append(field.required(f"{here}.type"))
        if not status:
            causes.append(field.required(f"{here}.status"))
        elif kind in _DECISIONS and status != "True":
            causes.append(field.not_supported(f"{here}.status", status, ("True",)))
        elif status not in {"True", "False", "Unknown"}:
            causes.append(field.not_supported(f"{here}.status", status, ("False", "True", "Unknown")))
        if kind in seen:
            causes.append(field.duplicate(f"{here}.type", kind))
        if {"Approved", "Denied"} <= seen | {kind} and kind in {"Approved", "Denied"}:
            causes.append(field.invalid(f"{here}.type", kind, "Approved and Denied conditions are mutually exclusive"))
        seen.add(kind)
    before = {condition.get("type") for condition in old.get("status", {}).get("conditions", [])}
    causes += [
        field.forbidden(path, f'updates may not remove a condition of type "{kind}"')
        for kind in _DECISIONS
        if kind in before and kind not in seen
    ]
    return causes


def validate_status(new: JSONObject, old: JSONObject) -> Causes:
    """Check a signer's answer: it does not decide, and issues one certificate at most."""
    causes = validate_conditions(new, old)
    after, before = _types(new), _types(old)
    causes += [
        field.forbidden("status.conditions", f'updates may not add a condition of type "{kind}"')
        for kind in ("Approved", "Denied")
        if kind in after and kind not in before
    ]
    certificate, issued = new.get("status", {}).get("certificate"), old.get("status", {}).get("certificate")
    if issued and certificate != issued:
        causes.append(field.forbidden("status.certificate", "updates may not modify existing certificate content"))
    elif certificate and not _is_certificate(certificate):
        causes.append(field.invalid("status.certificate", "<certificate data>", "expected CERTIFICATE PEM block"))
    return causes


def _types(request: JSONObject) -> set[str]:
    return {condition.get("type", "") for condition in request.get("status", {}).get("conditions", [])}


def _is_certificate(text: str) -> bool:
    try:
        found = _BLOCK.search(decode_base64(text))
    except ValueError:
        return False
    return found is not None and found[1] == b"CERTIFICATE"
