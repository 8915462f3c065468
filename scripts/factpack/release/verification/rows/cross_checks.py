"""Compare the tables of a release with each other, and the labels with the evidence."""

from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from semver import Version

from factpack.corpus.fold_assignment import mixed
from factpack.dataset.arrays import span_ids
from factpack.dataset.columns import VERSION_COLUMNS, Tables
from factpack.project.vocabulary import NOT_ENOUGH_INFO
from factpack.release.quotation import REGISTERED_QUOTES
from factpack.release.verification.load import read_ids
from factpack.release.verification.rows.folds import FoldChecks, other_folds
from factpack.release.verification.rows.label_checks import label_problems
from factpack.release.verification.rows.passages import Passages
from factpack.release.verification.rows.relations import Hashes, Numbers, Relation, hashed, items_of, numbers
from factpack.release.verification.rows.row_checks import ReleasedTexts, RowProblem, Values, where
from factpack.release.verification.rows.sentence_index import SentenceIndex, short
from factpack.release.verification.rows.splits import ClaimSplits
from factpack.release.verification.rows.votes import VoteChecks

_FIRST_SOURCE = 2**31  # in the place of the number of an article, of a passage without one


class CrossChecks:
    """Look at the rows of all tables; those of a table come after those of the tables of which they speak.

    The rows are right by themselves.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows: dict[str, int] = {}  # so far, by config
        # Of the last sentence: the number of its article, and whether it has no status.
        self._last = np.array([-1]), np.array([False])
        self._sentences = SentenceIndex()
        self._notes: list[tuple[Hashes, Numbers, Values]] = []  # unverified passages, by the rows that list them
        self._facts: list[pa.Table] = []
        self._passages = Passages()
        self._answers = Relation(
            ("facts", "its answers differ from the claims and unverified passages that refer to it"),
            ("claims", "its fact does not list its answer"),
        )
        self._claimed = Relation(
            ("sentences", "it lists a claim that does not touch it"),
            ("claims", "a sentence that it touches does not list it"),
        )
        self._noted = Relation(
            ("sentences", "it lists an unverified passage that does not touch it"),
            ("sentences", "another sentence that its unverified passage touches does not list the passage"),
        )
        self._propositions = Relation(
            ("propositions", "no claim and no unverified passage matches it"),
            ("claims", "no row of the table of propositions matches it"),
        )
        self._reasons = Relation(
            ("propositions", "its rationale differs from its claim"),
            ("claims", "its rationale differs from its proposition"),
        )
        self._claims: list[Hashes] = []  # the ids
        self._votes = VoteChecks()
        self._folds = FoldChecks(tables)
        self._splits = ClaimSplits(tables.scheme.training)

    def look(self, config: str, values: Values, texts: ReleasedTexts | None) -> Iterator[RowProblem]:
        """Find what is wrong in the next rows of a table by what was read before."""
        first = self._rows.get(config, 0)
        self._rows[config] = first + len(values["id"])
        rows = np.arange(first, self._rows[config])
        yield from _other_versions(values)
        match config:
            case "articles":
                self._sentences.add_articles(values["id"])
                yield from _registered_problems(values, texts)
            case "sentences":
                yield from self._sentence_problems(values, rows, texts)
            case "facts":
                yield from self._fact_problems(values, rows)
            case "votes":
                yield from self._votes.look(values, rows)
            case "claims":
                yield from self._claim_problems(values, rows, texts)
            case "propositions":
                yield from self._proposition_problems(values, rows, texts)
            case "evidence":
                yield from self._evidence_problems(values, rows, texts)

    def problems(self, folder: Path, texts: ReleasedTexts | None) -> Iterator[str]:
        """Find what is wrong between the tables, after all rows were looked at."""
        for what, rows, note in self._notes:
            places = self._sentences.places(note["article"], note["start"], note["end"])
            self._noted.said[1].add(places.pairs(what), np.repeat(rows, places.stop - places.first))
        yield from self._passages.left()
        for config, rows, problem in chain.from_iterable(each.problems() for each in self._relations):
            for table, some in ((config, rows[rows >= 0]), ("sentences", ~rows[rows < 0])):
                ids = read_ids(folder, table).take(pa.array(some)) if len(some) else ()
                yield from (f"{table} {name}: {problem}" for name in ids)
        if texts is not None:
            yield from self._sentences.left(texts)

    @property
    def _relations(self) -> tuple[Relation | VoteChecks | FoldChecks, ...]:
        relations = (self._answers, self._claimed, self._noted, self._propositions, self._reasons)
        return (*relations, self._votes, self._folds)

    # The tables

    def _sentence_problems(self, values: Values, rows: Numbers, texts: ReleasedTexts | None) -> Iterator[RowProblem]:
        article, start, end = (values[name] for name in ("article", "start", "end"))
        yield from _other_ids(values["id"], span_ids(article, start=start, end=end))
        yield from self._sentences.add(values, texts)
        claims, unverified, reason = values["claims"], values["unverified"], values["reason"].is_valid()
        has_claims, has_unverified = (numbers(pc.list_value_length(each)) > 0 for each in (claims, unverified))
        has_reason = reason.to_numpy(zero_copy_only=False)
        follows = np.select([has_claims, has_unverified, has_reason], [0, 1, 2], 3)  # in the order of STATUSES
        status = numbers(values["status"])  # -1 in an article that is only a source, which nothing is noted about
        wrong = (status != follows) & ((status >= 0) | (follows < 3)) | (has_reason & (follows < 2))  # noqa: PLR2004 - the same
        yield from self._mixed_statuses(article, status < 0)
        for row in np.flatnonzero(wrong).tolist():
            yield row, "its status does not follow from its claims, its unverified passages and its reason"
        held = numbers(pc.list_parent_indices(claims))
        self._claimed.said[0].add(mixed(hashed(claims.flatten()), rows[held].view(np.uint64)), rows[held])
        held = numbers(pc.list_parent_indices(unverified))
        note = items_of(unverified)
        what = mixed(*(hashed(values_of) for values_of in note.values()))
        self._noted.said[0].add(mixed(what, rows[held].view(np.uint64)), rows[held])
        theirs = article.take(pa.array(held))
        self._notes.append((what, rows[held], {"article": theirs, "start": note["start"], "end": note["end"]}))
        answers = note["fact"].is_valid().to_numpy(zero_copy_only=False)
        given = (hashed(note["fact"]), self._article(theirs), hashed(note["value"]), hashed(note["id"]))
        no_label = np.full(len(held), -1).view(np.uint64)
        # The rows of sentences are told from those of claims by their sign.
        self._answers.said[1].add(mixed(*given, no_label)[answers], ~rows[held][answers])
        undecided = self._tables.verdict.names.index(NOT_ENOUGH_INFO)
        verdict = pa.array(np.full(len(held), undecided))
        self._propositions.said[1].add(self._proposition({**note, "article": theirs, "verdict": verdict}), ~rows[held])

    def _mixed_statuses(self, articles: pa.Array, without: NDArray[np.bool_]) -> Iterator[RowProblem]:
        """Find the sentences that have a status, or none, where the one before them in the article does not."""
        number = self._sentences.number(articles)
        before = np.concatenate([self._last[0], number[:-1]]), np.concatenate([self._last[1], without[:-1]])
        self._last = number[-1:], without[-1:]
        for row in np.flatnonzero((number == before[0]) & (without != before[1])).tolist():
            yield row, "it has a status but other sentences of its article do not, or the reverse"

    def _fact_problems(self, values: Values, rows: Numbers) -> Iterator[RowProblem]:
        self._folds.look_at_facts(values, rows)
        yield from _several_labels(values["answers"])
        settled = pc.not_equal(values["settled_value"].is_valid(), pc.greater(values["settled_by"].value_lengths(), 0))
        yield from (
            (row, "it has a settled value without a passage, or passages without a value") for row in where(settled)
        )
        self._facts.append(pa.table({name: values[name] for name in ("id", "fold", "settled_value")}))
        held = numbers(pc.list_parent_indices(values["answers"]))
        answer = items_of(values["answers"])
        fact = hashed(values["id"])[held]
        given = (hashed(answer[name]) for name in ("value", "claim_id", "label"))
        self._answers.said[0].add(mixed(fact, self._article(answer["article"]), *given), rows[held])

    def _claim_problems(self, values: Values, rows: Numbers, texts: ReleasedTexts | None) -> Iterator[RowProblem]:
        own = self._sentences.number(values["article"])
        theirs = self._sources(items_of(values["evidence"]))
        fact = self._fact_table.take(pc.index_in(values["fact"], value_set=self._fact_table["id"].combine_chunks()))
        yield from label_problems(self._tables, values, (own, theirs), fact["settled_value"].combine_chunks())
        yield from other_folds(values, fact)
        self._folds.look_at_claims(values, rows)
        if "split" in values:
            yield from self._splits.look_at_claims(values)
        self._passages.add(values)
        placed, held = _placed(values, rows)
        if len(held):
            places = self._sentences.places(placed["article"], placed["start"], placed["end"])
            self._claimed.said[1].add(places.pairs(hashed(placed["id"])), np.repeat(held, places.stop - places.first))
            found = self._sentences.other_contexts(placed, places, texts) if texts is not None else ()
            yield from ((int(held[row] - rows[0]), fault) for row, fault in found)
        name, label = hashed(values["id"]), hashed(values["label"])
        self._claims.append(name)
        answer = (hashed(values["fact"]), own.view(np.uint64), hashed(values["value"]), name, label)
        answers = values["fact"].is_valid().to_numpy(zero_copy_only=False)
        self._answers.said[1].add(mixed(*answer)[answers], rows[answers])
        self._propositions.said[1].add(self._proposition({**values, "verdict": values["label"]}), rows)
        if NOT_ENOUGH_INFO not in self._tables.scheme.labels:
            self._reasons.said[1].add(mixed(name, hashed(values["rationale"])), rows)
        yield from self._votes.look_at_claims(values, rows)

    def _proposition_problems(self, values: Values, rows: Numbers, texts: ReleasedTexts | None) -> Iterator[RowProblem]:
        said = self._proposition(values)
        self._propositions.said[0].add(said, rows)
        # An unverified record in no article is in this table alone: no sentence lists it.
        apart = values["article"].is_null().to_numpy(zero_copy_only=False)
        apart &= numbers(values["verdict"]) == self._tables.verdict.names.index(NOT_ENOUGH_INFO)
        if apart.any():
            apart &= ~np.isin(hashed(values["id"]), np.concatenate([*self._claims, said[:0]]))
            self._propositions.said[1].add(said[apart], rows[apart])
        fact = self._fact_table.take(pc.index_in(values["fact"], value_set=self._fact_table["id"].combine_chunks()))
        yield from other_folds(values, fact)
        self._folds.look_at_propositions(values, rows)
        if "split" in values:
            yield from self._splits.look_at_propositions(values)
        undecided = self._tables.verdict.names.index(NOT_ENOUGH_INFO)
        labelled = (numbers(values["verdict"]) != undecided) & (NOT_ENOUGH_INFO not in self._tables.scheme.labels)
        self._reasons.said[0].add(mixed(hashed(values["id"]), hashed(values["rationale"]))[labelled], rows[labelled])
        placed, held = _placed(values, rows)
        if texts is not None and len(held):
            places = self._sentences.places(placed["article"], placed["start"], placed["end"])
            found = self._sentences.other_contexts(placed, places, texts)
            yield from ((int(held[row] - rows[0]), problem) for row, problem in found)

    def _evidence_problems(self, values: Values, rows: Numbers, texts: ReleasedTexts | None) -> Iterator[RowProblem]:
        yield from self._passages.problems(values)
        self._votes.look_at_evidence(values, rows)
        some, held = _placed(values, rows)
        if len(held):
            places = self._sentences.places(some["article"], some["start"], some["end"])
            found = self._sentences.other_contexts(some, places, texts) if texts is not None else ()
            for row, problem in chain(found, self._sentences.other_ids(some, places)):
                yield int(held[row] - rows[0]), problem
        for row in where(pc.and_(values["start"].is_null(), values["sentence_id"].is_valid())):
            yield row, "it has no article but has a sentence_id"

    def _proposition(self, values: Values) -> Hashes:
        """Return a hash of what each row says of a proposition."""
        said = ("id", "claim", "quote", "start", "end", "speaker", "fact", "value", "verdict")
        return mixed(self._article(values["article"]), *(hashed(values[name]) for name in said))

    def _sources(self, passages: Values) -> Numbers:
        """Return a number for the article of each passage, or for the source of one without an article."""
        articles = self._sentences.number(passages["article"])
        if "source" not in passages:
            return articles
        sources = passages["source"].fill_null("").dictionary_encode()
        return np.where(articles < 0, _FIRST_SOURCE + numbers(sources.indices), articles)

    def _article(self, articles: pa.Array) -> Hashes:
        return self._sentences.number(articles).view(np.uint64)

    @cached_property
    def _fact_table(self) -> pa.Table:
        """Return id, fold and settled value of every fact."""
        types = pa.schema([("id", pa.string()), ("fold", pa.int64()), ("settled_value", pa.string())])
        return pa.concat_tables([types.empty_table(), *self._facts])


def _registered_problems(articles: Values, texts: ReleasedTexts | None) -> Iterator[RowProblem]:
    """Compare what the table of articles quotes without offsets with the texts, and dates with their passages."""
    for name in REGISTERED_QUOTES:
        quotes = zip(articles["id"].to_pylist(), articles[name].to_pylist(), strict=True)
        for row, (article, quote) in enumerate(quotes if texts is not None else ()):
            if quote is not None and texts is not None and quote not in texts.get(article):
                yield row, f"{name} is not in its text: {short(quote)!r}"
    for one, other in (("date", "date_origin"), ("date", "date_quote"), ("publisher", "publisher_quote")):
        for row in where(pc.not_equal(articles[one].is_valid(), articles[other].is_valid())):
            yield row, f"it has only one of {one} and {other}"
    origin = articles["date_origin"]
    for row in where(pc.and_(origin.is_valid(), pc.invert(pc.is_in(origin, pa.array(["stated", "inferred"]))))):
        yield row, f"date_origin is {origin[row].as_py()!r}"


def _other_ids(ids: pa.Array, wanted: pa.Array) -> Iterator[RowProblem]:
    for row in where(pc.not_equal(ids, wanted)):
        yield row, f"its id does not match its place, {wanted[row]}"


def _placed(values: Values, rows: Numbers) -> tuple[Values, Numbers]:
    """Return the rows whose quote has a place, and their numbers."""
    if not values["start"].null_count:
        return values, rows
    there = values["start"].is_valid()
    return {name: column.filter(there) for name, column in values.items()}, rows[there.to_numpy(zero_copy_only=False)]


def _several_labels(answers: pa.Array) -> Iterator[RowProblem]:
    """Find the facts to which claims give the same value, and have different labels."""
    answer = items_of(answers)
    table = pa.table({"row": pc.list_parent_indices(answers), "value": answer["value"], "label": answer["label"]})
    found = table.group_by(["row", "value"], use_threads=False).aggregate([("label", "min"), ("label", "max")])
    several = found.filter(pc.not_equal(found["label_min"], found["label_max"]))
    for row, value in zip(several["row"].to_pylist(), several["value"].to_pylist(), strict=True):
        yield row, f"claims that answer it with {value!r} have different labels"


def _other_versions(values: Values) -> Iterator[RowProblem]:
    """Find the rows whose versions are none, or that changed before they were added."""
    added, changed = (values[name].dictionary_encode() for name in VERSION_COLUMNS)
    pairs = numbers(added.indices) * len(changed.dictionary) + numbers(changed.indices)
    for pair in np.unique(pairs).tolist():
        which = divmod(pair, len(changed.dictionary))
        versions = [str(column.dictionary[number]) for column, number in zip((added, changed), which, strict=True)]
        if not all(map(Version.is_valid, versions)) or Version.parse(versions[0]) > Version.parse(versions[1]):
            for row in np.flatnonzero(pairs == pair).tolist():
                yield row, f"added_in is {versions[0]!r}, but changed_in is {versions[1]!r}"
