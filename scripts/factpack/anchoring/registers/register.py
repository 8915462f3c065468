"""Read the registers of a project: the articles and the facts, by their ids."""

from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from msgspec import Struct

from factpack.anchoring.references import Kind, KnownNames
from factpack.checks.problem import Problem
from factpack.checks.registry import judge
from factpack.corpus.subjects import DuplicateId
from factpack.formats.format import InvalidRecord
from factpack.formats.locations import Record
from factpack.formats.registry import read_register
from factpack.project.layout import ProjectFiles

T = TypeVar("T", bound=Struct)


class Register(Generic[T]):
    """Keep the records of one kind by their ids.

    Attributes:
        kind: The kind.
        records: The records; ``None`` where an id is known, and its record could not be read.
        complete: Whether every id could be read; if not, no id can be called unknown.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.records: dict[str, Record[T] | None] = {}
        self.complete = True

    def names(self, file: str) -> KnownNames:
        """Return the ids with their numbers; others are added to the file."""
        return KnownNames(self.kind, {name: number for number, name in enumerate(self.records)}, self.complete, file)

    def read(self, project: ProjectFiles, paths: tuple[Path, ...], file_model: type[Struct]) -> Iterator[Problem]:
        """Read the records of files, and report what is wrong with them."""
        if project.misses(file_model.__struct_fields__[0]):
            self.complete = False
        for path in paths:
            for item in read_register(project.name(path), path, file_model, as_found=project.as_found):
                match item:
                    case Record():
                        first = self.records.setdefault(item.value.id, item)
                        if first is item:
                            yield from judge(item)
                        elif first:  # nobody knows which id it should have, so other names may mean it
                            yield from judge(DuplicateId(self.kind, item.value.id, item.at("id"), first.at("id")))
                            self.complete = False
                    case InvalidRecord(Record(value={"id": str(name_)}), whole=False):
                        self.records.setdefault(name_, None)
                    case InvalidRecord():
                        self.complete = False
                    case _:
                        yield from judge(item)
