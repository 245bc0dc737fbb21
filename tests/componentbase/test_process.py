"""What ends a process, found among what went wrong."""

import pytest

from apimachinery.errors import FatalError
from componentbase.process import fatal_cause


def chained() -> Exception:
    try:
        try:
            raise FatalError("inner")
        except FatalError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(FatalError("plain"), "plain", id="itself"),
        pytest.param(
            ExceptionGroup("g", [ValueError(), ExceptionGroup("h", [FatalError("deep")])]), "deep", id="group"
        ),
        pytest.param(chained(), "inner", id="cause"),
        pytest.param(ExceptionGroup("g", [ValueError()]), None, id="none"),
    ],
)
def test_fatal_cause(error: BaseException, expected: str | None) -> None:
    found = fatal_cause(error)
    assert (None if found is None else str(found)) == expected
