"""Who does the work: this process, or a pool of processes that each load the models once.

Both take batches of inputs and give their results in order. A pool survives a worker that dies: the batches in flight are done
again one article at a time, and the one that kills its worker is named.
"""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Protocol

from pipeline import record
from pipeline.config import Config
from pipeline.errors import ArticleError, OpclaimsError
from pipeline.reading import Article, Input, read_article
from pipeline.writing.output import Failure

SECONDS_TO_DIE = 5
"""A process that writes a core file closes its connection before it is gone."""


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

    def load(self) -> Processor:
        """The processor, with its models.

        Raises:
            OpclaimsError: the models cannot be loaded.
        """
        if self._processor is None:
            try:
                self._processor = self._factory(self._config)
            except OpclaimsError:
                raise
            except Exception as error:
                raise OpclaimsError(f"the models cannot be loaded: {type(error).__name__}: {error}") from error
        return self._processor

    def __call__(self, batch: Sequence[Input]) -> list[Result]:
        """A result for each input, in the same order; raises as :meth:`load`."""
        read = [self._read(source) for source in batch]
        articles = [one for one in read if isinstance(one, Article)]
        outcomes = iter(self.load().process(articles) if articles else ())
        return [
            _result(source, one, next(outcomes)) if isinstance(one, Article) else one
            for source, one in zip(batch, read, strict=True)
        ]

    def _read(self, source: Input) -> Article | Failure:
        try:
            return read_article(source, self._config.reading)
        except Exception as error:  # whatever is in a file, the others go on
            return Failure(source.name, source.name, "read", _reason(error, source.name))


def _result(source: Input, article: Article, outcome: record.ArticleRecord | ArticleError) -> Result:
    if isinstance(outcome, ArticleError):
        return Failure(source.name, article.id, "process", _reason(outcome, source.name))
    try:
        line = record.encode(outcome)
    except ValueError as error:  # half a surrogate pair, which is no text in any encoding
        return Failure(source.name, article.id, "process", _reason(error, source.name))
    labels = tuple(claim.label for claim in outcome.claims)
    return Done(outcome.id, line, len(article.text.split()), len(outcome.sentences), labels, article.notes)


def _reason(error: Exception, name: str) -> str:
    """An error's message without the file's name, which stands beside it."""
    if isinstance(error, OpclaimsError):
        return str(error).removeprefix(f"{name}: ")
    return f"{type(error).__name__}: {error}"


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
    flight: deque[Flying] = deque()
    pool = _pool(jobs, config, factory)
    try:
        while True:
            while len(flight) < 3 * jobs and (batch := next(waiting, None)) is not None:
                flight.append((batch, _submit(pool, batch)))
            if not flight:
                return
            try:
                results = flight[0][1].result()
            except BrokenProcessPool:
                _stop(pool)
                yield from _one_by_one(flight, config, factory)
                flight.clear()
                pool = _pool(jobs, config, factory)
            else:
                flight.popleft()
                yield results
    finally:
        _stop(pool)


def _one_by_one(
    flight: Iterable["Flying"], config: Config, factory: ProcessorFactory
) -> Generator[list[Result], None, None]:
    """Gives the batches that were in flight when a worker died; what is not done yet is done an article at a time."""
    with closing(Sacrificial(config, factory)) as work:
        for batch, future in flight:
            if future.done() and not future.cancelled() and future.exception() is None:
                yield future.result()
            else:
                yield [work(source) for source in batch]


class Sacrificial:
    """A process of its own for one article at a time: if it dies, that article killed it."""

    def __init__(self, config: Config, factory: ProcessorFactory) -> None:
        self._config = config
        self._factory = factory
        self._connection: Connection | None = None

    def __call__(self, source: Input) -> Result:
        """The article's result, a failure if the process died of it.

        Raises:
            OpclaimsError: the models cannot be loaded.
        """
        if self._connection is None:
            self._connection = self._start()
        try:
            self._connection.send(source)
            (result,) = _received(self._connection)
        except (EOFError, OSError):
            self._process.join(SECONDS_TO_DIE)
            self.close()
            return Failure(source.name, source.name, "process", f"its worker process died ({self._cause()}).")
        return result

    def close(self) -> None:
        """Ends the process."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._process.terminate()
            self._process.join()

    def _start(self) -> Connection:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._config, self._factory), daemon=True)
        with _deaf_children():
            self._process.start()
        theirs.close()  # or its end would never be heard
        try:
            _received(ours)
        except (EOFError, OSError):
            self._process.join()
            raise OpclaimsError(f"the worker process died while it loaded the models ({self._cause()}).") from None
        return ours

    def _cause(self) -> str:
        code = self._process.exitcode or 0
        if code >= 0:
            return f"exit status {code}"
        memory = ": killed, perhaps because memory ran out" if -code == getattr(signal, "SIGKILL", 9) else ""
        return f"signal {-code}{memory}"


def _received(connection: Connection) -> list[Result]:
    answer: list[Result] | OpclaimsError = connection.recv()
    if isinstance(answer, OpclaimsError):
        raise answer
    return answer


def _serve(connection: Connection, config: Config, factory: ProcessorFactory) -> None:
    """Loads the models, says so, then answers each input with its result until the connection is closed."""
    _begin(config, factory, os.getppid())
    assert _worker is not None
    try:
        _worker.load()
        connection.send([])
        while True:
            connection.send(_worker([connection.recv()]))
    except OpclaimsError as error:
        connection.send(error)
    except (EOFError, OSError):
        pass


Flying = tuple[Sequence[Input], Future[list[Result]]]


def _submit(pool: ProcessPoolExecutor, batch: Sequence[Input]) -> Future[list[Result]]:
    try:
        with _deaf_children():
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


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes that are started within never hear Ctrl-C, not even while they start; the parent decides for them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(config: Config, factory: ProcessorFactory, parent: int) -> None:
    """Prepares a worker process."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # there is a process for each core; numerical libraries read this when they are imported, which is not yet
    for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "RAYON"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
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
