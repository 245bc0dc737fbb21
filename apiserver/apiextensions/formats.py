"""The formats of strings that Kubernetes knows (``k8s.io/kube-openapi/pkg/validation/strfmt``).

A format that is not known means nothing: it is kept and not checked.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from apimachinery import names

_GO_DURATION = re.compile(
    r"[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|\u00b5s|ms|s|m|h|d|w)([-+]?(\d+(\.\d*)?|\.\d+)(ns|us|\u00b5s|ms|s|m|h|d|w))*|0"
)
_MAC = re.compile(r"([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?(?P<version>[0-9a-f])[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.I)
_HEX_COLOR = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_CHANNEL = r"(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])"
_RGB_COLOR = re.compile(rf"rgb\(\s*{_CHANNEL}\s*,\s*{_CHANNEL}\s*,\s*{_CHANNEL}\s*\)")
_SSN = re.compile(r"\d{3}[- ]?\d{2}[- ]?\d{4}")
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")
_CARD = re.compile(r"\d{12,19}")


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return "/" in text


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_uri(text: str) -> bool:
    """Whether Go's ``url.ParseRequestURI`` reads it: a scheme, or a path from the root."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme or text.startswith("/")) and not any(letter <= " " for letter in text)


def _is_uuid(version: str) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        found = _UUID.fullmatch(text)
        return found is not None and found["version"] in (version or found["version"])

    return check


def _is_isbn(digits: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        plain = text.replace("-", "").replace(" ", "")
        if len(plain) != digits or not re.fullmatch(r"\d{9}[\dXx]|\d{13}", plain):
            return False
        values = [10 if letter in "Xx" else int(letter) for letter in plain]
        if digits == 10:
            return sum(value * (10 - place) for place, value in enumerate(values)) % 11 == 0
        return sum(value * (3 if place % 2 else 1) for place, value in enumerate(values)) % 10 == 0

    return check


def _is_card(text: str) -> bool:
    plain = re.sub(r"[^0-9]", "", text)
    if not _CARD.fullmatch(plain):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(plain))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


OWN_FORMATS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _matches(_OBJECT_ID),
    "byte": _is_base64,
    "cidr": _is_network,
    "creditcard": _is_card,
    "duration": _matches(_GO_DURATION),
    "hexcolor": _matches(_HEX_COLOR),
    "isbn": lambda text: _is_isbn(10)(text) or _is_isbn(13)(text),
    "isbn10": _is_isbn(10),
    "isbn13": _is_isbn(13),
    "k8s-long-name": lambda text: not names.dns_subdomain(text),
    "k8s-short-name": lambda text: not names.dns_label(text),
    "mac": _matches(_MAC),
    "rgbcolor": _matches(_RGB_COLOR),
    "ssn": _matches(_SSN),
    "uri": _is_uri,
    "uuid": _is_uuid(""),
    "uuid3": _is_uuid("3"),
    "uuid4": _is_uuid("4"),
    "uuid5": _is_uuid("5"),
}
"""Checks of the formats that JSON Schema does not have, or reads otherwise than Go."""

KNOWN_FORMATS = frozenset({*OWN_FORMATS, "date", "date-time", "datetime", "email", "hostname", "ipv4", "ipv6"})
