"""Compiled regular expressions: RE2's automata, whose time grows with the text alone, whatever the expression.

An expression is tried on a Python string; the longest match at the leftmost place counts, as POSIX has it. Work is
bounded: an expression that is too much for a text is ``ENOMEM``, as it is for glibc. What searches again and again asks
:meth:`Expression.due` in between, and lets others have their turn.
"""

import errno
import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from kubelet.fake.regex.backtracking import MOST_STEPS, Backtracker, Spans, TooBig
from kubelet.fake.regex.syntax import EXTENDED, Assertion, BadExpression, Dialect, Series, parse, written

_MOST_MEMORY = 1 << 20
"""Bytes that RE2 may hold for one expression."""
_MOST_WORK = 1 << 25
"""How much one search may cost, in characters of the text times instructions of the automaton: a tenth of a second when
RE2 can build none and follows all states at once."""
_TURN = 1 << 24
_STEP = 256
"""What a step of the backtracker costs, in the same measure."""

_SURROGATES = {0xDC80 + low: 0x10FE80 + low for low in range(128)}
"""Bytes that are no UTF-8 are lone surrogates in a string; RE2, which knows none, sees characters of private use."""


class Found:
    """A match: ``found[0]`` is what matched, ``found[n]`` what group n did, ``None`` if it had no part in it."""

    __slots__ = ("_span", "_text")

    def __init__(self, text: str, span: Callable[[int], tuple[int, int]]) -> None:
        self._text = text
        self._span = span

    def __getitem__(self, group: int) -> str | None:
        begin, end = self._span(group)
        return None if begin < 0 else self._text[begin:end]

    @property
    def text(self) -> str:
        """What matched."""
        begin, end = self._span(0)
        return self._text[begin:end]

    def start(self, group: int = 0) -> int:
        return self._span(group)[0]

    def end(self, group: int = 0) -> int:
        return self._span(group)[1]


class Expression:
    """``groups`` is the number of its groups; see :func:`compile_posix` for what the rest means."""

    __slots__ = ("_automaton", "_backtracker", "_cost", "_word", "_work", "groups")

    def __init__(
        self, automaton: Any, groups: int, backtracker: Backtracker | None = None, *, word: bool = False
    ) -> None:
        self._automaton = automaton
        self._backtracker = backtracker
        self._cost: int = automaton.programsize
        self._word = word
        self._work = 0
        self.groups = groups

    def search(self, text: str) -> Found | None:
        """Return the first match; raise ``OSError`` (``ENOMEM``) when that is too much work."""
        return next(self._each(text), None)

    def match(self, text: str) -> Found | None:
        """Return the match at the beginning of the text."""
        if self._backtracker is not None:
            return self._tried(self._backtracker, text, 0, 0)
        found = self._automaton.match(self._subject(text))
        return None if found is None else Found(text, found.span)

    def each(self, text: str) -> Iterator[Found]:
        """Return the matches one after the other; none that is empty right behind another, as POSIX's tools have it."""
        end = -1
        for found in self._each(text):
            if found.end() > found.start() or found.start() != end:
                yield found
                end = found.end()

    def due(self) -> bool:
        """Say, once, that so much has been searched that others should have their turn."""
        if self._work < _TURN:
            return False
        self._work = 0
        return True

    def _subject(self, text: str) -> str | bytes:
        """Return the text as the automaton takes it, at positions that mean the same, and count the work."""
        work = self._cost * len(text)
        if work > _MOST_WORK:
            raise OSError(errno.ENOMEM, "Memory exhausted")
        self._work += work
        if text.isascii():
            return text.encode()
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.translate(_SURROGATES)
        return text

    def _each(self, text: str) -> Iterator[Found]:
        if self._backtracker is not None:
            yield from self._each_tried(self._backtracker, text)
            return
        if self._word:
            yield from self._each_word(text)
            return
        for found in self._automaton.finditer(self._subject(text)):
            yield Found(text, found.span)
            self._work += self._cost * (len(text) - found.end())

    def _each_word(self, text: str) -> Iterator[Found]:
        subject, start = self._subject(text), 0
        while (found := self._automaton.search(subject, start)) is not None:
            yield Found(text, lambda group, span=found.span: span(group + 1))  # type: ignore[misc]
            begin, end = found.span(1)
            start = end if end > begin else end + 1
            self._work += self._cost * (len(text) - end)
            if start > len(text):
                return

    def _each_tried(self, backtracker: Backtracker, text: str) -> Iterator[Found]:
        start = 0
        while start <= len(text):
            # The automaton matches wherever the expression may, and tells quickly where it cannot.
            likely = self._automaton.search(self._subject(text), start)
            found = likely and self._tried(backtracker, text, likely.start(), len(text))
            if not found:
                return
            yield found
            start = max(found.end(), found.start() + 1)

    def _tried(self, backtracker: Backtracker, text: str, first: int, last: int) -> Found | None:
        """Return the match at the first place from ``first`` to ``last`` where there is one."""
        left = MOST_STEPS
        try:
            for place in range(first, last + 1):
                spans, left = backtracker.at(text, place, left)
                if spans is not None and (not self._word or _is_word(text, spans)):
                    return Found(text, spans.__getitem__)
            return None
        except OSError:
            left = 0
            raise
        finally:
            self._work += _STEP * (MOST_STEPS - left)


def _is_word(text: str, spans: Spans) -> bool:
    begin, end = spans[0]
    around = text[begin - 1 : begin] if begin else "", text[end : end + 1]
    return not any(char == "_" or (char.isascii() and char.isalnum()) for char in around)


@functools.lru_cache(maxsize=128)
def compile_posix(
    patterns: tuple[str, ...],
    dialect: Dialect = EXTENDED,
    *,
    literal: bool = False,
    ignore_case: bool = False,
    multiline: bool = False,
    whole: bool = False,
    word: bool = False,
) -> Expression:
    """Compile expressions, any of which may match; raise :class:`BadExpression`.

    ``literal`` ones are texts. A match is of the ``whole`` text, or of a ``word`` in it (``grep -x``, ``-w``).
    ``multiline``: ``^`` and ``$`` are the bounds of lines, too.
    """
    parsed = parse(patterns, dialect, literal=literal)
    if whole:
        parsed = replace(parsed, root=Series((Assertion("`"), parsed.root, Assertion("'"))))
    text = written(parsed.root, parsed.groups)
    if word:
        text = rf"(?:^|[^0-9A-Za-z_])({text})(?:$|[^0-9A-Za-z_])"
    flags = "(?s" + ("m" if multiline else "") + ("i" if ignore_case else "") + ")"
    backtracker = None
    if parsed.references:
        try:
            backtracker = Backtracker(parsed, ignore_case=ignore_case, multiline=multiline)
        except TooBig:
            raise BadExpression("Regular expression too big") from None
    return Expression(automaton(flags + text), len(parsed.groups), backtracker, word=word)


def automaton(text: str, *, longest: bool = True) -> Any:
    """Compile what is in RE2's syntax; ``longest`` counts among matches at one place, otherwise the first tried."""
    # A container that uses an expression pays for it; no other has to know the library.
    import re2

    options = re2.Options()
    options.longest_match = longest
    options.max_mem = _MOST_MEMORY
    options.log_errors = False
    try:
        return re2.compile(text.translate(_SURROGATES), options)
    except re2.error as error:
        raise BadExpression("Regular expression too big") from error
    finally:
        # It would keep a hundred of them, however large; those in use are kept here.
        re2.purge()
