"""Builds a release again from its sources, and compares."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from factpack.folder import SUMS, listed_sums, read_manifest, table_sums
from factpack.project import Project
from factpack.release import build


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a release and one built again from the sources differ.

    ``tables`` are the configs with other rows, or that only one of them has; ``files`` those with other bytes.
    ``builders`` are the packages, and other things that the bytes depend on, of which the two were built with
    different versions: name, that of the release, that of now.
    """

    version: tuple[str, str]
    tables: tuple[str, ...]
    files: tuple[str, ...]
    builders: tuple[tuple[str, str, str], ...]

    @property
    def same(self) -> bool:
        """Whether both are the same version with the same rows and, if both were built with the same, bytes."""
        return self.version[0] == self.version[1] and not self.tables and not (self.files and not self.builders)

    def as_text(self) -> str:
        """The comparison for people, some lines, each with its line end."""
        if self.version[0] != self.version[1]:
            return f"the sources are those of version {self.version[1]}, not of {self.version[0]}\n"
        if self.tables:
            tables = ", ".join(self.tables)
            return f"built again, it has other rows in {tables}; `factpack diff RELEASE PROJECT` shows them\n"
        if not self.files:
            return "built again from the sources, every file has the same bytes\n"
        lines = ["built again from the sources, every table has the same rows; other bytes have"]
        lines += [f"  {name}" for name in self.files]
        lines += [f"built with {name} {old}, now with {new}" for name, old, new in self.builders]
        if not self.builders:
            lines.append("built with the same packages as now: either these files or the sources are not as they were")
        return "\n".join(lines) + "\n"


def rebuild(release: Path, project: Project, on_article: Callable[[], object]) -> Rebuilt:
    """Builds the sources of a release again, in its form, and compares the sums of every table and every file.

    The release was read back before (:func:`factpack.verify.verify`), so that its sums are those of what it holds.

    Raises what :func:`factpack.release.build` raises, and NotAReleaseError.
    """
    was = read_manifest(release)
    with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
        folder = build(project, Path(scratch) / "release", on_article, was.text).folder
        now = read_manifest(folder)
        sums = listed_sums(release).items() ^ listed_sums(folder).items()
    names = sorted(was.built_with.keys() | now.built_with.keys())
    builders = ((name, str(was.built_with.get(name)), str(now.built_with.get(name))) for name in names)
    rows = table_sums(was).items() ^ table_sums(now).items()
    return Rebuilt(
        version=(was.version, now.version),
        tables=tuple(sorted({config for config, _ in rows})),
        files=tuple(sorted({name for name, _ in sums} - {SUMS})),
        builders=tuple((name, old, new) for name, old, new in builders if old != new),
    )
