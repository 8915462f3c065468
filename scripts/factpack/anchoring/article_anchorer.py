"""Anchor annotations in the texts, an article at a time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress
from typing import Any, TypeVar

from factpack.anchoring.cited.write_out import refers, write_out
from factpack.anchoring.passage_anchorer import PassageAnchorer
from factpack.anchoring.plain_records import passage as passage_in
from factpack.anchoring.plain_records import word
from factpack.anchoring.references import References
from factpack.anchoring.state import AnchoringState
from factpack.anchoring.text_store import Cut
from factpack.anchoring.votes import votes_given_twice
from factpack.checks.problem import Problems
from factpack.corpus.file_subjects import AnnotatedSource, MisnamedFile
from factpack.corpus.id_index import NO_FACT
from factpack.corpus.subjects import DuplicateId, Unwritten
from factpack.corpus.types import (
    NO_SPAN,
    AnchoredArticle,
    AnchoredPassage,
    AnchoredRecords,
    ArticleText,
    Claims,
    LabelledClaim,
    Labelling,
    Notes,
    RegisteredText,
    UnverifiedNotes,
)
from factpack.formats.format import WHOLE_FILE, ArticleRecords, ByteRange, InvalidRecord
from factpack.formats.locations import Record, RecordLocations, Records, SourceFile
from factpack.project.models import ANY_ARTICLE, ANY_ID, Article, Claim, Unverified
from factpack.project.placeholders import TO_STATE, is_unwritten
from factpack.text.sentences import Span

MAX_REMEMBERED = 10_000  # ways to label a claim that are remembered

NO_TEXT = ArticleText("", "", ())

T = TypeVar("T")


class ArticleAnchorer(PassageAnchorer):
    """Anchor annotations in the texts.

    Args:
        references: The texts, and the names that annotations may use.
        state: What annotations add up to; every article is added.
    """

    def __init__(self, references: References, state: AnchoringState) -> None:
        super().__init__(references, state)
        self.project = references.project
        self.allows_no_article = "article" in references.models.scheme.optional
        self.accepted: set[tuple[Any, ...]] = set()  # ways to label a claim with which nothing is wrong

    def join(self, source: SourceFile, part: ByteRange = WHOLE_FILE) -> Iterator[Problems | AnchoredArticle]:
        """Yield the articles that are annotated in a file, or in a part of it, and everything that is wrong."""
        if self.project.as_found:
            source = replace(source, as_found=True)
        for item in source.format.read(source, part):
            match item:
                case ArticleRecords():
                    anchored = self.annotations(item, source)
                    yield from self.drain_problems()
                    if anchored:
                        yield anchored
                case InvalidRecord():
                    self.state.named = self.state.whole = False
                    yield from self.drain_problems()
                case _:
                    self.judge(item)
        yield from self.drain_problems()

    def annotations(self, item: ArticleRecords, source: SourceFile) -> AnchoredArticle | None:
        """Anchor the annotations of an article, unless its name or text cannot be used, or another file has some."""
        state, article = self.state, item.article
        state.whole = state.whole and item.whole
        if not article and self.allows_no_article:
            state.index.begin_article("")
            item = self.written_out(item)
            return self.article(item, RegisteredText(_no_article(item.named), NO_TEXT), source.name)
        if article not in self.references.articles.numbers:
            state.named = state.whole = False
            self.unknown(self.references.articles, article, item.named, "article")
            return None
        if article in state.annotated:
            first = state.annotated[article]
            self.judge(DuplicateId("annotation", article, item.named.at("article"), first.at("article")))
            state.coverage.drop(article)  # the second place may account for what the first one does not
            state.whole = False
            return None
        if source.format.one_article and source.path.stem != article:
            self.judge(MisnamedFile(source.name, article))
        state.annotated[article] = Record(None, item.named.source, item.named.address)
        state.index.begin_article(article)
        registered = self.references.texts.registered(article)
        item = self.written_out(item)
        if registered and registered.record.value.annotation == "none":
            self.judge(AnnotatedSource(article, item.named.at("article")))
        anchored = self.article(item, registered, source.name)
        for record in item.invalid:
            self.parts(record, self.text)
        return anchored

    def written_out(self, item: ArticleRecords) -> ArticleRecords:
        """Return the annotations with the passages of other claims that evidence refers to."""
        values = item.claims.values
        if not any(map(refers, values)):
            return item
        written = Records[Claim](item.claims.locations.source)
        written.locations = item.claims.locations
        for index, value in enumerate(values):
            if not refers(value):
                written.values.append(value)
                continue
            record, claims = item.claims[index], self.references.claims
            claim, troubles = write_out(item.article, record, claims, self.references.models.scheme)
            written.values.append(claim)
            for trouble in troubles:
                self.judge(trouble)
        return replace(item, claims=written)

    def article(self, item: ArticleRecords, registered: RegisteredText | None, file: str) -> AnchoredArticle | None:
        """Anchor the records of an article; return ``None`` if its text cannot be used."""
        self.text = text = registered.text if registered else None
        self.state.claims += len(item.claims)
        self.names(item.article, item.claims, [value.label for value in item.claims.values])
        self.names(item.article, item.unverified, [None] * len(item.unverified))
        self.labels(item.article, item.claims)
        if self.references.models.scheme.votes != "forbidden":
            for twice in votes_given_twice(item.claims, self.project.reading_names):
                self.judge(twice)
        claims = self.claims(item.article, item.claims, text)
        unverified = self.unverified(item.unverified, text)
        not_checkable = Notes(*_found(item.not_checkable, self.spans_of(item.not_checkable, text)))
        if registered is None:
            return None
        language = registered.record.value.language
        splits = self.splits_of(item) if self.references.models.scheme.splits else None
        self.judge(AnchoredRecords(item.article, claims, unverified, language, self.project.is_reading, splits))
        found = len(claims) + len(unverified) + len(not_checkable)
        whole = item.whole and found == len(item.claims) + len(item.unverified) + len(item.not_checkable)
        article = AnchoredArticle(registered.record, registered.text, file, claims, unverified, not_checkable, whole)
        if article.is_registered:
            self.state.coverage.judge(article)
        return article

    def splits_of(self, item: ArticleRecords) -> Mapping[str, str]:
        """Note the split of an article, and return those of the register."""
        splits = self.references.splits
        own = splits.get(item.article) or next((claim.split for claim in item.claims.values), "")
        if item.article and own:
            self.state.splits[item.article] = own
        return splits

    def names(self, article: str, records: Records[Claim] | Records[Unverified], labels: Sequence[str | None]) -> None:
        """Index the ids of claims or passages and their answers, and look up the names that they use."""
        references, values = self.references, records.values
        if not values:
            return
        facts = [references.facts.numbers.get(value.fact, NO_FACT) for value in values]
        self.state.index.add(
            [value.id for value in values], records.locations, facts, [value.value for value in values], labels
        )
        if references.models.scheme.splits:
            its = references.splits.get(article, "")
            self.state.index.add_splits([value.split or its for value in values])
        if not references.speakers.numbers.keys() >= {value.speaker for value in values} - {""}:
            for record in records:
                if record.value.speaker:
                    self.unknown(references.speakers, record.value.speaker, record, "speaker")
        if NO_FACT in facts:
            for record in records:
                if record.value.fact:
                    self.unknown(references.facts, record.value.fact, record, "fact")

    def labels(self, article: str, records: Records[Claim]) -> None:
        """Judge the labels of claims; a way to label a claim with which nothing was wrong is not judged again."""
        scheme = self.references.models.scheme
        stances = scheme.stances
        for index, value in enumerate(records.values):
            numbers = {article: 0} if article else {}
            first = 1 - len(numbers)
            evidence = tuple(
                [
                    (each.stance, numbers.setdefault(each.article or each.source, len(numbers) + first))
                    for each in value.evidence
                ]
            )
            settled = self.references.settled.get(value.fact) == value.value
            way = (value.label, value.basis, bool(value.correction), settled, evidence)
            # Taking this out costs +14% of a check of 100,000 claims (tests/benchmarks/corpus.py).
            if way in self.accepted:
                continue
            before = len(self.problems)
            sides = tuple((stances[stance], number) for stance, number in evidence)
            labelling = Labelling(*way[:3], value.value if settled else "", sides)
            self.judge(LabelledClaim(labelling, records[index], scheme))
            if len(self.problems) == before and len(self.accepted) < MAX_REMEMBERED:
                self.accepted.add(way)

    def claims(self, article: str, records: Records[Claim], text: ArticleText | None) -> Claims:
        """Anchor the claims of an article and the evidence of all of them; return those whose quotes are found."""
        spans = self.spans_of(records, text)
        first = len(self.state.wordings)
        self.add_wordings(records, spans)
        evidence: list[list[AnchoredPassage]] = []
        find = self.references.texts.find
        for index, value in enumerate(records.values):
            passages = []
            # Taking this out, for `passage` alone, costs +7% of a check of 100,000 claims (tests/benchmarks/corpus.py).
            for number, passage in enumerate(value.evidence):
                if not passage.article:
                    self.placeless(records[index], value.evidence_path(number), passage)
                    passages.append(AnchoredPassage(passage, None, passage.quote, -1))
                    continue
                its = text if passage.article == article else self.references.texts.get(passage.article)
                found = find(its, passage) if its else None
                if its and isinstance(found, Span):
                    passages.append(its.anchored(passage, found))
                elif value.is_cited(number):  # what is wrong with it is reported where it is
                    cut = its.anchored(passage, found.span) if its and isinstance(found, Cut) else None
                    passages.append(cut or AnchoredPassage(passage, None, "", -1))
                else:
                    passages.append(self.passage(records[index], value.evidence_path(number), passage))
            evidence.append(passages)
        contexts = [text.context(span) if text and span else "" for span in spans]
        sides = self.references.models.scheme.stances
        of_claims = list(zip([value.written for value in records.values], evidence, strict=True))
        self.state.wordings.add_evidence(first, contexts, of_claims, self.references.articles.numbers, sides)
        found_records, found_spans = _found(records, spans)
        if len(found_spans) < len(spans):
            contexts, evidence = list(compress(contexts, spans)), list(compress(evidence, spans))
        return Claims(found_records, found_spans, contexts, evidence)

    def add_wordings(self, records: Records[Claim] | Records[Unverified], spans: Sequence[Span | None]) -> None:
        """Note what claims or unverified passages say."""
        values = records.values
        quoted = [None if span == NO_SPAN else span for span in spans]
        said = [value.claim for value in values]
        for index, claim in enumerate(said):
            if claim.startswith(TO_STATE) and is_unwritten(claim):
                self.judge(Unwritten("claim", records[index].at("claim")))
                said[index] = ""  # which is not compared
        self.state.wordings.add(said, [value.speaker for value in values], quoted)

    def unverified(self, records: Records[Unverified], text: ArticleText | None) -> UnverifiedNotes:
        """Anchor unverified passages and those that come near them; return those whose quotes are found."""
        spans = self.spans_of(records, text)
        self.add_wordings(records, spans)
        near = [
            [self.passage(records[index], ("near", number), passage) for number, passage in enumerate(value.near)]
            if value.near
            else []
            for index, value in enumerate(records.values)
        ]
        return UnverifiedNotes(*_found(records, spans), [each for each, span in zip(near, spans, strict=True) if span])

    def parts(self, record: Record[Any], text: ArticleText | None) -> None:
        """Judge the parts of a record that can be judged, though the whole does not fit its model."""
        plain = record.value if isinstance(record.value, dict) else {}
        name, speaker, fact = (word(plain, key) for key in ("id", "speaker", "fact"))
        if name:
            location = RecordLocations(record.source)
            location.add(record.address)
            self.state.index.add([name], location, [NO_FACT], [""], [None])
            self.state.wordings.skip()
        if speaker:
            self.unknown(self.references.speakers, speaker, record, "speaker")
        if re.fullmatch(ANY_ID, fact):
            self.unknown(self.references.facts, fact, record, "fact")
        if text and word(plain, "quote"):
            self.anchor(record, (), passage_in(plain, text.article), text)
        evidence = plain.get("evidence")
        for index, item in enumerate(evidence if isinstance(evidence, list) else ()):
            article = word(item, "article")
            if re.fullmatch(ANY_ARTICLE, article) and word(item, "quote"):
                self.passage(record, ("evidence", index), passage_in(item, article))


def _no_article(place: Record[Any]) -> Record[Article]:
    """Stand for the article of claims that are in none."""
    return Record(Article(id="", file="", sha256="", language=""), place.source)


def _found(records: Records[T], spans: Sequence[Span | None]) -> tuple[Records[T], list[Span]]:
    """Return the records whose quotes are found, and their spans."""
    found = [span for span in spans if span]
    return (records if len(found) == len(spans) else records.select([i for i, s in enumerate(spans) if s])), found
