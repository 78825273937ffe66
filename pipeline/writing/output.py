"""The output file. At any moment it holds whole records only, and is replaced whole.

New lines are appended to ``NAME.partial``, whose last line may be torn when the process is killed. ``NAME`` itself is
replaced, atomically, by a copy of the partial file: at the end, and from time to time before so that results can be looked
at, but never by fewer records than it holds. What a killed run left is kept as ``NAME.spare`` until the run that uses it is
complete.
"""

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import filelock
import msgspec

from pipeline.errors import OpclaimsError
from pipeline.writing.existing import Line, lines_of

PUBLISH_SECONDS = 2.0
PUBLISH_GROWTH = 1.5


class Failure(msgspec.Struct, frozen=True):
    """An article that failed, as ``NAME.errors.jsonl`` has it; ``stage`` is ``read`` or ``process``."""

    path: str
    stage: str
    reason: str


class Output:
    """Writes one output; a context manager that holds the output's lock.

    Args:
        path: the output, ``outputs/claims.jsonl`` for example.
        fresh: forget what is there.

    Raises:
        OpclaimsError: the folder cannot be written, another run is writing there, or what is there is not ours.
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.path = path
        self.fresh = fresh
        self._partial = path.with_name(path.name + ".partial")
        self._spare = path.with_name(path.name + ".spare")
        self._errors = path.with_name(path.name.removesuffix(".jsonl") + ".errors.jsonl")
        self._lock = filelock.FileLock(path.with_name(f".{path.name}.lock"))
        self._file: BinaryIO | None = None
        self._sources: dict[Path, BinaryIO] = {}
        self._failures: list[Failure] = []
        self._written = 0
        self._published = 0
        self._published_at = 0.0

    def __enter__(self) -> "Output":
        with _explained(self.path):
            if self.path.is_dir():
                raise OpclaimsError(f"{self.path}: is a folder. Name a file, such as {self.path / 'claims.jsonl'}.")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=0)
            except filelock.Timeout:
                raise OpclaimsError(
                    f"{self.path}: another run is writing there. Wait until it has finished, or name another output."
                ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()
        self._lock.release()

    def existing(self) -> tuple[list[Line], list[Line]]:
        """The lines of the output as it stands, and those that a killed run left beside it."""
        if self.fresh:
            return [], []
        with _explained(self.path):
            self._set_aside()
            return list(lines_of(self.path)), list(lines_of(self._spare, torn=True))

    def begin(self, held: int) -> None:
        """Starts to write; ``held`` is the number of records that the output holds now."""
        with _explained(self.path):
            if self.fresh:
                self._spare.unlink(missing_ok=True)
                held = sys.maxsize if self.path.exists() else 0  # it stays until all is done again
            self._file = self._partial.open("wb")
            # held open, for the output may be replaced before all its lines have been copied
            self._sources = {path: path.open("rb") for path in (self.path, self._spare) if path.is_file()}
        self._published, self._published_at = held, time.monotonic()

    def write(self, lines: Sequence[bytes | Line]) -> None:
        """Appends records, new or from an earlier run."""
        assert self._file is not None
        with _explained(self.path):
            for line in lines:
                self._file.write(self._bytes(line) if isinstance(line, Line) else line)
            self._file.flush()
            self._written += len(lines)
            due = time.monotonic() - self._published_at >= PUBLISH_SECONDS
            if due and self._written > self._published and self._written >= self._published * PUBLISH_GROWTH:
                self._publish()

    def failed(self, failure: Failure) -> None:
        """Notes an article that failed."""
        self._failures.append(failure)

    def finish(self) -> None:
        """Makes the complete partial file the output, and writes or removes the errors."""
        assert self._file is not None
        with _explained(self.path):
            self._sync()
            self._close()
            self._partial.replace(self.path)
            self._write_errors()
            self._spare.unlink(missing_ok=True)
            _sync_folder(self.path.parent)

    def leave(self) -> None:
        """Leaves the output as it is, since nothing in it changes; writes or removes the errors."""
        with _explained(self.path):
            self._close()
            self._partial.unlink(missing_ok=True)
            self._spare.unlink(missing_ok=True)
            self._write_errors()

    def interrupt(self) -> int:
        """Publishes what is there, where that is more than the output holds; returns the records of this run so far."""
        with _explained(self.path):
            if self._file is not None and self._written > self._published:
                self._publish()
            self._write_errors()
        return self._written

    def _bytes(self, line: Line) -> bytes:
        source = self._sources[line.file]
        source.seek(line.offset)
        return source.read(line.length)

    def _close(self) -> None:
        for file in filter(None, (self._file, *self._sources.values())):
            file.close()

    def _publish(self) -> None:
        """Copies the partial file, then replaces the output by the copy."""
        self._sync()
        copy = self.path.with_name(self.path.name + ".copy")
        shutil.copyfile(self._partial, copy)
        with copy.open("rb+") as file:
            os.fsync(file.fileno())
        copy.replace(self.path)
        _sync_folder(self.path.parent)
        self._published, self._published_at = self._written, time.monotonic()

    def _sync(self) -> None:
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())

    def _set_aside(self) -> None:
        """Makes one spare file of what killed runs left: the last one's lines, then older ones of other articles."""
        if not self._partial.exists():
            return
        latest = list(lines_of(self._partial, torn=True))
        names = {line.name for line in latest}
        older = [line for line in lines_of(self._spare, torn=True) if line.name not in names]
        merged = self._spare.with_name(self._spare.name + ".new")
        with merged.open("wb") as file:
            for line in (*latest, *older):
                with line.file.open("rb") as source:
                    source.seek(line.offset)
                    file.write(source.read(line.length))
            file.flush()
            os.fsync(file.fileno())
        merged.replace(self._spare)
        self._partial.unlink()

    def _write_errors(self) -> None:
        if not self._failures:
            self._errors.unlink(missing_ok=True)
            return
        new = self._errors.with_name(self._errors.name + ".new")
        with new.open("wb") as file:
            file.writelines(msgspec.json.encode(failure) + b"\n" for failure in self._failures)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._errors)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Makes a message for the user of what the operating system says."""
    try:
        yield
    except OSError as error:
        raise OpclaimsError(f"{path}: cannot be written: {error.strerror or error}.") from error


def _sync_folder(folder: Path) -> None:
    """Makes a rename last, where the system can."""
    with contextlib.suppress(OSError, AttributeError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
