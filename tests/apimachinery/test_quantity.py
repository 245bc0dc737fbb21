"""Quantities, against the forms that upstream documents (``resource.Quantity``) and against arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimachinery.quantity import canonical, format_quantity, milli_value, parse_quantity, value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0", "0"),
        ("0n", "0"),
        ("0Ki", "0"),
        ("-0", "0"),
        ("1", "1"),
        ("+1", "1"),
        ("1.", "1"),
        (".5", "500m"),
        ("0.5", "500m"),
        ("1.5", "1500m"),
        ("-1.5", "-1500m"),
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("100m", "100m"),
        ("0.001", "1m"),
        ("0.0001", "100u"),
        ("0.0000001", "100n"),
        ("0.0000000001", "1n"),
        ("1000", "1k"),
        ("1001", "1001"),
        ("1000000", "1M"),
        ("1000k", "1M"),
        ("1.5k", "1500"),
        ("1Ki", "1Ki"),
        ("1024", "1024"),
        ("1024Ki", "1Mi"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("0.5Ki", "512"),
        ("1023Ki", "1023Ki"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("12e6", "12e6"),
        ("1e-3", "1e-3"),
        ("1e0", "1"),
        ("100e3", "100e3"),
        ("1E", "1E"),
        ("1Ei", "1Ei"),
        ("007", "7"),
    ],
)
def test_canonical_form(text: str, written: str) -> None:
    assert canonical(text) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "m",
        "1 Gi",
        "1gi",
        "1K",
        "--1",
        "1.2.3",
        "0x10",
        "1e",
        "Ki",
        "1Kii",
        "1mm",
        "1,5",
        "\u0661",
        "1e1.5",
        "NaN",
    ],
)
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="quantities must match the regular expression"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "units", "thousandths"),
    [
        pytest.param("100m", 1, 100, id="rounded up"),
        pytest.param("1", 1, 1000, id="whole"),
        pytest.param("0.0001", 1, 1, id="the smallest is not nothing"),
        pytest.param("64Mi", 67_108_864, 67_108_864_000, id="binary"),
        pytest.param("-1.5", -1, -1500, id="negative rounds up too"),
    ],
)
def test_values(text: str, units: int, thousandths: int) -> None:
    assert (value(text), milli_value(text)) == (units, thousandths)


@pytest.mark.parametrize(
    ("number", "exact"), [(2, Fraction(2)), (0.5, Fraction(1, 2)), ("1e3", Fraction(1000)), (0.1, Fraction(1, 10))]
)
def test_json_numbers_are_quantities(number: str | float, exact: Fraction) -> None:
    assert parse_quantity(number) == exact


@pytest.mark.parametrize("text", ["9223372036854775808", "1e30", "1e400000000", "100Ei", "-1e30"])
def test_the_largest_is_a_bound(text: str) -> None:
    """Upstream caps at 2^63-1 what its integer form cannot hold."""
    assert abs(parse_quantity(text)) == 2**63 - 1


_SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3", "E-3", "e0"]


@given(
    st.sampled_from(["", "+", "-"]),
    st.integers(0, 10**7),
    st.one_of(st.none(), st.integers(0, 999)),
    st.sampled_from(_SUFFIXES),
)
def test_the_canonical_form_means_the_same_and_is_its_own(
    sign: str, whole: int, fraction: int | None, suffix: str
) -> None:
    text = f"{sign}{whole}{'' if fraction is None else f'.{fraction}'}{suffix}"
    written = canonical(text)
    assert parse_quantity(written) == parse_quantity(text)
    assert canonical(written) == written
    assert "." not in written


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from(["binary", "decimal", "exponent"]))
def test_formatting_loses_nothing(number: int, family: str) -> None:
    assert parse_quantity(format_quantity(number, family)) == number


@given(st.text(max_size=12))
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    try:
        parse_quantity(text)
    except ValueError as error:
        assert "quantities must match" in str(error)  # noqa: PT017
