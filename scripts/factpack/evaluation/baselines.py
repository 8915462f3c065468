"""Predict without a model: what everybody has to beat.

The verdict is the most frequent label, one chosen at random, or the label of the nearest claim of another fold. The
stance of a given passage is the most frequent one, one chosen at random, or follows from the words that claim and
passage have in common. A release always gives the same predictions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.errors import NotAReleaseError
from factpack.evaluation.gold import Integers, coded, evaluated_splits, read_columns
from factpack.evaluation.measures import Figure, accuracy, macro_f1, measured
from factpack.evaluation.predictions import PredictedPassage, Prediction
from factpack.evaluation.scores import text_table

SEED = 0
MIN_OVERLAP = 0.3  # of the words of a claim: from here on a passage has the most frequent stance, below it the next
_WORD = re.compile(r"\w+")

WORD_OVERLAP = "word-overlap"  # the one that reads the sentences around a passage

#: What each baseline does, by its name.
TITLES: Mapping[str, str] = {
    "most-frequent": "always the most frequent",
    "uniform": "chosen at random",
    "nearest-claim": "label of the nearest claim of another fold",
    WORD_OVERLAP: f"stance by words in common: {MIN_OVERLAP:.0%} of the words of the claim",
}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Give how good a baseline is at labels, or at stances.

    Attributes:
        accuracy: Its accuracy.
        macro_f1: Its macro-F1.
    """

    accuracy: Figure
    macro_f1: Figure


@dataclass(frozen=True, slots=True)
class Baseline:
    """Give how good a baseline is.

    Attributes:
        name: Its name, and that of the file of its predictions.
        labels: The scores of the labels, if it predicts any.
        stances: The scores of the stances of the passages that are given, likewise.
    """

    name: str
    labels: Verdicts | None
    stances: Verdicts | None

    @property
    def title(self) -> str:
        """Say what it does."""
        return TITLES[self.name]


@dataclass(frozen=True, slots=True)
class _Examples:
    """Hold what is to be guessed: the labels of claims, or the stances of pairs of claim and passage."""

    table: pa.Table
    names: tuple[str, ...]
    right: Integers
    fact: Integers
    facts: int

    def values(self, column: str) -> list[Any]:
        """Return a column; nulls if the release does not have it."""
        given = column in self.table.column_names
        return list(self.table[column].to_pylist()) if given else [None] * len(self.right)

    def most_frequent(self) -> int:
        """Return the number of the most frequent name."""
        return int(np.bincount(self.right, minlength=len(self.names)).argmax())

    def measure(self, guessed: Integers) -> Verdicts:
        """Measure guesses; facts are resampled."""
        width = len(self.names)
        counts = np.zeros((self.facts, width * width))
        np.add.at(counts, (self.fact, self.right * width + guessed), 1)
        return Verdicts(**measured(counts, {"accuracy": accuracy, "macro_f1": macro_f1}))


_CLAIM_COLUMNS = ("id", "claim", "fact", "fold", "label")
_PAIR_COLUMNS = ("claim_id", "claim", "context", "quote", "article", "start", "end", "fact", "stance")


def measure_baselines(folder: Path, most: int | None = None) -> tuple[Baseline, ...]:
    """Measure the baselines of a release.

    Args:
        folder: The folder of the release.
        most: With more claims than that, or a hundred times as many passages, only what reads no texts: the most
            frequent, and the random one.

    Raises:
        NotAReleaseError: The release has no labelled claims.
    """
    claims, pairs = _claims(folder, ("id", "fact", "label")), _pairs(folder, ("claim_id", "fact", "stance"))
    labels, stances = _blind(claims), _blind(pairs)
    if not labels:
        message = f"{folder} has no labelled claims"
        raise NotAReleaseError(message)
    if most is None or len(claims.right) <= most:
        labels["nearest-claim"] = _nearest(_claims(folder, _CLAIM_COLUMNS))
        if stances and (most is None or len(pairs.right) <= 100 * most):
            stances[WORD_OVERLAP] = _overlapping(_pairs(folder, _PAIR_COLUMNS))
    return tuple(
        Baseline(
            name,
            claims.measure(labels[name]) if name in labels else None,
            pairs.measure(stances[name]) if name in stances else None,
        )
        for name in TITLES
        if name in labels or name in stances
    )


def predict(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the predictions of each baseline as JSON Lines, by its name.

    Where a baseline predicts no label, the most frequent one is there, because a prediction has one; where it predicts
    stances, the passages are those of the release.
    """
    claims, pairs = _claims(folder, _CLAIM_COLUMNS), _pairs(folder, _PAIR_COLUMNS)
    labels = {**_blind(claims), "nearest-claim": _nearest(claims)}
    stances = {**_blind(pairs), WORD_OVERLAP: _overlapping(pairs)} if len(pairs.right) else {}
    shares = np.bincount(claims.right, minlength=len(claims.names)) / len(claims.right)
    scores = {"most-frequent": shares, "uniform": np.full(len(claims.names), 1 / len(claims.names))}
    for name in (each for each in TITLES if each in labels or each in stances):
        passages = _passages(pairs, stances[name]) if name in stances else None
        given = dict(zip(claims.names, scores[name].tolist(), strict=True)) if name in scores else msgspec.UNSET
        rows = zip(claims.values("id"), labels.get(name, labels["most-frequent"]), strict=True)
        predictions = (
            Prediction(
                id=claim,
                label=claims.names[label],
                scores=given,
                evidence=msgspec.UNSET if passages is None else passages.get(claim, []),
            )
            for claim, label in rows
        )
        yield name, msgspec.json.Encoder().encode_lines(list(predictions))


def _claims(folder: Path, columns: Sequence[str]) -> _Examples:
    return _examples(read_columns(folder, "claims", columns, evaluated_splits(folder)), "label", "id")


def _pairs(folder: Path, columns: Sequence[str]) -> _Examples:
    return _examples(read_columns(folder, "evidence", columns, evaluated_splits(folder)), "stance", "claim_id")


def _examples(table: pa.Table, target: str, unit: str) -> _Examples:
    """Return the rows of a table that have a target; a claim that answers no fact is a fact of its own."""
    if target not in table.column_names:
        return _Examples(table, (), np.empty(0, np.int64), np.empty(0, np.int64), 0)
    names = datasets.Features.from_arrow_schema(table.schema)[target].names
    table = table.filter(pc.is_valid(table[target]))
    own = pc.binary_join_element_wise("claim", table[unit], " ")
    facts = pc.coalesce(table["fact"], own) if "fact" in table.column_names else own
    coded_facts = facts.combine_chunks().dictionary_encode()
    fact = coded_facts.indices.to_numpy().astype(np.int64)
    return _Examples(table, tuple(names), table[target].to_numpy(), fact, len(coded_facts.dictionary))


def _blind(examples: _Examples) -> dict[str, Integers]:
    """Guess without looking at the examples."""
    size = len(examples.right)
    if not size:
        return {}
    return {
        "most-frequent": np.full(size, examples.most_frequent()),
        "uniform": np.random.default_rng(SEED).integers(len(examples.names), size=size),
    }


def _nearest(claims: _Examples) -> Integers:
    """Give each claim the label of the one of another fold with most of its words in common; the last of several."""
    words = [_words(text) for text in claims.values("claim")]
    sizes = np.array([len(each) for each in words])
    having: dict[str, list[int]] = {}
    for number, each in enumerate(words):
        for word in each:
            having.setdefault(word, []).append(number)
    rows = {word: np.array(numbers) for word, numbers in having.items()}
    fold, _ = coded(claims.values("fold"))
    guessed = np.full(len(words), claims.most_frequent())
    for number, each in enumerate(words):
        common = np.bincount(
            np.concatenate([np.empty(0, np.int64), *(rows[word] for word in each)]), minlength=len(words)
        )
        likeness = common / np.maximum(sizes + sizes[number] - common, 1)
        likeness[fold == fold[number]] = -1
        nearest = len(words) - 1 - int(likeness[::-1].argmax())
        if likeness[nearest] >= 0:  # else there is no other fold
            guessed[number] = claims.right[nearest]
    return guessed


def _overlapping(pairs: _Examples) -> Integers:
    """Give a pair the most frequent stance if the passage has enough of the words of the claim, and else the next.

    The passage is read with its sentences, or, in a release without the texts, alone.
    """
    order = np.argsort(-np.bincount(pairs.right, minlength=len(pairs.names)), kind="stable")
    near, far = int(order[0]), int(order[min(1, len(order) - 1)])
    texts = zip(pairs.values("claim"), pairs.values("context"), pairs.values("quote"), strict=True)
    overlaps = [_overlap(_words(claim), _words(context or quote or "")) for claim, context, quote in texts]
    return np.array([near if overlap >= MIN_OVERLAP else far for overlap in overlaps], dtype=np.int64)


def _overlap(claim: set[str], passage: set[str]) -> float:
    return len(claim & passage) / len(claim) if claim else 0.0


def _words(text: str | None) -> set[str]:
    return set(_WORD.findall((text or "").lower()))


def _passages(pairs: _Examples, guessed: Integers) -> dict[str, list[PredictedPassage]]:
    """Return the passages of each claim with the stances that are guessed."""
    found: dict[str, list[PredictedPassage]] = {}
    columns = (pairs.values(name) for name in ("claim_id", "article", "start", "end"))
    for claim, article, start, end, stance in zip(*columns, guessed, strict=True):
        if None not in (article, start, end):
            passage = PredictedPassage(article=article, start=start, end=end, stance=pairs.names[stance])
            found.setdefault(claim, []).append(passage)
    return found


def to_text(baselines: Sequence[Baseline]) -> str:
    """Return the scores as a table for a terminal."""
    found = []
    for each in baselines:
        cells = [each.title]
        for verdicts in (each.labels, each.stances):
            figures = (verdicts.accuracy, verdicts.macro_f1) if verdicts else ()
            cells += [
                f"{figure.shown} ({figure.interval})" if figure.interval else figure.shown for figure in figures
            ] or ["", ""]
        found.append(tuple(cells))
    return text_table([("", "label accuracy", "label macro-F1", "stance accuracy", "stance macro-F1"), *found])
