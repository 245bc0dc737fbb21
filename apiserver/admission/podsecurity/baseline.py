"""What the level ``baseline`` forbids: known ways out of a container. Checks are in the order of upstream's ids."""

from apiserver.admission.podsecurity.check import (
    Check,
    JSONObject,
    Violation,
    containers,
    context_of,
    has_user_namespace,
    named,
    of_containers,
    plural,
    quoted,
    setters,
)

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_APPARMOR_TYPES = ("RuntimeDefault", "Localhost")
_CAPABILITIES = frozenset({
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
})
_SELINUX_TYPES = frozenset({"", "container_engine_t", "container_init_t", "container_kvm_t", "container_t"})
_SYSCTLS = frozenset({
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
})
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("postStart", "preStop")


def app_armor_profile(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    bad_types: set[str] = set()

    def is_bad(context: JSONObject) -> bool:
        profile = context.get("appArmorProfile")
        if profile is None or profile.get("type") in _APPARMOR_TYPES:
            return False
        bad_types.add(profile.get("type", ""))
        return True

    found = []
    if who := setters(spec, is_bad):
        found.append(f"{who} must not set AppArmor profile type to {quoted(sorted(bad_types))}")
    notes = [
        f'{key}="{value}"'
        for key, value in sorted(metadata.get("annotations", {}).items())
        if key.startswith(_APPARMOR) and value not in {"", "runtime/default"} and not value.startswith("localhost/")
    ]
    if notes:
        found.append(f"{plural('annotation', 'annotations', len(notes))} {', '.join(notes)}")
    if not found:
        return None
    return Violation(
        plural("forbidden AppArmor profile", "forbidden AppArmor profiles", len(found)), " and ".join(found)
    )


def capabilities(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    added = {
        container.get("name", ""): bad
        for container in containers(spec)
        if (bad := set((context_of(container).get("capabilities") or {}).get("add") or ()) - _CAPABILITIES)
    }
    if not added:
        return None
    forbidden = quoted(sorted(set().union(*added.values())))
    detail = f"{of_containers(list(added))} must not include {forbidden} in securityContext.capabilities.add"
    return Violation("non-default capabilities", detail)


def host_namespaces(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    shared = [f"{key}=true" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    return Violation("host namespaces", ", ".join(shared)) if shared else None


def host_path_volumes(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    found = named(volume for volume in spec.get("volumes", ()) if volume.get("hostPath") is not None)
    return (
        Violation("hostPath volumes", f"{plural('volume', 'volumes', len(found))} {quoted(found)}") if found else None
    )


def host_ports(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    found = {
        container.get("name", ""): ports
        for container in containers(spec)
        if (ports := {str(port["hostPort"]) for port in container.get("ports", ()) if port.get("hostPort")})
    }
    if not found:
        return None
    numbers = sorted(set().union(*found.values()))
    uses, noun = plural("uses", "use", len(found)), plural("hostPort", "hostPorts", len(numbers))
    return Violation("hostPort", f"{of_containers(list(found))} {uses} {noun} {', '.join(numbers)}")


def host_probes_and_lifecycle(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    found: dict[str, set[str]] = {}
    for container in containers(spec):
        lifecycle = container.get("lifecycle") or {}
        handlers = [container.get(key) or {} for key in _PROBES] + [lifecycle.get(key) or {} for key in _HOOKS]
        hosts = {(handler.get(key) or {}).get("host") for handler in handlers for key in ("httpGet", "tcpSocket")}
        if bad := {host for host in hosts if host}:
            found[container.get("name", "")] = bad
    if not found:
        return None
    forbidden = sorted(set[str]().union(*found.values()))
    uses = plural("uses", "use", len(found))
    noun = plural("probe or lifecycle host", "probe or lifecycle hosts", len(forbidden))
    return Violation("probe or lifecycle host", f"{of_containers(sorted(found))} {uses} {noun} {quoted(forbidden)}")


def privileged(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    found = named(container for container in containers(spec) if context_of(container).get("privileged"))
    if not found:
        return None
    return Violation("privileged", f"{of_containers(found)} must not set securityContext.privileged=true")


def proc_mount(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    return None if has_user_namespace(spec) else proc_mount_in_any_namespace(metadata, spec)


def proc_mount_in_any_namespace(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    found = {
        container.get("name", ""): mount
        for container in containers(spec)
        if (mount := context_of(container).get("procMount", "Default")) != "Default"
    }
    if not found:
        return None
    mounts = quoted(sorted(set(found.values())))
    return Violation("procMount", f"{of_containers(list(found))} must not set securityContext.procMount to {mounts}")


def selinux_options(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    types: set[str] = set()
    is_set: set[str] = set()

    def is_bad(context: JSONObject) -> bool:
        options = context.get("seLinuxOptions") or {}
        given = [key for key in ("user", "role") if options.get(key)]
        is_set.update(given)
        kind = options.get("type", "")
        if kind not in _SELINUX_TYPES:
            types.add(kind)
        return bool(given) or kind not in _SELINUX_TYPES

    who = setters(spec, is_bad)
    if not who:
        return None
    bad = [f"{plural('type', 'types', len(types))} {quoted(sorted(types))}"] if types else []
    bad += [f"{key} may not be set" for key in ("user", "role") if key in is_set]
    return Violation("seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(bad)}")


def seccomp_profile(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    who = setters(spec, lambda context: (context.get("seccompProfile") or {}).get("type") == "Unconfined")
    if not who:
        return None
    return Violation("seccompProfile", f'{who} must not set securityContext.seccompProfile.type to "Unconfined"')


def sysctls(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    given = (sysctl.get("name", "") for sysctl in context_of(spec).get("sysctls") or ())
    found = sorted(name for name in given if name not in _SYSCTLS)
    return Violation("forbidden sysctls", ", ".join(found)) if found else None


def windows_host_process(metadata: JSONObject, spec: JSONObject) -> Violation | None:
    who = setters(spec, lambda context: bool((context.get("windowsOptions") or {}).get("hostProcess")))
    if not who:
        return None
    return Violation("hostProcess", f"{who} must not set securityContext.windowsOptions.hostProcess=true")


CHECKS: tuple[Check, ...] = (
    app_armor_profile,
    capabilities,
    host_namespaces,
    host_path_volumes,
    host_ports,
    host_probes_and_lifecycle,
    privileged,
    proc_mount,
    selinux_options,
    seccomp_profile,
    sysctls,
    windows_host_process,
)
