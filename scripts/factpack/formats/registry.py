"""Keep the formats that files are read in: YAML, JSON Lines, exports of tools, and those that other packages add.

A package adds a format by an entry point of the group ``factpack.formats`` that names a class that implements
:class:`~factpack.formats.format.Format`.
"""

import errno
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from factpack.formats.cache import user_cache
from factpack.formats.exports.label_studio import LabelStudioFormat
from factpack.formats.exports.record import ExportFormat
from factpack.formats.exports.span_lines import DoccanoFormat, ProdigyFormat
from factpack.formats.exports.table import TableFormat
from factpack.formats.exports.xmi import XmiFormat
from factpack.formats.format import Format, InvalidRecord, ReadError, RegisterFormat
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Record, SourceFile
from factpack.formats.yaml import YamlFormat
from factpack.plugins import load_plugins
from factpack.project.files import Recognizer
from factpack.project.layout import ProjectFiles, find_project
from factpack.project.models import Dataset
from factpack.project.record_models import DEFAULT_MODELS, RecordModels
from factpack.project.scheme import DEFAULT, Scheme


@cache
def formats() -> dict[str, Format]:
    """Return the formats by their names; to read in another one, add it.

    The last one that detects a file reads it, so that a special format goes before a general one.

    Raises:
        PluginError: A format of another package cannot be used.
    """
    own: tuple[Format, ...] = (YamlFormat(user_cache()), JsonLinesFormat(), *export_formats().values())
    found = {each.name: each for each in own}
    found |= {plugin.name: plugin for plugin in load_plugins("factpack.formats", _added)}
    return found


@cache
def export_formats() -> dict[str, ExportFormat]:
    """Return the formats of annotation tools and of spreadsheets by their names."""
    made = (LabelStudioFormat(), XmiFormat(), TableFormat(), DoccanoFormat(), ProdigyFormat())
    return {each.name: each for each in made}


def _added(plugin: object) -> Format:
    plugin = plugin() if isinstance(plugin, type) else plugin
    if not isinstance(plugin, Format):
        message = "a format must derive from factpack.formats.format.Format"
        raise TypeError(message)
    return plugin


def format_of(path: Path) -> Format | None:
    """Return the format that a file is of, if it is of any."""
    return next((each for each in reversed(formats().values()) if each.detect(path)), None)


def source_file(name: str, path: Path, models: RecordModels = DEFAULT_MODELS) -> SourceFile:
    """Return a file with the format that reads it.

    Args:
        name: The path as it is shown.
        path: The file.
        models: The models of its records.

    Raises:
        FileNotFoundError: The file is of no format any more.
    """
    found = format_of(path)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "No such file in a known format", str(path))
    return SourceFile(name, path, found, models=models)


def read_register(
    name: str, path: Path, model: type[Struct], *, as_found: bool = False
) -> Iterator[Record[Any] | InvalidRecord | ReadError]:
    """Yield the records of a register, and everything that is wrong with it.

    Args:
        name: The path as it is shown.
        path: The file; it is named as :data:`~factpack.project.layout.REGISTERS` says.
        model: What the file contains, as :meth:`~factpack.formats.format.RegisterFormat.read_register` takes it.
        as_found: Whether what is not clean in its text is tolerated.
    """
    able = (each for each in formats().values() if isinstance(each, RegisterFormat) and each.detect(path))
    found = next(able)
    return found.read_register(SourceFile(name, path, found, as_found=as_found), model)


def read_scheme(project: ProjectFiles) -> Scheme:
    """Return the annotation scheme of a project; the default one as long as its file cannot be read."""
    for item in read_register(project.name(project.dataset), project.dataset, Dataset):
        match item:
            case Record(value=Dataset() as dataset):
                return dataset.scheme
    return DEFAULT


def open_project(folder: Path) -> ProjectFiles:
    """Find the files of the project in a folder.

    Raises:
        ProjectNotFoundError: It has no ``annotations/dataset.yaml``.
    """
    suffixes = tuple(suffix for each in formats().values() for suffix in each.suffixes)
    return find_project(folder, Recognizer(suffixes, lambda path: format_of(path) is not None))
