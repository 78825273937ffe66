"""Processes that share the work, each with the models loaded once.

Each has a pipe of its own, so that it is known which batch a process died of, and a process that is killed in the middle of an
answer is the end of its pipe, not a wait without end (as it is for the one queue of ``concurrent.futures``).
"""

import os
import signal
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait

from pipeline.config import Config
from pipeline.errors import OpclaimsError
from pipeline.reading import Input
from pipeline.workers import Processor, ProcessorFactory, Result, Worker
from pipeline.writing.output import Failure

AHEAD = 3
"""So many batches for each process may be begun or done while an earlier one is waited for."""

SECONDS_TO_DIE = 5
"""A process that writes a core file closes its pipe before it is gone."""

Answer = list[Result] | OpclaimsError | bool
"""Results, or why there are none; or whether the models are being loaded now."""


def run_pool(
    batches: Iterable[Sequence[Input]], config: Config, factory: ProcessorFactory, jobs: int
) -> Generator[list[Result], None, None]:
    """Does batches in ``jobs`` processes and gives their results in order.

    An article whose process dies is a failure; the others of its batch are done again.

    Raises:
        OpclaimsError: the models cannot be loaded.
    """
    waiting = enumerate(batches)
    idle = [_Process(config, factory) for _ in range(jobs)]
    busy: dict[Connection, tuple[int, _Process]] = {}
    done: dict[int, list[Result]] = {}
    turn = begun = 0
    try:
        while True:
            while idle and begun < turn + AHEAD * jobs and (following := next(waiting, None)):
                begun, batch = following[0] + 1, following[1]
                process = idle.pop()
                busy[process.begin(batch)] = following[0], process
            if turn in done:
                yield done.pop(turn)
                turn += 1
                continue
            if not busy:
                return
            for connection in wait(list(busy)):
                assert isinstance(connection, Connection)
                number, process = busy[connection]
                results = process.results()
                if results is not None:
                    done[number] = results
                    idle.append(process)
                    del busy[connection]
    finally:
        for process in (*idle, *(process for _, process in busy.values())):
            process.end()


class _DeathError(Exception):
    """A process died; the message says of what."""


class _Process:
    """A process that works; it is started when there is work, and again after it died."""

    def __init__(self, config: Config, factory: ProcessorFactory) -> None:
        self._config = config
        self._factory = factory
        self._connection: Connection | None = None
        self._batch: Sequence[Input] = ()
        self._loading = False

    def begin(self, batch: Sequence[Input]) -> Connection:
        """Hands over a batch; the connection is ready when there is something to ask :meth:`results` for."""
        if self._connection is None:
            self._connection = self._start()
        self._batch = batch
        with suppress(OSError):  # that it is dead already will show when its answer is read
            self._connection.send(batch)
        return self._connection

    def results(self) -> list[Result] | None:
        """The batch's results, None if it is not done yet.

        Raises:
            OpclaimsError: the models cannot be loaded.
        """
        try:
            return self._answer()
        except _DeathError:
            # a single article too: it may have been its neighbour in another process that used up the memory
            return [self._alone(source) for source in self._batch]

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._process.kill()
            self._process.join()

    def _alone(self, source: Input) -> Result:
        """The result of one article of a batch that a process died of: a failure if one dies again."""
        self.begin([source])
        try:
            while (results := self._answer()) is None:
                pass
        except _DeathError as death:
            return Failure(source.name, source.name, "process", str(death))
        return results[0]

    def _answer(self) -> list[Result] | None:
        assert self._connection is not None
        try:
            answer: Answer = self._connection.recv()
        except (EOFError, OSError):
            self._process.join(SECONDS_TO_DIE)
            cause = _cause(self._process.exitcode)
            self.end()
            if self._loading:
                raise OpclaimsError(f"the worker process died while it loaded the models ({cause}).") from None
            raise _DeathError(f"its worker process died ({cause}).") from None
        if isinstance(answer, OpclaimsError):
            raise answer
        if isinstance(answer, bool):
            self._loading = answer
            return None
        return answer

    def _start(self) -> Connection:
        # spawned, not forked: a fork would copy locks that threads of the parent hold
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self._config, self._factory, os.getpid())
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        with _deaf_children():
            self._process.start()
        theirs.close()  # or its end would never be seen
        self._loading = False
        return ours


def _cause(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit status {code}"
    return f"signal {-code}: killed, perhaps because memory ran out" if code == -9 else f"signal {-code}"


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes that are started within never hear Ctrl-C, not even while they start; the parent decides for them.

    The parent hears it afterwards, since it would leave a process with half of what it needs to start.
    """
    resource_tracker.ensure_running()  # which unblocks signals when it begins
    heard: list[int] = []
    before = {}
    if threading.current_thread() is threading.main_thread():  # only this one may have handlers, and hears
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, lambda number, _: heard.append(number)) or signal.SIG_DFL
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in heard:
            signal.raise_signal(late)


def _serve(connection: Connection, config: Config, factory: ProcessorFactory, parent: int) -> None:
    """What a process does: answers each batch with its results until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # there is a process for each core; numerical libraries read this when they are imported, which is not yet
    for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "RAYON"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()

    def load(config: Config) -> Processor:
        connection.send(True)
        processor = factory(config)
        connection.send(False)
        return processor

    worker = Worker(config, load)
    try:
        while True:
            connection.send(worker(connection.recv()))
    except OpclaimsError as error:
        connection.send(error)
    except (EOFError, OSError):
        pass  # the parent is gone, or does not want to know any more


def _end_with(parent: int) -> None:
    """Ends this process when its parent is gone: killed, it could not say so."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
