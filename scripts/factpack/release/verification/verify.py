"""Read a release back the way its users will: digests, spans, labels, keys, counts and loading."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from factpack.anchoring.parallel.workers import Workers, threads
from factpack.atomic import is_full
from factpack.checks.report import printable
from factpack.corpus.counts import Counts
from factpack.dataset.columns import tables_of
from factpack.errors import BrokenReleaseError, NotAReleaseError, WorkerError
from factpack.limits import MAX_FILE_BYTES, read_within, too_large
from factpack.project.checkout import FETCH_HINT, POINTER, is_pointer, restore_hint, wrong_digest
from factpack.project.clutter import is_clutter
from factpack.release.layout import EXTRA_HINT, SUMS, present_files, promised_digests, sha256, walk
from factpack.release.manifest import read_manifest
from factpack.release.verification.load import USUAL, Limits
from factpack.release.verification.parts import (
    derived_problems,
    full_problems,
    missing_parts,
    not_derived,
)
from factpack.release.verification.rows.cross_checks import CrossChecks
from factpack.release.verification.rows.tables import TablesRead, compare_tables, read_tables

MAX_PROBLEMS = 1_000  # that are listed: nobody reads more at once


def read_back(folder: Path, limits: Limits = USUAL, workers: Workers | None = None) -> None:
    """Read a release that was made here, as far as the packager or the disk can have spoilt it.

    Data that passes the check of a project does not lead to a problem.

    Args:
        folder: The release.
        limits: How much of a table is in memory at once.
        workers: Read the files of the tables; by default two threads.

    Raises:
        BrokenReleaseError: Something is wrong; the message lists what, a line each.
        NotAReleaseError: It does not say what it is.
        WorkerError: A process failed.
    """
    _refuse(lambda: _file_problems(folder))
    with nullcontext(workers) if workers else threads(2) as readers:
        _refuse(lambda: read_tables(folder, read_manifest(folder), readers, limits).problems)


def verify(folder: Path, limits: Limits = USUAL) -> str:
    """Read a release that anybody can have made.

    Besides what :func:`read_back` looks at, the labels are judged by the rules, the tables compared with each other,
    and the files beside them derived again.

    Args:
        folder: The release.
        limits: How much of a table is in memory at once.

    Returns:
        Why those files were not derived again; nothing if they were.

    Raises:
        BrokenReleaseError: Something is wrong; the message lists what, a line each.
        NotAReleaseError: It does not say what it is.
    """
    _refuse(lambda: _file_problems(folder))
    manifest = read_manifest(folder)
    checks, counts = CrossChecks(tables_of(manifest.scheme)), Counts(manifest.scheme)
    _refuse(lambda: missing_parts(folder))
    read = TablesRead([], [])

    def table_problems() -> list[str]:
        nonlocal read
        read = compare_tables(folder, manifest, checks, counts, limits)
        return read.problems

    _refuse(table_problems)
    _refuse(lambda: full_problems(folder, manifest))
    _refuse(lambda: derived_problems(folder, manifest, read.files, counts))
    return printable(not_derived(manifest))


def _refuse(find: Callable[[], Iterable[str]]) -> None:
    """Raise BrokenReleaseError with everything that is found."""
    try:
        problems = list(find())
    except (BrokenReleaseError, NotAReleaseError, WorkerError):
        raise
    except Exception as error:
        if is_full(error) or isinstance(error, PermissionError):  # which is no problem of the release
            raise
        # Whatever a damaged file makes the libraries raise.
        problems = [f"it cannot be read back: {type(error).__name__}: {error}"]
    if problems:
        more = [f"… and {len(problems) - MAX_PROBLEMS:,} more"] if len(problems) > MAX_PROBLEMS else []
        raise BrokenReleaseError("\n".join(map(printable, [*problems[:MAX_PROBLEMS], *more])))


_OF_ANY_SIZE = (".parquet", ".html")  # grow with the corpus, and are not read whole here


_ODD = {"link": "a link", "empty folder": "an empty folder", "special file": "neither a file nor a folder"}


def _file_problems(folder: Path) -> Iterator[str]:
    """Compare every file with its digest in the list, and the list with the files."""
    odd = {path: kind for path, kind in walk(folder) if kind != "file"}
    yield from (f"{path}: {_ODD[kind]}; a release contains only files" for path, kind in sorted(odd.items()))
    if not (folder / SUMS).is_file():
        yield f"{SUMS}: missing"
        return
    if is_pointer(folder / SUMS):
        yield f"{SUMS}: it is {POINTER}. {FETCH_HINT}"
        return
    if b"\r" in read_within(folder / SUMS):
        yield f"{SUMS}: only its line endings differ. {restore_hint('CRLF', SUMS)}"
    listed, present = promised_digests(folder), present_files(folder)
    for name in sorted((present ^ listed.keys()) - odd.keys()):
        if is_clutter(name.rpartition("/")[2]):
            yield f"{name}: listed in {SUMS}, but a file that operating systems create is not part of a release"
        elif name in present:
            # Even a LICENSE or a note: whoever verifies a release is told that all in it is right, and nobody vouches
            # for a file without a digest. It would be published too, and may contradict the card. What a hub adds,
            # such as its .gitattributes, is passed over by present_files.
            yield f"{name}: not listed in {SUMS}. {EXTRA_HINT}"
        else:
            yield f"{name}: missing, but listed in {SUMS}"
    yield from _digest_problems(folder, sorted(present & listed.keys()), listed)


def _digest_problems(folder: Path, names: list[str], listed: Mapping[str, str]) -> Iterator[str]:
    sizes = {name: (folder / name).stat().st_size for name in names if not name.endswith(_OF_ANY_SIZE)}
    for name, size in sizes.items():
        if size > MAX_FILE_BYTES:
            yield f"{name}: {too_large(size, MAX_FILE_BYTES)}"
            names.remove(name)
    with ThreadPoolExecutor(2) as pool:
        for name, found in zip(names, pool.map(sha256, [folder / name for name in names]), strict=True):
            if found != listed[name]:
                yield f"{name}: {wrong_digest(folder / name, name, listed[name], f'its SHA-256 does not match {SUMS}')}"
