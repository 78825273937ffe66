"""What earlier runs left in an output: which lines can be used again."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline.errors import OpclaimsError
from pipeline.record import LABELS, SCHEMA, ProducedBy


class _Source(msgspec.Struct, frozen=True):
    path: str
    sha256: str


class _Claim(msgspec.Struct, frozen=True):
    label: str


class _Head(msgspec.Struct, frozen=True):
    """The part of a record that decides whether its line can be used again, and what the run's table counts."""

    schema: str
    id: str
    source: _Source
    produced_by: ProducedBy
    sentences: list[msgspec.Raw]
    claims: list[_Claim]


_decoder = msgspec.json.Decoder(_Head)


@dataclass(frozen=True, slots=True)
class Line:
    """Where a record lies: ``length`` bytes at ``offset`` of ``file``, newline included; and what it is a record of.

    ``claims`` counts them by kind, in the order of :data:`pipeline.record.LABELS`.
    """

    file: Path
    offset: int
    length: int
    name: str
    id: str
    sha256: str
    produced_by: ProducedBy
    sentences: int
    claims: tuple[int, ...]


def lines_of(path: Path, *, torn: bool = False) -> Iterator[Line]:
    """The records of a file, in order; none where there is no such file.

    Args:
        path: a file of records.
        torn: whether the file may end in what a killed process left; reading then stops at the first line that is not
            a whole record instead of raising.

    Raises:
        OpclaimsError: a line is not a record of this schema, or the file cannot be read.
    """
    # equal values are kept once: a million records share one ProducedBy, and few counts of claims
    makers: dict[ProducedBy, ProducedBy] = {}
    counts: dict[tuple[int, ...], tuple[int, ...]] = {}
    try:
        with path.open("rb") as file:
            offset = 0
            for number, line in enumerate(file, start=1):
                try:
                    head = _decoder.decode(line)
                    if head.schema != SCHEMA or not line.endswith(b"\n"):
                        raise msgspec.ValidationError(f"schema {head.schema}, or a torn line")
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    if torn:
                        return
                    raise OpclaimsError(
                        f"{path}, line {number}: not a whole record of {SCHEMA} ({error}). "
                        "Name another output with -o, or replace this one with --fresh."
                    ) from error
                name = head.source.path
                labels = [claim.label for claim in head.claims]
                count = tuple(labels.count(label) for label in LABELS)
                yield Line(
                    path,
                    offset,
                    len(line),
                    name,
                    name if head.id == name else head.id,
                    head.source.sha256,
                    makers.setdefault(head.produced_by, head.produced_by),
                    len(head.sentences),
                    counts.setdefault(count, count),
                )
                offset += len(line)
    except FileNotFoundError:
        return
    except OSError as error:
        raise OpclaimsError(f"{path}: cannot be read: {error.strerror}.") from error
