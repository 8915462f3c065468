"""Build the corpus: every quote gets its offsets, every name its target, and the rules judge everything.

The corpus is streamed, one article at a time. What has to be known across articles (the ids, and the answers to each
fact) is kept small in a :class:`~factpack.corpus.id_index.IdIndex`; the texts are in a scratch file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from factpack.anchoring.article_anchorer import ArticleAnchorer
from factpack.anchoring.cited.claim_store import ClaimStore
from factpack.anchoring.passage_anchorer import PassageAnchorer
from factpack.anchoring.references import KnownNames, References
from factpack.anchoring.registers.file_checks import find_stray_seeds, judge_file_names, judge_languages, read_copied
from factpack.anchoring.registers.history_reader import read_history
from factpack.anchoring.registers.register import Register
from factpack.anchoring.split_checks import split_problems
from factpack.anchoring.state import AnchoringState, Coverage
from factpack.anchoring.text_store import PackedText, TextStore, load, pack
from factpack.atomic import temporary_folder
from factpack.checks.problem import Problem, Problems
from factpack.checks.registry import judge
from factpack.corpus.alike import SaidAgain, alike
from factpack.corpus.file_subjects import CopiedFile, NotAnnotated, RepeatedText, StrayFile
from factpack.corpus.folds import CorpusFolds
from factpack.corpus.id_index import Answers, IdIndex
from factpack.corpus.subjects import DuplicateId, Totals, Unwritten
from factpack.corpus.types import AnchoredArticle, AnchoredFact, RegisteredText
from factpack.formats.format import ArticleRecords, InvalidRecord
from factpack.formats.locations import Plain, Record, Records, SourceFile
from factpack.formats.registry import formats, read_register, source_file
from factpack.limits import DEFAULT_LIMITS, MAX_YAML_BYTES, Limits
from factpack.project.history import History
from factpack.project.layout import DATASET, ProjectFiles
from factpack.project.models import Article, Dataset, Fact
from factpack.project.placeholders import DATASET_TEXTS, is_unwritten
from factpack.project.record_models import DEFAULT_MODELS, RecordModels, models_of
from factpack.project.scheme import Sections
from factpack.project.vocabulary import ARTICLE_VOICE

_SECTION = re.compile(rb"^(vocabulary|columns|splits)\s*:", re.MULTILINE)


CorpusItem = Problem | Problems | Dataset | CopiedFile | History | AnchoredArticle | CorpusFolds | AnchoredFact


def build_corpus(project: ProjectFiles, limits: Limits = DEFAULT_LIMITS) -> Iterator[CorpusItem]:
    """Build the corpus of a project.

    Args:
        project: The project.
        limits: Bounds of the problems and texts in memory.

    Yields:
        The copied files, the dataset, its history, every article, the folds, then every fact; in between, every
        problem. Of very many problems of one kind, some are only counted.
    """
    with temporary_folder() as scratch:
        corpus = CorpusBuilder(project, scratch, limits)
        yield from corpus.open()
        for path in project.annotations:
            yield from corpus.annotations(path)
        yield from corpus.close()


def models_in(project: ProjectFiles) -> RecordModels | None:
    """Return the models of the records of a project; ``None`` if something is wrong with its scheme."""
    with temporary_folder() as scratch:
        corpus = CorpusBuilder(project, scratch)
        for _ in corpus.read_dataset():  # whoever builds the corpus reports the problems
            pass
        return corpus.models if corpus.knows_scheme else None


def read_texts(project: ProjectFiles, records: Iterable[Record[Article]]) -> Iterator[Problem | PackedText]:
    """Yield the text of every article, once, and what is wrong with it."""
    for record in records:
        for loaded in load(project, record):
            yield from judge(loaded)
            if isinstance(loaded, RegisteredText):
                yield pack(loaded)


class CorpusBuilder:
    """Build the corpus of a project step by step: open it, add one file of annotations after another, close it.

    Args:
        project: The project.
        scratch: A folder for the texts.
        limits: Bounds of the problems and texts in memory.
    """

    def __init__(self, project: ProjectFiles, scratch: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self.project = project
        self.scratch = scratch
        self.texts = TextStore(scratch / "texts", limits)
        self.dataset: Record[Dataset] | None = None
        self.facts: Register[Fact] = Register("fact")
        self.articles: Register[Article] = Register("article")
        self.speakers = KnownNames("speaker", {}, complete=False, register=DATASET)
        self.models = DEFAULT_MODELS
        self.knows_scheme = True  # else nobody knows which words annotations may use
        self.unread = {path for path, _ in project.strays}
        all_annotated = not any(project.folder in path.parents for path in self.unread)  # else nobody knows which is
        self.state = AnchoringState(Coverage(limits.max_shown), whole=all_annotated, named=all_annotated)

    def open(
        self, read: "Callable[[ProjectFiles, Sequence[Record[Article]]], Iterator[Problem | PackedText]]" = read_texts
    ) -> Iterator[Problem | Problems | Dataset | CopiedFile | History]:
        """Read everything but the annotations; ``references`` is what these are anchored in.

        Args:
            read: Reads the texts of articles.

        Yields:
            The copied files, the dataset and its history, and every problem.
        """
        project = self.project
        for path, reason in project.strays:
            yield from judge(StrayFile(project.name(path), reason, is_folder=path.is_dir()))
        yield from self.read_dataset()
        if self.dataset and self.dataset.value.text == "as-found":
            self.project = project = replace(project, as_found=True)
        self.state.index = IdIndex(self.models.scheme.labels, self.models.scheme.splits)
        yield from read_copied(project)
        self.texts.models = self.models
        if self.knows_scheme:
            yield from self.articles.read(project, project.articles, self.models.articles_file)
        else:  # nobody knows which keys an entry has
            self.articles.complete = False
        yield from judge_languages(self.articles, self.dataset)
        yield from judge_file_names(project, self.articles)
        yield from self.facts.read(project, project.facts, self.models.facts_file)
        yield from find_stray_seeds(project, self.articles)
        splits = {name: record.value.split for name, record in self.articles.records.items() if record}
        for item in read(project, self.readable()):
            if isinstance(item, PackedText):
                record = self.articles.records[item.article]
                assert record  # one whose text was read
                self.texts.add(record, item)
                self.articles.records[item.article] = None  # the store has it now
            else:
                yield item
        self.texts.close()
        for this, other in self.texts.repeated:
            article, first = self.texts.registered(this), self.texts.registered(other)
            if article and first:
                yield from self.judge_duplicate(RepeatedText(article.record, first.record))
        settled = {
            name: record.value.settled.value
            for name, record in self.facts.records.items()
            if record and record.value.settled is not UNSET
        }
        articles = self.articles.names(project.register_of("articles"))
        facts = self.facts.names(project.register_of("facts"))
        splits = {name: split for name, split in splits.items() if split}
        sources = tuple((project.name(path), path) for path in project.annotations)
        self.claims = ClaimStore(self.scratch / "claims", sources, self.models, project.as_found)
        self.references = References(
            project, articles, facts, self.speakers, settled, self.texts, self.models, splits, self.claims
        )
        if self.dataset:
            yield self.dataset.value
            yield from read_history(project, self.dataset)

    def annotations(self, path: Path) -> Iterator[Problems | AnchoredArticle]:
        """Anchor the articles that are annotated in a file."""
        if self.knows_scheme:
            source = source_file(self.project.name(path), path, self.models)
            yield from ArticleAnchorer(self.references, self.state).join(source)

    def close(self) -> Iterator[Problem | Problems | AnchoredArticle | CorpusFolds | AnchoredFact]:
        """Yield articles that nothing annotates, the problems that show only at the end, the folds and the facts."""
        # A reading need not have every article: one that is added later has to be released before it is read twice.
        for article in self.articles.records if not self.project.is_reading else ():
            if article not in self.state.annotated:
                yield from self.without_annotations(article)
        yield from self.state.coverage.found.values()
        anchorer = PassageAnchorer(self.references, AnchoringState())
        for name, record, first in self.state.index.duplicates():
            anchorer.judge(DuplicateId("claim", name, record.at("id"), first.at("id")))
            yield from anchorer.drain_problems()
        if not self.project.is_reading:  # a reading is as it was made
            facts, articles = list(self.facts.records), list(self.articles.records)
            folds = CorpusFolds(self.state.index, self.state.wordings, facts)
            yield folds
            said = alike(self.state.index, self.state.wordings, facts, articles, folds)
            found = Problems((), self.texts.limits.max_shown)
            found.add_sorted(problem for subject in said for problem in self.judge_duplicate(subject))
            yield found
            yield from split_problems(self.state, self.models.scheme, self.dataset, self.texts)
        yield from self.anchor_facts()
        if not self.project.is_reading and self.dataset and self.state.whole:
            file = self.project.annotations_of("<article>", ())
            yield from judge(Totals(self.dataset, self.state.claims, len(self.articles.records), file))
        self.claims.close()

    def judge_duplicate(self, subject: object) -> Iterator[Problem]:
        """Judge what says the same as something else; where duplicates are kept as found, they are no errors."""
        kept = self.dataset is not None and self.dataset.value.duplicates == "as-found"
        for problem in judge(subject):
            if kept and isinstance(subject, RepeatedText | SaidAgain):
                problem.severity = "warning"
            yield problem

    def without_annotations(self, article: str) -> Iterator[Problem | Problems | AnchoredArticle]:
        """Yield an article that nothing annotates."""
        name = self.project.annotations_of(article, self.articles.records)
        file = SourceFile(name, self.project.root / name, formats()["yaml"])
        registered = self.texts.registered(article)
        record = registered.record if registered else self.articles.records[article]
        missing = bool(record and record.value.annotation == "complete" and self.state.named)
        if record and missing:
            self.state.whole = False
            yield from judge(NotAnnotated(record, file.name))
        nothing: Records[Any] = Records(file)
        whole = self.state.named and not missing
        records = ArticleRecords(article, Record(None, file), nothing, nothing, nothing, whole=whole)
        anchored = ArticleAnchorer(self.references, self.state).article(records, registered, file.name)
        if anchored:
            yield anchored

    def read_dataset(self) -> Iterator[Problem]:
        """Read what the release says about itself, and the speakers."""
        path = self.project.dataset
        if path in self.unread:
            return
        complete = True
        for item in read_register(self.project.name(path), path, Dataset):
            match item:
                case Record():
                    self.dataset = item
                    self.models = self.models_of(item.value)
                    yield from judge(item)
                    for key in DATASET_TEXTS:
                        if is_unwritten(getattr(item.value, key)):
                            yield from judge(Unwritten(key, item.at(key)))
                case InvalidRecord():
                    complete = False
                    self.read_scheme(item.record.value, path)
                case _:
                    yield from judge(item)
        speakers = self.dataset.value.speakers if self.dataset else ()
        names = dict.fromkeys((ARTICLE_VOICE, *speakers), 0) if self.dataset else {}
        self.speakers = KnownNames("speaker", names, complete, DATASET)

    def read_scheme(self, plain: Plain, path: Path) -> None:
        """Read the scheme by itself, from a file in which something else is wrong."""
        try:
            given = msgspec.convert(plain, Sections) if isinstance(plain, dict) else Sections()
        except msgspec.ValidationError:
            self.knows_scheme = False
        else:
            self.models = self.models_of(given)
            with path.open("rb") as stream:
                self.knows_scheme = isinstance(plain, dict) or not _SECTION.search(stream.read(MAX_YAML_BYTES))
        self.state.whole = self.state.named = self.knows_scheme and self.state.named

    def models_of(self, given: Dataset | Sections) -> RecordModels:
        """Return the models of the records; a claim in a reading is a vote itself, and carries none."""
        scheme = given.scheme
        if self.project.is_reading:
            scheme = msgspec.structs.replace(scheme, votes="forbidden")
        return models_of(scheme, self.project.reading_names)

    def readable(self) -> list[Record[Article]]:
        """Return the articles whose text can be read."""
        unread = {path.name for path in self.unread if path.parent == self.project.root / "seeds"}
        records = (record for record in self.articles.records.values() if record)
        return [record for record in records if record.value.file not in unread]

    def anchor_facts(self) -> Iterator[Problem | Problems | AnchoredFact]:
        """Yield the facts with the answers of all articles."""
        anchorer = PassageAnchorer(self.references, AnchoringState())
        answers = Answers(self.state.index, len(self.facts.records))
        for number, record in enumerate(self.facts.records.values()):
            if record is None:
                continue
            passages = () if record.value.settled is UNSET else record.value.settled.passages
            settled = [
                anchorer.passage(record, ("settled", "passages", index), passage)
                for index, passage in enumerate(passages)
            ]
            yield from anchorer.drain_problems()
            fact = AnchoredFact(record, tuple(settled), answers.of(number), self.state.whole)
            yield from judge(fact)
            yield fact
