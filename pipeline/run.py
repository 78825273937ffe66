"""A run: inputs to an output, everything that is unchanged left alone. Knows nothing of the command line."""

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO

import msgspec

from pipeline.config import Config
from pipeline.errors import ArticleError, OpclaimsError
from pipeline.pool import run_pool
from pipeline.reading import Input, find_inputs
from pipeline.reading.inputs import ROWS_MEDIA_TYPE, STDIN
from pipeline.reading.reader import read_bytes
from pipeline.record import LABELS, ProducedBy
from pipeline.workers import Done, ProcessorFactory, Result, load_processor, run_here
from pipeline.writing.existing import Line
from pipeline.writing.output import Failure, Output, errors_path

BATCH_BYTES = 200_000
"""A batch is closed at this size even if it holds few articles, so that huge ones do not pile up in memory."""

FEW = 8
"""Up to this many articles one process is quicker than the start of a second one."""


@dataclass(slots=True)
class RunSummary:
    """What a run did. ``words`` and ``seconds`` are of the new articles; the other counts are of all records written."""

    articles: int = 0
    reused: int = 0
    removed: int = 0
    sentences: int = 0
    words: int = 0
    failures: int = 0
    seconds: float = 0.0
    claims: Counter[str] = field(default_factory=Counter)
    changed: bool = True


class Progress:
    """What a run tells while it goes on; override what you want to hear."""

    def planned(self, new: int, unchanged: int, left_out: int) -> None:
        """How many articles are to be done, how many are unchanged, how many files are of types that are not read."""

    def redone(self, reasons: Sequence[str]) -> None:
        """Why articles that were done before are done again."""

    def advanced(self, articles: int, words: int) -> None:
        """So many more articles are done."""

    def noted(self, name: str, note: str) -> None:
        """Something to know about an article."""

    def failed(self, failure: Failure) -> None:
        """An article that failed."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An input, and the line that can be used again for it."""

    source: Input
    size: int
    line: Line | None


def run(
    inputs: Sequence[str],
    output: Path | BinaryIO,
    config: Config,
    *,
    fresh: bool = False,
    progress: Progress | None = None,
    factory: ProcessorFactory = load_processor,
    produced_by: ProducedBy | None = None,
) -> RunSummary:
    """Runs the pipeline.

    With ``config.run.jobs`` 1 all work is done in this process; otherwise in processes of their own, which needs the
    caller's main module to be importable (``if __name__ == "__main__":``).

    Args:
        inputs: files, folders, globs, ``-``; what the run itself writes is left out.
        output: a path, where what is unchanged since the last run is kept; or a binary stream for all lines.
        config: the settings.
        fresh: do everything again.
        progress: hears how it goes.
        factory: makes the processor.
        produced_by: what makes the records; by default what the configuration's models say.

    Raises:
        OpclaimsError: nothing to do, a model cannot be loaded, or the output cannot be written.
    """
    progress = progress or Progress()
    started = time.perf_counter()
    found = find_inputs(inputs)
    if produced_by is None:
        from pipeline.identity import produced_by as identify

        produced_by = identify(config)
    with ExitStack() as stack:
        sources = [_spooled(source, stack) if source.path == STDIN else source for source in found.inputs]
        if isinstance(output, Path):
            sources = _without_output(sources, output)
            with Output(output, fresh=fresh) as target:
                summary = _run(sources, target, config, produced_by, progress, factory, found.left_out)
        else:
            plan = [Planned(source, size, None) for source, size in _sized(sources)]
            progress.planned(len(plan), 0, found.left_out)
            summary = RunSummary()
            with closing(_results(plan, config, factory, progress, summary)) as results:
                for lines, _ in results:
                    output.writelines(line for line in lines if isinstance(line, bytes))
                    output.flush()
    summary.seconds = time.perf_counter() - started
    return summary


def _run(
    sources: Sequence[Input],
    target: Output,
    config: Config,
    produced_by: ProducedBy,
    progress: Progress,
    factory: ProcessorFactory,
    left_out: int,
) -> RunSummary:
    held, spare = target.existing()
    # The output's own lines come last: where both have a line they are the same, and an output that is complete is
    # recognised by its own. An article that was changed may have a line in each, of its old and of its new bytes.
    usable = {(line.name, line.sha256): line for line in (*spare, *held) if line.produced_by == produced_by}
    plan = list(_plan(sources, usable, config))
    new = sum(planned.line is None for planned in plan)
    progress.planned(new, len(plan) - new, left_out)
    progress.redone(_reasons(held, produced_by))
    names = {source.name for source in sources}
    summary = RunSummary(removed=sum(line.name not in names for line in held))

    reused = [planned.line for planned in plan if planned.line]
    if new == 0 and reused == held:
        _count_lines(summary, held)
        summary.changed = False
        target.leave()
        return summary
    target.begin(len(held), len(reused))
    try:
        with closing(_results(plan, config, factory, progress, summary)) as results:
            for lines, failures in results:
                for failure in failures:
                    target.failed(failure)
                target.write(lines)
    except KeyboardInterrupt:
        target.interrupt()
        raise
    if summary.articles == summary.reused and reused == held:
        summary.changed = False
        target.leave()
    else:
        target.finish()
    return summary


def _plan(sources: Sequence[Input], usable: dict[tuple[str, str], Line], config: Config) -> Iterator[Planned]:
    """For each input, the line of an earlier run where its bytes and all that makes the record are the same."""
    names = {name for name, _ in usable}
    for source, size in _sized(sources):
        line = None
        if source.name in names:
            # a worker will meet the same error and tell
            with suppress(ArticleError):
                line = usable.get((source.name, hashlib.sha256(read_bytes(source, config.reading)).hexdigest()))
        yield Planned(source, size, line)


def _results(
    plan: Sequence[Planned], config: Config, factory: ProcessorFactory, progress: Progress, summary: RunSummary
) -> Generator[tuple[list[bytes | Line], list[Failure]], None, None]:
    """Lines in the order of the plan, new ones as they are made and old ones between them, with the failures."""
    groups = list(_groups(plan, config.run.batch_size))
    todo = [[planned.source for planned in group if planned.line is None] for group in groups]
    batches = [batch for batch in todo if batch]
    jobs = _jobs(config, sum(map(len, batches)))
    results = run_here(batches, config, factory) if jobs == 1 else run_pool(batches, config, factory, max(jobs, 1))
    with closing(results):
        yield from _in_order(groups, todo, results, progress, summary)


def _in_order(
    groups: Sequence[Sequence[Planned]],
    todo: Sequence[Sequence[Input]],
    results: Generator[list[Result], None, None],
    progress: Progress,
    summary: RunSummary,
) -> Generator[tuple[list[bytes | Line], list[Failure]], None, None]:
    ids: set[str] = set()
    for group, batch in zip(groups, todo, strict=True):
        done = iter(next(results) if batch else ())
        lines: list[bytes | Line] = []
        failures: list[Failure] = []
        words = 0
        for planned in group:
            result: Result | Line = planned.line or next(done)
            if not isinstance(result, Failure) and result.id in ids:
                reason = f"its id {result.id!r} is taken by another article of this run."
                result = Failure(planned.source.name, result.id, "read", reason)
            if isinstance(result, Failure):
                failures.append(result)
                summary.failures += 1
                progress.failed(result)
                continue
            ids.add(result.id)
            if isinstance(result, Line):
                _count_lines(summary, [result])
                lines.append(result)
                continue
            _count_done(summary, result)
            words += result.words
            lines.append(result.line)
            for note in result.notes:
                progress.noted(planned.source.name, note)
        yield lines, failures
        if batch:
            progress.advanced(len(batch), words)


def _groups(plan: Sequence[Planned], batch_size: int) -> Iterator[list[Planned]]:
    """Cuts the plan where the articles that are to be done make a batch."""
    group: list[Planned] = []
    articles = size = 0
    for planned in plan:
        group.append(planned)
        if planned.line is None:
            articles += 1
            size += planned.size
        if articles >= batch_size or size >= BATCH_BYTES or len(group) >= 100 * batch_size:
            yield group
            group, articles, size = [], 0, 0
    if group:
        yield group


def _jobs(config: Config, articles: int) -> int:
    """How many processes do the work; 0 stands for one process beside this one."""
    if config.run.jobs:
        return config.run.jobs
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if articles > FEW and cores > 1 else 0


def _count_lines(summary: RunSummary, lines: Sequence[Line]) -> None:
    for line in lines:
        summary.articles += 1
        summary.reused += 1
        summary.sentences += line.sentences
        summary.claims.update(dict(zip(LABELS, line.claims, strict=True)))


def _count_done(summary: RunSummary, done: Done) -> None:
    summary.articles += 1
    summary.words += done.words
    summary.sentences += done.sentences
    summary.claims.update(done.claims)


def _reasons(held: Sequence[Line], produced_by: ProducedBy) -> list[str]:
    """What differs between the makers of the existing lines and today's."""
    titles = {
        "opclaims": "Opclaims itself",
        "spacy_model": "the spaCy pipeline",
        "tagger": "the claim tagger",
        "config_sha256": "the configuration",
    }
    reasons = []
    for key, value in msgspec.structs.asdict(produced_by).items():
        others = {before for line in held if (before := getattr(line.produced_by, key)) != value}
        if others:
            # of a hash the beginning is enough to tell one from another
            was, now = (
                [one[:8] if key == "config_sha256" else one for one in ones] for ones in (sorted(others), [value])
            )
            reasons.append(f"{titles[key]} changed (was {', '.join(was)}, is {now[0]})")
    return reasons


def _spooled(source: Input, stack: ExitStack) -> Input:
    """Standard input as a file that goes with the stack, for it can be read only once, and not by a worker."""
    try:
        file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="opclaims-"))  # noqa: SIM115  the stack closes it
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
    except OSError as error:
        raise OpclaimsError(f"{source.name}: cannot be kept in {tempfile.gettempdir()}: {error.strerror}.") from error
    return Input(file.name, source.name, source.media_type)


def _without_output(sources: list[Input], output: Path) -> list[Input]:
    """Leaves out what the run itself writes, which may lie in a folder of inputs."""
    own = {path.resolve() for path in (output, errors_path(output))}
    paths = {source.path for source in sources if source.media_type == ROWS_MEDIA_TYPE}
    ours = {path for path in paths if Path(path).resolve() in own}
    others = [source for source in sources if source.path not in ours]
    if not others:
        raise OpclaimsError(f"{output}: is the only input and the output as well. Name the op-eds to read.")
    return others


def _sized(sources: Sequence[Input]) -> Iterator[tuple[Input, int]]:
    """Inputs and their bytes, 0 where nobody can tell."""
    for source, after in pairwise(chain(sources, [None])):
        assert source is not None
        if source.line and after and after.path == source.path:
            yield source, max(after.offset - source.offset, 0)
            continue
        try:
            yield source, max(Path(source.path).stat().st_size - source.offset, 0)
        except OSError:
            yield source, 0
