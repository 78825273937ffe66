"""Dates as articles write them, and the lines that are nothing but a date."""

import datetime
import re
from dataclasses import dataclass

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[89]|20)\d\d"
_PREFIX = (
    r"(?:(?:first |last )?(?:published|posted|updated|modified|created|issued|date)(?: online)?(?: on| at)?\s*:?\s*)"
)
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?\s+)?"
_TIME = (
    r"(?:[\s,|·•–—-]*(?:at\s+)?\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*(?:\(?[a-z]{1,5}\)?(?:[+-]\d+)?)?)?"
)
_DATE = (
    rf"(?:(?P<d1>{_DAY})\s+(?:of\s+)?(?P<m1>{_MONTH}),?\s+(?P<y1>{_YEAR})"
    rf"|(?P<m2>{_MONTH})\s+(?P<d2>{_DAY}),?\s+(?P<y2>{_YEAR})"
    r"|(?P<y3>(?:1[89]|20)\d\d)-(?P<m3>0[1-9]|1[0-2])-(?P<d3>0[1-9]|[12]\d|3[01])(?:T[\d:.]+Z?(?:[+-][\d:]+)?)?"
    r"|(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.](?P<y4>(?:1[89]|20)\d\d))"
)
_DATE_LINE = re.compile(rf"{_PREFIX}?{_WEEKDAY}{_DATE}{_TIME}\W*", re.IGNORECASE)
_DATE_WITHIN = re.compile(rf"(?<!\w){_PREFIX}?{_WEEKDAY}{_DATE}(?!\w)", re.IGNORECASE)
_ISO_PART = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?")
_WITHOUT_YEAR = re.compile(
    rf"{_PREFIX}{_WEEKDAY}(?:{_DAY}\s+{_MONTH}|{_MONTH}\s+{_DAY})\b[^.!?]{{0,40}}\W*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DateLine:
    """A date that was recognised; ``iso`` is None where it has no year, does not exist, or is 03/04/2018."""

    iso: str | None


def date_line(line: str) -> DateLine | None:
    """The date that a line consists of ("Published: March 3, 2021 at 5:00 p.m."), or None.

    In 03/04/2018 nobody can tell the day from the month: it is a date, but no ISO date is made of it.
    """
    if len(line) >= 100:
        return None
    if match := _DATE_LINE.fullmatch(line):
        return DateLine(_iso(match))
    return DateLine(None) if _WITHOUT_YEAR.fullmatch(line) else None


def iso_date(date: str) -> str | None:
    """A date that somebody gave, in ISO 8601; a year, or a year and month, that are so already are kept."""
    date = " ".join(date.split())
    if _ISO_PART.fullmatch(date):
        return date
    found = date_line(date)
    return found.iso if found else None


def date_within(line: str) -> str | None:
    """The ISO date somewhere in a line, or None."""
    match = _DATE_WITHIN.search(line)
    return _iso(match) if match else None


def date_span(line: str) -> tuple[int, int] | None:
    """Where in a line a date stands, with "Published on" before it, or None."""
    match = _DATE_WITHIN.search(line)
    return match.span() if match else None


def _iso(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    if groups["a"]:
        first, second, year = int(groups["a"]), int(groups["b"]), int(groups["y4"])
        if first <= 12 and second <= 12 and first != second:
            return None
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        which = next(number for number in "123" if groups[f"y{number}"])
        year, named = int(groups[f"y{which}"]), groups[f"m{which}"]
        day = int(re.sub(r"\D", "", groups[f"d{which}"]))
        month = int(named) if named.isdigit() else MONTHS.index(named[:3].lower()) + 1
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None
