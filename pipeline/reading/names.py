"""The names of authors, in bylines and signatures."""

import re

from pipeline.reading import dates

_PARTICLE = r"(?:de|del|della|der|den|van|von|al|el|bin|ibn|la|le|du|di|da|dos|ter|ten|y)"
_WORD = r"(?:(?:Mc|Mac|O['’]|D['’]|al-|el-)?[^\W\d_a-z][\w'’.-]*)"
NAME = rf"{_WORD}(?:\s+(?:{_WORD}|{_PARTICLE})){{0,4}}\s+{_WORD}"
_NAMES = rf"{NAME}(?:(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*){NAME}){{0,5}}"
_AFFILIATION = r"(?:\s*(?:[|,;·•–—(/]|\s-\s|\s(?:for|in|at|from)\s).*)?"
_BYLINE = re.compile(
    r"(?i:(?:(?:words|written|story|text|posted|opinion|analysis|comment|commentary|column|essay|guest (?:post|column|essay))\s+)?by:?"
    rf"|authors?:|words:|writers?:)\s+(?P<names>{_NAMES}){_AFFILIATION}"
)
_SIGNATURE = re.compile(rf"[—–-]{{1,2}}\s*(?P<names>{_NAMES})\W*")
_NAME_LINE = re.compile(rf"(?P<names>{_NAMES})(?:\s*[|·•–—/]\s*[^|]*)?")
_HONORIFIC = re.compile(r"^(?:Dr|Prof|Professor|Mr|Mrs|Ms|Sir|Dame|Rev)\.?\s+(?=\S+\s+\S)")
_BETWEEN_NAMES = re.compile(r"\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*")
_AROUND_DATE = re.compile(r"^[\s|,;:·•–—()/-]+|(?:[\s|,;:·•–—()/-]|\b(?:on|published|posted|updated))+$", re.IGNORECASE)
_NOT_NAMES_LIST = """
    the a an of in on for with why how what when who our my your its their this that these those is are was not no we it
    opinion editorial comment analysis news world politics business guest staff special read share more new speech letter
    university times post journal daily press herald tribune gazette telegraph institute review magazine agency service
    network center centre foundation council college school international bureau chronicle observer bloomberg reuters
    note notes delivery columnist writer contributor contributing correspondent editor reporter
    january february march april may june july august september october november december
"""
_NOT_NAMES = frozenset(_NOT_NAMES_LIST.split())


def byline(line: str) -> str | None:
    """The authors that a byline names ("By Jane Doe, Special to the Bee"), joined by commas, or None."""
    return _authors(_BYLINE, line)


def signature(line: str) -> str | None:
    """The authors that a signature under a text names ("— Jane Doe"), or None."""
    return _authors(_SIGNATURE, line)


def name_line(line: str) -> str | None:
    """The authors where a line is nothing but names, and perhaps an outlet ("Jane Doe | The Daily"), or None."""
    return _authors(_NAME_LINE, line) if len(line) < 80 else None


def dated_byline(line: str) -> str | None:
    """The authors in a line that has a date as well ("Jane Doe, 24 December 2018", "Dec. 24, 2018 by Jane Doe"), or None."""
    span = dates.date_span(line) if len(line) < 160 else None
    if span is None:
        return None
    before, after = (_AROUND_DATE.sub("", part) for part in (line[: span[0]], line[span[1] :]))
    return byline(before) or byline(after) or name_line(before) or (name_line(after) if not before else None)


def says_names(line: str) -> bool:
    """Whether no word of a line is one that names are not made of."""
    return not any(word.lower() in _NOT_NAMES for word in line.split())


def _authors(pattern: re.Pattern[str], line: str) -> str | None:
    match = pattern.fullmatch(line) if len(line) < 160 else None
    authors: list[str] = []
    for name in _BETWEEN_NAMES.split(match["names"]) if match else ():
        name = _HONORIFIC.sub("", _without_agency(name.split()))
        if not says_names(name):
            break  # "By Jane Doe, The Daily": what follows the names is where they work
        authors.append(name.title() if name.isupper() and len(name) > 4 else name)
    return ", ".join(authors) or None


def _without_agency(words: list[str]) -> str:
    """A name without the agency in capitals behind it ("Jane Doe UNITED PRESS")."""
    name = len(words)
    while name and words[name - 1].isupper() and len(words[name - 1]) > 2:
        name -= 1
    return " ".join(words[:name] if name >= 2 and len(words) - name >= 2 else words)
