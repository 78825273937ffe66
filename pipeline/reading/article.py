"""An article as it was read: its text, untouched, and what was recognised in it."""

from dataclasses import dataclass
from enum import StrEnum


class ZoneKind(StrEnum):
    """What a part of the text is for. Claims are looked for in ``title`` and ``body`` only."""

    TITLE = "title"
    DATE = "date"
    BYLINE = "byline"
    BODY = "body"
    BIO = "bio"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the text: ``text[start:end]``, in Unicode code points, without surrounding white space."""

    kind: ZoneKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article came from: the path as the user would name it, and the SHA-256 of the bytes that were read."""

    path: str
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Article:
    """An op-ed. Every offset anywhere in the program refers to ``text``, from which nothing is ever cut.

    ``date`` is ISO 8601 (``2018-12-24``). ``zones`` are in the order of the text and do not overlap.
    ``notes`` are remarks for the user ("decoded as windows-1252"); they do not go into the record.
    """

    id: str
    text: str
    source: Source
    zones: tuple[Zone, ...]
    title: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None
    notes: tuple[str, ...] = ()
