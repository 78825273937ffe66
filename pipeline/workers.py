"""Who does the work: this process, or a pool of processes that each load the models once.

Both take batches of inputs and give their results in order. A pool survives a worker that dies: the batches in flight are done
again one article at a time, and the one that kills its worker is named.
"""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol

from pipeline import record
from pipeline.config import Config
from pipeline.errors import ArticleError
from pipeline.reading import Article, Input, read_article
from pipeline.writing.output import Failure


class Processor(Protocol):
    """What makes records of articles; :class:`pipeline.nlp.processor.Processor` is the real one."""

    def process(self, articles: Sequence[Article]) -> list[record.ArticleRecord | ArticleError]:
        """A record or an error for each article, in the same order."""


ProcessorFactory = Callable[[Config], Processor]


def load_processor(config: Config) -> Processor:
    """The real processor; imports spaCy and loads the models."""
    from pipeline.nlp.processor import Processor

    return Processor(config)


@dataclass(frozen=True, slots=True)
class Done:
    """An article's line, and what the run's table counts."""

    id: str
    line: bytes
    words: int
    sentences: int
    claims: tuple[str, ...]
    notes: tuple[str, ...]


Result = Done | Failure


class Worker:
    """Reads and processes batches; loads the models when the first article that can be read comes along."""

    def __init__(self, config: Config, factory: ProcessorFactory) -> None:
        self._config = config
        self._factory = factory
        self._processor: Processor | None = None

    def __call__(self, batch: Sequence[Input]) -> list[Result]:
        """A result for each input, in the same order.

        Raises:
            OpclaimsError: the models cannot be loaded.
        """
        results: list[Result | None] = [None] * len(batch)
        readable = []
        for place, source in enumerate(batch):
            try:
                readable.append((place, read_article(source, self._config.reading)))
            except ArticleError as error:
                results[place] = Failure(source.name, "read", _reason(error, source.name))
        if readable and self._processor is None:
            self._processor = self._factory(self._config)
        if self._processor is not None:
            outcomes = self._processor.process([article for _, article in readable])
            for (place, article), outcome in zip(readable, outcomes, strict=True):
                name = batch[place].name
                if isinstance(outcome, ArticleError):
                    results[place] = Failure(name, "process", _reason(outcome, name))
                else:
                    results[place] = Done(
                        outcome.id,
                        record.encode(outcome),
                        len(article.text.split()),
                        len(outcome.sentences),
                        tuple(claim.label for claim in outcome.claims),
                        article.notes,
                    )
        return [result for result in results if result is not None]


def _reason(error: ArticleError, name: str) -> str:
    """An error's message without the file's name, which stands beside it."""
    return str(error).removeprefix(f"{name}: ")


def run_here(
    batches: Iterable[Sequence[Input]], config: Config, factory: ProcessorFactory
) -> Generator[list[Result], None, None]:
    """Does all batches in this process."""
    worker = Worker(config, factory)
    for batch in batches:
        yield worker(batch)


def run_pool(
    batches: Iterable[Sequence[Input]], config: Config, factory: ProcessorFactory, jobs: int
) -> Generator[list[Result], None, None]:
    """Does batches in ``jobs`` processes, a few of them in flight, and gives their results in order."""
    waiting = iter(batches)
    flight: deque[tuple[Sequence[Input], Future[list[Result]]]] = deque()
    pool = _pool(jobs, config, factory)
    try:
        while True:
            while len(flight) < 3 * jobs and (batch := next(waiting, None)) is not None:
                flight.append((batch, _submit(pool, batch)))
            if not flight:
                return
            batch, future = flight.popleft()
            try:
                results = future.result()
            except BrokenProcessPool:
                broken = [batch, *(batch for batch, _ in flight)]
                flight.clear()
                pool.shutdown(wait=False, cancel_futures=True)
                for batch in broken:
                    yield _one_by_one(batch, config, factory)
                pool = _pool(jobs, config, factory)
            else:
                yield results
    finally:
        _stop(pool)


def _one_by_one(batch: Sequence[Input], config: Config, factory: ProcessorFactory) -> list[Result]:
    """Does a batch that was in flight when a worker died, each article by itself."""
    results: list[Result] = []
    pool = _pool(1, config, factory)
    try:
        for source in batch:
            try:
                results += _submit(pool, [source]).result()
            except BrokenProcessPool:
                results.append(
                    Failure(source.name, "process", "the process that worked on it died (crash, or out of memory).")
                )
                pool.shutdown(wait=False)
                pool = _pool(1, config, factory)
    finally:
        _stop(pool)
    return results


def _submit(pool: ProcessPoolExecutor, batch: Sequence[Input]) -> Future[list[Result]]:
    try:
        return pool.submit(_work, batch)
    except BrokenProcessPool as error:
        future: Future[list[Result]] = Future()
        future.set_exception(error)
        return future


def _stop(pool: ProcessPoolExecutor) -> None:
    """Ends a pool without waiting for the batches in flight."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


_worker: Worker | None = None


def _pool(jobs: int, config: Config, factory: ProcessorFactory) -> ProcessPoolExecutor:
    # spawned, not forked: a fork would copy locks that threads of the parent hold
    return ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (config, factory, os.getpid()))


def _begin(config: Config, factory: ProcessorFactory, parent: int) -> None:
    """Prepares a worker process."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _worker = Worker(config, factory)


def _end_with(parent: int) -> None:
    """Ends this process when its parent is gone: killed, it could not say so."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _work(batch: Sequence[Input]) -> list[Result]:
    assert _worker is not None
    return _worker(batch)
