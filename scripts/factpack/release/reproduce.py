"""Build a release again from its sources, and compare."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from factpack.atomic import temporary_folder
from factpack.checks.report import printable
from factpack.project.layout import ProjectFiles
from factpack.release.build import build
from factpack.release.layout import SUMS, listed_digests
from factpack.release.manifest import read_manifest, table_digests


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Say how a release and one built again from the sources differ.

    Attributes:
        version: The version of the release, and that of the sources.
        tables: The configs with other rows, or that only one of the two has.
        files: The files with other bytes.
        builders: The packages, and what else the bytes depend on, of which the two were built with different versions:
            the name, the version of then, the version of now.
    """

    version: tuple[str, str]
    tables: tuple[str, ...]
    files: tuple[str, ...]
    builders: tuple[tuple[str, str, str], ...]

    @property
    def same(self) -> bool:
        """Tell whether both are the same version with the same rows and, if both were built with the same, bytes."""
        return self.version[0] == self.version[1] and not self.tables and not (self.files and not self.builders)

    def to_text(self) -> str:
        """Return the comparison for people, some lines, each with its line end."""
        if self.version[0] != self.version[1]:
            return f"the sources have version {self.version[1]}, not {self.version[0]}\n"
        if self.tables:
            tables = ", ".join(self.tables)
            return f"the rebuilt release has other rows in {tables}; `factpack diff RELEASE PROJECT` shows them\n"
        if not self.files:
            return "rebuilt from the sources: every file has the same bytes\n"
        lines = ["rebuilt from the sources: every table has the same rows; these files have other bytes:"]
        lines += [f"  {printable(name)}" for name in self.files]
        lines += [printable(f"{name} was {old} and is now {new}") for name, old, new in self.builders]
        if not self.builders:
            lines.append("the packages are the same, so these files or the sources were changed")
        return "\n".join(lines) + "\n"


def reproduce(release: Path, project: ProjectFiles, on_article: Callable[[], object]) -> Reproduction:
    """Build the sources of a release again, in its form, and compare the digests of every table and every file.

    The release was verified before, so that its digests are those of what is in it.

    Raises:
        NotAReleaseError: The release does not say what it is.
        CheckFailedError: The project has errors.
    """
    was = read_manifest(release)
    with temporary_folder() as scratch:
        folder = build(project, scratch / "release", on_article, was.text).folder
        now = read_manifest(folder)
        digests = listed_digests(release).items() ^ listed_digests(folder).items()
    names = sorted(was.built_with.keys() | now.built_with.keys())
    builders = ((name, str(was.built_with.get(name)), str(now.built_with.get(name))) for name in names)
    rows = table_digests(was).items() ^ table_digests(now).items()
    return Reproduction(
        version=(was.version, now.version),
        tables=tuple(sorted({config for config, _ in rows})),
        files=tuple(sorted({name for name, _ in digests} - {SUMS})),
        builders=tuple((name, old, new) for name, old, new in builders if old != new),
    )
