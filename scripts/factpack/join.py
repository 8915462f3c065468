"""Joins the records with the texts: every quote gets its offsets, every name its target, and everything passes the
rules.

The corpus is streamed, one article at a time. What has to be known across articles (the ids, and the answers to each
fact) is kept small in a :class:`~factpack.ledger.Ledger`; the texts lie in a scratch file.
"""

import hashlib
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import Any, Generic, Literal, TypeVar

from msgspec import UNSET, Struct

from factpack.anchor import LONG_TEXT, Ambiguous, Missing, locate
from factpack.corpus import (
    AnchoredArticle,
    AnchoredFact,
    AnchoredPassage,
    AnchoredRecords,
    ArticleText,
    Claims,
    LabelledClaim,
    Labelling,
    MisnamedFile,
    NameTaken,
    NotAnnotated,
    Notes,
    Released,
    StrayFile,
    Totals,
    Unanchored,
    UnknownName,
)
from factpack.history import History, Stamp
from factpack.ledger import Answers, Ledger, taken_twice
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
from factpack.problems import MAX_SHOWN, Problem, Problems
from factpack.project import Project
from factpack.rules import count, judge
from factpack.sentences import Span
from factpack.shelf import Packed, Shelf, load, pack
from factpack.sources import (
    WHOLE_FILE,
    ArticleRecords,
    JsonLine,
    Places,
    Record,
    Records,
    Stretch,
    Trouble,
    Unfit,
    Whole,
    YamlFile,
    control_characters,
    no_annotations,
    read_annotations,
    read_lines,
    read_yaml_file,
)

MAX_SOUND = 10_000  # ways to label a claim that are remembered
HISTORY_LINES: dict[str, type[Struct]] = {"release": Release, "row": ReleasedRow}

Joined = Problem | Problems | Dataset | History | AnchoredArticle | AnchoredFact
Kind = Literal["article", "fact", "speaker"]
T = TypeVar("T", bound=Struct)
Steps = tuple[str | int, ...]


def join(project: Project) -> Iterator[Joined]:
    """The dataset, what its releases held, every article, then every fact; and, in between, every problem.

    Of very many problems of one kind, some come counted.
    """
    with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
        corpus = Corpus(project, Path(scratch))
        yield from corpus.open()
        for path in project.annotations:
            yield from corpus.annotations(path)
        yield from corpus.close()


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


@dataclass(frozen=True, slots=True)
class Names:
    """The ids of one kind, numbered in their order; ``complete`` says whether there can be no others."""

    kind: Kind
    numbers: Mapping[str, int]
    complete: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What annotations are joined with: the texts, and the names that they may name.

    ``settled`` is the value on which a fact is settled, by the fact's id; ``unread`` are the seeds that nothing reads.
    """

    project: Project
    articles: Names
    facts: Names
    speakers: Names
    settled: Mapping[str, str]
    texts: Shelf


def _word(plain: Any, key: str) -> str:
    """The text at a key, if it is one that nothing is wrong with by itself; else nothing."""
    value = plain.get(key) if isinstance(plain, dict) else None
    sound = isinstance(value, str) and unicodedata.is_normalized("NFC", value) and not control_characters(value)
    return str(value) if sound else ""


def _passage(plain: Any, article: str) -> Passage:
    quote, prefix, suffix = (_word(plain, key) for key in ("quote", "prefix", "suffix"))
    return Passage(article=article, quote=quote, prefix=prefix, suffix=suffix)


class Coverage:
    """What is wrong with whole articles, until all annotations are read: more of an article may stand elsewhere."""

    def __init__(self) -> None:
        self.found: dict[str, Problems] = {}
        self._kept = 0
        self._last: Problem | None = None

    def add(self, article: str, found: Iterable[Problem | Problems]) -> None:
        """Takes what is wrong with an article. Of all articles together, only the first problems are kept in full."""
        problems = Problems(found, self._last)
        if not problems:
            return
        self.found[article] = problems
        self._kept += len(problems.shown)
        if self._kept > 2 * MAX_SHOWN:
            self._last = sorted(problem for each in self.found.values() for problem in each)[MAX_SHOWN - 1]
            for each in self.found.values():
                each.cut(self._last)
            self._kept = MAX_SHOWN

    def drop(self, article: str) -> None:
        """Forgets an article, which is annotated elsewhere too."""
        if dropped := self.found.pop(article, None):
            self._kept -= len(dropped.shown)

    def all(self) -> Iterator[Problems]:
        """What was found, article by article."""
        yield from self.found.values()


@dataclass(slots=True)
class Tally:
    """What annotations amount to, besides the articles that they are in.

    ``annotated`` is where each article is annotated, ``told`` how many problems records have. ``whole`` is false if
    some annotation could not be read, ``named`` if nobody knows which article that one belongs to.
    """

    ledgers: list[Ledger] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    annotated: dict[str, Record[None]] = field(default_factory=dict)
    claims: int = 0
    told: int = 0
    whole: bool = True
    named: bool = True

    def merge(self, later: "Tally") -> bool:
        """Takes what a later part of the annotations amounts to; false if an article is annotated in both."""
        if not self.annotated.keys().isdisjoint(later.annotated):
            return False
        self.annotated |= later.annotated
        self.ledgers += later.ledgers
        for article, problems in later.coverage.found.items():
            self.coverage.add(article, [problems])
        self.claims += later.claims
        self.told += later.told
        self.whole = self.whole and later.whole
        self.named = self.named and later.named
        return True


class Section:
    """Joins a stretch of annotations with the texts; what it amounts to is added to a tally."""

    def __init__(self, frame: Frame, tally: Tally) -> None:
        self.frame = frame
        self.project = frame.project
        self.tally = tally
        self.problems = Problems()
        self.sound: set[tuple[Any, ...]] = set()  # ways to label a claim with which nothing is wrong
        # Where words stand in the text of the article that is annotated: one claim's quote is another one's evidence.
        self.text: ArticleText | None = None
        self.spans: dict[str, Span] = {}

    def join(self, path: Path, stretch: Stretch = WHOLE_FILE) -> Iterator[Problems | AnchoredArticle]:
        """The articles that are annotated in a file, or in some lines of it, and everything that is wrong."""
        name = self.project.name(path)
        is_yaml = path.suffix == ".yaml"
        self.ledger = Ledger(YamlFile(name, path) if is_yaml else JsonLine(name, path, 0, 0))
        self.tally.ledgers.append(self.ledger)
        for item in read_annotations(name, path, stretch):
            match item:
                case ArticleRecords():
                    joined = self.annotations(item, name, path)
                    yield from self.told()
                    if joined:
                        yield joined
                case Unfit():
                    self.tally.named = self.tally.whole = False
                    yield from self.told()
                case _:
                    self.judge(item)
        self.ledger.close()
        yield from self.told()

    def judge(self, subject: object) -> None:
        """Puts a value before the rules. When enough is told of what stands before it, the problems are counted."""
        for problem in judge(subject) if self.tally.told < MAX_SHOWN else count(subject):
            self.problems.add(problem)

    def told(self) -> Iterator[Problems]:
        """The problems so far, once."""
        if self.problems:
            self.tally.told += len(self.problems)
            yield self.problems
            self.problems = Problems()

    def annotations(self, item: ArticleRecords, name: str, path: Path) -> AnchoredArticle | None:
        """An article with its annotations, if its name and its text can be used, and they stand nowhere else."""
        tally, article = self.tally, item.article
        tally.whole = tally.whole and item.whole
        if article not in self.frame.articles.numbers:
            tally.named = tally.whole = False
            self.unknown(self.frame.articles, article, item.named, "article")
            return None
        if article in tally.annotated:
            first = tally.annotated[article]
            self.judge(NameTaken("annotation", article, item.named.at("article"), first.at("article")))
            tally.coverage.drop(article)  # what the first place does not account for may stand in the second
            tally.whole = False
            return None
        if path.suffix == ".yaml" and path.stem != article:
            self.judge(MisnamedFile(name, article))
        tally.annotated[article] = Record(None, item.named.source, item.named.path)
        self.ledger.begin(article)
        self.text = text = self.frame.texts.get(article)
        self.spans.clear()
        joined = self.article(item, text, name)
        for record in item.unfit:
            self.parts(record, text)
        return joined

    def article(self, item: ArticleRecords, text: ArticleText | None, file: str) -> AnchoredArticle | None:
        """An article with what is annotated in it; ``None`` if its text cannot be used."""
        self.tally.claims += len(item.claims)
        self.names(item.claims, [value.label for value in item.claims.values])
        self.names(item.unverified, [None] * len(item.unverified))
        self.labels(item.article, item.claims)
        claims = self.claims(item.article, item.claims, text)
        unverified = self.notes(item.unverified, text)
        not_checkable = self.notes(item.not_checkable, text)
        if text is None:
            return None
        self.judge(AnchoredRecords(item.article, claims, unverified))
        found = len(claims) + len(unverified) + len(not_checkable)
        whole = item.whole and found == len(item.claims) + len(item.unverified) + len(item.not_checkable)
        article = AnchoredArticle(text, file, claims, unverified, not_checkable, whole)
        self.tally.coverage.add(item.article, judge(article))
        return article

    def names(self, records: Records[Claim] | Records[Unverified], labels: Sequence[str | None]) -> None:
        """Takes down the ids of claims or passages and the answers that they give; looks up what they name."""
        frame, values = self.frame, records.values
        if not values:
            return
        first = self.ledger.take([value.id for value in values], records.places)
        if not frame.speakers.numbers.keys() >= {value.speaker for value in values}:
            for record in records:
                self.unknown(frame.speakers, record.value.speaker, record, "speaker")
        facts = [frame.facts.numbers.get(value.fact) for value in values]
        known = [(fact, index) for index, fact in enumerate(facts) if fact is not None]
        self.ledger.answer(
            [fact for fact, _ in known],
            [values[index].value for _, index in known],
            [first + index for _, index in known],
            [labels[index] for _, index in known],
        )
        if len(known) < len(values):
            for record in records:
                if record.value.fact:
                    self.unknown(frame.facts, record.value.fact, record, "fact")

    def unknown(self, names: Names, name: str, record: Record[Any], *path: str | int) -> None:
        """What is wrong with a name that stands at ``path`` of a record, if it is none of the names."""
        if name not in names.numbers and names.complete:
            self.judge(UnknownName(names.kind, name, record.at(*path), names.numbers.keys()))

    def labels(self, article: str, records: Records[Claim]) -> None:
        """Judges the labels of claims; each way to label a claim, once it is found sound, no more."""
        for index, value in enumerate(records.values):
            numbers = {article: 0}
            evidence = tuple([(each.stance, numbers.setdefault(each.article, len(numbers))) for each in value.evidence])
            settled = self.frame.settled.get(value.fact) == value.value
            way = (value.label, value.basis, bool(value.correction), settled, evidence)
            if way in self.sound:
                continue
            before = len(self.problems)
            labelling = Labelling(*way[:3], value.value if settled else "", evidence)
            self.judge(LabelledClaim(labelling, records[index]))
            if len(self.problems) == before and len(self.sound) < MAX_SOUND:
                self.sound.add(way)

    def claims(self, article: str, records: Records[Claim], text: ArticleText | None) -> Claims:
        """The claims of an article whose quotes are found; the evidence of all of them is judged."""
        spans = self.spans_of(records, text)
        contexts: list[str] = []
        evidence: list[AnchoredPassage] = []
        ends: list[int] = []
        for index, (value, span) in enumerate(zip(records.values, spans, strict=True)):
            passages = []
            for number, passage in enumerate(value.evidence):
                its = text if passage.article == article else self.frame.texts.get(passage.article)
                found = self.find(its, passage) if its else None
                if its and isinstance(found, Span):
                    passages.append(AnchoredPassage(passage, found, its.context(found)))
                else:
                    passages.append(self.passage(records[index], ("evidence", number), passage))
            if text and span:
                contexts.append(text.context(span))
                evidence += passages
                ends.append(len(evidence))
        found_records, found_spans = _found(records, spans)
        return Claims(found_records, found_spans, contexts, evidence, ends)

    def notes(self, records: Records[T], text: ArticleText | None) -> Notes[T]:
        """The notes whose quotes are found."""
        return Notes(*_found(records, self.spans_of(records, text)))

    def spans_of(self, records: Records[Any], text: ArticleText | None) -> list[Span | None]:
        """The spans of the quotes of records in their article, those with which nothing is wrong."""
        if text is None:
            return [None] * len(records)
        spans: list[Span | None] = []
        for index, value in enumerate(records.values):
            found = self.find(text, value)
            spans.append(found if isinstance(found, Span) else self.anchor(records[index], (), value, text))
        return spans

    def find(self, text: ArticleText, words: Any) -> Span | Missing | Ambiguous:
        """The span of a quote."""
        quote, prefix, suffix = words.quote, words.prefix, words.suffix
        shared = text is self.text and not prefix and not suffix
        if shared and (span := self.spans.get(quote)):
            return span
        locate_in = locate if len(text.text) < LONG_TEXT else self.frame.texts.locate
        found = locate_in(text.text, quote, prefix, suffix)
        if shared and isinstance(found, Span):
            self.spans[quote] = found
        return found

    def anchor(self, record: Record[Any], path: Steps, words: Any, text: ArticleText) -> Span | None:
        """The span of a quote, if nothing is wrong with it; else that is said."""
        found = self.find(text, words)
        if isinstance(found, Span):
            return found
        has_context = bool(words.prefix or words.suffix)
        place = record.at(*path, "quote")
        self.judge(Unanchored(place, text.record.value.id, words.quote, has_context, found, text.text))
        return None

    def passage(self, record: Record[Any], path: Steps, passage: Passage) -> AnchoredPassage:
        """A passage of any article, at its place."""
        text = self.frame.texts.get(passage.article)
        if text is None:
            self.unknown(self.frame.articles, passage.article, record, *path, "article")
            return AnchoredPassage(passage, None, "")
        span = self.anchor(record, path, passage, text)
        return AnchoredPassage(passage, span, text.context(span) if span else "")

    def parts(self, record: Record[Any], text: ArticleText | None) -> None:
        """What is wrong with the parts of a record that can be judged, though the whole does not fit its model."""
        plain = record.value if isinstance(record.value, dict) else {}
        name, speaker, fact = (_word(plain, key) for key in ("id", "speaker", "fact"))
        if name:
            self.ledger.take([name], Places.one(record))
        if speaker:
            self.unknown(self.frame.speakers, speaker, record, "speaker")
        if re.fullmatch(SLUG, fact):
            self.unknown(self.frame.facts, fact, record, "fact")
        if text and _word(plain, "quote"):
            self.anchor(record, (), _passage(plain, text.record.value.id), text)
        evidence = plain.get("evidence")
        for index, item in enumerate(evidence if isinstance(evidence, list) else ()):
            article = _word(item, "article")
            if article.isalnum() and article.isascii() and _word(item, "quote"):
                self.passage(record, ("evidence", index), _passage(item, article))


def _found(records: Records[T], spans: Sequence[Span | None]) -> tuple[Records[T], list[Span]]:
    """The records whose quotes are found, and where."""
    found = [span for span in spans if span]
    return (records if len(found) == len(spans) else records.some([i for i, s in enumerate(spans) if s])), found


def read_texts(project: Project, records: Iterable[Record[Article]]) -> Iterator[Problem | Packed]:
    """The text of every article, once, and what is wrong with it."""
    for record in records:
        loaded = load(project, record)
        yield from judge(loaded)
        if isinstance(loaded, ArticleText):
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
    ) -> Iterator[Problem | Dataset | History]:
        """Reads everything but the annotations: what they are joined with is ``frame`` then.

        ``read`` reads the texts of articles.
        """
        project = self.project
        for path, reason in project.strays:
            yield from judge(StrayFile(project.name(path), reason))
        yield from self.read_dataset()
        yield from self.articles.read(project, project.articles, ArticlesFile, Article)
        yield from self.facts.read(project, project.facts, FactsFile, Fact)
        yield from self.stray_seeds()
        readable = {record.value.id: record for record in self.readable()}
        for item in read(project, list(readable.values())):
            if isinstance(item, Packed):
                self.texts.add(readable[item.article], item)
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
        for name, record, first in taken_twice(self.tally.ledgers):
            section.judge(NameTaken("claim", name, record.at("id"), first.at("id")))
            yield from section.told()
        yield from self.join_facts()
        if self.dataset and self.tally.whole:
            yield from judge(Totals(self.dataset, self.tally.claims))

    def without_annotations(self, article: str) -> Iterator[Problem | Problems | AnchoredArticle]:
        """An article that nothing annotates."""
        path = self.project.folder / f"{article}.yaml"
        file = self.project.name(path)
        record = self.articles.records[article]
        missing = bool(record and record.value.annotation == "complete" and self.tally.named)
        if record and missing:
            self.tally.whole = False
            yield from judge(NotAnnotated(record, file))
        section = Section(self.frame, self.tally)
        nothing = no_annotations(article, YamlFile(file, path), whole=self.tally.named and not missing)
        joined = section.article(nothing, self.texts.get(article), file)
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

    def read_history(self, dataset: Record[Dataset]) -> Iterator[Problem | History]:
        """Reads what the releases so far held."""
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

    def stray_seeds(self) -> Iterator[Problem]:
        """The articles that are not registered."""
        if not self.articles.complete or None in self.articles.records.values():
            return
        registered = {record.value.file for record in self.articles.records.values() if record}
        for name, path in self.project.seeds.items():
            if name not in registered:
                with path.open("rb") as stream:
                    found = hashlib.file_digest(stream, "sha256").hexdigest()
                yield from judge(StrayFile(self.project.name(path), found, is_seed=True))

    def readable(self) -> list[Record[Article]]:
        """The articles whose text can be read."""
        records = (record for record in self.articles.records.values() if record)
        return [each for each in records if self.project.root / "seeds" / each.value.file not in self.unread]

    def join_facts(self) -> Iterator[Problem | Problems | AnchoredFact]:
        """The facts, with the answers of all articles."""
        section = Section(self.frame, Tally())
        answers = Answers(self.tally.ledgers)
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
