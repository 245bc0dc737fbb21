"""How a stream ended, as its error channel says it (``k8s.io/kubelet/pkg/cri/streaming/remotecommand``, v0.36)."""

from typing import Any

JSONObject = dict[str, Any]


def succeeded() -> JSONObject:
    """The command ended with 0, or the container that was attached to has ended."""
    return {"metadata": {}, "status": "Success"}


def exited(code: int) -> JSONObject:
    """The command ended with another code than 0; clients end with the same one."""
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def of_exit_code(code: int) -> JSONObject:
    """Return the outcome of a command that has ended."""
    return exited(code) if code else succeeded()


def failed(message: str) -> JSONObject:
    """The command could not be run, or the container not be attached to."""
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {message}",
        "reason": "InternalError",
        "details": {"causes": [{"message": message}]},
        "code": 500,
    }
