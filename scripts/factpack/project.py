"""Which files make up a project, and which of them do not belong there."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

DATASET = "annotations/dataset.yaml"
RELEASED = "annotations/released.jsonl"
GUIDELINES = "GUIDELINES.md"  # beside the annotations, and in every release
READINGS = ("first", "second")
REGISTERS = ("adjudications", "articles", "dataset", "facts", "released")


class NotAProjectError(Exception):
    """The folder holds no project; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Project:
    """The files of a project, always in the same order, however the file system lists them.

    ``folder`` is that of the annotations. ``articles`` and ``facts`` are the registers, ``annotations`` the files about
    the articles, ``seeds`` the names of the article texts. ``strays`` are files that nothing reads though somebody may
    think so, each with the reason and the next step. ``readings`` are the two independent readings, if there are any:
    the same project with other annotations. ``adjudications`` decides where they differ. ``guidelines`` are the rules
    that the annotations follow. ``released`` says what the releases so far held.
    """

    root: Path
    folder: Path
    dataset: Path
    articles: tuple[Path, ...]
    facts: tuple[Path, ...]
    annotations: tuple[Path, ...]
    seeds: frozenset[str]
    strays: tuple[tuple[Path, str], ...]
    readings: tuple["Project", ...] = ()
    adjudications: Path | None = None
    guidelines: Path | None = None
    released: Path | None = None

    @property
    def is_reading(self) -> bool:
        """Whether this is one of the two readings, and not what is released."""
        return self.folder != self.dataset.parent

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files of annotations that are read, those of the readings too."""
        strays = {path for path, _ in self.strays}
        others = [path for path in (self.dataset, self.adjudications, self.released) if path and path not in strays]
        of_readings = [path for reading in self.readings for path in (*reading.facts, *reading.annotations)]
        return (*others, *self.articles, *self.facts, *self.annotations, *of_readings)

    def name(self, path: Path) -> str:
        """The path as it is shown: relative to the project folder, with forward slashes."""
        return os.fsencode(path.relative_to(self.root).as_posix()).decode(errors="backslashreplace")


def open_project(folder: Path) -> Project:
    """Finds the files of the project in ``folder``.

    Raises NotAProjectError if it has no ``annotations/dataset.yaml``.
    """
    root = folder.resolve()
    if not (root / DATASET).is_file():
        raise NotAProjectError(_no_project(folder, root))
    strays: list[tuple[Path, str]] = []
    registers, annotations = _annotations(root / "annotations", root, strays)
    seeds = frozenset(path.name for path in _files(root / "seeds", root, strays))
    folders = [root / "annotations" / name for name in READINGS if (root / "annotations" / name).is_dir()]
    if len(folders) == 1:
        both = " and ".join(READINGS)
        why = (
            f"A reading is compared with another one; there must be {both}. "
            "Add the other folder, or move this one out of annotations/."
        )
        strays.append((folders.pop(), why))
    project = Project(
        root=root,
        folder=root / "annotations",
        dataset=root / DATASET,
        articles=registers["articles"],
        facts=registers["facts"],
        annotations=annotations,
        seeds=seeds,
        strays=tuple(strays),
        adjudications=next(iter(registers["adjudications"]), None),
        guidelines=next(iter(registers[GUIDELINES]), None),
        released=next(iter(registers["released"]), None),
    )
    return replace(project, readings=tuple(_reading(project, folder) for folder in folders))


def _no_project(folder: Path, root: Path) -> str:
    if not root.is_dir():
        return f"there is no folder {folder}"
    step = "`factpack init DIR` makes a project."
    above = next((parent for parent in root.parents if (parent / DATASET).is_file()), None)
    if above:
        step = f"The folder {os.path.relpath(above)} is one."
    return f"{folder} is not a factpack project: it has no {DATASET}. {step}"


def _reading(project: Project, folder: Path) -> Project:
    strays = [(path, why) for path, why in project.strays if path.parent == project.root / "seeds"]
    registers, annotations = _annotations(folder, project.root, strays)
    return replace(
        project,
        folder=folder,
        facts=registers["facts"],
        annotations=annotations,
        strays=tuple(strays),
        adjudications=None,
        guidelines=None,
        released=None,
    )


def _annotations(
    folder: Path, root: Path, strays: list[tuple[Path, str]]
) -> tuple[dict[str, tuple[Path, ...]], tuple[Path, ...]]:
    """The registers by their names, with the guidelines, and the other annotation files."""
    registers: dict[str, tuple[Path, ...]] = dict.fromkeys((*REGISTERS, GUIDELINES), ())
    annotations = []
    for path in _files(folder, root, strays):
        if path.suffix in (".yml", ".json", ".ndjson"):
            right = path.with_suffix(".yaml" if path.suffix == ".yml" else ".jsonl").name
            strays.append((path, f"Only .yaml and .jsonl files are read here; rename it to {right}."))
        elif path.suffix == ".jsonl" and path.stem in ("adjudications", "dataset"):
            strays.append((path, f"This is read from {path.stem}.yaml. Move what it holds there."))
        elif path.name == "released.yaml":
            why = "This is read from released.jsonl, which `factpack release` writes. Delete this file."
            strays.append((path, why))
        elif path.name == GUIDELINES:
            registers[GUIDELINES] = (path,)
        elif path.suffix in (".yaml", ".jsonl") and path.stem in REGISTERS:
            registers[path.stem] += (path,)
        elif path.suffix in (".yaml", ".jsonl"):
            annotations.append(path)
    return registers, tuple(annotations)


def _files(folder: Path, root: Path, strays: list[tuple[Path, str]]) -> list[Path]:
    """The files right in a folder, by name, without hidden ones and links that lead out of the project."""
    files = []
    within = folder.resolve().is_relative_to(root)
    entries = os.scandir(folder) if folder.is_dir() else ()
    for entry in sorted(entries, key=lambda entry: entry.name.partition(".")):  # 000.yaml before `000 copy.yaml`
        path, is_link = folder / entry.name, entry.is_symlink()
        if entry.name.startswith("."):
            continue
        if not (path if is_link else entry).is_file():  # that of a path says no of a link to itself
            if is_link or path.suffix:
                strays.append((path, "It is a folder, or a link that leads nowhere. Put a copy of the file here."))
        elif not (path.resolve().is_relative_to(root) if is_link else within):
            strays.append((path, "It is a link that leads out of the project folder. Put a copy of the file here."))
        elif os.access(path, os.R_OK):
            files.append(path)
        else:
            strays.append((path, "You have no permission to read it."))
    return files
