"""How a run tells its progress: a bar on a terminal, a line now and then in a pipe, nothing but failures if quiet."""

import sys
import time
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from pipeline.cli.console import printable
from pipeline.run import Progress
from pipeline.writing.output import Failure

LINE_SECONDS = 5.0


class Lines(Progress):
    """Plain lines on stderr, one every few seconds; a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._total = self._done = self._words = 0
        self._started = self._told = time.monotonic()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def planned(self, new: int, unchanged: int, left_out: int) -> None:
        """Tells what there is to do."""
        self._total = new
        parts = [f"{new:,} article{'s' * (new != 1)} to do"]
        if unchanged:
            parts.append(f"{unchanged:,} unchanged")
        if left_out:
            parts.append(f"{left_out:,} files of other types left out")
        if new or left_out:
            self._tell(", ".join(parts))

    def redone(self, reasons: Sequence[str]) -> None:
        """Tells why."""
        if reasons:
            self._tell("doing again what was done before: " + "; ".join(reasons))

    def advanced(self, articles: int, words: int) -> None:
        """Tells how far it is, if it is time."""
        self._done += articles
        self._words += words
        now = time.monotonic()
        if now - self._told >= LINE_SECONDS:
            self._told = now
            left = (now - self._started) / self._done * (self._total - self._done)
            self._tell(f"{self._done:,} of {self._total:,} articles, {self._rate()}, {left:.0f} s left")

    def noted(self, name: str, note: str) -> None:
        """Tells at once."""
        self._tell(f"{name}: {note}")

    def failed(self, failure: Failure) -> None:
        """Tells at once, quiet or not."""
        self._print(f"{failure.path}: {failure.reason}")

    def _rate(self) -> str:
        return f"{self._words / max(time.monotonic() - self._started, 1e-9):,.0f} words/s"

    def _tell(self, line: str) -> None:
        if not self._quiet:
            self._print(line)

    def _print(self, line: str) -> None:
        typer.echo(printable(line), err=True)


class Shown(Lines):
    """A bar with articles, words per second and time left."""

    def __enter__(self) -> "Shown":
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("articles, {task.fields[rate]},"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, TextColumn("left"), console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=None, rate="looking for what is new")
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def planned(self, new: int, unchanged: int, left_out: int) -> None:
        """Sets the bar's length."""
        super().planned(new, unchanged, left_out)
        self._started = time.monotonic()
        self._bar.update(self._task, total=new, rate="loading the models")

    def advanced(self, articles: int, words: int) -> None:
        """Moves the bar."""
        self._done += articles
        self._words += words
        self._bar.update(self._task, advance=articles, rate=self._rate())

    def _print(self, line: str) -> None:
        self._bar.console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def progress_for(quiet: bool) -> Lines:
    """The way that suits where stderr goes."""
    return Shown() if sys.stderr.isatty() and not quiet else Lines(quiet=quiet)
