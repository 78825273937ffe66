"""Reads one article: bytes within limits, text, front matter, anatomy."""

import hashlib
import os
import stat
import sys

import msgspec

from pipeline.config import Reading
from pipeline.errors import ArticleError
from pipeline.reading.anatomy import recognise
from pipeline.reading.article import Article, Source, Zone, ZoneKind
from pipeline.reading.dates import date_line
from pipeline.reading.decode import decode
from pipeline.reading.front_matter import FrontMatter, read_front_matter
from pipeline.reading.inputs import ROWS_MEDIA_TYPE, STDIN, Input


class Row(msgspec.Struct, frozen=True):
    """An article as a line of a JSONL file; fields of other names are passed over."""

    text: str
    id: str | int | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None


def read_bytes(source: Input, limits: Reading) -> bytes:
    """The bytes of an input: a file's, or those of its line in a JSONL file.

    Raises:
        ArticleError: it cannot be read, is no regular file, or is larger than ``limits.max_bytes``.
    """
    try:
        if source.path == STDIN:
            data = sys.stdin.buffer.read(limits.max_bytes + 1)
        else:
            # opened without waiting: a named pipe would never answer
            descriptor = os.open(source.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise ArticleError(f"{source.name}: not a regular file.")
                file.seek(source.offset)
                data = file.readline(limits.max_bytes + 1) if source.line else file.read(limits.max_bytes + 1)
    except OSError as error:
        raise ArticleError(f"{source.name}: cannot be read: {error.strerror}.") from error
    if len(data) > limits.max_bytes:
        raise ArticleError(
            f"{source.name}: larger than {limits.max_bytes:,} bytes. "
            "Split it, or raise max_bytes under [reading] in the configuration."
        )
    return data


def read_article(source: Input, limits: Reading) -> Article:
    """Reads an input to an article.

    Raises:
        ArticleError: it cannot be read, is no text, is empty, or is larger than the limits.
    """
    return article_from_bytes(source, read_bytes(source, limits), limits)


def article_from_bytes(source: Input, data: bytes, limits: Reading) -> Article:
    """The article that an input's bytes hold; raises ArticleError as :func:`read_article`."""
    origin = Source(source.name, hashlib.sha256(data).hexdigest(), source.media_type)
    if source.media_type == ROWS_MEDIA_TYPE:
        return _article_from_row(source, data, origin, limits)
    text, encoding = decode(data, source.name)
    notes = () if encoding is None else (f"decoded as {encoding}",)
    return article_from_text(text, id=source.name, source=origin, notes=notes, max_characters=limits.max_characters)


def article_from_text(
    text: str,
    *,
    id: str,
    source: Source | None = None,
    notes: tuple[str, ...] = (),
    max_characters: int = Reading().max_characters,
) -> Article:
    """An article from its text: front matter is read, zones are recognised, nothing is cut.

    Args:
        text: the whole text.
        id: a name that is unique within the corpus; front matter may give another.
        source: where it came from; by default a text with the hash of its UTF-8.
        notes: remarks for the user.
        max_characters: the longest text that is taken.

    Raises:
        ArticleError: the text is empty or too long.
    """
    name = source.path if source else id
    if not text.strip():
        raise ArticleError(f"{name}: it is empty.")
    if len(text) > max_characters:
        raise ArticleError(
            f"{name}: {len(text):,} characters, more than {max_characters:,}. "
            "Split it, or raise max_characters under [reading] in the configuration."
        )
    front = read_front_matter(text)
    anatomy = recognise(text, front.end)
    if front.problem:
        notes = (*notes, front.problem)
    zones = anatomy.zones or (_whole(text),)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Article(
        id=front.id or id,
        text=text,
        source=source or Source(id, digest, "text/plain"),
        zones=zones,
        title=front.title or anatomy.title,
        author=front.author or anatomy.author,
        date=_front_date(front) or anatomy.date,
        url=front.url,
        notes=notes,
    )


def _article_from_row(source: Input, data: bytes, origin: Source, limits: Reading) -> Article:
    try:
        row = msgspec.json.decode(data, type=Row)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ArticleError(f"{source.name}: not a JSON object with a text: {error}.") from error
    id = source.name if row.id is None else str(row.id)
    article = article_from_text(row.text, id=id, source=origin, max_characters=limits.max_characters)
    given = {key: value for key in ("title", "author", "date", "url") if (value := getattr(row, key))}
    if "date" in given:
        given["date"] = _iso(given["date"]) or given["date"]
    values = {key: given.get(key, getattr(article, key)) for key in ("title", "author", "date", "url")}
    return Article(id=id, text=article.text, source=origin, zones=article.zones, notes=article.notes, **values)


def _front_date(front: FrontMatter) -> str | None:
    return (_iso(front.date) or front.date) if front.date else None


def _iso(date: str) -> str | None:
    recognised = date_line(date.strip())
    return recognised.iso if recognised else None


def _whole(text: str) -> Zone:
    stripped = text.strip()
    start = text.index(stripped)
    return Zone(ZoneKind.BODY, start, start + len(stripped))
