"""Runs a command in a process of its own, says what it took, and prints tables of such figures.

Nothing large is imported here: on Linux the peak memory of a process is at least that of the one that started it.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import psutil

GIB = 2**30
NOW_AND_THEN = 0.01  # seconds between two looks at a process
SAMPLING = 0.2  # seconds between two samples of its memory, when it has others beside it

#: The exit status by which one of our own processes says that its memory did not suffice.
OUT_OF_MEMORY = 77


@dataclass(frozen=True, slots=True)
class Took:
    """What a process took: seconds by the clock, seconds of processor time, and the peak of its memory in bytes.

    ``status`` is its exit status, the negative number of the signal that ended it, or None if its time was up.
    """

    status: int | None
    seconds: float
    processor: float
    peak: int
    output: str
    errors: str

    @property
    def failure(self) -> str:
        """Why there are no figures; nothing if there are."""
        if self.status == OUT_OF_MEMORY:
            return "out of memory"
        if self.status is None:
            return "out of time"
        return "" if self.status == 0 else f"failed with status {self.status}"


def run(command: Sequence[str | Path], *, timeout: float, memory: int | None = None, several: bool = False) -> Took:
    """Runs a command to its end, or until its time is up; then it and its children are killed.

    ``memory`` limits what it can write to, in bytes (``RLIMIT_DATA``: files mapped to be read do not count).

    The peak is the resident set of the process as the system counts it (``ru_maxrss``). With ``several`` it is the
    largest sum over the process and its children, sampled five times a second, with shared pages divided among those
    that share them (``Pss``).
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the child goes, too
    limit = partial(resource.setrlimit, resource.RLIMIT_DATA, (memory, memory)) if memory else None
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=errors,
            start_new_session=True,
            preexec_fn=limit,  # noqa: PLW1509 - there are no threads here
        )
        peak, sampled, in_time = 0, started, True
        try:
            while True:
                ended, status, usage = os.wait4(child.pid, os.WNOHANG)
                now = time.perf_counter()
                if ended:
                    break
                if in_time and now - started > timeout:
                    in_time = False
                    os.killpg(child.pid, signal.SIGKILL)
                if several and now - sampled > SAMPLING:
                    peak, sampled = max(peak, shared_out(child.pid)), now
                time.sleep(NOW_AND_THEN)
        except KeyboardInterrupt:
            os.killpg(child.pid, signal.SIGKILL)
            raise
        child.returncode = os.waitstatus_to_exitcode(status)  # so that it is not waited for again
        output.seek(0)
        errors.seek(0)
        return Took(
            child.returncode if in_time else None,
            now - started,
            usage.ru_utime + usage.ru_stime,
            peak if several else usage.ru_maxrss * 1024,
            output.read().decode(errors="replace"),
            errors.read().decode(errors="replace"),
        )


def shared_out(pid: int) -> int:
    """The memory of a process and its children in bytes, every shared page counted once."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                total += process.memory_full_info().pss
    return total


def own_script(name: str) -> tuple[str, str]:
    """The beginning of a command that runs a script of this folder."""
    return sys.executable, str(Path(__file__).parent / name)


def machine() -> str:
    """What the figures depend on."""
    memory = psutil.virtual_memory().total / GIB
    return f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, {memory:.0f} GiB of memory"


def gib(size: int) -> str:
    """A size in GiB."""
    return f"{size / GIB:.2f} GiB"


FORM = click.option(
    "--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True, help="Of the table."
)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], form: str) -> str:
    """A table, as text or as Markdown; the first two columns begin left, the others end right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    edge, between = ("| ", " | ") if form == "markdown" else ("", "  ")

    def line(cells: Sequence[str]) -> str:
        aligned = [
            cell.rjust(width) if column > 1 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return (edge + between.join(aligned) + edge[::-1]).rstrip()

    rule = ["-" * (width - 1) + (":" if column > 1 else "-") for column, width in enumerate(widths)]
    return "\n".join([line(header), *([line(rule)] if form == "markdown" else []), *map(line, rows)])
