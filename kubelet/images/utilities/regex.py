"""Regular expressions as utilities take them: what is wrong with one is said, and ends the command with 2."""

from collections.abc import Sequence

from kubelet.fake.regex.expression import Expression, compile_posix
from kubelet.fake.regex.syntax import BASIC, BadExpression, Dialect
from kubelet.images.utilities.command import CommandFault

SED = Dialect(controls=True)
SED_EXTENDED = Dialect(extended=True, controls=True)
AWK = Dialect(extended=True, references=False, controls=True, escapes=True)


def compile_regex(
    patterns: str | Sequence[str],
    dialect: Dialect = BASIC,
    *,
    literal: bool = False,
    ignore_case: bool = False,
    multiline: bool = False,
    whole: bool = False,
    word: bool = False,
) -> Expression:
    """Compile an expression, or several of which any may match, as ``compile_posix``; raise :class:`CommandFault`."""
    given = (patterns,) if isinstance(patterns, str) else tuple(patterns)
    try:
        return compile_posix(
            given, dialect, literal=literal, ignore_case=ignore_case, multiline=multiline, whole=whole, word=word
        )
    except BadExpression as error:
        raise CommandFault(f"bad regex '{given[0]}': {error}", 2) from error
