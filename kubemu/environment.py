"""The environment: which variables kubemu reads, and which it sets for programs that it runs.

Nothing else in kubemu is set by a variable; ``docs/settings.md`` is made of these tables.
"""

RUNTIME_DIR = "KUBEMU_RUNTIME_DIR"
XDG_RUNTIME_DIR = "XDG_RUNTIME_DIR"
TMPDIR = "TMPDIR"
KUBECONFIG = "KUBECONFIG"
SERVER = "KUBEMU_SERVER"
COMPLETE = "_KUBEMU_COMPLETE"

READ = {
    RUNTIME_DIR: "The folder in which this user's clusters have their records, kubeconfigs and logs, and in which "
    "commands look for them.",
    XDG_RUNTIME_DIR: f"The folder that has it as `kubemu` when `{RUNTIME_DIR}` is not set, if it belongs to this user.",
    TMPDIR: "The folder that has it as `kubemu-UID` otherwise; `/tmp` when this is not set or cannot be written to.",
    KUBECONFIG: "With `kubemu up --merge` and no `--kubeconfig`: the files one of which gets the context, the first "
    "that exists, or else the last; `~/.kube/config` when it is not set.",
    COMPLETE: "Set by the scripts of `kubemu completion` when a shell asks what may come next.",
}
"""What commands heed, by name."""

FOR_HOOKS = {
    KUBECONFIG: "A kubeconfig whose current context is the cluster.",
    SERVER: "The URL of the cluster's API server.",
}
"""What the commands of ``--init-hook`` find, beside all that ``kubemu up`` found itself."""
