"""Checks of single values that many kinds share: addresses, ports, quantities, what may never change.

Follows ``k8s.io/apimachinery/pkg/util/validation`` and ``pkg/apis/core/validation/validation.go`` (v1.36).
"""

import ipaddress
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from apimachinery import names
from apimachinery.quantity import parse_quantity
from apiserver.validation import field
from apiserver.validation.field import Causes

JSONObject = dict[str, Any]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PROTOCOLS = ("SCTP", "TCP", "UDP")


@lru_cache(maxsize=4096)
def address(text: str) -> Address | None:
    """Return the parsed IP address, or ``None``; a zone (``%eth0``) is no part of one."""
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def ip(path: str, text: str) -> Causes:
    if address(text) is None:
        return [field.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    return []


def endpoint_ip(path: str, text: str) -> Causes:
    """Check an address that traffic may be sent to.

    Upstream refuses loopback addresses here as well. Pods of this cluster live on them, so they pass.
    """
    parsed = address(text)
    if parsed is None:
        return [field.invalid(path, text, "must be a valid IP address")]
    if parsed.is_unspecified:
        return [field.invalid(path, text, f"may not be unspecified ({text})")]
    if parsed.is_link_local:
        return [field.invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    if (parsed.version == 4 and text.startswith("224.0.0.")) or (
        parsed.version == 6 and parsed.packed[:2] == b"\xff\x02"
    ):
        return [field.invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]
    return []


def cidr(path: str, text: str) -> Causes:
    try:
        if "/" in text:
            ipaddress.ip_network(text, strict=False)
            return []
    except ValueError:
        pass
    return [field.invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]


def descending_path(path: str, value: str) -> Causes:
    """Check a path that leads down from where it starts (``validateLocalDescendingPath``)."""
    causes: Causes = []
    if value.startswith("/"):
        causes.append(field.invalid(path, value, "must be a relative path"))
    if ".." in value.split("/"):
        causes.append(field.invalid(path, value, "must not contain '..'"))
    return causes


def port(path: str, number: int) -> Causes:
    if not 1 <= number <= 65535:
        return [field.invalid(path, number, "must be between 1 and 65535, inclusive")]
    return []


def port_or_name(path: str, value: int | str) -> Causes:
    if isinstance(value, int):
        return port(path, value)
    return field.problems(path, value, names.port_name(value))


def one_of(path: str, value: str, supported: Iterable[str]) -> Causes:
    """Check a value that has to be given and to be one of a few."""
    if not value:
        return [field.required(path)]
    return optional_one_of(path, value, supported)


def optional_one_of(path: str, value: str | None, supported: Iterable[str]) -> Causes:
    choices = tuple(supported)
    if value is None or value in choices:
        return []
    return [field.not_supported(path, value, choices)]


def named(path: str, value: str, check: Callable[[str], list[str]], detail: str = "") -> Causes:
    """Check a name that has to be given; ``detail`` says more about one that is not."""
    if not value:
        return [field.required(path, detail)]
    return field.problems(path, value, check(value))


def immutable(path: str, new: Any, old: Any) -> Causes:
    return [] if new == old else [field.invalid(path, new, "field is immutable")]


def fixed(path: str, new: Any, old: Any) -> Causes:
    """Check what upstream forbids to change in the words of storage classes."""
    return [] if new == old else [field.forbidden(path, f"updates to {path} are forbidden.")]


def non_negative_quantity(path: str, quantity: str) -> Causes:
    if parse_quantity(quantity) < 0:
        return [field.invalid(path, quantity, "must be greater than or equal to 0")]
    return []


def positive_quantity(path: str, quantity: str) -> Causes:
    if parse_quantity(quantity) <= 0:
        return [field.invalid(path, quantity, "must be greater than zero")]
    return []


def any_number_or_percent(path: str, value: int | str) -> Causes:
    """Check a count of pods, or their share, that is not negative."""
    if isinstance(value, int):
        return field.non_negative(path, value)
    return field.problems(path, value, names.percent(value))


def number_or_percent(path: str, value: int | str) -> Causes:
    """Check a count of pods, or their share: neither negative nor above the whole."""
    causes = any_number_or_percent(path, value)
    if not causes and isinstance(value, str) and int(value[:-1]) > 100:
        return [field.invalid(path, value, "must not be greater than 100%")]
    return causes
