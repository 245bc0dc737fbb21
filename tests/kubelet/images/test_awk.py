"""``awk``: what it says of bad programs, its bounds, and expressions against the machine's own."""

import asyncio
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apimachinery.clock import ManualClock
from tests.kubelet.fake.world import open_world


@pytest.mark.parametrize(
    ("program", "errors"),
    [
        pytest.param("BEGIN{", "syntax error at 'end of program'", id="unclosed"),
        pytest.param("{print $}", "syntax error at '}'", id="no-field"),
        pytest.param('BEGIN{print "a}', "syntax error: unterminated string", id="string"),
        pytest.param("/a", "syntax error: unterminated regex", id="regex"),
        pytest.param("BEGIN{a b c = }", "syntax error at '='", id="assignment"),
        pytest.param("BEGIN{nothing(1)}", "call to undefined function 'nothing'", id="function"),
        pytest.param("BEGIN{print 1/0}", "division by zero", id="zero"),
        pytest.param("BEGIN{print substr(1)}", "wrong number of arguments to substr", id="arguments"),
        pytest.param("BEGIN{print $(-1)}", "attempt to access field -1", id="field"),
        pytest.param("BEGIN{$100001 = 1}", "field index 100001 out of range", id="fields"),
        pytest.param('BEGIN{print match("a", "[")}', "bad regex '['", id="bad-regex"),
        pytest.param('BEGIN{x = "a"; while (1) x = x x}', "out of memory", id="string-without-end"),
        pytest.param('BEGIN{x = sprintf("%999s", ""); while (1) a[i++] = x i}', "out of memory", id="array"),
        pytest.param("function f(n) {return f(n + 1)} BEGIN{f(1)}", "nested too deeply", id="recursion"),
        pytest.param(f"BEGIN{{print {'(' * 500}1}}", "syntax error: nested too deeply", id="nested"),
        pytest.param('BEGIN{printf "%99999999d", 1}', "width out of range", id="width"),
    ],
)  # fmt: skip
async def test_faults(program: str, errors: str) -> None:
    async with open_world() as world:
        out, said, code = await world.run("awk", program)
        assert (out, code) == ("", 2)
        assert said.startswith(f"awk: {errors}")


async def test_endless_programs_starve_nobody() -> None:
    async with open_world(ManualClock()) as world:
        endless = [
            world.start(["awk", program]) for program in ("BEGIN{while(1) x++}", "function f() {} BEGIN{for(;;) f()}")
        ]
        assert await world.sh("echo answered") == ("answered\n", "", 0)
        assert [each.process.exit_code for each in endless] == [None, None]


async def test_output_ends_when_nobody_reads() -> None:
    async with open_world(ManualClock()) as world:
        assert await world.sh("awk 'BEGIN{while(1) print i++}' | head -n 2") == ("0\n1\n", "", 0)


_numbers = st.one_of(st.integers(0, 99).map(str), st.floats(0, 99, width=16).map(lambda value: f"{value:.3f}"))
_strings = st.text("ab01 .", max_size=5).map(lambda text: f'"{text}"')
_atoms = st.one_of(_numbers, _strings, st.sampled_from(["$1", "$2", "$3", "NF", "x", "n"]))
_expressions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", " ", "<", "==", ">=", "&&", "||"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        inner.map(lambda part: f"(!{part})"),
        inner.map(lambda part: f"(- {part})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})"),
        st.tuples(inner, inner).map(lambda parts: f"index({parts[0]}, {parts[1]})"),
        st.tuples(inner, st.integers(1, 4), st.integers(0, 4)).map(
            lambda parts: f"substr({parts[0]}, {parts[1]}, {parts[2]})"
        ),
        inner.map(lambda part: f"length({part})"),
        inner.map(lambda part: f"toupper({part})"),
    ),
    max_leaves=6,
)


@pytest.mark.skipif(shutil.which("awk") is None, reason="there is no awk to compare with")
@settings(max_examples=30, deadline=None)
@given(st.lists(_expressions, min_size=5, max_size=15))
async def test_expressions_are_worth_the_same(expressions: list[str]) -> None:
    program = 'BEGIN{n = 3}{x = "7a"; ' + "".join(f'print "<" {each} ">"; ' for each in expressions) + "}"
    line = b"10 abc 2.50\n"
    real = await asyncio.to_thread(
        subprocess.run, ["awk", program], input=line, capture_output=True, timeout=20, env={"LC_ALL": "C"}, check=True
    )
    async with open_world() as world:
        assert await world.run("awk", program, stdin=line) == (real.stdout.decode(), "", 0)
