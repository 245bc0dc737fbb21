"""What a kubelet has to import before its first container."""

import os
import subprocess
import sys

import pytest

from kubelet.fake.image import parse_reference
from kubelet.images.builtin import catalogue


@pytest.mark.parametrize(
    ("reference", "known"), [("nginx", True), ("registry.k8s.io/pause:3.10", True), ("mine", False)]
)
def test_images_are_there_when_they_are_asked_for(reference: str, known: bool) -> None:
    images = catalogue()
    unknown = images.find(parse_reference("nobody/knows"))
    assert (images.find(parse_reference(reference)) is not unknown) is known


def test_no_image_is_imported_at_the_start() -> None:
    script = (
        "import sys; import kubelet.serving; kubelet.serving.known_images(()); "
        "print(*sorted(name for name in sys.modules if name.startswith(('kubelet.fake.shell', 'kubelet.images'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=os.getcwd())
    assert done.stdout.split() == [
        "kubelet.images",
        "kubelet.images.builtin",
        "kubelet.images.declared",
        "kubelet.images.declared.objects",
        "kubelet.images.pause",
        "kubelet.images.plugins",
    ]
