"""Joins the records with the texts: every quote gets its offsets, every name its target, and everything passes the
rules.

The corpus is streamed, one article at a time. What has to be known across articles (the ids, and the answers to each
fact) is kept small in a :class:`~factpack.ledger.Ledger`; the texts lie in a scratch file.
"""

import gc
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct

from factpack.corpus import (
    AnchoredArticle,
    AnchoredFact,
    Guidelines,
    NameTaken,
    NotAnnotated,
    RegisteredText,
    Released,
    StrayFile,
    Totals,
)
from factpack.history import History, Rows
from factpack.ledger import Answers
from factpack.lines import Block, read_blocks, read_lines
from factpack.model import (
    ARTICLE_VOICE,
    Article,
    ArticlesFile,
    Dataset,
    Fact,
    FactsFile,
    PlainRow,
    Release,
    ReleasedRow,
)
from factpack.problems import Problem, Problems
from factpack.project import Project
from factpack.records import Record, Trouble, Unfit, Whole, YamlFile, read_raw
from factpack.rules import judge
from factpack.rules.dataset import NOBODY_EDITS
from factpack.section import Frame, Kind, Names, Section, Tally
from factpack.shelf import MAX_ARTICLE_BYTES, Packed, Shelf, load, pack
from factpack.sources import no_annotations, read_yaml_file

HISTORY_LINES: dict[str, type[Struct]] = {"release": Release, "row": ReleasedRow}
PLAIN_HISTORY_LINES = HISTORY_LINES | {"row": PlainRow}

Joined = Problem | Problems | Dataset | Guidelines | History | AnchoredArticle | AnchoredFact
T = TypeVar("T", bound=Struct)


def join(project: Project) -> Iterator[Joined]:
    """The guidelines, the dataset, what its releases held, every article, then every fact; in between, every problem.

    Of very many problems of one kind, some come counted.
    """
    with tempfile.TemporaryDirectory(prefix="factpack-") as scratch, uncollected():
        corpus = Corpus(project, Path(scratch))
        yield from corpus.open()
        for path in project.annotations:
            yield from corpus.annotations(path)
        yield from corpus.close()


@contextmanager
def uncollected() -> Iterator[None]:
    """Turns off the search for garbage that refers to itself: what is made of a corpus does not, and the registers of
    a large one would be looked through for it again and again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Register(Generic[T]):
    """The records of one kind by their ids, and whether every id could be read: if not, no id can be called unknown."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.records: dict[str, Record[T] | None] = {}  # None: the id exists, its record could not be read
        self.complete = True

    @property
    def names(self) -> "Names":
        """The ids."""
        return Names(self.kind, {name: number for number, name in enumerate(self.records)}, self.complete)

    def read(
        self, project: Project, paths: tuple[Path, ...], file_model: type[Struct], model: type[T]
    ) -> Iterator[Problem]:
        if any(path.stem == file_model.__struct_fields__[0] for path, _ in project.strays):
            self.complete = False
        for path in paths:
            for item in self.items(project.name(path), path, file_model, model):
                match item:
                    case Record():
                        first = self.records.setdefault(item.value.id, item)
                        if first is item:
                            yield from judge(item)
                        elif first:  # what it was meant to be is not known, nor what names that
                            yield from judge(NameTaken(self.kind, item.value.id, item.at("id"), first.at("id")))
                            self.complete = False
                    case Unfit(Record(value={"id": str(name_)}), whole=False):
                        self.records.setdefault(name_, None)
                    case Unfit():
                        self.complete = False
                    case Whole():
                        pass
                    case _:
                        yield from judge(item)

    def items(
        self, name: str, path: Path, file_model: type[Struct], model: type[T]
    ) -> Iterator[Whole | Record[Any] | Unfit | Trouble]:
        if path.suffix == ".yaml":
            return read_yaml_file(name, path, file_model, file_model.__struct_fields__)
        return read_lines(name, path, {self.kind: model})


def read_texts(project: Project, records: Iterable[Record[Article]]) -> Iterator[Problem | Packed]:
    """The text of every article, once, and what is wrong with it."""
    for record in records:
        loaded = load(project, record)
        yield from judge(loaded)
        if isinstance(loaded, RegisteredText):
            yield pack(loaded)


class Corpus:
    """A project that is being joined: opened, then one section after another, then closed."""

    def __init__(self, project: Project, scratch: Path) -> None:
        self.project = project
        self.texts = Shelf(scratch / "texts")
        self.dataset: Record[Dataset] | None = None
        self.facts: _Register[Fact] = _Register("fact")
        self.articles: _Register[Article] = _Register("article")
        self.speakers = Names("speaker", {}, complete=False)
        self.unread = {path for path, _ in project.strays}
        all_annotated = not any(path.parent == project.folder for path in self.unread)  # else nobody knows which is
        self.tally = Tally(whole=all_annotated, named=all_annotated)

    def open(
        self, read: "Callable[[Project, Sequence[Record[Article]]], Iterator[Problem | Packed]]" = read_texts
    ) -> Iterator[Problem | Problems | Dataset | Guidelines | History]:
        """Reads everything but the annotations: what they are joined with is ``frame`` then.

        ``read`` reads the texts of articles.
        """
        project = self.project
        for path, reason in project.strays:
            yield from judge(StrayFile(project.name(path), reason))
        yield from self.read_dataset()
        yield from self.read_guidelines()
        yield from self.articles.read(project, project.articles, ArticlesFile, Article)
        yield from self.facts.read(project, project.facts, FactsFile, Fact)
        yield from self.stray_seeds()
        for item in read(project, self.readable()):
            if isinstance(item, Packed):
                record = self.articles.records[item.article]
                assert record  # one whose text was read
                self.texts.add(record, item)
                self.articles.records[item.article] = None  # the shelf has it now
            else:
                yield item
        self.texts.close()
        settled = {
            name: record.value.settled.value
            for name, record in self.facts.records.items()
            if record and record.value.settled is not UNSET
        }
        self.frame = Frame(project, self.articles.names, self.facts.names, self.speakers, settled, self.texts)
        if self.dataset:
            yield self.dataset.value
            yield from self.read_history(self.dataset)

    def annotations(self, path: Path) -> Iterator[Problems | AnchoredArticle]:
        """The articles annotated in a file."""
        yield from Section(self.frame, self.tally).join(path)

    def close(self) -> Iterator[Problem | Problems | AnchoredArticle | AnchoredFact]:
        """The articles that nothing annotates, what could not be said before the end, and the facts."""
        # A reading need not have every article: one that is added later has to be released before it is read twice.
        for article in self.articles.records if not self.project.is_reading else ():
            if article not in self.tally.annotated:
                yield from self.without_annotations(article)
        for problems in self.tally.coverage.all():
            yield from problems.shown
            if problems.left:
                yield problems.rest()
        section = Section(self.frame, Tally())
        for name, record, first in self.tally.ledger.taken_twice():
            section.judge(NameTaken("claim", name, record.at("id"), first.at("id")))
            yield from section.told()
        yield from self.join_facts()
        if self.dataset and self.tally.whole:
            yield from judge(Totals(self.dataset, self.tally.claims))

    def without_annotations(self, article: str) -> Iterator[Problem | Problems | AnchoredArticle]:
        """An article that nothing annotates."""
        path = self.project.folder / f"{article}.yaml"
        file = self.project.name(path)
        registered = self.texts.registered(article)
        record = registered.record if registered else self.articles.records[article]
        missing = bool(record and record.value.annotation == "complete" and self.tally.named)
        if record and missing:
            self.tally.whole = False
            yield from judge(NotAnnotated(record, file))
        section = Section(self.frame, self.tally)
        nothing = no_annotations(article, YamlFile(file, path), whole=self.tally.named and not missing)
        joined = section.article(nothing, registered, file)
        if joined:
            yield joined

    def read_dataset(self) -> Iterator[Problem]:
        """Reads what the release says about itself, and the speakers."""
        path = self.project.dataset
        if path in self.unread:
            return
        complete = True
        for item in read_yaml_file(self.project.name(path), path, Dataset):
            match item:
                case Record():
                    self.dataset = item
                    yield from judge(item)
                case Unfit():
                    complete = False
                case Whole():
                    pass
                case _:
                    yield from judge(item)
        speakers = self.dataset.value.speakers if self.dataset else ()
        names = dict.fromkeys((ARTICLE_VOICE, *speakers), 0) if self.dataset else {}
        self.speakers = Names("speaker", names, complete)

    def read_guidelines(self) -> Iterator[Problem | Guidelines]:
        """Reads the rules that the annotations follow, if the project has them."""
        path = self.project.guidelines
        if path:
            raw = read_raw(self.project.name(path), path, MAX_ARTICLE_BYTES)
            yield from judge(raw)
            yield Guidelines(raw.data)

    def read_history(self, dataset: Record[Dataset]) -> Iterator[Problem | Problems | History]:
        """Reads what the releases so far held."""
        history, problems = self.released(dataset.value.version, PLAIN_HISTORY_LINES)
        if problems or not all(rows.are_of_versions() for rows in history.rows.values()):
            history, problems = self.released(dataset.value.version, HISTORY_LINES)
        if problems:
            yield problems
        yield from judge(Released(dataset, history))
        yield history

    def released(self, version: str, models: dict[str, type[Struct]]) -> tuple[History, Problems]:
        """The releases, the rows of the last one, and what is wrong."""
        releases: list[Release] = []
        rows: dict[str, Rows] = {}
        problems = Problems()
        path = self.project.released
        for item in read_blocks(self.project.name(path), path, models) if path else ():
            match item:
                case Block(values=values):
                    releases += (value for value in values if isinstance(value, Release))
                    of_rows = (value for value in values if isinstance(value, ReleasedRow))
                    for config, of_config in groupby(of_rows, attrgetter("config")):
                        rows.setdefault(config, Rows()).extend(list(of_config))
                case Unfit():
                    pass
                case _:
                    for problem in judge(item):  # which is not to be mended by hand
                        problems.add(replace(problem, hint=NOBODY_EDITS))
        return History(version, tuple(releases), rows), problems

    def stray_seeds(self) -> Iterator[Problem]:
        """The articles that are not registered."""
        if not self.articles.complete or None in self.articles.records.values():
            return
        registered = {record.value.file for record in self.articles.records.values() if record}
        for name in sorted(self.project.seeds - registered):
            path = self.project.root / "seeds" / name
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            yield from judge(StrayFile(self.project.name(path), found, is_seed=True))

    def readable(self) -> list[Record[Article]]:
        """The articles whose text can be read."""
        unread = {path.name for path in self.unread if path.parent == self.project.root / "seeds"}
        records = (record for record in self.articles.records.values() if record)
        return [record for record in records if record.value.file not in unread]

    def join_facts(self) -> Iterator[Problem | Problems | AnchoredFact]:
        """The facts, with the answers of all articles."""
        section = Section(self.frame, Tally())
        answers = Answers(self.tally.ledger, len(self.facts.records))
        for number, record in enumerate(self.facts.records.values()):
            if record is None:
                continue
            passages = () if record.value.settled is UNSET else record.value.settled.passages
            settled = [
                section.passage(record, ("settled", "passages", index), passage)
                for index, passage in enumerate(passages)
            ]
            yield from section.told()
            fact = AnchoredFact(record, tuple(settled), answers.of(number), self.tally.whole)
            yield from judge(fact)
            yield fact
