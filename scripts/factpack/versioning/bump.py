"""Make a release of the present sources: its version is judged by what changed, and what changed is written down.

Two files of the project are written, and nothing else of it: ``annotations/CHANGELOG.md``, for people, and
``annotations/released.jsonl``, from which every row knows since when it is there.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from semver import Version

from factpack.atomic import move_in, scratch_folder
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.dataset.columns import VERSION_COLUMNS
from factpack.dataset.rows.row_versions import ROWS_AT_ONCE, RowVersions, row_digests
from factpack.errors import VersionRefusedError
from factpack.limits import read_within
from factpack.project.checkout import unix_lines
from factpack.project.history import History
from factpack.project.layout import CHANGELOG, CHANGELOG_PATH, DATASET, RELEASED, ProjectFiles
from factpack.project.models import Release, ReleasedRow
from factpack.project.placeholders import UNWRITTEN
from factpack.release.build import Built, build
from factpack.release.layout import DIST, folder_name, listed_digests, refuse_other_folder, sha256, write_sums
from factpack.release.manifest import Manifest, read_manifest, table_digests
from factpack.release.opening.resolve import resolve_release
from factpack.release.opening.url import without_credentials
from factpack.release.version_policy import Step, allows
from factpack.versioning.changes import Diff
from factpack.versioning.diff import diff
from factpack.versioning.diff_report import changelog_entry

#: A section of the changelog begins with such a line; the word in it says of what it tells.
_SECTION = re.compile(r"^##[ \t]+\[?(?P<word>[^\s\]]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NewRelease:
    """Describe a release that was made: its folder, what changed, and the warnings of the project."""

    folder: Path
    changes: Diff
    warnings: CheckReport


def bump(project: ProjectFiles, since: str | None, on_article: Callable[[], object]) -> NewRelease:
    """Build the present sources into ``dist/<name>-<version>``, and add the version to changelog and history.

    Whatever is raised, nothing of the project was changed. Interrupted between the last steps, it finishes when it is
    run again.

    Args:
        project: The project.
        since: Where the last release is, as :func:`resolve_release` takes it; in ``dist`` if it is None.
        on_article: Called after every article.

    Raises:
        VersionRefusedError: The version is released already, or too small for what changed, or the last release is not
            where it is looked for.
        CheckFailedError: The project has errors.
        NotAReleaseError: The last release is none.
        UnreachableError: It is on a hub that cannot be reached.
    """
    with scratch_folder(project.root / DIST) as scratch:
        noted = _digest(project.root / RELEASED)
        built = _build_written(project, scratch / "release", on_article)
        manifest = read_manifest(built.folder)
        _refuse_known_version(built.history)
        _refuse_lost_history(project, built.history)
        with _last_release(project, built.history, manifest.name, since, on_article) as before:
            changes = diff(before, built.folder)
        _refuse_small_version(changes)
        target = project.root / DIST / folder_name(manifest.name, manifest.version)
        refuse_other_folder(target)
        with scratch_folder(project.folder) as beside:  # dist may be on another file system
            changelog = _changelog(project, manifest, changes).encode()
            (beside / "changelog").write_bytes(changelog)
            (built.folder / CHANGELOG).write_bytes(changelog)  # the release has a copy of the one that it leads to
            write_sums(built.folder, {**listed_digests(built.folder), CHANGELOG: sha256(built.folder / CHANGELOG)})
            _write_released(beside / "released", built.folder, built.history)
            if _digest(project.root / RELEASED) != noted:
                message = (
                    f"{RELEASED} was changed in the meantime, perhaps by another `factpack release`. Run it again."
                )
                raise VersionRefusedError(message)
            move_in(built.folder, target, scratch / "old")
            (beside / "changelog").replace(project.root / CHANGELOG_PATH)
            (beside / "released").replace(project.root / RELEASED)  # last, for it says that the version is released
    return NewRelease(target, changes, built.warnings)


def _build_written(project: ProjectFiles, out: Path, on_article: Callable[[], object]) -> Built:
    """Build the sources; in what is released, text of the template is an error.

    Raises:
        CheckFailedError: The project has errors, or text of the template is left.
    """
    try:
        built = build(project, out, on_article)
    except CheckFailedError as error:
        raise CheckFailedError(error.report.raise_to_errors(UNWRITTEN)) from error
    if built.warnings.count_of(UNWRITTEN):
        raise CheckFailedError(built.warnings.raise_to_errors(UNWRITTEN))
    return built


def _digest(path: Path) -> str:
    return sha256(path) if path.is_file() else ""


def _refuse_known_version(history: History) -> None:
    if history.version in (released.version for released in history.releases):
        message = f"{history.version} is already released. Write a later version in {DATASET}."
        raise VersionRefusedError(message)


def _refuse_lost_history(project: ProjectFiles, history: History) -> None:
    """Refuse to go on without the history: every row would be new, and any version large enough."""
    released = {found["word"] for found in _SECTION.finditer(_read_changelog(project))}
    others = [Version.parse(word) for word in released - {history.version} if Version.is_valid(word)]
    if others and not history.releases:
        message = (
            f"{CHANGELOG_PATH} has a section for {max(others)}, but {RELEASED} has no release. Restore it from "
            "the commit of the last release. If factpack has released nothing yet, write those headings with `###`."
        )
        raise VersionRefusedError(message)


def _refuse_small_version(changes: Diff) -> None:
    if not changes.old:
        return
    old, new = Version.parse(changes.old.version), Version.parse(changes.new.version)
    proved_good = old.prerelease and new == old.finalize_version()
    if changes.required_step is Step.NONE and not proved_good:
        message = f"Nothing changed since {changes.old.version}; there is nothing to release."
        raise VersionRefusedError(message)
    if not allows(changes.smallest_version, new):
        message = (
            f"{changes.new.version} is too small after {changes.old.version}: the changes need a "
            f"{changes.required_step.name} step. Write {changes.smallest_version} or later in {DATASET}; "
            "`factpack diff` shows the changes."
        )
        raise VersionRefusedError(message)


@contextmanager
def _last_release(
    project: ProjectFiles, history: History, name: str, since: str | None, on_article: Callable[[], object]
) -> Iterator[Path | None]:
    """Find the last release, which has to be the one that the history speaks of; ``None`` before the first one."""
    if not history.last:
        yield None
        return
    last = history.last
    built = f"{DIST}/{folder_name(name, last.version)}"
    place = since or str(project.root / built)
    if not since and not Path(place).exists():
        message = (
            f"The last release, {last.version}, is not in {built}. Say where it is, for example with "
            f"--since ORG/NAME@v{last.version}, or build it there from its own sources."
        )
        raise VersionRefusedError(message)
    with resolve_release(place, on_article) as folder:
        if "://" in place:
            place = without_credentials(place)
        manifest = read_manifest(folder)
        if manifest.text == "none":
            message = f"{place} does not have the texts; `factpack hydrate {place} seeds --out FOLDER` restores them"
            raise VersionRefusedError(message)
        if manifest.version != last.version or table_digests(manifest) != last.tables:
            message = (
                f"{place} is not {name} {last.version} as it was released: {RELEASED} has other digests for its tables."
            )
            raise VersionRefusedError(message)
        if not _is_noted(folder, manifest, history):
            message = (
                f"{place} has other rows, or other versions of them, than {RELEASED} records for {last.version}. "
                "Do not edit that file: restore it from the commit of the release. If the release was changed, "
                "build it again from that commit, or name another copy of it with --since."
            )
            raise VersionRefusedError(message)
        yield folder


def _is_noted(folder: Path, manifest: Manifest, history: History) -> bool:
    """Tell whether the rows of the last release are those of the history, with the same versions."""
    versions = {config: RowVersions(history, config) for config in manifest.tables}
    count = 0
    try:
        for config, rows in _rows(folder, manifest):
            if not versions[config].agree(rows):
                return False
            count += len(rows)
    except (OSError, pa.ArrowException, KeyError, ValueError):
        # No such file, not Parquet, no such column, or one with a name that no release has.
        return False
    return count == sum(each.rows for each in versions.values())


def _changelog(project: ProjectFiles, manifest: Manifest, changes: Diff) -> str:
    """Return the changelog with the new version on top; what was under ``## Unreleased`` introduces it.

    So does what is under the new version already: somebody wrote it there, or a release was interrupted.
    """
    text = _read_changelog(project) or f"# Changelog of {manifest.name}\n"
    starts = [*(found.start() for found in _SECTION.finditer(text)), len(text)]
    title, _, bullets = changelog_entry(changes, manifest.version).partition("\n\n")
    notes, kept = [], []
    for section in (text[start:end] for start, end in pairwise(starts)):
        heading, _, body = section.partition("\n")
        found = _SECTION.match(heading)
        if found and found["word"].lower() in ("unreleased", manifest.version):
            notes.append(body.strip().removesuffix(bullets.strip()).strip())
        else:
            kept.append(section)
    new = [text[: starts[0]].strip(), title, *notes, bullets.strip(), "".join(kept).strip()]
    return "\n\n".join(part for part in new if part) + "\n"


def _read_changelog(project: ProjectFiles) -> str:
    """Read the changelog; nothing if there is none."""
    path = project.root / CHANGELOG_PATH
    try:
        return unix_lines(read_within(path)).decode("utf-8-sig").strip() if path.is_file() else ""
    except UnicodeDecodeError as error:
        message = f"{CHANGELOG_PATH} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        raise VersionRefusedError(message) from error


def _write_released(path: Path, folder: Path, history: History) -> None:
    """Write the history with the release in ``folder``: the releases, then every row of the last one."""
    manifest = read_manifest(folder)
    with path.open("wb") as stream:
        columns = {name: _columns(folder / table.files[0]) for name, table in manifest.tables.items()}
        made = Release(version=manifest.version, tables=table_digests(manifest), columns=columns)
        for line in (*history.releases, made):
            stream.write(msgspec.json.encode(line) + b"\n")
        for config, rows in _rows(folder, manifest):
            versions = [rows[name].to_pylist() for name in VERSION_COLUMNS]
            digests = row_digests(rows.drop_columns(VERSION_COLUMNS))
            stream.write(
                msgspec.json.Encoder().encode_lines(
                    ReleasedRow(config=config, id=name, added_in=added_in, changed_in=changed_in, digest=found)
                    for name, added_in, changed_in, found in zip(
                        rows["id"].to_pylist(), *versions, digests, strict=True
                    )
                )
            )


def _columns(path: Path) -> tuple[str, ...]:
    """Return the columns of a table without those of its versions."""
    return tuple(name for name in pq.read_schema(path).names if name not in VERSION_COLUMNS)


def _rows(folder: Path, manifest: Manifest) -> Iterator[tuple[str, pa.Table]]:
    """Read the rows of every table, some at a time."""
    for config, table in manifest.tables.items():
        for path in table.files:
            file = pq.ParquetFile(folder / path, pre_buffer=False)  # else it would all be in memory by and by
            for batch in file.iter_batches(ROWS_AT_ONCE):
                yield config, pa.Table.from_batches([batch])
