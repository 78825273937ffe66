"""``opclaims run``: op-eds to JSON lines."""

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from pipeline.cli.console import INTERRUPTED, SOME_FAILED, writing_to_stdout
from pipeline.config import load_config
from pipeline.record import LABELS

if TYPE_CHECKING:
    from pipeline.run import RunSummary


def run_cli(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT", help="Files (.txt, .md, .jsonl), folders, globs, or - ; default seeds/."),
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="Where the records go; - for standard output.")
    ] = "outputs/claims.jsonl",
    config: Annotated[Path | None, typer.Option("--config", help="Configuration file (TOML).")] = None,
    model: Annotated[str | None, typer.Option("--model", help="The tagger: a name under models/ or a folder.")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=0, help="Processes; 0: one for each core.")] = None,
    device: Annotated[str | None, typer.Option("--device", help="auto, cpu or cuda.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do everything again, whatever was done before.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only errors.")] = False,
) -> None:
    """Find the claims in op-eds and write one JSON record an article.

    What has not changed since the last run is not done again. Exit status: 0 all done, 1 some articles failed (named
    on stderr and in *.errors.jsonl), 2 wrong usage or nothing to do.
    """
    from pipeline.cli.progress import progress_for
    from pipeline.run import run

    settings = load_config(config)
    if model is not None:
        settings = msgspec.structs.replace(settings, models=msgspec.structs.replace(settings.models, tagger=model))
    given = {key: value for key, value in (("jobs", jobs), ("device", device)) if value is not None}
    settings = msgspec.structs.replace(settings, run=msgspec.structs.replace(settings.run, **given))

    stop = _Stop()
    target: Any = sys.stdout.buffer if output == "-" else Path(output)
    try:
        with writing_to_stdout(), progress_for(quiet) as progress:
            summary = run(inputs or ["seeds"], target, settings, fresh=fresh, progress=progress)
    except KeyboardInterrupt:
        stop.ignore()
        if output == "-":
            typer.echo("opclaims: interrupted.", err=True)
        else:
            again = "without --fresh" if fresh else "the same command"
            typer.echo(f"opclaims: interrupted. What is done is kept; run {again} again to go on.", err=True)
        raise SystemExit(INTERRUPTED) from None
    if not quiet:
        _report(summary, output)
    if summary.failures:
        raise SystemExit(SOME_FAILED)


class _Stop:
    """Makes Ctrl-C and SIGTERM a KeyboardInterrupt, once: one that follows at once would disturb the stopping."""

    def __init__(self) -> None:
        self._last = 0.0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def ignore(self) -> None:
        """From now on the program ends by itself."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    def _handle(self, number: int, frame: object) -> None:
        before, self._last = self._last, time.monotonic()
        if self._last - before > 1:
            raise KeyboardInterrupt


def _report(summary: "RunSummary", output: str) -> None:
    """The closing table, on stderr."""
    from pipeline.writing.output import errors_path

    if not summary.changed and not summary.failures:
        typer.echo(f"nothing to do: {summary.articles:,} articles unchanged in {output}", err=True)
        return
    new = summary.articles - summary.reused
    rows = [
        ("articles", f"{summary.articles:,}" + (f" ({summary.reused:,} unchanged)" if summary.reused else "")),
        ("sentences", f"{summary.sentences:,}"),
        *((f"{label}s", f"{summary.claims[label]:,}") for label in LABELS),
        ("failed", f"{summary.failures:,}"),
        ("time", f"{summary.seconds:.1f} s"),
    ]
    if summary.removed:
        rows.insert(1, ("no longer among the inputs", f"{summary.removed:,} (their records are gone)"))
    if new:
        rows.append(("speed", f"{summary.words / max(summary.seconds, 1e-9):,.0f} words/s, start-up included"))
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        typer.echo(f"  {name:{width}}  {value}", err=True)
    if output != "-":
        typer.echo(f"{output} {'written' if summary.changed else 'is as it was'}.", err=True)
        if summary.failures:
            typer.echo(f"The failures are in {errors_path(Path(output))}.", err=True)
        file = "" if output == "outputs/claims.jsonl" else f" {output}"
        typer.echo(f"Read it with: opclaims show{file}", err=True)
