"""The usual utilities, as busybox has them: one module a family, one function a program."""

from collections.abc import Mapping

from kubelet.fake.process import Program
from kubelet.images.utilities import (
    environment,
    files,
    filters,
    finding,
    identity,
    listing,
    mounted,
    network,
    numbers,
    search,
    sorting,
)
from kubelet.images.utilities.command import Utility, as_program
from kubelet.images.utilities.sed import sed


def utilities() -> Mapping[str, Program]:
    """Return all programs by the path they are found at."""
    return {f"/bin/{name}": as_program(utility) for name, utility in _by_name().items()}


def _by_name() -> Mapping[str, Utility]:
    return {
        "[": numbers.test,
        "basename": files.basename,
        "cat": filters.cat,
        "chmod": files.chmod,
        "chown": files.chown,
        "cp": files.cp,
        "cut": filters.cut,
        "date": environment.date,
        "df": mounted.df,
        "dirname": files.dirname,
        "echo": environment.echo,
        "egrep": search.grep,
        "env": environment.env,
        "expr": numbers.expr,
        "false": environment.false,
        "fgrep": search.grep,
        "find": finding.find,
        "grep": search.grep,
        "head": filters.head,
        "hostname": identity.hostname,
        "id": identity.identify,
        "kill": identity.kill,
        "ln": files.ln,
        "ls": listing.ls,
        "mkdir": files.mkdir,
        "mount": mounted.mount,
        "mv": files.mv,
        "nc": network.nc,
        "printenv": environment.printenv,
        "printf": environment.printf,
        "ps": identity.ps,
        "pwd": environment.pwd,
        "readlink": files.readlink,
        "rm": files.rm,
        "rmdir": files.rmdir,
        "sed": sed,
        "seq": numbers.seq,
        "sleep": environment.sleep,
        "sort": sorting.sort,
        "stat": listing.stat,
        "tail": filters.tail,
        "tee": filters.tee,
        "test": numbers.test,
        "touch": files.touch,
        "tr": filters.tr,
        "true": environment.true,
        "uname": identity.uname,
        "uniq": sorting.uniq,
        "wc": filters.wc,
        "wget": network.wget,
        "which": environment.which,
        "whoami": identity.whoami,
        "xargs": environment.xargs,
        "yes": environment.yes,
    }
