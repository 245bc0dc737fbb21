"""From what a ``FakeImage`` says to the image that containers are made from."""

import math
from typing import Any

from pydantic import ValidationError

from apimachinery.quantity import parse_quantity
from kubelet.fake.catalogue import NamedImage
from kubelet.fake.image import FakeImage
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.declared.program import declared_program
from kubelet.images.declared.spec import API_VERSION, KIND, FakeImageSpec
from kubelet.wishes import PREFIX

_PROGRAM = "/entrypoint"


class BadImage(ValueError):
    """What should be a ``FakeImage`` is none; the text names the field."""


def named_image(obj: Any) -> NamedImage:
    """Return the image that an object describes, with its references; raise :class:`BadImage`."""
    if not isinstance(obj, dict) or (obj.get("apiVersion"), obj.get("kind")) != (API_VERSION, KIND):
        raise BadImage(f"not of kind {KIND} and apiVersion {API_VERSION}")
    name = (obj.get("metadata") or {}).get("name")
    if not name or not isinstance(name, str):
        raise BadImage("metadata.name: Field required")
    try:
        spec = FakeImageSpec.model_validate(obj.get("spec") or {})
    except ValidationError as error:
        raise BadImage("; ".join(_problem(problem) for problem in error.errors())) from None
    return NamedImage(spec.references or [name], fake_image(spec))


def _problem(problem: Any) -> str:
    where = "spec"
    for step in problem["loc"]:
        where += f"[{step}]" if isinstance(step, int) else f".{step}"
    return f"{where}: {problem['msg'].removeprefix('Value error, ')}"


def fake_image(spec: FakeImageSpec) -> FakeImage:
    """Return the image; raise :class:`BadImage` for files that cannot be."""
    programs = {**shell_programs(bash=True), _PROGRAM: declared_program(spec)}
    try:
        root = system_tree(
            programs, files={path: text.encode() for path, text in spec.files.items()}, modes=_modes(spec)
        )
    except ValueError as error:
        raise BadImage(f"spec.files: {error}") from None
    return FakeImage(
        root,
        programs,
        entrypoint=tuple(spec.entrypoint) or (_PROGRAM,),
        cmd=tuple(spec.args),
        env=spec.env,
        working_dir=spec.working_dir,
        user=int(spec.user) if spec.user.isdigit() else spec.user,
        size=math.ceil(parse_quantity(spec.size)),
        annotations={f"{PREFIX}{name}": text for name, text in _wishes(spec).items()},
    )


def _modes(spec: FakeImageSpec) -> dict[str, int]:
    return {path: 0o755 for path, text in spec.files.items() if text.startswith("#!")}


def _wishes(spec: FakeImageSpec) -> dict[str, str]:
    """Return what is left to the annotations that images and pods have in common."""
    given = {
        "pull-time": spec.pull.time,
        "pull-error": spec.pull.error,
        "start-delay": spec.start_delay,
        "fail-probe": ",".join(spec.fail_probes),
        "cpu": spec.usage.cpu,
        "memory": spec.usage.memory,
    }
    return {name: text for name, text in given.items() if text not in {"", "0", "0s"}}
