"""Make a new project, and write the JSON Schemas of its annotation files."""

import json
import os
from pathlib import Path

import msgspec
import yaml

from factpack.atomic import scratch_folder
from factpack.errors import FolderInUseError
from factpack.project.checkout import ATTRIBUTES, KEEP_BYTES
from factpack.project.clutter import is_empty
from factpack.project.layout import DATASET, SCHEMAS_PATH, SEEDS
from factpack.project.models import schema
from factpack.project.placeholders import DATASET_TEXTS
from factpack.project.record_models import DEFAULT_MODELS, RecordModels, models_of
from factpack.project.scheme import Sections

#: The files of any project, and those of one with an example or without. The words in braces in ``dataset.yaml`` are
#: filled in.
TEMPLATES = Path(__file__).with_name("templates")

#: The same of projects in the shape of datasets that are well known, by their names.
PRESETS = {path.name: path for path in sorted(Path(__file__).with_name("presets").iterdir())}


def create_project(folder: Path, like: str = "", *, example: bool = False) -> None:
    """Make a project, with warnings for what is still to be written.

    It appears whole or not at all.

    Args:
        folder: A new or an empty folder.
        like: The name in :data:`PRESETS` of the dataset whose labels, stances and keys it gets; by default those of
            factpack. It has an example.
        example: Whether it has two articles as an example, so that it builds at once; else it is empty.

    Raises:
        FolderInUseError: The folder exists and is not empty, or cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and is_empty(folder)):
        message = f"{folder} exists and is not empty; choose another folder"
        raise FolderInUseError(message)
    try:
        is_new = not folder.exists()
        with scratch_folder(folder.absolute().parent if is_new else folder) as scratch:
            project = scratch / "project"
            parts = [PRESETS[like]] if like else [TEMPLATES / "base", TEMPLATES / ("example" if example else "empty")]
            _write_project(project, Path(os.path.realpath(folder)).name, parts)
            if is_new:
                project.rename(folder)
            else:  # it may be somebody's working directory, or a mount, and cannot be replaced
                _move_up(project, folder)
    except OSError as error:
        message = f"{folder} cannot be created ({error.strerror}); choose another folder"
        raise FolderInUseError(message) from error


def _move_up(project: Path, folder: Path) -> None:
    """Move what is in a folder into another one, or nothing of it."""
    names = sorted(path.name for path in project.iterdir())
    try:
        for name in names:
            (project / name).rename(folder / name)
    except BaseException:
        for name in names:
            if not (project / name).exists():
                (folder / name).rename(project / name)
        raise


def _write_project(folder: Path, title: str, parts: list[Path]) -> None:
    (folder / SEEDS).mkdir(parents=True)
    for part in parts:
        for template in filter(Path.is_file, part.rglob("*")):
            file = folder / template.relative_to(part)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(template.read_bytes())
    (folder / ATTRIBUTES).write_bytes(KEEP_BYTES)
    name = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in title.lower()).split())
    dataset = folder / DATASET
    dataset.write_bytes(dataset.read_bytes().decode().format(name=name or "example", **DATASET_TEXTS).encode())
    sections = msgspec.convert(yaml.safe_load(dataset.read_bytes()), Sections)
    write_schemas(folder, models_of(sections.scheme))


def write_schemas(root: Path, models: RecordModels = DEFAULT_MODELS) -> Path:
    """Write the schemas into a project.

    Args:
        root: The project folder.
        models: The models of its records.

    Returns:
        The folder of the schemas.

    Raises:
        FolderInUseError: Something else is in its place.
    """
    folder = root / SCHEMAS_PATH
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be created: {error.strerror}"
        raise FolderInUseError(message) from error
    with scratch_folder(folder) as scratch:
        for file, model in models.schema_files.items():
            text = json.dumps(schema(model), indent=2, ensure_ascii=False) + "\n"
            (scratch / file).write_bytes(text.encode())
            (scratch / file).replace(folder / file)  # also a link that is there: what it leads to is left alone
    return folder
