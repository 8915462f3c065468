"""Show progress on a terminal, and print a message for everything that goes wrong."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from factpack.api import Progress, Project
from factpack.atomic import is_full
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.errors import (
    ArticleMismatchError,
    BrokenReleaseError,
    FactpackError,
    NotAReleaseError,
    UnreachableError,
    VersionRefusedError,
    WorkerError,
)
from factpack.project.placeholders import UNWRITTEN

# What takes long to import is imported where it is used, so that `factpack --help` and `factpack check` start at once.
# ruff: noqa: PLC0415


@contextmanager
def building(project: Project | None, done: str = "built", failed: int = 1) -> Iterator[Progress]:
    """Show progress while releases are built or fetched; print what goes wrong, and exit.

    Args:
        project: The project whose articles are counted, if there is one.
        done: What was not done if something goes wrong.
        failed: The exit status for a project with errors, and for files that are damaged or cannot be read or written.
    """
    import pyarrow as pa
    from tqdm import tqdm

    from factpack.dataset.table_writer import prefer_jemalloc

    prefer_jemalloc()
    total = len(project.files.seeds) if project else None
    try:
        # disable=None: a bar on a terminal, silence in a pipe
        with tqdm(total=total, desc="Building", unit="article", disable=None, leave=bool(project)) as bar:
            yield bar.update
    except CheckFailedError as error:
        click.echo(error.report.to_text(), nl=False)
        # Without a project the problems are those of predictions, whose messages have no manual page.
        manual = f"\n{error.report.where_to_read}" if project else ""
        fail(f"{error.report.summary}; nothing was {done}{manual}", failed)
    except BrokenReleaseError as error:
        fail(f"{error}\nthe release is damaged or was changed after it was built; nothing was {done}", failed)
    except (VersionRefusedError, ArticleMismatchError, WorkerError) as error:
        fail(f"{error}\nnothing was {done}", 1)
    except (NotAReleaseError, UnreachableError) as error:
        fail(f"Error: {error}", 2)
    except (OSError, pa.ArrowException) as error:
        said = refusal(error) if isinstance(error, OSError) else error
        fail(f"Error: {said}; nothing was {done}", failed)


@contextmanager
def checking(project: Project) -> Iterator[Progress]:
    """Show progress on a terminal while a project is checked; print the report of one with errors, and exit."""
    try:
        if sys.stderr.isatty():  # to import the bar takes a tenth of a small check
            from tqdm import tqdm

            with tqdm(total=len(project.files.seeds), desc="Checking", unit="article", leave=False) as bar:
                yield bar.update
        else:
            yield lambda: None
    except CheckFailedError as error:
        click.echo(error.report.to_text(), nl=False)
        fail(f"{error.report.summary}\n{error.report.where_to_read}", 1)
    except WorkerError as error:
        fail(f"{error}\nnothing was checked", 1)


@contextmanager
def publishing() -> Iterator[Callable[[str], object]]:
    """Show the steps of a publication; print why it was refused or interrupted, and exit."""
    from tqdm import tqdm

    from factpack.errors import InvalidTargetError, PublicationInterruptedError, PublicationRefusedError
    from factpack.publishing.target import Notice

    try:
        with tqdm(desc="Publishing", unit="step", disable=None, leave=False) as bar:

            def on_step(step: str) -> None:
                if isinstance(step, Notice):
                    bar.write(step, file=sys.stderr)
                bar.set_postfix_str(step)
                bar.update()

            yield on_step
    except InvalidTargetError as error:
        raise click.UsageError(str(error)) from error
    except (PublicationRefusedError, PublicationInterruptedError) as error:
        fail(str(error), 1)


@contextmanager
def wrong_use() -> Iterator[None]:
    """Turn what a path or an argument leads to into wrong use, with exit status 2."""
    try:
        yield
    except CheckFailedError:  # whose report is printed
        raise
    except FactpackError as error:
        raise click.UsageError(str(error)) from error


def warn(warnings: CheckReport | None) -> None:
    """Say that there are warnings, if there are any."""
    if warnings:
        click.echo(f"{warnings.summary}; `factpack check` shows them", err=True)
        if warnings.count_of(UNWRITTEN):
            message = "template text is left, such as TODO for the licence; do not share this before it is replaced"
            click.echo(message, err=True)


def fail(message: str, status: int) -> None:
    """Print a message and exit."""
    click.echo(message, err=True)
    sys.exit(status)


def refusal(error: OSError) -> str:
    """Say what the file system refused."""
    if is_full(error) and not error.filename:
        return f"{tempfile.gettempdir()}: {error.strerror or error}"  # what is written elsewhere is named
    return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
