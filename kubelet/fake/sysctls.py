"""Parameters of the kernel, as ``/proc/sys`` and ``sysctl`` show them: the pod's own over the usual ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubelet.fake.machine import BUILD, RELEASE

if TYPE_CHECKING:
    from kubelet.fake.process import Process

_USUAL: Mapping[str, str] = {
    "fs.file-max": "9223372036854775807",
    "fs.inotify.max_user_watches": "65536",
    "kernel.domainname": "(none)",
    "kernel.msgmax": "8192",
    "kernel.msgmnb": "16384",
    "kernel.msgmni": "32000",
    "kernel.osrelease": RELEASE,
    "kernel.ostype": "Linux",
    "kernel.pid_max": "4194304",
    "kernel.sem": "32000\t1024000000\t500\t32000",
    "kernel.shm_rmid_forced": "0",
    "kernel.shmall": "18446744073692774399",
    "kernel.shmmax": "18446744073692774399",
    "kernel.shmmni": "4096",
    "kernel.threads-max": "63448",
    "kernel.version": BUILD,
    "net.core.somaxconn": "4096",
    "net.ipv4.ip_forward": "1",
    "net.ipv4.ip_local_port_range": "32768\t60999",
    "net.ipv4.ip_local_reserved_ports": "",
    "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ping_group_range": "0\t2147483647",
    "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_keepalive_intvl": "75",
    "net.ipv4.tcp_keepalive_probes": "9",
    "net.ipv4.tcp_keepalive_time": "7200",
    "net.ipv4.tcp_rmem": "4096\t131072\t6291456",
    "net.ipv4.tcp_syncookies": "1",
    "net.ipv4.tcp_wmem": "4096\t16384\t4194304",
    "vm.max_map_count": "65530",
    "vm.overcommit_memory": "1",
    "vm.panic_on_oom": "0",
    "vm.swappiness": "60",
}


def sysctls(process: "Process | None") -> Mapping[str, str]:
    """Return all parameters by their names with dots; a pod may also name them with slashes."""
    if process is None:
        return _USUAL
    own = {name.replace("/", "."): value for name, value in process.world.sysctls.items()}
    return {**_USUAL, "kernel.hostname": process.hostname, **own}
