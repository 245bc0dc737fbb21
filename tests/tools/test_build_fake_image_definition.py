"""The definition of ``FakeImage`` is the one that the models make."""

import orjson

from kubelet.images.declared.objects import DEFINITION_FILE
from tools.build_fake_image_definition import definition


def test_the_definition_is_up_to_date() -> None:
    assert orjson.loads(DEFINITION_FILE.read_bytes()) == definition(), "run `make images-page`"
