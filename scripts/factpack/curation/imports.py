"""Write what an annotation tool exports as annotation files, a reading for each annotator."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factpack.checks.problem import Problems
from factpack.checks.registry import judge
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.curation.additions import yaml_entry
from factpack.curation.files import FileChanges
from factpack.errors import CurationError
from factpack.formats.exports.record import ExportRecord
from factpack.formats.locations import SourceFile
from factpack.formats.registry import export_formats
from factpack.formats.yaml_parser import read_yaml
from factpack.project.layout import READINGS, ProjectFiles
from factpack.project.models import RECORD_KEYS
from factpack.project.placeholders import is_unwritten

_LISTS = {"claim": "claims", "unverified": "unverified", "not_checkable": "not_checkable"}
_LAST = ("rationale", "reason", "evidence", "near")  # keys behind those that only this project has


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Say what an import writes; nothing is written before :meth:`carry_out`.

    Attributes:
        files: The files, relative to the project folder, each with the number of its records.
    """

    files: tuple[tuple[str, int], ...]
    changes: FileChanges

    def carry_out(self) -> None:
        """Put all files in their places, or none.

        Raises:
            CurationError: A file was changed meanwhile.
        """
        self.changes.carry_out()


def plan_import(project: ProjectFiles, file: Path, form: str, reading: str = "") -> ImportPlan:
    """Plan to import an export.

    Args:
        project: The files of the project.
        file: The export.
        form: The name of its format.
        reading: The reading that it becomes. By default it is what is released, or, if several annotators made it, a
            reading for each of them.

    Raises:
        CheckFailedError: Something is wrong with the export.
        CurationError: Annotations of an article are there already.
    """
    source = SourceFile(str(file), file, export_formats()[form])
    text, items, errors = export_formats()[form].load(source)
    errors += export_formats()[form].errors_in(source, text, items)
    if errors:
        raise CheckFailedError(CheckReport.of(Problems(found for each in errors for found in judge(each)), Path.cwd()))
    records = [item for item in items if isinstance(item, ExportRecord)]
    if not records:
        rows = "give its rows the kind" if form == "csv" else "mark regions as"
        message = f"{file} has no records; {rows} claim, unverified or not_checkable"
        raise CurationError(message)
    annotators = {item.annotator for item in records}
    by_file: dict[Path, list[ExportRecord]] = defaultdict(list)
    for item in records:
        name = reading or (item.annotator if len(annotators) > 1 else "")
        folder = project.dataset.parent / READINGS / name if name else project.folder
        by_file[folder / _file_name(item.article)].append(item)
    changes = FileChanges(project.root)
    for path, its in by_file.items():
        before = path.read_bytes() if path.exists() else None
        stubs = _open_stubs(path, before, its) if before is not None else []
        changes.put(path, _written(its, stubs, project, path).encode(), replaces=before)
    return ImportPlan(tuple((project.name(path), len(its)) for path, its in by_file.items()), changes)


def _file_name(article: str) -> str:
    """Return the name of the file of an article, which comes from somebody else."""
    if not article or not all(c.isalnum() or c in "_.-" for c in article) or article.startswith("."):
        message = f"`{article}` is not a valid article id; the export must say which article a text is"
        raise CurationError(message)
    return f"{article}.yaml"


def _open_stubs(path: Path, before: bytes, records: Iterable[ExportRecord]) -> list[dict[str, Any]]:
    """Return the stubs of a file that has nothing else, for whose sentences there is no record."""
    plain, errors = read_yaml(before.decode("utf-8-sig", "replace"))
    there = plain if isinstance(plain, dict) and not errors else {"claims": [None]}
    stubs: list[dict[str, Any]] = [each for each in there.get("unverified") or [] if isinstance(each, dict)]
    others = there.get("claims") or there.get("not_checkable")
    if others or not all(is_unwritten(str(each.get("claim"))) and "quote" in each for each in stubs):
        message = f"{path.name} already has annotations; move it away, or import as a reading with --reading"
        raise CurationError(message)
    quotes = [str(record.plain.get("quote", "")) for record in records]
    return [stub for stub in stubs if not any(quote in stub["quote"] or stub["quote"] in quote for quote in quotes)]


def _written(records: list[ExportRecord], stubs: list[dict[str, Any]], project: ProjectFiles, path: Path) -> str:
    up = "../" * (len(path.relative_to(project.dataset.parent).parts) - 1)
    lines = [
        f"# yaml-language-server: $schema={up}schemas/article.schema.json\n",
        f'article: "{records[0].article}"\n',
    ]
    for kind, name in _LISTS.items():
        entries = [_ordered(each.plain) for each in records if each.kind == kind]
        entries += stubs if kind == "unverified" else []
        if entries:
            lines.append(f"\n{name}:\n" + "\n".join(f"  {yaml_entry(entry, 2)}\n" for entry in entries))
    return "".join(lines)


def _ordered(plain: Mapping[str, Any]) -> dict[str, Any]:
    first = [key for key in RECORD_KEYS if key not in _LAST]
    keys = [*first, *(key for key in plain if key not in RECORD_KEYS), *_LAST]
    return {key: plain[key] for key in keys if key in plain}
