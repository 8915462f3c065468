"""Keep what a page in use needs: the project as it was last built, what was saved, and how to take it back."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, RLock
from typing import Any

from factpack.checks.report import CheckReport
from factpack.curation.files import FileChanges
from factpack.curation.workbench.json_records import numbers_as_text
from factpack.curation.workbench.saving import Changes, SaveRequest, Target, changes_of, file_of, target_of
from factpack.errors import CurationError, ProjectNotFoundError
from factpack.formats.registry import open_project
from factpack.project.layout import SEEDS
from factpack.viewer.writer import MadePage, make_page

MAX_UNDONE = 100  # saves that can be taken back


@dataclass(slots=True)
class Session:
    """Build the page of a project, and write what it saves, one request at a time.

    Attributes:
        root: The project folder.
        page: The page as it was last built.
    """

    root: Path
    page: MadePage = field(init=False)
    _saved: list[Changes] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)
    _built: Condition = field(init=False)

    def __post_init__(self) -> None:
        """Build the page for the first time."""
        self._built = Condition(self._lock)
        self.build()

    def build(self) -> CheckReport:
        """Build the page again from the files as they are."""
        with self._lock:
            self.page = make_page(open_project(self.root), live=True)
            self._built.notify_all()
            return self.report

    @property
    def report(self) -> CheckReport:
        """Return the problems of the project, as the page shows them."""
        return CheckReport.of(self.page.problems, self.root)

    def wait(self, build: str, seconds: float) -> str:
        """Return the name of the build that is there when it is another one, or after some time."""
        with self._built:
            self._built.wait_for(lambda: self.page.build != build, seconds)
            return self.page.build

    def record(self, article: str, target: Target) -> dict[str, Any]:
        """Return a record as the file has it.

        Raises:
            CurationError: It is not there.
        """
        with self._lock:
            articles = self.page.articles
            file = file_of(article, open_project(self.root), articles)
            entry = target_of(target, file, articles[article].text.text)
            return {"record": numbers_as_text(entry.plain), "digest": entry.digest}

    def save(self, request: SaveRequest) -> dict[str, Any]:
        """Write what a request asks for, and check the project.

        Raises:
            CurationError: Nothing was written; the message says why.
        """
        with self._lock:
            if request.article not in self.page.articles:
                self.build()  # it may have come meanwhile
            changes = changes_of(request, open_project(self.root), self.page.articles)
            self._write(changes)
            self._saved = [*self._saved[1 - MAX_UNDONE :], changes]
            self.build()
            return self._outcome([path.relative_to(self.root).as_posix() for path in changes])

    def undo(self) -> dict[str, Any]:
        """Take back the last save that was not taken back.

        Raises:
            CurationError: There is none, or a file was changed since; nothing was written.
        """
        with self._lock:
            if not self._saved:
                message = "nothing to undo"
                raise CurationError(message)
            changes = self._saved[-1]
            for path, (_, after) in changes.items():
                if not path.is_file() or path.read_bytes() != after:
                    message = f"{path.name} was changed since, so it is not undone: that change would be lost"
                    raise CurationError(message)
            self._write({path: (after, before) for path, (before, after) in changes.items() if before is not None})
            for path, (before, _) in changes.items():
                if before is None:
                    path.unlink()
            self._saved.pop()
            self.build()
            return self._outcome([path.relative_to(self.root).as_posix() for path in changes])

    def _write(self, changes: Changes) -> None:
        files = FileChanges(self.root)
        for path, (before, after) in changes.items():
            files.put(path, after, replaces=before)
        files.carry_out()

    def _outcome(self, files: list[str]) -> dict[str, Any]:
        report = self.report
        return {"build": self.page.build, "files": files, "summary": report.summary, "undo": len(self._saved)}

    def watch(self) -> Iterator[CheckReport]:
        """Build the page whenever a file of the project changes, until interrupted.

        Yields:
            The problems of the project, now and after each change.
        """
        from watchfiles import watch  # noqa: PLC0415 - only --watch needs it

        folders = [folder for folder in (self.root / "annotations", self.root / SEEDS) if folder.is_dir()]
        # The first round comes from the timeout, when the watch has begun: no change before it is lost.
        shown = ""
        for changes in watch(*folders, yield_on_timeout=True, rust_timeout=200):
            if shown and not changes:
                continue
            try:
                report = self.build()
            except (ProjectNotFoundError, FileNotFoundError):  # in the middle of a save; the next change is near
                continue
            digest = hashlib.sha256((self.page.build + report.summary).encode()).hexdigest()
            if digest != shown:
                shown = digest
                yield report
