"""Numbers that may be given as shares of another: ``3`` or ``25%`` (``intstr.IntOrString``, v0.36)."""


def scaled(value: int | str, total: int, *, round_up: bool) -> int:
    """Return ``value``, or as many of ``total`` as it says in percent, rounded to the next whole number.

    Text that is no percentage counts as 0: the API server lets none pass.

    >>> scaled("25%", 10, round_up=True), scaled("25%", 10, round_up=False), scaled(4, 10, round_up=True)
    (3, 2, 4)
    """
    if isinstance(value, int):
        return value
    digits = value.removesuffix("%")
    if digits == value or not (digits.isascii() and digits.isdecimal()):
        return 0
    product = int(digits) * total
    return -(-product // 100) if round_up else product // 100
