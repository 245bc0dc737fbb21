"""Which plugins run."""

import pytest

from apiserver.admission.selection import NOT_PROVIDED, ON_BY_DEFAULT
from tests.apiserver.admission.server import Server
from tests.live.processes import component


def running(server: Server) -> list[str]:
    return [plugin.name for plugin in server.api.context.admission.plugins]


async def test_the_default_set(server: Server) -> None:
    assert set(running(server)) == ON_BY_DEFAULT


async def test_flags_add_and_take_away() -> None:
    async with Server(enable=("AlwaysPullImages",), disable=("Priority", "NodeRestriction")) as server:
        assert set(running(server)) == ON_BY_DEFAULT - {"Priority"} | {"AlwaysPullImages"}


@pytest.mark.parametrize(
    ("enable", "disable", "why"),
    [
        pytest.param(("Foo",), (), 'enable-admission-plugins plugin "Foo" is unknown', id="unknown to enable"),
        pytest.param((), ("Foo",), 'disable-admission-plugins plugin "Foo" is unknown', id="unknown to disable"),
        pytest.param(
            ("NodeRestriction",),
            (),
            'enable-admission-plugins plugin "NodeRestriction" is not provided by this server',
            id="not provided",
        ),
        pytest.param(
            ("Priority", "LimitRanger"),
            ("Priority",),
            "[Priority] in enable-admission-plugins and disable-admission-plugins overlapped",
            id="both",
        ),
    ],
)
def test_names_that_cannot_be_met(enable: tuple[str, ...], disable: tuple[str, ...], why: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        Server(enable=enable, disable=disable)
    assert str(error.value) == why


def test_what_is_provided_and_what_is_not_are_apart() -> None:
    provided = {plugin.name for plugin in Server().api.context.admission.plugins}
    assert not provided & NOT_PROVIDED


def test_a_bad_flag_ends_the_process_with_one_line() -> None:
    process = component("apiserver", "--port", "0", "--enable-admission-plugins", "Priority,Foo")
    assert process.wait(20) == 1
    assert process.stderr == ['apiserver: error: enable-admission-plugins plugin "Foo" is unknown']
