"""Reads annotated or predicted articles, one JSON object a line."""

from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.errors import OpclaimsError

T = TypeVar("T")


def read_json_lines(path: Path, kind: type[T]) -> list[T]:
    """Every line of a file as a ``kind``; empty lines are passed over, and so are fields that ``kind`` does not have.

    Raises:
        OpclaimsError: the file cannot be read, or a line is not a ``kind``.
    """
    decoder = msgspec.json.Decoder(kind)
    values = []
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        values.append(decoder.decode(line))
                    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                        raise OpclaimsError(f"{path}, line {number}: {error}.") from error
    except OSError as error:
        raise OpclaimsError(f"{path}: cannot be read: {error.strerror}.") from error
    return values
