"""Who a container may run as (``pkg/kubelet/kuberuntime/security_context_others.go``, v1.36)."""

from apimachinery.types.pod import Container, Pod
from kubelet.pods import full_name
from kubelet.runtime import Image


def root_refusal(pod: Pod, container: Container, image: Image) -> str:
    """Return why a container that must not run as root (``runAsNonRoot``) would, empty when it would not."""
    own, whole = container.security_context, pod.spec.security_context
    must_not, user = whole.run_as_non_root, whole.run_as_user
    if own is not None:
        must_not = own.run_as_non_root if own.run_as_non_root is not None else must_not
        user = own.run_as_user if own.run_as_user is not None else user
    if not must_not:
        return ""
    who = f'(pod: "{full_name(pod)}", container: {container.name})'
    if user is not None:
        return f"container's runAsUser breaks non-root policy {who}" if user == 0 else ""
    if image.uid == 0:
        return f"container has runAsNonRoot and image will run as root {who}"
    if image.uid is None and image.username:
        return (
            f"container has runAsNonRoot and image has non-numeric user ({image.username}), "
            f"cannot verify user is non-root {who}"
        )
    return ""
