"""Judge splits: each claim is in one, and nothing is in two."""

from collections.abc import Iterator, Mapping
from functools import partial

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.checks.rules.duplicates import stands
from factpack.corpus.alike import SaidAgain
from factpack.corpus.types import AnchoredRecords
from factpack.formats.locations import Path, Record
from factpack.project.models import Claim, Dataset, Passage, Unverified


@rule("error")
def no_split_for_evaluation(dataset: Record[Dataset]) -> Iterator[Problem]:
    """Declare at least one split for evaluation: only such a split has folds, tasks and scores.

    Bad: ``splits: {train: training}``

    Good: ``splits: {train: training, test: evaluation}``
    """
    if dataset.value.splits and "evaluation" not in dataset.value.splits.values():
        hint = "Write `evaluation` for the split that models are compared on."
        yield Problem(dataset.at("splits"), "no split is for evaluation", hint)


@rule("error")
def no_split(article: AnchoredRecords) -> Iterator[Problem]:
    """Put each claim and each unverified passage of a project with splits into one: the split of its article in the
    register, or its own.

    Bad: ``splits: {dev: evaluation, test: evaluation}``, and a claim without ``split:``

    Good: ``split: dev`` in the claim, or in the entry of its article
    """
    if article.splits is None or article.article in article.splits:
        return
    for record in _records(article):
        if not record.value.split:
            where = " or to its article in the register" if article.article else ""
            hint = f"Add `split:` to it{where}."
            yield Problem(record.at("id"), "claim is not in any split", hint)


@rule("error")
def article_in_two_splits(article: AnchoredRecords) -> Iterator[Problem]:
    """Put all claims of an article into one split, and take evidence for them from no article of another split:
    otherwise a model would be tested on a text that it was trained on. Articles that are only sources are in no split.

    Bad: ``split: dev`` in one claim of 000, and ``split: test`` in another

    Good: ``split: dev`` in both
    """
    if article.splits is None or not article.article:
        yield from _other_articles(article)
        return
    known = article.splits.get(article.article, "")
    wanted = known or next((record.value.split for record in _records(article) if record.value.split), "")
    for record in _records(article):
        own = record.value.split or known
        if own and own != wanted:
            said = "the register has its article" if known else "other claims of its article are"
            message = f"claim is in split `{own}`, but {said} in `{wanted}`"
            yield Problem(record.at("split"), message, "Put the whole article into one split.")
    yield from _other_articles(article)


def _other_articles(article: AnchoredRecords) -> Iterator[Problem]:
    """Find passages of articles that are in another split."""
    splits: Mapping[str, str] = article.splits or {}
    for record in _records(article) if splits else ():
        own = record.value.split or splits.get(article.article, "")
        for path, passage in _passages(record.value):
            its = splits.get(passage.article, own)
            if own and its != own:
                message = (
                    f"claim is in split `{own}`, but the article of its evidence, {passage.article}, is in `{its}`"
                )
                hint = (
                    "Leave the passage out, or put both into one split. An article that is only a source has no split."
                )
                yield Problem(record.at(*path, "article"), message, hint)


def _records(article: AnchoredRecords) -> Iterator[Record[Claim] | Record[Unverified]]:
    yield from article.claims.records
    yield from article.unverified.records


def _passages(value: Claim | Unverified) -> Iterator[tuple[Path, Passage]]:
    """Yield each passage with the path of what stands for it."""
    if isinstance(value, Claim):
        yield from ((value.evidence_path(number), passage) for number, passage in enumerate(value.evidence))
    else:
        yield from ((("near", number), passage) for number, passage in enumerate(value.near))


@rule("error")
def claim_in_two_splits(claim: SaidAgain) -> Iterator[Problem]:
    """Put a claim into one split: of two claims with the same words, a model could learn one and be tested on the
    other. It is a warning if ``dataset.yaml`` sets ``duplicates: as-found``.

    Bad: ``claim: 15 people were hurt.`` in dev, and ``claim: 15 people were hurt.`` in test

    Good: both in dev, or one of them deleted
    """
    yield from _in_two_splits(claim, "says the same", written_alike=True)


@rule("warning")
def near_copy_in_two_splits(claim: SaidAgain) -> Iterator[Problem]:
    """Put claims that differ only in case, punctuation, spaces or compatibility forms of characters into one split.

    Bad: ``claim: 15 people were hurt.`` in dev, and ``claim: 15 people were hurt!`` in test

    Good: both in dev, or one of them deleted
    """
    yield from _in_two_splits(claim, "says the same except for case, punctuation or spaces", written_alike=False)


def _in_two_splits(claim: SaidAgain, what: str, *, written_alike: bool) -> Iterator[Problem]:
    this, first = claim.this, claim.first
    if first is None or claim.written_alike != written_alike or not this.split or not first.split:
        return
    if this.split != first.split:
        message = f"claim is in split `{this.split}`, but `{first.id}` in split `{first.split}` {what}"
        found = " If they are published like this, set `duplicates: as-found` in dataset.yaml." if written_alike else ""
        hint = f"Put both into one split, or delete one.{found}"
        yield Problem(this.record.at("claim"), message, partial(stands, first, hint))
