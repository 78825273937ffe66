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
"""A run that is quicker is seen only when it is complete."""

PUBLISH_GROWTH = 1.5
"""The output is copied again when it has grown by half: all copies together are three times the whole at most."""


class Failure(msgspec.Struct, frozen=True):
    """An article that failed, as ``NAME.errors.jsonl`` has it; ``stage`` is ``read`` or ``process``.

    Where the article could not be read, ``id`` is what its id would be by default.
    """

    path: str
    id: str
    stage: str
    reason: str


def errors_path(output: Path) -> Path:
    """Where the failures of a run go: ``claims.errors.jsonl`` beside ``claims.jsonl``."""
    return output.with_name(output.name.removesuffix(".jsonl") + ".errors.jsonl")


class Output:
    """Writes one output; a context manager that holds the output's lock.

    Args:
        path: the output, ``outputs/claims.jsonl`` for example. Where it is a link, the file behind it is replaced.
        fresh: forget what is there.

    Raises:
        OpclaimsError: the folder cannot be written, another run is writing there, or what is there is not ours.
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.path = path
        self.fresh = fresh
        self._target = path.resolve() if path.is_symlink() else path
        self._partial = self._beside("partial")
        self._spare = self._beside("spare")
        self._new_spare = self._beside("spare.new")
        self._copy = self._beside("copy")
        self._errors = errors_path(path)
        self._new_errors = self._errors.with_name(self._errors.name + ".new")
        self._lock = filelock.FileLock(self._target.with_name(f".{self._target.name}.lock"))
        self._file: BinaryIO | None = None
        self._sources: dict[Path, BinaryIO] = {}
        self._failures: list[Failure] = []
        self._written = 0
        self._bytes_written = 0
        self._to_copy = 0
        self._published = 0
        self._published_at = 0.0

    def __enter__(self) -> "Output":
        with _explained(self.path):
            if self.path.is_dir():
                raise OpclaimsError(f"{self.path}: is a folder. Name a file, such as {self.path / 'claims.jsonl'}.")
            if self.path.exists() and not self.path.is_file():
                raise OpclaimsError(f"{self.path}: not a regular file. Use -o - to write to standard output.")
            self._target.parent.mkdir(parents=True, exist_ok=True)
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
        with contextlib.suppress(OSError):
            if self._file is not None and not self._written:
                self._partial.unlink(missing_ok=True)
            # of this run, which may have failed, or of one that was killed
            for scratch in (self._copy, self._new_spare, self._new_errors):
                scratch.unlink(missing_ok=True)
        self._lock.release()

    def existing(self) -> tuple[list[Line], list[Line]]:
        """The lines of the output as it stands, and those that a killed run left beside it."""
        if self.fresh:
            return [], []
        with _explained(self.path):
            self._set_aside()
            return list(lines_of(self._target)), list(lines_of(self._spare, torn=True))

    def begin(self, held: int, to_copy: int) -> None:
        """Starts to write.

        Args:
            held: how many records the output holds now.
            to_copy: how many lines of earlier runs will be written again.
        """
        with _explained(self.path):
            if self.fresh:
                self._spare.unlink(missing_ok=True)
                held = sys.maxsize if self._target.exists() else 0  # it stays until all is done again
            self._file = self._partial.open("wb")
            # held open, for the output may be replaced before all its lines have been copied
            self._sources = {path: path.open("rb") for path in (self._target, self._spare) if path.is_file()}
        self._to_copy = to_copy
        self._published, self._published_at = held, time.monotonic()

    def write(self, lines: Sequence[bytes | Line]) -> None:
        """Appends records, new or from an earlier run."""
        assert self._file is not None
        with _explained(self.path):
            for line in lines:
                data = self._read(line) if isinstance(line, Line) else line
                self._file.write(data)
                self._bytes_written += len(data)
                self._written += 1
                self._to_copy -= isinstance(line, Line)
            self._file.flush()
            due = time.monotonic() - self._published_at >= PUBLISH_SECONDS
            if due and self._written >= self._published * PUBLISH_GROWTH:
                self._publish_if_more()

    def failed(self, failure: Failure) -> None:
        """Notes an article that failed."""
        self._failures.append(failure)

    def finish(self) -> None:
        """Makes the complete partial file the output, and writes or removes the errors."""
        assert self._file is not None
        with _explained(self.path):
            self._sync()
            self._close()
            self._partial.replace(self._target)
            self._write_errors()
            self._spare.unlink(missing_ok=True)
            _sync_folder(self._target.parent)

    def leave(self) -> None:
        """Leaves the output as it is, since nothing in it changes; writes or removes the errors."""
        with _explained(self.path):
            self._close()
            self._partial.unlink(missing_ok=True)
            self._spare.unlink(missing_ok=True)
            self._write_errors()

    def interrupt(self) -> None:
        """Publishes what is there, where that is more than the output holds."""
        with _explained(self.path):
            if self._file is not None:
                self._publish_if_more()
            self._write_errors()

    def _beside(self, suffix: str) -> Path:
        return self._target.with_name(f"{self._target.name}.{suffix}")

    def _read(self, line: Line) -> bytes:
        source = self._sources[line.file]
        source.seek(line.offset)
        return source.read(line.length)

    def _close(self) -> None:
        for file in filter(None, (self._file, *self._sources.values())):
            # a full disk is told where the writing fails; here it would hide that message
            with contextlib.suppress(OSError):
                file.close()

    def _publish_if_more(self) -> None:
        # Not before the last line of an earlier run is copied: the output may be the only file that holds it.
        if self._written > self._published and not self._to_copy:
            self._publish()

    def _publish(self) -> None:
        """Copies the partial file, then replaces the output by the copy."""
        self._sync()
        shutil.copyfile(self._partial, self._copy)
        with self._copy.open("rb+") as file:
            file.truncate(self._bytes_written)  # an interrupt may have come in the middle of a line
            os.fsync(file.fileno())
        self._copy.replace(self._target)
        _sync_folder(self._target.parent)
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
        with contextlib.ExitStack() as stack:
            sources = {path: stack.enter_context(path.open("rb")) for path in {line.file for line in (*latest, *older)}}
            file = stack.enter_context(self._new_spare.open("wb"))
            for line in (*latest, *older):
                sources[line.file].seek(line.offset)
                file.write(sources[line.file].read(line.length))
            file.flush()
            os.fsync(file.fileno())
        self._new_spare.replace(self._spare)
        self._partial.unlink()

    def _write_errors(self) -> None:
        if not self._failures:
            self._errors.unlink(missing_ok=True)
            return
        with self._new_errors.open("wb") as file:
            file.writelines(msgspec.json.encode(failure) + b"\n" for failure in self._failures)
            file.flush()
            os.fsync(file.fileno())
        self._new_errors.replace(self._errors)


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
