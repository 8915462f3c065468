"""Give parts of some work to other processes: of this machine, or of any executor, such as that of a cluster."""

import multiprocessing
import os
import pickle
import secrets
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from factpack.atomic import is_full, told_as_full
from factpack.errors import FactpackError, WorkerError

AHEAD = 2  # parts that a process of this machine is given: one to do, and the next
MAX_WAITING = 2  # parts for each process of this machine that wait to be put in their place
PATIENCE = 10  # seconds that work of an executor is waited for that cannot be taken back
SAME_FOLDER = "project and output must be in a folder that every worker reaches under the same path, as the same user"
IN_FLIGHT = 64  # parts that an executor is given at a time; how many workers it has is not known

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Workers:
    """Do parts of some work in other processes.

    Attributes:
        executor: Runs a function in one of them.
        count: How many processes of this machine there are, for this work alone; the first process does parts itself
            when they have enough to do. 0 for an executor of somebody else, which does everything.
        scratch: A folder that every worker reaches under the same path; ``None`` for threads of this process.
        refuse: Called in a worker before it does anything with a context; raises an error if it cannot do this work.
    """

    executor: Executor
    count: int = 0
    scratch: Path | None = None
    refuse: Callable[[], object] = bool

    def end(self) -> None:
        """End the processes that are for this work alone."""
        if self.count:
            self.executor.shutdown(cancel_futures=True)

    def map(
        self, function: Callable[[C, T], R], context: C, items: Iterable[T], name: Callable[[T], str]
    ) -> Generator[R]:
        """Yield the results of a function, in the order of the items, each of which it gets with the same context.

        Args:
            function: What is to be done, anywhere.
            context: What it needs for every item. A worker reads it once, from the scratch folder.
            items: What it is to be done with.
            name: Names an item in an error.

        Raises:
            WorkerError: A process ended, or could not do its work.
        """
        do = partial(function, context)
        if self.scratch is None:
            return self.in_order(items, name, lambda item: self.executor.submit(do, item), do)
        kept = self.scratch / secrets.token_hex(8)
        with kept.open("wb") as stream:
            pickle.dump((self.refuse, context), stream)
        there = partial(_with_context, function, kept)
        return self.in_order(items, name, lambda item: self.executor.submit(there, item), do)

    def in_order(
        self,
        items: Iterable[T],
        name: Callable[[T], str],
        begin: Callable[[T], Future[R]],
        do: Callable[[T], R],
    ) -> Generator[R]:
        """Yield the results of some work, in the order of the items; only some results wait for their turn.

        Args:
            items: What is to be done.
            name: Names an item in an error.
            begin: Gives an item to the executor.
            do: Does it here.

        Raises:
            WorkerError: A process ended, or could not do its work.
        """
        waiting: deque[tuple[T, Future[R]]] = deque()
        most = MAX_WAITING * (self.count + 1) if self.count else IN_FLIGHT - 1
        try:
            for item in items:
                busy = sum(not future.done() for _, future in waiting)
                if self.count and busy >= AHEAD * self.count:
                    done: Future[R] = Future()
                    done.set_result(do(item))
                    waiting.append((item, done))
                else:
                    waiting.append((item, self._begun(begin, item)))
                while waiting and (waiting[0][1].done() or len(waiting) > most):
                    result = self._result(name, *waiting[0])
                    waiting.popleft()  # only now: see the end
                    yield result
            while waiting:
                result = self._result(name, *waiting[0])
                waiting.popleft()
                yield result
        finally:
            at_work = [future for _, future in waiting if not future.cancel()]
            # They work on in folders that whoever is interrupted removes next. A cluster may be gone.
            wait(at_work, timeout=None if self.count else PATIENCE)

    @staticmethod
    def _begun(begin: Callable[[T], Future[R]], item: T) -> Future[R]:
        """Give an item to the executor; what this refuses is the result."""
        try:
            return begin(item)
        except Exception as error:  # noqa: BLE001 - it is broken, was shut down, or its scheduler is gone
            refused: Future[R] = Future()
            refused.set_exception(error)
            return refused

    def _result(self, name: Callable[[T], str], item: T, future: Future[R]) -> R:
        """Return the result of an item, or tell which one has none; the executor may have tried it several times."""
        try:
            return future.result()
        except BrokenProcessPool as error:
            why = 'memory may have run out, which takes fewer jobs, or a script may lack `if __name__ == "__main__":`'
            message = f"{name(item)}: a process ended before its work was done; {why}"
            raise WorkerError(message) from error
        except Exception as error:  # of an executor: anything, when it gives up
            if self.count or isinstance(error, FactpackError) or is_full(error):
                raise
            hint = f"; {SAME_FOLDER}" if isinstance(error, FileNotFoundError | PermissionError) else ""
            why = f"{type(error).__name__}: {error}".removesuffix(": ")
            message = f"{name(item)}: a worker failed: {why}{hint}"
            raise WorkerError(message) from error


class _Read(threading.local):
    """Keep the context that this thread read last: a worker of somebody else can have several threads."""

    path: Path | None = None
    context: Any = None


_read = _Read()


def _with_context(function: Callable[[C, T], R], kept: Path, item: T) -> R:
    """Do something in another process, with the context that the first one has kept."""
    if _read.path != kept:
        _read.path = _read.context = None  # there is no room for two
        with kept.open("rb") as stream:
            refuse, context = pickle.load(stream)  # noqa: S301 - written by the process that has begun this one
        refuse()
        _read.path, _read.context = kept, context
    try:
        return function(_read.context, item)
    except Exception as error:
        if full := told_as_full(error):
            raise full from error
        raise


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep the interrupt of a terminal, which it sends to all, from processes that are started; this one ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(tune: Callable[[], object]) -> None:
    """Begin a process, which ends with the one that started it, however that ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    tune()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)


@contextmanager
def threads(jobs: int) -> Iterator[Workers]:
    """Let threads work: one fewer than ``jobs``, since this one works too."""
    with ThreadPoolExecutor(jobs - 1) as executor:
        yield Workers(executor, jobs - 1)


@contextmanager
def processes(
    jobs: int, tune: Callable[[], object], scratch: Path | None = None, refuse: Callable[[], object] = bool
) -> Iterator[Workers]:
    """Start processes on this machine: one fewer than ``jobs``, since this one works too.

    Args:
        jobs: How many processes work.
        tune: Called first in each process that is started, which does nothing else, and imports its module for it.
        scratch: A folder for what they share.
        refuse: See :class:`Workers`.
    """
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(jobs - 1, context, initializer=_begin, initargs=(tune,))
    workers = Workers(executor, jobs - 1, scratch, refuse)
    try:
        with _interrupts_held():
            for _ in range(jobs - 1):
                workers.executor.submit(int)  # starts a process, which imports while this one reads
        yield workers
    finally:
        workers.end()
