"""What the level ``restricted`` forbids beside: whatever a hardened pod can do without.

Some checks stand in the place of the ``baseline`` check about the same thing.
"""

from apiserver.admission.podsecurity import baseline
from apiserver.admission.podsecurity.check import (
    Check,
    JSONObject,
    Violation,
    containers,
    context_of,
    has_user_namespace,
    is_windows,
    named,
    of_containers,
    plural,
    quoted,
    setters,
)

_VOLUMES = frozenset({
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
})
_SECCOMP = ("RuntimeDefault", "Localhost")


def allow_privilege_escalation(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    if is_windows(spec):
        return None
    found = named(
        container
        for container in containers(spec)
        if context_of(container).get("allowPrivilegeEscalation") is not False
    )
    if not found:
        return None
    return Violation(
        "allowPrivilegeEscalation != false",
        f"{of_containers(found)} must set securityContext.allowPrivilegeEscalation=false",
    )


def capabilities(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    if is_windows(spec):
        return None
    keeping: list[str] = []
    adding: dict[str, set[str]] = {}
    for container in containers(spec):
        given = context_of(container).get("capabilities") or {}
        if "ALL" not in (given.get("drop") or ()):
            keeping.append(container.get("name", ""))
        if bad := set(given.get("add") or ()) - {"NET_BIND_SERVICE"}:
            adding[container.get("name", "")] = bad
    details = []
    if keeping:
        details.append(f'{of_containers(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        forbidden = quoted(sorted(set().union(*adding.values())))
        details.append(
            f"{of_containers(list(adding))} must not include {forbidden} in securityContext.capabilities.add"
        )
    return Violation("unrestricted capabilities", "; ".join(details)) if details else None


def restricted_volumes(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    found: dict[str, str] = {}
    for volume in spec.get("volumes", ()):
        for source, value in volume.items():
            if source != "name" and value is not None and source not in _VOLUMES:
                found[volume.get("name", "")] = source
    if not found:
        return None
    kinds = sorted(set(found.values()))
    volumes, uses = plural("volume", "volumes", len(found)), plural("uses", "use", len(found))
    noun = plural("restricted volume type", "restricted volume types", len(kinds))
    return Violation("restricted volume types", f"{volumes} {quoted(found)} {uses} {noun} {quoted(kinds)}")


def run_as_non_root(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    if has_user_namespace(spec):
        return None
    reason = "runAsNonRoot != true"
    if who := setters(spec, lambda context: context.get("runAsNonRoot") is False):
        return Violation(reason, f"{who} must not set securityContext.runAsNonRoot=false")
    if context_of(spec).get("runAsNonRoot"):
        return None
    silent = named(container for container in containers(spec) if context_of(container).get("runAsNonRoot") is None)
    if not silent:
        return None
    return Violation(reason, f"pod or {of_containers(silent)} must set securityContext.runAsNonRoot=true")


def run_as_user(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    if has_user_namespace(spec):
        return None
    who = setters(spec, lambda context: context.get("runAsUser") == 0)
    return Violation("runAsUser=0", f"{who} must not set runAsUser=0") if who else None


def seccomp_profile(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    if is_windows(spec):
        return None
    bad_types: set[str] = set()

    def is_bad(context: JSONObject) -> bool:
        profile = context.get("seccompProfile")
        if profile is None or profile.get("type") in _SECCOMP:
            return False
        bad_types.add(profile.get("type", ""))
        return True

    if who := setters(spec, is_bad):
        detail = f"{who} must not set securityContext.seccompProfile.type to {quoted(sorted(bad_types))}"
        return Violation("seccompProfile", detail)
    if context_of(spec).get("seccompProfile") is not None:
        return None
    silent = named(container for container in containers(spec) if context_of(container).get("seccompProfile") is None)
    if not silent:
        return None
    detail = (
        f"pod or {of_containers(silent)} must set securityContext.seccompProfile.type to "
        '"RuntimeDefault" or "Localhost"'
    )
    return Violation("seccompProfile", detail)


_REPLACED: tuple[Check, ...] = (
    baseline.capabilities,
    baseline.host_path_volumes,
    baseline.proc_mount,
    baseline.seccomp_profile,
)

CHECKS: tuple[Check, ...] = (
    *(check for check in baseline.CHECKS if check not in _REPLACED),
    allow_privilege_escalation,
    capabilities,
    baseline.proc_mount_in_any_namespace,
    restricted_volumes,
    run_as_non_root,
    run_as_user,
    seccomp_profile,
)
