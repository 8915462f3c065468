"""Which files make up a project, and which of them do not belong there."""

from dataclasses import dataclass
from pathlib import Path

DATASET = "annotations/dataset.yaml"


class NotAProjectError(Exception):
    """The folder holds no project; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Project:
    """The files of a project, in the order in which they are read, whatever the order in which the file system lists
    them.

    ``articles`` and ``facts`` are the registers, ``annotations`` the files about the articles, ``seeds`` the article
    texts. ``strays`` are files that nothing reads though somebody may think so, each with the reason.
    """

    root: Path
    dataset: Path
    articles: tuple[Path, ...]
    facts: tuple[Path, ...]
    annotations: tuple[Path, ...]
    seeds: dict[str, Path]
    strays: tuple[tuple[Path, str], ...]

    def name(self, path: Path) -> str:
        """The path as it is shown: relative to the project folder, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def open_project(folder: Path) -> Project:
    """Finds the files of the project in ``folder``.

    Raises NotAProjectError if it has no ``annotations/dataset.yaml``.
    """
    root = folder.resolve()
    if not (root / DATASET).is_file():
        message = f"{folder} is not a factpack project: it has no {DATASET}. `factpack init DIR` makes a project."
        raise NotAProjectError(message)
    strays: list[tuple[Path, str]] = []

    def inside(path: Path) -> bool:
        if path.resolve().is_relative_to(root):
            return True
        strays.append((path, "it is a link that leads out of the project folder"))
        return False

    read: dict[str, list[Path]] = {"dataset": [], "articles": [], "facts": [], "": []}
    for path in sorted((root / "annotations").iterdir()):
        if not path.is_file() or path.name.startswith("."):
            continue
        if path.suffix in (".yaml", ".jsonl") and inside(path):
            read.get(path.stem, read[""]).append(path)
        elif path.suffix in (".yml", ".json", ".ndjson") and not path.name.endswith(".schema.json"):
            right = ".yaml" if path.suffix == ".yml" else ".jsonl"
            strays.append((path, f"only .yaml and .jsonl files are read here; rename it to {path.stem}{right}"))
    strays += [
        (path, "the dataset is described in dataset.yaml") for path in read["dataset"] if path.suffix == ".jsonl"
    ]
    seeds = sorted((root / "seeds").iterdir()) if (root / "seeds").is_dir() else []
    return Project(
        root=root,
        dataset=root / DATASET,
        articles=tuple(read["articles"]),
        facts=tuple(read["facts"]),
        annotations=tuple(read[""]),
        seeds={path.name: path for path in seeds if path.is_file() and not path.name.startswith(".") and inside(path)},
        strays=tuple(strays),
    )
