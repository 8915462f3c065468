"""Read a release: verify it, load it, complete it, build it again."""
# ruff: noqa: PLC0415 - heavy packages are imported where they are used, so that checking a project starts at once

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from factpack.checks.report import CheckReport

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

    from factpack.api.project import Project
    from factpack.evaluation.baselines import Baseline
    from factpack.release.manifest import Manifest
    from factpack.release.reproduce import Reproduction


#: Called after every article, to show how far the work has come.
Progress = Callable[[], object]


def silent() -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Release:
    """Stand for a release in a folder; use it in a ``with`` statement if it comes from a hub or from a project.

    Attributes:
        folder: The folder; nothing in it may be changed.
        warnings: What the check warned of, if the release has just been built.
        contradicts_history: Whether it has just been built with other rows than were released under its version.
    """

    folder: Path
    warnings: CheckReport | None = None
    contradicts_history: bool = False
    _opened: ExitStack = field(default_factory=ExitStack, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was made to open the release, such as a temporary build of a project."""
        self._opened.close()

    @cached_property
    def manifest(self) -> "Manifest":
        """Read what the release says of itself: name, version, tables.

        Raises:
            NotAReleaseError: The folder is no release.
        """
        from factpack.release.manifest import read_manifest

        return read_manifest(self.folder)

    @property
    def name(self) -> str:
        """Return the name of the dataset."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Return the version of the dataset."""
        return self.manifest.version

    def verify(self) -> str:
        """Verify the release: digests, spans, labels, keys, the tables against each other, and loading every config.

        The files beside the tables are derived again, if the release was built with what is installed.

        Returns:
            Why they were not derived again; nothing if they were.

        Raises:
            BrokenReleaseError: It is not what it promises; the message lists what, a line each.
            NotAReleaseError: It does not say what it is.
        """
        from factpack.release.verification.verify import verify

        return verify(self.folder)

    def table(self, config: str = "claims") -> "pa.Table":
        """Read the table of a config.

        Args:
            config: The name of a config, such as ``evidence``.

        Raises:
            KeyError: The release has no such config.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        paths = self.manifest.tables[config].files
        return pa.concat_tables([pq.read_table(self.folder / path) for path in paths])

    def load(self, config: str = "claims", split: str = "") -> "datasets.Dataset":
        """Load a config with `datasets`, as a user of the release does.

        Args:
            config: The name of a config, such as ``evidence``.
            split: The name of a split; by default all of them, one after another.
        """
        import datasets

        from factpack.dataset.table_files import table_files

        splits = split or "+".join(table_files(self.folder, config)) or None
        return datasets.load_dataset(str(self.folder), config, split=splits)

    def baselines(self, out: str | Path | None = None) -> "tuple[Baseline, ...]":
        """Score predictions that take no model: the most frequent label, a label chosen at random, and others.

        Args:
            out: A folder to write their predictions to, ``NAME.jsonl`` each, which :func:`score` reads.
        """
        from factpack.evaluation.baselines import measure_baselines, predict

        if out is not None:
            Path(out).mkdir(parents=True, exist_ok=True)
            for name, lines in predict(self.folder):
                (Path(out) / f"{name}.jsonl").write_bytes(lines)
        return measure_baselines(self.folder)

    def export(self, form: Literal["w3c", "fever", "beir"], out: str | Path) -> None:
        """Write the release in a format of others.

        Args:
            form: ``w3c`` for Web Annotations, ``fever`` for claims with sentences, ``beir`` for retrieval.
            out: A new or an empty folder.

        Raises:
            FolderInUseError: The folder is not empty.
        """
        from factpack.release.exports.beir import export_beir
        from factpack.release.exports.fever import export_fever
        from factpack.release.exports.w3c import export_w3c

        {"w3c": export_w3c, "fever": export_fever, "beir": export_beir}[form](self.folder, Path(out))

    def hydrate(self, articles: str | Path, out: str | Path) -> bool:
        """Put the texts back into a release that was built without them.

        Args:
            articles: The folder that has the articles.
            out: The folder of the full release.

        Returns:
            Whether every file has the bytes of the release that was built with the texts. With another version of
            pyarrow the Parquet files have the same rows, and other bytes.

        Raises:
            NotAReleaseError: This one has its texts, or ``out`` is something else than a release.
            ArticleMismatchError: An article is missing, or has another digest than the release gives for it.
            BrokenReleaseError: The release is damaged.
        """
        from factpack.release.hydrate import hydrate

        return hydrate(self.folder, Path(articles), Path(out))

    def reproduce(self, project: "Project", progress: Progress = silent) -> "Reproduction":
        """Build the release again from its sources, and compare.

        Args:
            project: The sources of the release.
            progress: Called after every article.

        Raises:
            CheckFailedError: The project has errors.
        """
        from factpack.release.reproduce import reproduce

        return reproduce(self.folder, project.files, progress)
