"""Joins the records with the texts: every quote gets its offsets, every name its target, and everything passes the
rules.

The corpus is streamed, one article at a time. What has to be known across articles (the ids, and the answers to each
fact) is kept small; the texts of other articles, needed for their quotes, come from a cache of bounded size.
"""

import hashlib
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Generator, Iterator
from pathlib import Path
from sys import intern
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import UNSET, Struct

from factpack.anchor import locate
from factpack.corpus import (
    AnchoredArticle,
    AnchoredClaim,
    AnchoredFact,
    AnchoredNotCheckable,
    AnchoredPassage,
    AnchoredUnverified,
    Answer,
    ArticleText,
    LabelledClaim,
    MisnamedFile,
    NameTaken,
    NotAnnotated,
    Released,
    SeedFault,
    StrayFile,
    Totals,
    Unanchored,
    UnknownName,
)
from factpack.history import History, Stamp
from factpack.model import (
    ARTICLE_VOICE,
    SLUG,
    Article,
    ArticlesFile,
    Claim,
    Dataset,
    Fact,
    FactsFile,
    Passage,
    Release,
    ReleasedRow,
    Unverified,
)
from factpack.problems import Problem
from factpack.project import Project
from factpack.rules import judge
from factpack.sentences import Span, split_sentences
from factpack.sources import (
    ArticleRecords,
    RawText,
    Record,
    Trouble,
    Unfit,
    Whole,
    control_characters,
    is_sound,
    read_annotations,
    read_lines,
    read_yaml_file,
)

MAX_ARTICLE_BYTES = 16 * 2**20
HISTORY_LINES: dict[str, type[Struct]] = {"release": Release, "row": ReleasedRow}
CACHED_TEXT = 256 * 2**20  # code points of article text kept for the evidence in other articles

Joined = Problem | Dataset | History | AnchoredArticle | AnchoredFact
Kind = Literal["article", "fact", "speaker"]
T = TypeVar("T", bound=Struct)
R = TypeVar("R")
Steps = tuple[str | int, ...]
Finds: TypeAlias = Generator[Problem, None, R]  # yields what is wrong, returns what was made


def join(project: Project) -> Iterator[Joined]:
    """The dataset, what its releases held, every article, then every fact; and, in between, every problem."""
    yield from _Join(project).run()


class _Register(Generic[T]):
    """The records of one kind by their ids, and whether every id could be read: if not, no id can be called unknown."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.records: dict[str, Record[T] | None] = {}  # None: the id exists, its record could not be read
        self.complete = True

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
            return read_yaml_file(name, path.read_bytes(), file_model, file_model.__struct_fields__)
        return read_lines(name, path, {self.kind: model})

    def find(self, name: str, record: Record[Any], *path: str | int) -> Iterator[Problem]:
        """What is wrong with a name that stands at ``path`` of a record."""
        if name not in self.records and self.complete:
            yield from judge(UnknownName(self.kind, name, record.at(*path), tuple(self.records)))


def _word(plain: Any, key: str) -> str:
    """The text at a key, if it is one that nothing is wrong with by itself; else nothing."""
    value = plain.get(key) if isinstance(plain, dict) else None
    sound = isinstance(value, str) and unicodedata.is_normalized("NFC", value) and not control_characters(value)
    return str(value) if sound else ""


def _passage(plain: Any, article: str) -> Passage:
    quote, prefix, suffix = (_word(plain, key) for key in ("quote", "prefix", "suffix"))
    return Passage(article=article, quote=quote, prefix=prefix, suffix=suffix)


class _Join:
    """The state of one run over a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.dataset: Record[Dataset] | None = None
        self.facts: _Register[Fact] = _Register("fact")
        self.articles: _Register[Article] = _Register("article")
        self.speakers: _Register[Struct] = _Register("speaker")
        self.ids: dict[str, Record[Any]] = {}
        self.annotated: dict[str, Record[Any]] = {}
        self.unread = {path for path, _ in project.strays}
        self.all_annotated = not any(
            path.parent == project.folder for path in self.unread
        )  # else nobody knows which is
        self.all_read = self.all_annotated
        self.coverage: dict[str, list[Problem]] = {}
        self.claims = 0
        self.answers: dict[str, list[Answer]] = {}
        self.texts: OrderedDict[str, ArticleText | None] = OrderedDict()
        self.cached = 0

    def run(self) -> Iterator[Joined]:
        for path, reason in self.project.strays:
            yield from judge(StrayFile(self.project.name(path), reason))
        yield from self.read_dataset()
        yield from self.articles.read(self.project, self.project.articles, ArticlesFile, Article)
        yield from self.facts.read(self.project, self.project.facts, FactsFile, Fact)
        yield from self.stray_seeds()
        if self.dataset:
            yield self.dataset.value
            yield from self.read_history(self.dataset)
        yield from self.read_annotations()
        yield from self.join_facts()
        if self.dataset and self.all_read:
            yield from judge(Totals(self.dataset, self.claims))

    def read_annotations(self) -> Iterator[Problem | AnchoredArticle]:
        for path in self.project.annotations:
            for item in read_annotations(self.project.name(path), path):
                match item:
                    case ArticleRecords():
                        yield from self.annotations(item, path)
                    case Unfit():
                        self.all_annotated = self.all_read = False
                    case _:
                        yield from judge(item)
        # A reading need not have every article: one that is added later has to be released before it is read twice.
        for article in self.articles.records if not self.project.is_reading else ():
            if article not in self.annotated:
                yield from self.without_annotations(article)
        for problems in self.coverage.values():
            yield from problems

    def without_annotations(self, article: str) -> Iterator[Problem | AnchoredArticle]:
        file = self.project.name(self.project.folder / f"{article}.yaml")
        record = self.articles.records[article]
        missing = bool(record and record.value.annotation == "complete" and self.all_annotated)
        if record and missing:
            self.all_read = False
            yield from judge(NotAnnotated(record, file))
        yield from self.article(article, (), file, whole=self.all_annotated and not missing)

    def read_dataset(self) -> Iterator[Problem]:
        path = self.project.dataset
        if path in self.unread:
            self.speakers.complete = False
            return
        for item in read_yaml_file(self.project.name(path), path.read_bytes(), Dataset):
            match item:
                case Record():
                    self.dataset = item
                    self.speakers.records = dict.fromkeys((ARTICLE_VOICE, *item.value.speakers))
                    yield from judge(item)
                case Unfit():
                    self.speakers.complete = False
                case Whole():
                    pass
                case _:
                    yield from judge(item)

    def read_history(self, dataset: Record[Dataset]) -> Iterator[Problem | History]:
        path = self.project.released
        releases: list[Release] = []
        rows: dict[str, dict[str, Stamp]] = {}
        for item in read_lines(self.project.name(path), path, HISTORY_LINES) if path else ():
            match item:
                case Record(value=Release()):
                    releases.append(item.value)
                case Record(value=ReleasedRow() as row):
                    stamp = Stamp(intern(row.added_in), intern(row.changed_in), row.sum)
                    rows.setdefault(row.config, {})[row.id] = stamp
                case Unfit():
                    pass
                case _:
                    yield from judge(item)
        history = History(dataset.value.version, tuple(releases), rows)
        yield from judge(Released(dataset, history))
        yield history

    # Texts

    def stray_seeds(self) -> Iterator[Problem]:
        if not self.articles.complete or None in self.articles.records.values():
            return
        registered = {record.value.file for record in self.articles.records.values() if record}
        for name, path in self.project.seeds.items():
            if name not in registered:
                with path.open("rb") as stream:
                    found = hashlib.file_digest(stream, "sha256").hexdigest()
                yield from judge(StrayFile(self.project.name(path), found, is_seed=True))

    def load(self, record: Record[Article]) -> ArticleText | SeedFault | RawText:
        """The text of a registered article, or why it cannot be used."""
        path = self.project.seeds.get(record.value.file)
        if path is None:
            return SeedFault(record, "")
        raw = RawText(self.project.name(path), path.read_bytes(), MAX_ARTICLE_BYTES)
        found = hashlib.sha256(raw.data).hexdigest()
        if found != record.value.sha256:
            return SeedFault(record, found)
        if not is_sound(raw):
            return raw
        text = raw.data.decode()
        return ArticleText(record, text, split_sentences(text, record.value.language))

    def text(self, article: str) -> ArticleText | None:
        """The text of an article, from the cache if it is there."""
        if article not in self.texts:
            record = self.articles.records.get(article)
            loaded = self.load(record) if record else None
            self.texts[article] = loaded if isinstance(loaded, ArticleText) else None
            self.cached += len(loaded.text) if isinstance(loaded, ArticleText) else 0
            while self.cached > CACHED_TEXT and len(self.texts) > 1:
                dropped = self.texts.popitem(last=False)[1]
                self.cached -= len(dropped.text) if dropped else 0
        self.texts.move_to_end(article)
        return self.texts[article]

    # Annotations

    def annotations(self, item: ArticleRecords, path: Path) -> Iterator[Problem | AnchoredArticle]:
        self.all_read = self.all_read and item.whole
        if item.article not in self.articles.records:
            self.all_annotated = self.all_read = False
            yield from self.articles.find(item.article, item.named, "article")
        elif item.article in self.annotated:
            first = self.annotated[item.article]
            yield from judge(NameTaken("annotation", item.article, item.named.at("article"), first.at("article")))
            self.coverage.pop(item.article, None)  # what the first place does not account for may stand in the second
            self.all_read = False
        else:
            if path.suffix == ".yaml" and path.stem != item.article:
                yield from judge(MisnamedFile(self.project.name(path), item.article))
            self.annotated[item.article] = item.named
            yield from self.article(item.article, item.records, self.project.name(path), whole=item.whole)
            for record in item.unfit:
                yield from self.parts(record, self.text(item.article))

    def article(
        self, article: str, records: tuple[Record[Any], ...], file: str, *, whole: bool
    ) -> Iterator[Problem | AnchoredArticle]:
        text = yield from self.open(article)
        items = []
        for record in records:
            items.append((yield from self.annotation(record, article, text)))  # noqa: PERF401 - it yields problems too
        if text:
            joined = AnchoredArticle(
                text,
                file,
                tuple(item for item in items if isinstance(item, AnchoredClaim)),
                tuple(item for item in items if isinstance(item, AnchoredUnverified)),
                tuple(item for item in items if isinstance(item, AnchoredNotCheckable)),
                whole=whole and None not in items,
            )
            if problems := list(judge(joined)):
                self.coverage[article] = problems
            yield joined

    def parts(self, record: Record[Any], text: ArticleText | None) -> Iterator[Problem]:
        """What is wrong with the parts of a record that can be judged, though the whole does not fit its model."""
        plain = record.value if isinstance(record.value, dict) else {}
        name, speaker, fact = (_word(plain, key) for key in ("id", "speaker", "fact"))
        if name and (first := self.ids.setdefault(name, record)) is not record:
            yield from judge(NameTaken("claim", name, record.at("id"), first.at("id")))
        if speaker:
            yield from self.speakers.find(speaker, record, "speaker")
        if re.fullmatch(SLUG, fact):
            yield from self.facts.find(fact, record, "fact")
        if text and _word(plain, "quote"):
            yield from self.anchor(record, (), _passage(plain, text.record.value.id), text)
        evidence = plain.get("evidence")
        for index, item in enumerate(evidence if isinstance(evidence, list) else ()):
            article = _word(item, "article")
            if article.isalnum() and article.isascii() and _word(item, "quote"):
                yield from self.passage(record, ("evidence", index), _passage(item, article))

    def open(self, article: str) -> Finds[ArticleText | None]:
        """The text of an article whose turn it is, with everything that is wrong with it."""
        text = self.text(article)
        registered = self.articles.records[article]
        if text:
            yield from judge(text)
        elif registered and self.project.root / "seeds" / registered.value.file not in self.unread:
            yield from judge(self.load(registered))
        return text

    def annotation(
        self, record: Record[Any], article: str, text: ArticleText | None
    ) -> Finds[AnchoredClaim | AnchoredUnverified | AnchoredNotCheckable | None]:
        """One annotation at its place, or ``None`` if its words were not found."""
        value = record.value
        if isinstance(value, Claim | Unverified):
            yield from self.names(record, article)
        evidence = []
        if isinstance(value, Claim):
            self.claims += 1
            fact = self.facts.records.get(value.fact)
            yield from judge(LabelledClaim(record, article, fact.value if fact else None))
            for index, passage in enumerate(value.evidence):
                evidence.append((yield from self.passage(record, ("evidence", index), passage)))
        span = (yield from self.anchor(record, (), value, text)) if text else None
        if text is None or span is None:
            return None
        joined: AnchoredClaim | AnchoredUnverified | AnchoredNotCheckable
        match value:
            case Claim():
                joined = AnchoredClaim(record, article, span, text.context(span), tuple(evidence))
            case Unverified():
                joined = AnchoredUnverified(record, span)
            case _:
                joined = AnchoredNotCheckable(record, span)
        yield from judge(joined)
        return joined

    def names(self, record: Record[Claim] | Record[Unverified], article: str) -> Iterator[Problem]:
        value = record.value
        first = self.ids.setdefault(value.id, record)
        if first is not record:
            yield from judge(NameTaken("claim", value.id, record.at("id"), first.at("id")))
        yield from self.speakers.find(value.speaker, record, "speaker")
        if value.fact:
            yield from self.facts.find(value.fact, record, "fact")
            label = value.label if isinstance(value, Claim) else None
            self.answers.setdefault(value.fact, []).append(Answer(record, article, label))

    def anchor(self, record: Record[Any], path: Steps, words: Any, text: ArticleText) -> Finds[Span | None]:
        """The span of a quote, if nothing is wrong with it."""
        found = locate(text.text, words.quote, words.prefix, words.suffix)
        if isinstance(found, Span):
            return found
        has_context = bool(words.prefix or words.suffix)
        spot = record.at(*path, "quote")
        yield from judge(Unanchored(spot, text.record.value.id, words.quote, has_context, found, text.text))
        return None

    def passage(self, record: Record[Any], path: Steps, passage: Passage) -> Finds[AnchoredPassage]:
        """A passage of any article, at its place."""
        if passage.article not in self.articles.records:
            yield from self.articles.find(passage.article, record, *path, "article")
            return AnchoredPassage(passage, None, "")
        text = self.text(passage.article)
        span = (yield from self.anchor(record, path, passage, text)) if text else None
        return AnchoredPassage(passage, span, text.context(span) if text and span else "")

    # Facts

    def join_facts(self) -> Iterator[Problem | AnchoredFact]:
        for record in self.facts.records.values():
            if record is None:
                continue
            settled = []
            for index, passage in enumerate(() if record.value.settled is UNSET else record.value.settled.passages):
                settled.append((yield from self.passage(record, ("settled", "passages", index), passage)))
            fact = AnchoredFact(record, tuple(settled), tuple(self.answers.get(record.value.id, ())), self.all_read)
            yield from judge(fact)
            yield fact
