"""Reads what a run wrote, a record at a time, without any model."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipeline.errors import OpclaimsError
from pipeline.record import SCHEMA, ArticleRecord, decode


def read_records(path: Path) -> Iterator[ArticleRecord]:
    """The records of a file, in order.

    Raises:
        OpclaimsError: there is no such file, or a line is not a whole record of this schema.
    """
    if not path.exists():
        raise OpclaimsError(f"{path}: no results there. Run `opclaims run` first, or name the file that it wrote.")
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise OpclaimsError(f"{path}, line {number}: not a whole record of {SCHEMA}: {error}.") from error
    except OSError as error:
        raise OpclaimsError(f"{path}: cannot be read: {error.strerror}.") from error


def find_articles(path: Path, wanted: str | None) -> Iterator[ArticleRecord]:
    """The records of a file, or the one article whose id or title is or contains ``wanted`` (case does not matter).

    Raises:
        OpclaimsError: no article or several match; or as :func:`read_records`.
    """
    if wanted is None:
        yield from read_records(path)
        return
    key = wanted.casefold()
    matches = []
    for article in read_records(path):
        names = [name.casefold() for name in (article.id, article.title) if name]
        if key in names:
            yield article
            return
        if any(key in name for name in names):
            matches.append(article)
    if not matches:
        raise OpclaimsError(f"{path}: no article whose id or title contains {wanted!r}.")
    if len(matches) > 1:
        some = ", ".join(article.id for article in matches[:5]) + (", ..." if len(matches) > 5 else "")
        raise OpclaimsError(
            f"{path}: {len(matches)} articles contain {wanted!r}: {some}. Give more of the id or title."
        )
    yield matches[0]
