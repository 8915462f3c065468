"""Find the files that make up a project, and those that do not belong there."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from factpack.errors import ProjectNotFoundError
from factpack.project.checkout import FETCH_HINT, POINTER, is_pointer
from factpack.project.files import FileFinder, FolderNames, Recognizer, meant_name, printable
from factpack.project.models import SLUG, Adjudication

SEEDS = "seeds"  # the folder of the article texts
DATASET = "annotations/dataset.yaml"
RELEASED = "annotations/released.jsonl"
GUIDELINES = "GUIDELINES.md"  # beside the annotations, and in every release
READINGS = "readings"  # beside the annotations, with a folder for each reading
FORMER_READINGS = ("first", "second")  # which lay beside the annotations before 3.0.0
CHANGELOG = "CHANGELOG.md"  # beside the annotations
LICENSE = "LICENSE"  # beside the annotations: the text of the licence that the dataset names
COPIED = (GUIDELINES, CHANGELOG, LICENSE)  # of which a release has copies
CHANGELOG_PATH = f"annotations/{CHANGELOG}"
SCHEMAS = "schemas"  # beside the annotations, for editors
SCHEMAS_PATH = f"annotations/{SCHEMAS}"

#: The files with a name of their own, by what they contain.
REGISTERS = {
    "adjudications": ("adjudications.yaml",),
    "articles": ("articles.yaml", "articles.jsonl"),
    "dataset": ("dataset.yaml",),
    "facts": ("facts.yaml", "facts.jsonl"),
    "released": ("released.jsonl",),
}


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """List the files of a project, always in the same order, however the file system lists them.

    Attributes:
        root: The project folder.
        folder: The folder of the annotations.
        dataset: What describes the dataset as a whole.
        articles: The registers of the articles.
        facts: The registers of the facts.
        annotations: The files about the articles.
        seeds: The names of the article texts.
        strays: Files that nothing reads though they look as if, each with the reason and the next step.
        readings: The independent readings, by name, if there are any: the same project with other annotations.
        adjudications: The decisions where the readings differ.
        copied: What a release has copies of, by its name: the rules that the annotations follow, the changelog, the
            text of the licence.
        released: The rows of the releases so far.
        as_found: Whether articles and quotes are taken as they were found, which the dataset says.
    """

    root: Path
    folder: Path
    dataset: Path
    articles: tuple[Path, ...]
    facts: tuple[Path, ...]
    annotations: tuple[Path, ...]
    seeds: frozenset[str]
    strays: tuple[tuple[Path, str], ...]
    readings: tuple["ProjectFiles", ...] = ()
    adjudications: Path | None = None
    copied: Mapping[str, Path] = field(default_factory=dict)
    released: Path | None = None
    as_found: bool = False

    @property
    def is_reading(self) -> bool:
        """Return whether this is a reading, and not what is released."""
        return self.folder != self.dataset.parent

    @property
    def reading_names(self) -> tuple[str, ...]:
        """Name the readings, in their order."""
        return tuple(reading.folder.name for reading in self.readings)

    @property
    def _in_lines(self) -> bool:
        """Return whether there are annotations, and no file of them is YAML."""
        return bool(self.annotations) and not any(path.suffix == ".yaml" for path in self.annotations)

    def register_of(self, kind: Literal["articles", "facts"]) -> str:
        """Return the name of the file where an entry of a register is added; it need not be there yet."""
        there = self.articles if kind == "articles" else self.facts
        folder = self.dataset.parent if kind == "articles" else self.folder
        return self.name(there[-1] if there else folder / REGISTERS[kind][self._in_lines])

    def annotations_of(self, article: str, articles: Collection[str]) -> str:
        """Return the name of the file where annotations are added to an article that has none.

        Args:
            article: The id of the article.
            articles: The ids of all articles.
        """
        if not self._in_lines:
            return self.name(self.folder / f"{article}.yaml")
        last = self.annotations[-1]
        return self.name(last.with_name(f"{article}{last.suffix}") if last.stem in articles else last)

    def misses(self, register: str) -> bool:
        """Return whether a file that is not read may be meant as this register."""
        return any(path.name.lstrip("#").partition(".")[0].lower() == register for path, _ in self.strays)

    @property
    def sources(self) -> tuple[Path, ...]:
        """Return the files of annotations that are read, also in the readings."""
        strays = {path for path, _ in self.strays}
        others = [path for path in (self.dataset, self.adjudications, self.released) if path and path not in strays]
        of_readings = [path for reading in self.readings for path in (*reading.facts, *reading.annotations)]
        return (*others, *self.articles, *self.facts, *self.annotations, *of_readings)

    def name(self, path: Path) -> str:
        """Return the path as it is shown: relative to the project folder, with forward slashes."""
        return printable(path.relative_to(self.root).as_posix())


def find_project(folder: Path, recognizer: Recognizer) -> ProjectFiles:
    """Find the files of the project in a folder.

    Args:
        folder: The project folder.
        recognizer: Says which files are read as annotations.

    Raises:
        ProjectNotFoundError: It has no ``annotations/dataset.yaml``.
    """
    root = Path(os.path.realpath(folder))  # Path.resolve raises RuntimeError for a link to itself
    if not (root / DATASET).is_file():
        raise ProjectNotFoundError(_no_project(folder, root, recognizer))
    finder = FileFinder(root, recognizer)
    registers, annotations = _annotations(root / "annotations", finder, is_reading=False)
    seeds = frozenset(path.name for path in finder.files(root / SEEDS, FolderNames()))
    folders = _reading_folders(root / "annotations" / READINGS, finder)
    project = ProjectFiles(
        root=root,
        folder=root / "annotations",
        dataset=root / DATASET,
        articles=registers["articles"],
        facts=registers["facts"],
        annotations=annotations,
        seeds=seeds,
        strays=tuple(finder.strays),
        adjudications=next(iter(registers["adjudications"]), None),
        copied={name: registers[name][0] for name in COPIED if registers[name]},
        released=next(iter(registers["released"]), None),
    )
    return replace(project, readings=tuple(_reading(project, folder, recognizer) for folder in folders))


def _no_project(folder: Path, root: Path, recognizer: Recognizer) -> str:
    if not root.is_dir():
        return f"folder {folder} does not exist"
    step = "`factpack init DIR` creates a project."
    above = next((parent for parent in root.parents if (parent / DATASET).is_file()), None)
    meant = {f"dataset{suffix}" for suffix in recognizer.suffixes}
    named = sorted(path.name for path in (root / DATASET).parent.glob("*") if meant_name(path.name) in meant)
    if named:
        step = f"Rename annotations/{printable(named[0])} to dataset.yaml."
    elif above:
        step = f"The folder {os.path.relpath(above)} is one."
    return f"{folder} is not a factpack project: it has no {DATASET}. {step}"


def _reading_folders(folder: Path, finder: FileFinder) -> list[Path]:
    """Return the folders of the readings, by name, if there are at least two."""
    if not folder.is_dir():
        return []
    astray = len(finder.strays)
    there = sorted(
        path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink() and path.name[0] != "."
    )
    known = [name for name in there if not _misnamed(name)]
    lone = f"A reading is a folder. Move this file into the folder of its reading, or out of {READINGS}/."
    finder.strays.extend((path, lone) for path in finder.files(folder, FolderNames(), tuple(there)))
    finder.strays.extend((folder / name, why) for name in there if (why := _misnamed(name)))
    if len(known) == 1 and len(finder.strays) == astray:
        why = (
            "A reading is compared with others. Add the folder of another one, or move this folder out of annotations/."
        )
        finder.strays.append((folder / known[0], why))
    return [folder / name for name in known] if len(known) > 1 else []


def _misnamed(name: str) -> str:
    """Say why a reading cannot have a name, and what to do; nothing if it can."""
    if name in Adjudication.__struct_fields__:
        return f"`{name}` is already a key of adjudications.yaml. Give the reading another name."
    if not re.fullmatch(SLUG, name):
        return "The name of a reading is lower-case words and digits joined by single hyphens; rename the folder."
    return ""


def _reading(project: ProjectFiles, folder: Path, recognizer: Recognizer) -> ProjectFiles:
    finder = FileFinder(project.root, recognizer)
    finder.strays.extend((path, why) for path, why in project.strays if path.parent == project.root / SEEDS)
    registers, annotations = _annotations(folder, finder, is_reading=True)
    return replace(
        project,
        folder=folder,
        facts=registers["facts"],
        annotations=annotations,
        strays=tuple(finder.strays),
        adjudications=None,
        copied={},
        released=None,
    )


def _annotations(
    folder: Path, finder: FileFinder, *, is_reading: bool
) -> tuple[dict[str, tuple[Path, ...]], tuple[Path, ...]]:
    """Return the registers by their names, with what a release has copies of, and the other annotation files."""
    registers: dict[str, tuple[Path, ...]] = dict.fromkeys((*REGISTERS, *COPIED), ())
    annotations = []
    known = () if is_reading else (READINGS, SCHEMAS, *FORMER_READINGS)
    names = FolderNames()
    for path in finder.files(folder, names, known):
        if why := _astray(path, finder, names, is_reading=is_reading):
            finder.strays.append((path, why))
        elif path.name in COPIED:
            registers[path.name] = (path,)
        elif path.name in REGISTERS.get(path.stem, ()):
            registers[path.stem] += (path,)
        elif finder.recognizer.detect(path):
            annotations.append(path)
    finder.strays.extend(
        (folder / name, f"Readings are in annotations/{READINGS}. Move this folder to annotations/{READINGS}/{name}.")
        for name in FORMER_READINGS
        if name in known and (folder / name).is_dir() and not (folder / name).is_symlink()
    )
    if SCHEMAS in known and (folder / SCHEMAS).is_dir():
        finder.add_nested(folder / SCHEMAS, names, keep=".schema.json")
    return registers, tuple(annotations)


def _astray(path: Path, finder: FileFinder, names: FolderNames, *, is_reading: bool) -> str:
    """Return why a file among the annotations is not read, and what to do; nothing if it is read, or is known."""
    if is_pointer(path):
        return f"It is {POINTER}. {FETCH_HINT}"
    if is_reading and path.name in _SHARED:
        return f"All readings share annotations/{path.name}. Move the content of this file there, or delete it."
    registers = REGISTERS.get(path.stem, ())
    if path.name in (*COPIED, *registers) or _README.fullmatch(path.name):
        return ""
    if not finder.recognizer.detect(path):
        return finder.rename(path, names, COPIED)
    if path.stem == "released":
        return "Its content is read from released.jsonl, which `factpack release` writes. Delete this file."
    return f"Its content belongs in {' or '.join(registers)}. Move it there." if registers else ""


#: What all readings are read with; none has its own.
_SHARED = {*COPIED, *(name for kind, names in REGISTERS.items() if kind != "facts" for name in names)}
_SHARED |= {"adjudications.jsonl", "dataset.jsonl", "released.yaml"}

_README = re.compile(r"README(\.(md|txt|rst))?", re.IGNORECASE)
