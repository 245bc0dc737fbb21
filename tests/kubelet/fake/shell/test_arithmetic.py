"""Any expression gives what the machine's shell makes of it."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelet.fake.shell.arithmetic import ArithmeticFault, evaluate

numbers = st.integers(0, 2**31).map(str) | st.sampled_from(["0x1f", "010", "a", "b", "unset"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "&&", "||", "<", "<=", "==", "!="])
    return st.one_of(
        st.tuples(inner, operators, inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        st.tuples(st.sampled_from("-+!~"), inner).map(lambda pair: f"{pair[0]} ({pair[1]})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]}) ? ({three[1]}) : ({three[2]})"),
        st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["=", "+=", "-=", "*="]), inner).map(
            lambda three: f"({' '.join(three)})"
        ),
    )


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell to compare with")
@settings(max_examples=150, deadline=None)
@given(st.recursive(numbers, combined, max_leaves=8))
def test_same_as_the_real_shell(expression: str) -> None:
    script = f"a=5; b=-3; echo $(( {expression} )) $a $b"
    real = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    variables = {"a": "5", "b": "-3"}
    try:
        value = evaluate(expression, lambda name: variables.get(name, ""), variables.__setitem__)
    except ArithmeticFault:
        assert real.returncode != 0, expression
        return
    assert f"{value} {variables['a']} {variables['b']}\n" == real.stdout, (expression, real.stderr)


@pytest.mark.parametrize(
    "expression", ["1 +", "* 2", "(1", "1)", "1 2", "a b", "1 / 0", "1 % 0", "0x", "09", "$", "1 ? 2"]
)
def test_what_makes_no_sense_is_refused(expression: str) -> None:
    with pytest.raises(ArithmeticFault):
        evaluate(expression, lambda name: "", lambda name, value: None)


def test_variables_that_name_each_other_are_found_out() -> None:
    with pytest.raises(ArithmeticFault, match="recursion"):
        evaluate("x", {"x": "y", "y": "x"}.__getitem__, lambda name, value: None)
