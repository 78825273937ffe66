"""The lines of a text, with and without the markers of Markdown."""

import re
from dataclasses import dataclass

LONGEST_PLAIN = 400
"""Characters of a line that are looked at to see what it is."""

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_HEADING = re.compile(r"#{1,6}[ \t]+(?=\S)")
_LINK = re.compile(r"\[([^\[\]\n]{0,200})\]\([^()\s]{0,200}\)")
_INVISIBLE = " \t\xa0\u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069\u202a\u202b\u202c\ufeff"
_MARKERS = "*_#>`" + _INVISIBLE


@dataclass(frozen=True, slots=True)
class Line:
    """A line with text: ``[start, end)`` in code points, without surrounding white space and a heading's ``#``.

    ``plain`` is how it begins, without the markers of Markdown. ``gap`` tells whether a blank line, or nothing, comes
    before it; ``heading`` whether Markdown makes it a heading.
    """

    start: int
    end: int
    plain: str
    gap: bool
    heading: bool


def split_lines(text: str, start: int = 0) -> list[Line]:
    """The lines from ``start`` on that have text."""
    lines: list[Line] = []
    previous = start
    for match in _LINE.finditer(text, start):
        content = match.group()
        left = match.start() + len(content) - len(content.lstrip())
        right = match.start() + len(content.rstrip())
        heading = _HEADING.match(text, left, right)
        if heading:
            left = heading.end()
        if left >= right or not text[left:right].strip(_INVISIBLE):
            continue
        gap = not lines or (left - previous > 1 and sum(1 for _ in _BREAK.finditer(text, previous, left)) > 1)
        lines.append(Line(left, right, without_markers(text[left:right][:LONGEST_PLAIN]), gap, heading is not None))
        previous = right
    return lines


def without_markers(text: str) -> str:
    """A line or paragraph as a reader sees it: emphasis, quotation marks and links of Markdown are taken off."""
    return (_LINK.sub(r"\1", text) if "](" in text else text).strip(_MARKERS)
