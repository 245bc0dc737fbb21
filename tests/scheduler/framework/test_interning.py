from scheduler.framework.interning import Interner


def test_equal_values_have_one_number() -> None:
    values: Interner[str] = Interner()
    assert values.acquire("a") == values.acquire("a")
    assert values.acquire("b") != values.get("a")
    assert values.held == 2


def test_a_number_is_reused_when_nobody_holds_the_value() -> None:
    values: Interner[str] = Interner()
    number = values.acquire("a")
    values.acquire("a")
    values.release(number)
    assert values.get("a") == number
    version = values.version
    values.release(number)
    assert values.get("a") is None
    assert values.acquire("b") == number
    assert values.version > version
    assert values.size == 1
    assert list(values.items()) == [("b", number)]
