"""Add up how predictions compare with a release, fact by fact, and measure the sums."""

from collections.abc import Iterator, Sequence

import numpy as np

from factpack.evaluation import measures as m
from factpack.evaluation.gold import Gold, Integers, Passage, coded
from factpack.evaluation.matching import Found, Matcher
from factpack.evaluation.measures import BINS, Layout, Measure, Numbers
from factpack.evaluation.resolving import Resolved
from factpack.evaluation.scores import Bin, ClassScore, GroupScore, Scores

#: What is right, predicted and wanted, by the names of figures and the attributes of a match.
_FOUND = {
    "exact": "exact",
    "character": "characters",
    "sentence": "sentences",
    "sentence_stance": "stance_sentences",
    "article": "articles",
    "whole_article": "whole_articles",
}
_NEED_STANCES = ("sentence_stance", "article", "whole_article")
_CONFUSIONS = ("", "distinct_", "fact_")  # every claim once, every pair of fact and value once, every fact once


class Comparison:
    """Compare predictions with a release, one after another.

    The labels are kept, because their weights depend on which claims are scored at all; what there is of evidence and
    of scores is added up for each fact at once.
    """

    def __init__(self, gold: Gold) -> None:
        labels, stances = len(gold.labels), len(gold.stances)
        self._gold = gold
        self._predicted = np.full(len(gold.ids), -1, dtype=np.int64)
        self._matcher: Matcher | None = None
        self._matched = np.zeros(len(gold.ids), dtype=bool)
        self._without_places = 0
        self._has_stances = False
        self._has_scores = False
        self._layout = Layout(
            {
                **{f"{name}confusion": labels * labels for name in _CONFUSIONS},
                "claims": 1,
                "strict": 1,
                "needed": 1,
                "fever": 2,  # sums of precision and of recall
                **dict.fromkeys(_FOUND, 3),
                "stances": 3 * stances,
                "scored": 1,
                "brier": 1,
                "bins": 3 * BINS,
            }
        )
        self._counts = np.zeros((len(gold.facts), self._layout.width))

    def add(self, prediction: Resolved) -> None:
        """Add the prediction for one claim."""
        self._predicted[prediction.row] = prediction.label
        if prediction.scores is not None:
            self._add_scores(prediction.row, prediction.label, prediction.scores)
        if prediction.passages is not None:
            self._add_passages(prediction.row, prediction.passages)

    def _add_scores(self, row: int, predicted: int, scores: Sequence[float]) -> None:
        right = int(self._gold.label[row])
        self._has_scores = True
        self._part(row, "scored")[:] += 1
        self._part(row, "brier")[:] += sum((score - (label == right)) ** 2 for label, score in enumerate(scores))
        at = 3 * min(int(scores[predicted] * BINS), BINS - 1)
        self._part(row, "bins")[at : at + 3] += (1, scores[predicted], predicted == right)

    def _add_passages(self, row: int, passages: Sequence[Passage]) -> None:
        self._matched[row] = True
        if not self._gold.has_places(row):
            self._without_places += 1
            return
        if self._matcher is None:
            self._matcher = Matcher(self._gold)
        match = self._matcher.match(passages, self._gold.evidence(row))
        self._has_stances = self._has_stances or any(passage.stance >= 0 for passage in passages)
        self._part(row, "claims")[:] += 1
        self._part(row, "strict")[:] += match.found and self._predicted[row] == self._gold.label[row]
        for name, attribute in _FOUND.items():
            found: Found = getattr(match, attribute)
            self._part(row, name)[:] += found.counts
        self._part(row, "stances")[:] += [count for found in match.stances for count in found.counts]
        if match.needed:
            hits, predicted = match.first
            self._part(row, "needed")[:] += 1
            self._part(row, "fever")[:] += (hits / predicted if predicted else 1, match.found)

    def _part(self, row: int, name: str) -> Numbers:
        return self._layout.part(self._counts[self._gold.fact[row]], name)

    def scores(self, release: str) -> Scores:
        """Measure what was added.

        Args:
            release: The name and the version of the release.
        """
        scored = np.flatnonzero(self._predicted >= 0)
        for row in scored if self._matcher else ():
            if not self._matched[row]:  # other claims have passages, so that this one has none
                self._add_passages(int(row), ())
        self._add_labels(scored)
        facts = np.unique(self._gold.fact[scored])
        counts = self._counts[facts]
        sums = counts.sum(axis=0)
        return Scores(
            release=release,
            claims=len(self._gold.ids),
            scored=len(scored),
            facts=len(facts),
            without_places=self._without_places,
            figures=m.measured(counts, dict(self._measures())),
            labels=self._classes(counts, "confusion", self._gold.labels),
            stances=self._classes(counts, "stances", self._gold.stances) if self._has_stances else (),
            confusion=tuple(tuple(map(int, row)) for row in self._square(sums)),
            folds=tuple(sorted(self._groups(scored, np.array(self._gold.fold, dtype=object)), key=_by_number)),
            by_fact=self._groups(scored, np.array(self._gold.facts, dtype=object)[self._gold.fact]),
            calibration=tuple(_bins(self._layout.part(sums, "bins"))),
        )

    def _add_labels(self, scored: Integers) -> None:
        """Count right and predicted labels, with the weights of claims among those that are scored."""
        gold, width = self._gold, len(self._gold.labels)
        pair = gold.label[scored] * width + self._predicted[scored]
        for name, unit in zip(_CONFUSIONS, (None, gold.answer[scored], gold.fact[scored]), strict=True):
            weight = np.ones(len(scored)) if unit is None else 1 / np.bincount(unit)[unit]
            part = self._layout.part(self._counts, f"{name}confusion")
            np.add.at(part, (gold.fact[scored], pair), weight)

    def _measures(self) -> Iterator[tuple[str, Measure]]:
        """Yield what can be measured, by the names of the figures."""
        for name in _CONFUSIONS:
            yield f"{name}accuracy", self._of(f"{name}confusion", m.accuracy)
            yield f"{name}macro_f1", self._of(f"{name}confusion", m.macro_f1)
        if self._has_scores:
            yield "brier", self._share("brier", "scored")
            yield "calibration_error", self._of("bins", m.calibration_error)
        if self._matcher:
            yield "strict", self._share("strict", "claims")
            yield "fever_precision", lambda counts: self._fever(counts)[0]
            yield "fever_recall", lambda counts: self._fever(counts)[1]
            yield "fever_f1", lambda counts: m.harmonic(*self._fever(counts))
            for name in _FOUND:
                if self._has_stances or name not in _NEED_STANCES:
                    for measure, function in (("precision", m.precision), ("recall", m.recall), ("f1", m.f1)):
                        yield f"{name}_{measure}", self._of(name, function)
        if self._has_stances:
            yield "stance_accuracy", lambda counts: m.recall(self._stances(counts).sum(axis=-2))
            yield "stance_macro_f1", lambda counts: m.mean_f1(self._stances(counts))

    def _of(self, name: str, function: Measure) -> Measure:
        return lambda counts: function(self._layout.part(counts, name))

    def _share(self, part: str, whole: str) -> Measure:
        return lambda counts: m.ratio(self._layout.part(counts, part)[..., 0], self._layout.part(counts, whole)[..., 0])

    def _fever(self, counts: Numbers) -> tuple[Numbers, Numbers]:
        """Return the mean precision and recall of the claims that need evidence."""
        sums, needed = self._layout.part(counts, "fever"), self._layout.part(counts, "needed")[..., 0]
        return m.ratio(sums[..., 0], needed), m.ratio(sums[..., 1], needed)

    def _stances(self, counts: Numbers) -> Numbers:
        """Return right, predicted and wanted for each stance."""
        part = self._layout.part(counts, "stances")
        return part.reshape(*part.shape[:-1], len(self._gold.stances), 3)

    def _square(self, counts: Numbers) -> Numbers:
        return self._layout.part(counts, "confusion").reshape(len(self._gold.labels), -1)

    def _classes(self, counts: Numbers, part: str, names: Sequence[str]) -> tuple[ClassScore, ...]:
        """Measure each label or each stance."""

        def found(counts: Numbers) -> Numbers:
            return m.by_label(self._layout.part(counts, part)) if part == "confusion" else self._stances(counts)

        def one(number: int, function: Measure) -> Measure:
            return lambda counts: function(found(counts)[..., number, :])

        functions = {"precision": m.precision, "recall": m.recall, "f1": m.f1}
        figures = m.measured(
            counts,
            {f"{name} {number}": one(number, f) for number in range(len(names)) for name, f in functions.items()},
        )
        sums = found(counts.sum(axis=0))
        return tuple(
            ClassScore(
                name,
                int(sums[number, 2]),
                int(sums[number, 1]),
                *(figures[f"{measure} {number}"] for measure in functions),
            )
            for number, name in enumerate(names)
        )

    def _groups(self, scored: Integers, names: np.ndarray) -> tuple[GroupScore, ...]:
        """Measure the claims of each fold or fact; those that have none are in no group."""
        width = len(self._gold.labels)
        codes, groups = coded(names[scored].tolist())
        confusion = np.zeros((len(groups), width * width))
        np.add.at(confusion, (codes, self._gold.label[scored] * width + self._predicted[scored]), 1)
        rows = zip(groups, confusion.sum(axis=1), m.accuracy(confusion), m.macro_f1(confusion), strict=True)
        found = [GroupScore(str(name), int(n), float(a), float(f)) for name, n, a, f in rows if name is not None]
        return tuple(found)


def _by_number(fold: GroupScore) -> int:
    return int(fold.name)


def _bins(counts: Numbers) -> Iterator[Bin]:
    for claims, confidence, right in counts.reshape(BINS, 3):
        if claims:
            yield Bin(int(claims), float(confidence / claims), float(right / claims))
