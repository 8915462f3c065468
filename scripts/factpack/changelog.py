"""Makes a release of the present sources: its version is judged by what changed, and what changed is written down.

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

from factpack.batches import STAMPS
from factpack.diff import Diff, diff
from factpack.diff_formats import changelog_entry
from factpack.fetch import release_at
from factpack.folder import Manifest, move_in, read_manifest, refuse_other_folder, scratch_folder, sha256, table_sums
from factpack.history import History
from factpack.model import Release, ReleasedRow
from factpack.problems import Problems
from factpack.project import DATASET, RELEASED, Project
from factpack.release import build
from factpack.stamps import SUMMED, Stamps, row_sums
from factpack.versions import Step, allows

CHANGELOG = "annotations/CHANGELOG.md"

#: A section of the changelog begins with such a line; the word in it says of what it tells.
_SECTION = re.compile(r"^##[ \t]+\[?(?P<word>[^\s\]]*)", re.MULTILINE)


class VersionRefusedError(Exception):
    """The present sources cannot be released under their version; the message says why, and which one they can have."""


@dataclass(frozen=True, slots=True)
class Made:
    """A release that was made: its folder, what changed, and the warnings of the project."""

    folder: Path
    changes: Diff
    warnings: Problems


def release(project: Project, since: str | None, on_article: Callable[[], object]) -> Made:
    """Builds the present sources into ``dist/<name>-<version>``, and adds the version to changelog and history.

    ``since`` is where the last release is, as :func:`factpack.fetch.release_at` takes it; by default in ``dist``.

    Raises VersionRefusedError if the version is released already, or too small for what changed, or if the last
    release is not where it is looked for; and what :func:`factpack.release.build` and
    :func:`factpack.fetch.release_at` raise. Whatever is raised, nothing of the project was changed. Broken off between
    the last steps, it finishes when it is run again.
    """
    with scratch_folder(project.root / "dist") as scratch:
        noted = _sum(project.root / RELEASED)
        built = build(project, scratch / "release", on_article)
        manifest = read_manifest(built.folder)
        _refuse_known_version(built.history)
        _refuse_lost_history(project, built.history)
        with _last_release(project, built.history, manifest.name, since, on_article) as before:
            changes = diff(before, built.folder)
        _refuse_small_version(changes)
        target = project.root / "dist" / f"{manifest.name}-{manifest.version}"
        refuse_other_folder(target)
        with scratch_folder(project.folder) as beside:  # dist may be on another file system
            (beside / "changelog").write_bytes(_changelog(project, manifest, changes).encode())
            _write_released(beside / "released", built.folder, built.history)
            if _sum(project.root / RELEASED) != noted:
                message = f"Meanwhile {RELEASED} was changed, such as by another `factpack release`. Run it again."
                raise VersionRefusedError(message)
            move_in(built.folder, target, scratch / "old")
            (beside / "changelog").replace(project.root / CHANGELOG)
            (beside / "released").replace(project.root / RELEASED)  # last, for it says that the version is released
    return Made(target, changes, built.warnings)


def _sum(path: Path) -> str:
    return sha256(path) if path.is_file() else ""


def _refuse_known_version(history: History) -> None:
    if history.version in (released.version for released in history.releases):
        message = f"{history.version} is released already. Write a later version in {DATASET}."
        raise VersionRefusedError(message)


def _refuse_lost_history(project: Project, history: History) -> None:
    """Without the history every row would be new, and any version large enough."""
    told = {found["word"] for found in _SECTION.finditer(_read_changelog(project))}
    others = [Version.parse(word) for word in told - {history.version} if Version.is_valid(word)]
    if others and not history.releases:
        message = (
            f"{CHANGELOG} tells of {max(others)}, and {RELEASED} of no release. Take that file from the commit of the "
            "last release, or, if factpack has released nothing yet, write those headings with `###`."
        )
        raise VersionRefusedError(message)


def _refuse_small_version(changes: Diff) -> None:
    if not changes.old:
        return
    old, new = Version.parse(changes.old.version), Version.parse(changes.new.version)
    proved_good = old.prerelease and new == old.finalize_version()
    if changes.step is Step.NONE and not proved_good:
        message = f"Nothing changed since {changes.old.version}; there is nothing to release."
        raise VersionRefusedError(message)
    if not allows(changes.smallest_version, new):
        message = (
            f"{changes.new.version} is too small after {changes.old.version}: the changes need a {changes.step.name} "
            f"step. Write {changes.smallest_version} or later in {DATASET}; `factpack diff` shows the changes."
        )
        raise VersionRefusedError(message)


@contextmanager
def _last_release(
    project: Project, history: History, name: str, since: str | None, on_article: Callable[[], object]
) -> Iterator[Path | None]:
    """The last release, which has to be the one that the history speaks of; ``None`` before the first one."""
    if not history.last:
        yield None
        return
    last = history.last
    place = since or str(project.root / "dist" / f"{name}-{last.version}")
    if not since and not Path(place).exists():
        message = (
            f"The last release, {last.version}, is not in dist/{name}-{last.version}. Say where it is, such as "
            f"--since ORG/NAME@v{last.version}, or build it there from its own sources."
        )
        raise VersionRefusedError(message)
    with release_at(place, on_article) as folder:
        manifest = read_manifest(folder)
        if manifest.text == "none":
            message = f"{place} is without the texts; `factpack hydrate {place} seeds --out FOLDER` puts them back"
            raise VersionRefusedError(message)
        if manifest.version != last.version or table_sums(manifest) != last.tables:
            message = (
                f"{place} is not {name} {last.version} as it was released: {RELEASED} has other sums for its tables."
            )
            raise VersionRefusedError(message)
        if not _is_noted(folder, manifest, history):
            message = (
                f"{place} has other rows, or other versions beside them, than {RELEASED} notes for {last.version}. "
                "Nobody edits that file: take it back from the commit of the release. If the release was changed, "
                "build it again from that commit, or name another copy of it by --since."
            )
            raise VersionRefusedError(message)
        yield folder


def _is_noted(folder: Path, manifest: Manifest, history: History) -> bool:
    """Whether the rows of the last release are those of the history, with the same stamps; else it would lie."""
    stamps = {config: Stamps(history, config) for config in manifest.tables}
    count = 0
    try:
        for config, rows in _rows(folder, manifest):
            if not stamps[config].agree(rows):
                return False
            count += len(rows)
    except (OSError, pa.ArrowException, KeyError, ValueError):
        # No such file, not Parquet, no such column, or one with a name that no release has.
        return False
    return count == sum(each.rows for each in stamps.values())


def _changelog(project: Project, manifest: Manifest, changes: Diff) -> str:
    """The changelog with the new version on top; what stood under ``## Unreleased`` introduces it.

    So does what stands under the new version already: somebody wrote it there, or a release was broken off.
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


def _read_changelog(project: Project) -> str:
    """What stands in the changelog; nothing if there is none."""
    path = project.root / CHANGELOG
    try:
        return path.read_text(encoding="utf-8-sig").strip() if path.is_file() else ""
    except UnicodeDecodeError as error:
        message = f"{CHANGELOG} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        raise VersionRefusedError(message) from error


def _write_released(path: Path, folder: Path, history: History) -> None:
    """Writes the history with the release in ``folder``: the releases, then every row of the last one."""
    manifest = read_manifest(folder)
    with path.open("wb") as stream:
        columns = {name: _columns(folder / table.path) for name, table in manifest.tables.items()}
        made = Release(version=manifest.version, tables=table_sums(manifest), columns=columns)
        for line in (*history.releases, made):
            stream.write(msgspec.json.encode(line) + b"\n")
        for config, rows in _rows(folder, manifest):
            stamps = [rows[name].to_pylist() for name in STAMPS]
            sums = row_sums(rows.drop_columns(STAMPS))
            stream.write(
                msgspec.json.Encoder().encode_lines(
                    ReleasedRow(config=config, id=name, added_in=added_in, changed_in=changed_in, sum=found)
                    for name, added_in, changed_in, found in zip(rows["id"].to_pylist(), *stamps, sums, strict=True)
                )
            )


def _columns(path: Path) -> tuple[str, ...]:
    """The columns of a table besides the stamps."""
    return tuple(name for name in pq.read_schema(path).names if name not in STAMPS)


def _rows(folder: Path, manifest: Manifest) -> Iterator[tuple[str, pa.Table]]:
    """The rows of every table, some at a time."""
    for config, table in manifest.tables.items():
        file = pq.ParquetFile(folder / table.path, pre_buffer=False)  # else it would all be in memory by and by
        for batch in file.iter_batches(SUMMED):
            yield config, pa.Table.from_batches([batch])
