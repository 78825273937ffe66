"""Reads one article: bytes within limits, text, front matter, anatomy."""

import codecs
import hashlib
import os
import stat
import sys

import msgspec

from pipeline.config import Reading
from pipeline.errors import ArticleError
from pipeline.reading.anatomy import recognise
from pipeline.reading.article import Article, Source, Zone, ZoneKind
from pipeline.reading.dates import iso_date
from pipeline.reading.decode import decode
from pipeline.reading.front_matter import as_text, read_front_matter
from pipeline.reading.inputs import ROWS_MEDIA_TYPE, STDIN, Input


class Row(msgspec.Struct, frozen=True):
    """An article as a line of a JSONL file; fields of other names are passed over."""

    text: str
    id: object = None
    title: object = None
    author: object = None
    date: object = None
    url: object = None


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
                if source.line is None and os.fstat(descriptor).st_size > limits.max_bytes:
                    raise _too_large(source, limits)
                file.seek(source.offset)
                data = file.readline(limits.max_bytes + 1) if source.line else file.read(limits.max_bytes + 1)
    except OSError as error:
        raise ArticleError(f"{source.name}: cannot be read: {error.strerror}.") from error
    if len(data) > limits.max_bytes:
        raise _too_large(source, limits)
    # the line break is not the row's: a row written after the last one changes nothing in it
    return data.rstrip(b"\r\n") if source.line else data


def _too_large(source: Input, limits: Reading) -> ArticleError:
    return ArticleError(
        f"{source.name}: larger than {limits.max_bytes:,} bytes. "
        "Split it, or raise max_bytes under [reading] in the configuration."
    )


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
    return article_from_text(text, id=source.name, source=origin, notes=notes, limits=limits)


def article_from_text(
    text: str,
    *,
    id: str,
    source: Source | None = None,
    title: str | None = None,
    author: str | None = None,
    date: str | None = None,
    url: str | None = None,
    notes: tuple[str, ...] = (),
    limits: Reading = Reading(),  # noqa: B008  immutable
) -> Article:
    """An article from its text: front matter is read, zones are recognised, nothing is cut.

    Args:
        text: the whole text.
        id: a name that is unique within the corpus; front matter may give another.
        source: where it came from; by default a text with the hash of its UTF-8.
        title, author, date, url: what is known of it; like front matter, this overrules what is recognised in the text.
        notes: remarks for the user.
        limits: the longest text, and the longest word, that is taken.

    Raises:
        ArticleError: the text is empty, too long, or no prose.
    """
    name = source.path if source else id
    if not text.strip():
        raise ArticleError(f"{name}: it is empty.")
    if len(text) > limits.max_characters:
        raise ArticleError(
            f"{name}: {len(text):,} characters, more than {limits.max_characters:,}. "
            "Split it, or raise max_characters under [reading] in the configuration."
        )
    word = max(map(len, text.split()))
    if word > limits.max_word:
        # spaCy's tokenizer takes time quadratic in the length of a word
        raise ArticleError(
            f"{name}: holds {word:,} characters without white space, which is no prose. "
            "Take them out, or raise max_word under [reading] in the configuration."
        )
    front = read_front_matter(text)
    title, author = title or front.title, author or front.author
    anatomy = recognise(text, front.end, title=title, author=author)
    iso = None
    if date := date or front.date:
        iso = iso_date(date)
        if iso is None:
            notes = (*notes, f"date not understood: {date[:40]!r}. Write it as 2018-12-24.")
    if front.problem:
        notes = (*notes, front.problem)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Article(
        id=front.id or id,
        text=text,
        source=source or Source(id, digest, "text/plain"),
        zones=anatomy.zones or (_whole(text),),
        title=title or anatomy.title,
        author=author or anatomy.author,
        date=iso or anatomy.date,
        url=url or front.url,
        notes=notes,
    )


def _article_from_row(source: Input, data: bytes, origin: Source, limits: Reading) -> Article:
    try:
        row = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=Row)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ArticleError(f"{source.name}: not a JSON object with a text: {error}.") from error
    return article_from_text(
        row.text,
        id=as_text(row.id) or source.name,
        source=origin,
        title=as_text(row.title),
        author=as_text(row.author),
        date=as_text(row.date),
        url=as_text(row.url),
        limits=limits,
    )


def _whole(text: str) -> Zone:
    stripped = text.strip()
    start = text.index(stripped)
    return Zone(ZoneKind.BODY, start, start + len(stripped))
