"""Load a project, check it, build it, and give it its next version."""
# ruff: noqa: PLC0415 - heavy packages are imported where they are used, so that checking a project starts at once

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from factpack.agreement.alignment import Comparison, examine
from factpack.anchoring.parallel.jobs import jobs_for
from factpack.checks.problem import Problem, Problems
from factpack.checks.registry import rules as all_rules
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.checks.rule import Rule
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.formats.registry import open_project, read_scheme
from factpack.limits import DEFAULT_LIMITS, Limits
from factpack.project.layout import ProjectFiles
from factpack.project.models import Dataset

if TYPE_CHECKING:
    from factpack.curation.add_article import ArticlePlan
    from factpack.curation.imports import ImportPlan
    from factpack.curation.rewrite import Rewritten
    from factpack.curation.workbench.server import WorkbenchServer
    from factpack.project.vocabulary import Texts
    from factpack.versioning.bump import NewRelease

from factpack.api.corpus import Corpus
from factpack.api.release import Progress, Release, silent

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Project:
    """Stand for a project folder: articles in ``seeds``, annotations of them in ``annotations``.

    Attributes:
        files: Which files make up the project.
    """

    files: ProjectFiles

    @property
    def root(self) -> Path:
        """Return the folder of the project."""
        return self.files.root

    def check(
        self, progress: Progress = silent, limits: Limits = DEFAULT_LIMITS, *, jobs: int | None = 1
    ) -> CheckReport:
        """Check the whole project in one pass.

        Args:
            progress: Called after every article.
            limits: How many problems are kept in full, and how much of the texts in memory.
            jobs: How many processes anchor the articles, or ``None`` for as many as pay. A project with readings is
                anchored in one. The report is the same with any number. The processes import the script that calls
                this, which has to do so under ``if __name__ == "__main__":``.

        Returns:
            Everything that is wrong, with the place and the next step.

        Raises:
            WorkerError: A process that anchors articles failed; the message names the part of the annotations.
        """
        count = jobs_for(self.files, jobs)
        if count > 1:
            from factpack.anchoring.parallel.check import check_in_processes

            found = check_in_processes(self.files, count, progress, limits)
        else:
            items = _watched(examine(self.files, limits), progress)
            found = (item for item in items if isinstance(item, Problem | Problems))
        return CheckReport.of(Problems(found, limits.max_shown), self.root)

    def load(self, progress: Progress = silent) -> Corpus:
        """Load the annotations, each at its place in the text.

        Args:
            progress: Called after every article.

        Raises:
            CheckFailedError: The project has errors.
        """
        items = list(_watched(examine(self.files), progress))
        report = CheckReport.of(Problems(item for item in items if isinstance(item, Problem | Problems)), self.root)
        if not report.ok:
            raise CheckFailedError(report)
        (dataset,) = _of(Dataset, items)
        scheme = dataset.scheme
        return Corpus(_of(AnchoredArticle, items), _of(AnchoredFact, items), _of(Comparison, items), scheme)

    def build(
        self,
        out: str | Path | None = None,
        *,
        texts: "Texts" = "full",
        jobs: int | None = 1,
        executor: Executor | None = None,
        progress: Progress = silent,
    ) -> Release:
        """Check the project, build its release, load it back and move it into place.

        Args:
            out: The folder of the release; ``dist/NAME-VERSION`` in the project if it is None. A release that is there
                is replaced, and unharmed whatever goes wrong.
            texts: ``full``, or ``none`` for a release without the texts of the articles.
            jobs: How many processes anchor the articles, or ``None`` for as many as pay; see :meth:`check`. The release
                has the same bytes with any number.
            executor: Does the work in the place of such processes: any executor of other processes, which may be on
                other machines, with the same versions of everything. Project and ``out`` are in a folder that they
                reach under the same path. It is left running. A project with readings is built in this process.
            progress: Called after every article.

        Raises:
            CheckFailedError: The project has errors.
            NotAReleaseError: ``out`` is something else than a release, or the version is released with other rows.
            WorkerError: A process that anchors articles failed; the message names the part of the annotations.
        """
        from factpack.release.build import build

        where = None if out is None else Path(out)
        built = build(self.files, where, progress, texts, jobs=jobs, executor=executor)
        return Release(built.folder, built.warnings, contradicts_history=built.contradicts_history)

    def bump(self, since: str | Path | None = None, progress: Progress = silent) -> "NewRelease":
        """Release the sources under their new version, and write what changed into the changelog of the dataset.

        Args:
            since: The last release, as :func:`open_release` takes it; ``dist/NAME-VERSION`` if it is None.
            progress: Called after every article.

        Raises:
            CheckFailedError: The project has errors.
            VersionRefusedError: The version is released already, or too small for what changed.
            NotAReleaseError: The last release is none.
            UnreachableError: It is on a hub that cannot be reached.
        """
        from factpack.versioning.bump import bump

        return bump(self.files, None if since is None else str(since), progress)

    def write_page(self, path: str | Path) -> CheckReport:
        """Write the page to read the project, one HTML file; what is wrong shows at the words that it concerns.

        Args:
            path: The file; a page of factpack that is there is replaced.

        Raises:
            NotAPageError: ``path`` is another file.
        """
        from factpack.viewer.writer import write

        return CheckReport.of(write(self.files, Path(path)), self.root)

    def open_workbench(self) -> "WorkbenchServer":
        """Serve the page of the project on loopback, where it saves what is annotated in it.

        Returns:
            The server: ``address`` is where the page is, ``start()`` has it answer, ``session.watch()`` keeps the page
            up to date, and ``stop()`` ends it.
        """
        from factpack.curation.workbench.server import WorkbenchServer
        from factpack.curation.workbench.session import Session

        return WorkbenchServer(Session(self.root))

    def rewrite_evidence(
        self, *, long: bool = False, dry_run: bool = False, progress: Progress = silent
    ) -> "tuple[Rewritten, ...]":
        """Write evidence as references to other claims where these stand for the same passages, or the other way round.

        Args:
            long: Write out what references stand for.
            dry_run: Change nothing.
            progress: Called after every article.

        Returns:
            The files that change, or would change.

        Raises:
            CheckFailedError: The project has errors.
            CurationError: A file was changed meanwhile.
        """
        from factpack.curation.rewrite import rewrite_evidence

        return rewrite_evidence(self.files, long=long, dry_run=dry_run, progress=progress)

    def plan_article(self, file: str | Path, language: str, *, article: str = "", title: str = "") -> "ArticlePlan":
        """Plan to add an article: its text, its entry in the register, and a stub for every sentence.

        Nothing is changed before ``carry_out()`` of the plan, which says what differs in the text.

        Args:
            file: The file with its text, in UTF-8, UTF-16 or Windows-1252.
            language: The ISO 639 code of its language.
            article: Its id; by default what the name of the file begins with, or the next number.
            title: Its title, as printed in the text.

        Raises:
            CurationError: It cannot be added; the message says why, and the next step.
        """
        from factpack.curation.add_article import plan_article

        return plan_article(self.files, file, language, article=article, title=title)

    def plan_import(self, file: str | Path, form: str, reading: str = "") -> "ImportPlan":
        """Plan to write what an annotation tool exports as annotation files.

        Nothing is written before ``carry_out()`` of the plan.

        Args:
            file: The export.
            form: ``label-studio``, ``xmi``, ``csv``, ``doccano`` or ``prodigy``.
            reading: The reading that it becomes. By default it is what is released, or, if several annotators made it,
                a reading for each of them.

        Raises:
            CheckFailedError: Something is wrong with the export.
            CurationError: Annotations of an article are there already.
        """
        from factpack.curation.imports import plan_import

        return plan_import(self.files, Path(file), form, reading)

    def export_label_studio(self, out: str | Path) -> tuple[Path, Path]:
        """Write the project as a task of Label Studio, with the labelling configuration for it.

        Args:
            out: A new or an empty folder.

        Returns:
            The file of the task, and that of the configuration.

        Raises:
            CheckFailedError: The project has errors.
            CurationError: The project says what Label Studio cannot hold.
            FolderInUseError: The folder is not empty.
        """
        from factpack.curation.label_studio import export_label_studio

        return export_label_studio(self.files, Path(out))

    def write_schemas(self) -> Path:
        """Write the JSON Schemas of the annotation files into ``annotations/schemas``, where editors find them.

        Returns:
            The folder.

        Raises:
            FolderInUseError: Something else is in its place.
        """
        from factpack.project.record_models import models_of
        from factpack.project.scaffold import write_schemas

        return write_schemas(self.root, models_of(read_scheme(self.files), self.files.reading_names))


def create_project(folder: str | Path, like: str = "", *, example: bool = False) -> Project:
    """Create a project.

    Args:
        folder: A new or an empty folder.
        like: The dataset whose labels, stances and keys it gets: ``fever``, ``scifact``, ``wice``, ``climate-fever``,
            ``averitec`` or ``liar``; by default those of factpack. It has an example.
        example: Whether it has two articles as an example, so that it builds at once; else it is empty.

    Raises:
        FolderInUseError: The folder is not empty, or cannot be made.
    """
    from factpack.project import scaffold

    scaffold.create_project(Path(folder), like, example=example)
    return load_project(folder)


def load_project(folder: str | Path = ".") -> Project:
    """Find the files of a project.

    Args:
        folder: A folder with ``annotations/dataset.yaml``.

    Raises:
        ProjectNotFoundError: It is no project.
    """
    return Project(open_project(Path(folder)))


def rules() -> tuple[Rule, ...]:
    """Return the rules that a project is checked by, in the order of their ids; ``manual`` is the page of each.

    Raises:
        PluginError: A rule that another package adds cannot be used.
    """
    return tuple(sorted(all_rules().values(), key=lambda rule: rule.id))


def _watched(items: Iterable[T], progress: Progress) -> Iterator[T]:
    for item in items:
        if isinstance(item, AnchoredArticle):
            progress()
        yield item


def _of(kind: type[T], items: Sequence[object]) -> tuple[T, ...]:
    return tuple(item for item in items if isinstance(item, kind))
