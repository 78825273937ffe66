"""The anatomy of an op-ed: which part of the text is title, date, byline, body, bio, or furniture of the page.

The head is read line by line until prose begins, the foot paragraph by paragraph until prose ends; in between only lines
that can be nothing else are set apart. When in doubt, a line is body: a claim that is not looked for is lost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from pipeline.reading.article import Zone, ZoneKind
from pipeline.reading.bios import is_bio, is_disclaimer
from pipeline.reading.dates import date_line, date_within
from pipeline.reading.furniture import is_furniture, is_invitation
from pipeline.reading.lines import Line, split_lines, without_markers
from pipeline.reading.names import byline, dated_byline, name_line, signature

HEAD_LINES = 14
FOOT_LINES = 24
TITLE_CHARACTERS = 200
TITLE_WORDS = 30
SURE_TITLE_WORDS = 20
"""Longer lines are titles only where a date or a byline follows."""

_CAPTION = re.compile(r"\([A-Z][a-z][\w.'’-]*(?: [A-Z][\w.'’-]*){1,3}\)$")
_SENTENCES = re.compile(r"[.!?]\s+\S")


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What was recognised."""

    zones: tuple[Zone, ...]
    title: str | None = None
    author: str | None = None
    date: str | None = None


def recognise(text: str, start: int = 0, *, title: str | None = None, author: str | None = None) -> Anatomy:
    """The zones of a text, with the title, author and date that stand in it.

    Args:
        text: the whole text; zones are offsets into it, in code points.
        start: where front matter ends, which is boilerplate.
        title: the title, where it is known: a line of the head that says the same is its zone.
        author: the names, joined by commas, where they are known: they help to tell a bio from the body.
    """
    parts = _Parts(text, split_lines(text, start), title, author)
    parts.read_head()
    parts.read_foot()
    parts.read_middle()
    zones = parts.zones()
    if start and (front := text[:start].rstrip()):
        zones.insert(0, Zone(ZoneKind.BOILERPLATE, len(front) - len(front.lstrip()), len(front)))
    return Anatomy(tuple(zones), parts.title, parts.author, parts.date)


class _Parts:
    """The lines of a text, and what each of them has been found to be."""

    def __init__(self, text: str, lines: Sequence[Line], known_title: str | None, known_author: str | None) -> None:
        self.text = text
        self.lines = lines
        self.kinds = [ZoneKind.BODY] * len(lines)
        self.known_title = _folded(known_title) if known_title else None
        self.known_author = known_author
        self.title: str | None = None
        self.author: str | None = None
        self.date: str | None = None
        self.body = 0
        """The first line that is not head."""

    def read_head(self) -> None:
        """Finds title, date, byline and furniture above the first prose."""
        for i, line in enumerate(self.lines[:HEAD_LINES]):
            plain = line.plain
            dated = date_line(plain)
            if dated:
                self.kinds[i], self.date = ZoneKind.DATE, self.date or dated.iso
            elif self.author is None and (named := byline(plain) or self._bare_name(i)):
                self.kinds[i], self.author = ZoneKind.BYLINE, named
                self.date = self.date or date_within(plain)
            elif self._is_furniture(i):
                self.kinds[i] = ZoneKind.BOILERPLATE
            elif self.title is None and self._is_title(i):
                self.kinds[i], self.title = ZoneKind.TITLE, " ".join(plain.split())
            elif _is_prose(line):
                self.body = i
                break
            self.body = i + 1

    def read_foot(self) -> None:
        """Finds bios, disclaimers, signatures and furniture below the last prose."""
        end = len(self.lines)
        while end > max(self.body + 1, len(self.lines) - FOOT_LINES):
            begin = end - 1
            while begin > self.body and self._goes_on(begin):
                begin -= 1
            kind = self._closing(begin, end)
            if kind is None:
                return
            self.kinds[begin:end] = [kind] * (end - begin)
            end = begin

    def _closing(self, begin: int, end: int) -> ZoneKind | None:
        """What the paragraph of the lines from ``begin`` to ``end`` is, if nothing but what closes an article follows."""
        last = self.lines[end - 1].plain
        if begin == end - 1:
            if is_furniture(last):
                return ZoneKind.BOILERPLATE
            if dated := date_line(last):
                self.date = self.date or dated.iso
                return ZoneKind.DATE
            if named := signature(last) or byline(last):
                self.author = self.author or named
                return ZoneKind.BYLINE
        first = self.lines[begin].start
        paragraph = without_markers(" ".join(self.text[first : self.lines[end - 1].end].split()))

        def named_before(word: str) -> bool:
            return re.search(rf"\b{re.escape(word)}\b", self.text[:first]) is not None

        if is_disclaimer(paragraph) or is_bio(paragraph, self.known_author or self.author, named_before):
            return ZoneKind.BIO
        return ZoneKind.BOILERPLATE if is_invitation(paragraph) else None

    def read_middle(self) -> None:
        """Finds furniture between paragraphs of the body."""
        for i in range(self.body, len(self.lines)):
            if self.kinds[i] is ZoneKind.BODY and self._is_furniture(i):
                self.kinds[i] = ZoneKind.BOILERPLATE
        if ZoneKind.BODY not in self.kinds and ZoneKind.TITLE not in self.kinds:
            # nothing but lines that look like furniture: rather search them all than say that there is no text
            self.kinds = [ZoneKind.BODY] * len(self.lines)

    def zones(self) -> list[Zone]:
        """Zones over runs of lines of one kind; of titles, dates and bylines each line is one."""
        zones: list[Zone] = []
        long = (ZoneKind.BODY, ZoneKind.BIO, ZoneKind.BOILERPLATE)
        for kind, run in groupby(zip(self.kinds, self.lines, strict=True), key=itemgetter(0)):
            lines = [line for _, line in run]
            pieces = [(lines[0], lines[-1])] if kind in long else [(line, line) for line in lines]
            zones += [Zone(kind, first.start, last.end) for first, last in pieces]
        return zones

    def _is_furniture(self, i: int) -> bool:
        return is_furniture(self.lines[i].plain) and not self._goes_on(i)

    def _goes_on(self, i: int) -> bool:
        """Whether a line goes on with the paragraph of the line before, which was broken for want of room."""
        if i == 0 or self.lines[i].gap or not 45 < _length(self.lines[i - 1]) <= 100:
            return False
        # "comments." can be the last word of a wrapped paragraph, but not after the end of a sentence
        plain, before = self.lines[i].plain, self.lines[i - 1].plain
        ended = before.endswith(tuple(".!?:;”\"'’)"))
        return not (ended and (is_furniture(plain) or signature(plain) or date_line(plain)))

    def _is_title(self, i: int) -> bool:
        """Whether a line of the head, with nothing but furniture, date and byline before it, is the title."""
        line = self.lines[i]
        if ZoneKind.BODY in self.kinds[:i] or i + 1 >= len(self.lines):
            return False
        if self.known_title and _folded(line.plain) == self.known_title:
            return True
        words = len(line.plain.split())
        if line.end - line.start > TITLE_CHARACTERS or words > TITLE_WORDS:
            return False
        if line.heading:
            return True
        if line.plain.endswith((",", ";", ":")) or (line.plain[:1] in '"“‘(' and _SENTENCES.search(line.plain)):
            return False
        if _CAPTION.search(line.plain):
            return False
        introduced = any(date_line(one.plain) or byline(one.plain) for one in self.lines[i + 1 : i + 3])
        if introduced:
            return True
        stripped = line.plain.rstrip("\"”'’")
        if words > SURE_TITLE_WORDS or (stripped.endswith(".") and not stripped.endswith(("...", "U.S."))):
            return False
        following = self.lines[i + 1]
        # a short line directly above a much longer one is a title too; lines of one width are wrapped prose
        return following.gap or not _is_prose(following) or _length(following) > 2 * _length(line)

    def _bare_name(self, i: int) -> str | None:
        """The name on a line under the title without "by": beside a date, before an outlet, or known from elsewhere."""
        plain = self.lines[i].plain
        if self.title is None or len(plain.split()) > 12:
            return None
        if named := dated_byline(plain):
            return named
        named = name_line(plain)
        if named is None or "|" in plain:
            return named
        neighbours = [self.lines[j].plain for j in (i - 1, i + 1) if 0 <= j < len(self.lines)]
        if any(map(date_line, neighbours)) or (self.known_author and _folded(named) == _folded(self.known_author)):
            return named
        # "Jane Doe" above, "Jane Doe is …" below
        return named if any(line.plain.startswith(plain) for line in self.lines[i + 1 :][-8:]) else None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _length(line: Line) -> int:
    return line.end - line.start


def _is_prose(line: Line) -> bool:
    """Whether a line of the head can only be running text."""
    return _length(line) > TITLE_CHARACTERS or len(line.plain.split()) > TITLE_WORDS
