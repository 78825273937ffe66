"""The anatomy of an op-ed: which part of the text is title, date, byline, body, bio, or furniture of the page.

The head is read line by line until prose begins, the foot paragraph by paragraph until prose ends; in between only lines
that can be nothing else are set apart. When in doubt, a line is body: a claim that is not looked for is lost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.reading import patterns
from pipeline.reading.article import Zone, ZoneKind

HEAD_LINES = 14
FOOT_LINES = 24
TITLE_CHARACTERS = 200
TITLE_WORDS = 30

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_HEADING = re.compile(r"#{1,6}[ \t]+(?=\S)")
_MARKERS = "*_#>` \t\u200b\u200e\u200f\ufeff"
_SETEXT = re.compile(r"=+|-+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with text: ``[start, end)`` without white space; ``plain`` is its text without Markdown's markers.

    ``gap`` tells whether a blank line, or nothing, comes before it.
    """

    start: int
    end: int
    plain: str
    gap: bool


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What was recognised."""

    zones: tuple[Zone, ...]
    title: str | None = None
    author: str | None = None
    date: str | None = None


def recognise(text: str, start: int = 0) -> Anatomy:
    """The zones of a text from ``start`` on (front matter before it is boilerplate), with title, author and date."""
    lines = _lines(text, start)
    kinds = [ZoneKind.BODY] * len(lines)
    title = author = date = None
    body = 0  # the first line that is not head
    for i, line in enumerate(lines[:HEAD_LINES]):
        before = kinds[:i]
        dated = patterns.date_line(line.plain)
        named = patterns.byline(line.plain) or _lone_name(lines, i, title is not None)
        if dated:
            kinds[i], date = ZoneKind.DATE, date or dated.iso
        elif named and author is None:
            kinds[i], author = ZoneKind.BYLINE, named
            date = date or patterns.date_within(line.plain)
        elif patterns.is_furniture(line.plain):
            kinds[i] = ZoneKind.BOILERPLATE
        elif title is None and ZoneKind.BODY not in before and _is_title(text, lines, i):
            kinds[i], title = ZoneKind.TITLE, " ".join(line.plain.split())
        elif _is_prose(line):
            body = i
            break
        body = i + 1
    author, date = _foot(text, lines, kinds, body, author, date)
    for i in range(body, len(lines)):
        if kinds[i] is ZoneKind.BODY and patterns.is_furniture(lines[i].plain):
            kinds[i] = ZoneKind.BOILERPLATE
    if ZoneKind.BODY not in kinds and ZoneKind.TITLE not in kinds:
        # nothing but lines that look like furniture: rather search them all than say that there is no text
        kinds = [ZoneKind.BODY] * len(lines)
    zones = _zones(lines, kinds)
    if start and (front := text[:start].rstrip()):
        zones.insert(0, Zone(ZoneKind.BOILERPLATE, len(front) - len(front.lstrip()), len(front)))
    return Anatomy(tuple(zones), title, author, date)


def _lines(text: str, start: int) -> list[Line]:
    lines: list[Line] = []
    previous = start
    for match in _LINE.finditer(text, start):
        content = match.group()
        left = match.start() + len(content) - len(content.lstrip())
        right = match.start() + len(content.rstrip())
        heading = _HEADING.match(text, left, right)
        if heading:
            left = heading.end()
        if left < right:
            breaks = text.count("\n", previous, match.start()) or text.count("\r", previous, match.start())
            lines.append(Line(left, right, text[left:right][:400].strip(_MARKERS), not lines or breaks > 1))
            previous = right
    return lines


def _is_title(text: str, lines: Sequence[Line], i: int) -> bool:
    """Whether a line of the head, with nothing but furniture, date and byline before it, is the title."""
    line = lines[i]
    length = line.end - line.start
    if i + 1 >= len(lines) or length > TITLE_CHARACTERS or len(line.plain.split()) > TITLE_WORDS:
        return False
    if line.start > 1 and text[line.start - 2] == "#":
        return True
    following = lines[i + 1]
    if line.plain.endswith((".", ",", ";", ":")) and not line.plain.endswith(("...", "U.S.")):
        return False
    apart = following.gap or not _is_prose(following) or patterns.byline(following.plain) is not None
    # a short line directly above a much longer one is a title too; lines of one width are wrapped prose
    return apart or following.end - following.start > 2 * length


def _is_prose(line: Line) -> bool:
    """Whether a line of the head can only be running text."""
    return line.end - line.start > TITLE_CHARACTERS or len(line.plain.split()) > TITLE_WORDS


def _lone_name(lines: Sequence[Line], i: int, titled: bool) -> str | None:
    """The name on a line by itself under the title, beside the date, or with an outlet behind a bar."""
    if not titled or len(lines[i].plain.split()) > 8:
        return None
    neighbours = [lines[j].plain for j in (i - 1, i + 1) if 0 <= j < len(lines)]
    if "|" not in lines[i].plain and not any(patterns.date_line(plain) for plain in neighbours):
        return None
    return patterns.name_line(lines[i].plain)


def _foot(
    text: str, lines: Sequence[Line], kinds: list[ZoneKind], body: int, author: str | None, date: str | None
) -> tuple[str | None, str | None]:
    """Sets the kinds of what follows the last prose; returns author and date, found there where the head had none."""
    end = len(lines)
    while end > max(body + 1, len(lines) - FOOT_LINES):
        begin = end - 1
        while begin > body and not lines[begin].gap and _wrapped(lines[begin - 1], lines[begin]):
            begin -= 1
        paragraph = " ".join(text[lines[begin].start : lines[end - 1].end].strip(_MARKERS).split())
        last = lines[end - 1].plain
        single = begin == end - 1
        if single and patterns.is_furniture(last):
            kind = ZoneKind.BOILERPLATE
        elif single and (dated := patterns.date_line(last)):
            kind, date = ZoneKind.DATE, date or dated.iso
        elif single and (named := patterns.signature(last) or patterns.byline(last)):
            kind, author = ZoneKind.BYLINE, author or named
        elif patterns.is_disclaimer(paragraph) or patterns.is_bio(paragraph, author):
            kind = ZoneKind.BIO
        else:
            break
        kinds[begin:end] = [kind] * (end - begin)
        end = begin
    return author, date


def _wrapped(line: Line, following: Line) -> bool:
    """Whether a line was broken for want of room, so that the next one goes on with the paragraph."""
    return 45 < line.end - line.start <= 100 and not patterns.is_furniture(following.plain)


def _zones(lines: Sequence[Line], kinds: Sequence[ZoneKind]) -> list[Zone]:
    """Zones over runs of lines of one kind; of titles, dates and bylines each line is one."""
    zones: list[Zone] = []
    previous = None
    for line, kind in zip(lines, kinds, strict=True):
        if kind is previous and kind in (ZoneKind.BODY, ZoneKind.BIO, ZoneKind.BOILERPLATE):
            zones[-1] = Zone(kind, zones[-1].start, line.end)
        else:
            zones.append(Zone(kind, line.start, line.end))
        previous = kind
    return zones
