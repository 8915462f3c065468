"""Find what predictions name in a release: claims, labels, articles, spans; and say what is not there."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from msgspec import UNSET

from factpack.checks.messages.similar import did_you_mean, listed
from factpack.checks.problem import Problem
from factpack.evaluation.gold import Gold, Passage
from factpack.evaluation.predictions import FeverPrediction, PredictedPassage, Prediction
from factpack.formats.locations import LazyLocation, Location, Record

_TOLERANCE = 0.001  # by which probabilities may miss a sum of 1: they are often rounded
_FROM_SENTENCE = "FEVER counts the sentences of a page from 0. The table `sentences` has them in this order."


@dataclass(frozen=True, slots=True)
class Resolved:
    """Give a prediction with the numbers of what it names.

    Attributes:
        row: The number of the claim.
        label: The number of the label.
        scores: The probability of each label, if they are given.
        passages: The passages, best first, if any are given.
    """

    row: int
    label: int
    scores: tuple[float, ...] | None
    passages: tuple[Passage, ...] | None


class Resolver:
    """Resolve predictions one after another.

    Attributes:
        seen: In which line of the file each claim has its prediction; 0 if it has none.
    """

    def __init__(self, gold: Gold) -> None:
        self._gold = gold
        self._labels = {name: number for number, name in enumerate(gold.labels)}
        self._plain_labels = {_plain(name): number for name, number in self._labels.items()}
        self._stances = {name: number for number, name in enumerate(gold.stances)}
        self.seen = np.zeros(len(gold.ids), dtype=np.int64)

    def resolve(self, record: Record[Any]) -> Resolved | list[Problem]:
        """Return a prediction with the numbers of what it names, or everything that is wrong with it."""
        problems: list[Problem] = []
        row = self._claim(record, str(record.value.id), problems)
        if isinstance(record.value, FeverPrediction):
            label, passages = self._fever_label(record, problems), self._fever_passages(record, problems)
            return problems or Resolved(row, label, None, passages)
        label, scores = self._label(record, problems), self._scores(record, problems)
        given = self._passages(record, problems)
        return problems or Resolved(row, label, scores, given)

    def _claim(self, record: Record[Any], name: str, problems: list[Problem]) -> int:
        row = self._gold.row.get(name, -1)
        place = record.at("id")
        if row < 0:
            hint = "Take the ids from the column `id` of `claims`."
            problems.append(_unknown(place, "claim", name, self._gold.row, hint))
        elif self.seen[row]:
            what = f"duplicate prediction for the claim `{name}`"
            hint = f"The first is in line {self.seen[row]}. Delete one of the two."
            problems.append(Problem(place, what, hint, rule="duplicate-prediction"))
        else:
            self.seen[row] = max(record.address.index, 1)
        return row

    def _label(self, record: Record[Prediction], problems: list[Problem]) -> int:
        name = record.value.label
        if name not in self._labels:
            hint = f"The labels of the release are {listed(self._labels)}."
            problems.append(_unknown(record.at("label"), "label", name, self._labels, hint))
        return self._labels.get(name, -1)

    def _fever_label(self, record: Record[FeverPrediction], problems: list[Problem]) -> int:
        name = record.value.predicted_label
        if _plain(name) not in self._plain_labels:
            hint = f"The labels of the release are {listed(self._labels)}; case does not matter."
            problems.append(_unknown(record.at("predicted_label"), "label", name, self._labels, hint))
        return self._plain_labels.get(_plain(name), -1)

    def _scores(self, record: Record[Prediction], problems: list[Problem]) -> tuple[float, ...] | None:
        given = record.value.scores
        if given is UNSET:
            return None
        hint = f"The labels of the release are {listed(self._labels)}."
        unknown = [
            _unknown(record.at_key("scores", name), "label", name, self._labels, hint)
            for name in given
            if name not in self._labels
        ]
        problems += unknown
        total = sum(given.values())
        if not unknown and not (min(given.values(), default=0) >= 0 and abs(total - 1) <= _TOLERANCE):
            what = f"the scores are not probabilities: they add up to {total:.3g}"
            if min(given.values(), default=0) < 0:
                what = "the scores are not probabilities: one is less than 0"
            hint = "Give the probability of every label, so that they add up to 1, or leave `scores` out."
            problems.append(Problem(record.at("scores"), what, hint, rule="no-probabilities"))
        return tuple(given.get(name, 0.0) for name in self._labels)

    def _passages(self, record: Record[Prediction], problems: list[Problem]) -> tuple[Passage, ...] | None:
        if record.value.evidence is UNSET:
            return None
        found = []
        for number, passage in enumerate(record.value.evidence):
            problems += self._passage_problems(record, number, passage)
            stance = -1 if passage.stance is UNSET else self._stances.get(passage.stance, -1)
            found.append(Passage(passage.article, passage.start, passage.end, stance))
        return tuple(found)

    def _passage_problems(
        self, record: Record[Prediction], number: int, passage: PredictedPassage
    ) -> Iterator[Problem]:
        if passage.stance is not UNSET and passage.stance not in self._stances:
            hint = f"The stances of the release are {listed(self._stances)}."
            yield _unknown(record.at("evidence", number, "stance"), "stance", passage.stance, self._stances, hint)
        length = self._gold.lengths.get(passage.article)
        if length is None:
            hint = "Take the ids from the column `id` of `articles`."
            place = record.at("evidence", number, "article")
            yield _unknown(place, "article", passage.article, self._gold.lengths, hint)
        elif not 0 <= passage.start < passage.end <= length:
            span = f"{passage.start} to {passage.end}"
            what = f"{span} is not a span of article {passage.article}, which has {length:,} characters"
            hint = "Give offsets in Unicode code points: text[start:end] is the passage, and must not be empty."
            yield Problem(record.at("evidence", number), what, hint, rule="span-outside-text")

    def _fever_passages(self, record: Record[FeverPrediction], problems: list[Problem]) -> tuple[Passage, ...]:
        found = []
        for number, pair in enumerate(record.value.predicted_evidence):
            place = record.at("predicted_evidence", number)
            match pair:
                case [str(page), int(sentence)]:
                    pass
                case _:
                    hint = 'Write `["page", 3]`: the id of an article, and the number of a sentence.'
                    problems.append(Problem(place, "this is not a page and a sentence", hint, rule="malformed-value"))
                    continue
            starts, ends = self._gold.sentences.get(page, ((), ()))
            if page not in self._gold.sentences:
                hint = "A page is an article, given by the column `id` of `articles`."
                problems.append(_unknown(place, "article", page, self._gold.sentences, hint))
            elif not 0 <= sentence < len(starts):
                what = f"article {page} has no sentence {sentence}: it has {len(starts):,}"
                problems.append(Problem(place, what, _FROM_SENTENCE, rule="unknown-sentence"))
            else:
                found.append(Passage(page, int(starts[sentence]), int(ends[sentence]), -1))
        return tuple(found)


def missing(gold: Gold, seen: np.ndarray, file: str) -> Iterator[Problem]:
    """Yield the claims without a prediction."""
    hint = "Add a line for it, or score only the given predictions with --partial."
    for row in np.flatnonzero(seen == 0).tolist():
        what = f"missing prediction for the claim `{gold.ids[row]}`"
        yield Problem(Location(file, 1, 1), what, hint, rule="missing-prediction")


def _unknown(
    place: LazyLocation, kind: str, name: str, known: Mapping[str, int] | Collection[str], hint: str
) -> Problem:
    near = partial(did_you_mean, name, tuple(known), hint)
    return Problem(place, f"unknown {kind} `{name}`", near, rule=f"unknown-{kind}")


def _plain(label: str) -> str:
    """Return a label without what FEVER writes otherwise: ``NOT ENOUGH INFO`` is ``not_enough_info``."""
    return "_".join(label.casefold().replace("-", " ").replace("_", " ").split())
