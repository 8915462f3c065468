"""Compare predicted passages with those of the release: by exact span, by characters and by sentences.

FEVER (Thorne et al. 2018) asks for a whole group of sentences among the first five that are predicted. SciFact (Wadden
et al. 2020) counts a sentence if the rest of its rationale is predicted too, and the articles whose stance is right,
with a whole rationale among the first three sentences of each. Neither has passages that decide nothing: a neutral one
is not to be found, and is not evidence where it is predicted; only the stances of passages count it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from factpack.evaluation.gold import Gold, Passage

#: How many predicted sentences FEVER looks at for a claim, and SciFact for an article.
FEVER_SENTENCES, SCIFACT_SENTENCES = 5, 3

Sentence = tuple[str, int, int]  # article, start and end
Labelled = tuple[Sentence, int]  # and the number of its stance
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """Count what is right, what is predicted, and what there is."""

    right: float
    predicted: float
    wanted: float

    @property
    def counts(self) -> tuple[float, float, float]:
        """Return the three counts."""
        return self.right, self.predicted, self.wanted

    @classmethod
    def of(cls, predicted: set[T], wanted: set[T]) -> "Found":
        """Count what two sets have in common, and what each has."""
        return cls(len(predicted & wanted), len(predicted), len(wanted))


@dataclass(frozen=True, slots=True)
class Match:
    """Say how far the passages that are predicted for a claim are those of the release.

    Attributes:
        exact: Passages with the same span.
        characters: Code points of passages.
        sentences: Sentences; one is right if all others of a group that it is in are predicted too.
        stance_sentences: The same with the stance of the passage.
        articles: Articles with the right stance.
        whole_articles: The same with a whole group of sentences of the article.
        stances: For each stance the passages with the same span and this stance.
        found: Whether all sentences of a group are among the first that are predicted, or there is nothing to find.
        first: How many of the first sentences that are predicted are in a passage, and how many there are.
        needed: Whether there is anything to find.
    """

    exact: Found
    characters: Found
    sentences: Found
    stance_sentences: Found
    articles: Found
    whole_articles: Found
    stances: tuple[Found, ...]
    found: bool
    first: tuple[int, int]
    needed: bool


class Matcher:
    """Compare passages in the articles of a release."""

    def __init__(self, gold: Gold) -> None:
        self._sentences = gold.sentences
        self._stances = range(len(gold.stances))
        self._neutral = gold.neutral

    def match(self, predicted: Sequence[Passage], evidence: Iterable[tuple[Passage, tuple[str, ...]]]) -> Match:
        """Compare what is predicted for a claim, best first, with the evidence of the claim."""
        pairs = list(evidence)
        stances = self._by_stance(predicted, [passage for passage, _ in pairs])
        wanted = [pair for pair in pairs if pair[0].stance not in self._neutral]
        predicted = [passage for passage in predicted if passage.stance not in self._neutral]
        groups = self._groups(wanted)
        given = [(sentence, passage.stance) for passage in predicted for sentence in self._in(passage)]
        order = list(dict.fromkeys(sentence for sentence, _ in given))
        rationales = [
            {each for each in group if each[0][0] == article}
            for group in groups
            for article in {sentence[0] for sentence, _ in group}
        ]
        first = set(order[:FEVER_SENTENCES])
        all_wanted = {sentence for group in groups for sentence, _ in group}
        gold = [passage for passage, _ in wanted]
        return Match(
            exact=Found.of({_span(p) for p in predicted}, {_span(p) for p in gold}),
            characters=_characters(predicted, gold),
            sentences=_whole(set(order), [{sentence for sentence, _ in rationale} for rationale in rationales]),
            stance_sentences=_whole(set(given), rationales),
            articles=Found.of({(p.article, p.stance) for p in predicted}, {(p.article, p.stance) for p in gold}),
            whole_articles=_rationalized(given, rationales),
            stances=stances,
            found=not groups or any({sentence for sentence, _ in group} <= first for group in groups),
            first=(len(first & all_wanted), len(first)),
            needed=bool(groups),
        )

    def _by_stance(self, predicted: Sequence[Passage], gold: Sequence[Passage]) -> tuple[Found, ...]:
        """Count the passages with each stance."""
        return tuple(
            Found.of(
                {_span(p) for p in predicted if p.stance == stance}, {_span(p) for p in gold if p.stance == stance}
            )
            for stance in self._stances
        )

    def _groups(self, wanted: Sequence[tuple[Passage, tuple[str, ...]]]) -> list[set[Labelled]]:
        """Return the sentences of each group with their stance; a passage without a group is one."""
        groups: dict[str | int, set[Labelled]] = {}
        for number, (passage, names) in enumerate(wanted):
            for name in names or (number,):
                groups.setdefault(name, set()).update((sentence, passage.stance) for sentence in self._in(passage))
        return list(groups.values())

    def _in(self, passage: Passage) -> list[Sentence]:
        """Return the sentences that a passage has a part of; itself if it lies between two."""
        starts, ends = self._sentences.get(passage.article, ((), ()))
        low = bisect_right(ends, passage.start)
        found = []
        while low < len(starts) and starts[low] < passage.end:
            found.append((passage.article, int(starts[low]), int(ends[low])))
            low += 1
        return found or [(passage.article, passage.start, passage.end)]


def _span(passage: Passage) -> Sentence:
    return passage.article, passage.start, passage.end


def _whole(predicted: set[T], rationales: Sequence[set[T]]) -> Found:
    """Count sentences; one is right if a whole rationale that it is in is predicted."""
    complete = [rationale for rationale in rationales if rationale <= predicted]
    return Found(len(set().union(*complete)), len(predicted), len(set().union(*rationales)))


def _rationalized(given: Sequence[Labelled], rationales: Sequence[set[Labelled]]) -> Found:
    """Count articles by their stance; one is right if a whole rationale is among its first sentences."""
    ordered: dict[str, dict[Sentence, Labelled]] = {}
    for each in given:
        ordered.setdefault(each[0][0], {}).setdefault(each[0], each)
    first = {each for article in ordered.values() for each in list(article.values())[:SCIFACT_SENTENCES]}

    def articles(pairs: Iterable[Labelled]) -> set[tuple[str, int]]:
        return {(sentence[0], stance) for sentence, stance in pairs}

    complete = [rationale for rationale in rationales if rationale <= first]
    right = set[tuple[str, int]]().union(*map(articles, complete))
    wanted = set[tuple[str, int]]().union(*map(articles, rationales))
    return Found(len(right), len(articles(given)), len(wanted))


def _characters(predicted: Sequence[Passage], gold: Sequence[Passage]) -> Found:
    """Count code points; each counts once, in however many passages it is."""
    one, other = _merged(predicted), _merged(gold)
    return Found(_size(one) + _size(other) - _size(_merged([*predicted, *gold])), _size(one), _size(other))


def _merged(passages: Iterable[Passage]) -> list[Sentence]:
    """Return passages without their overlaps."""
    merged: list[Sentence] = []
    for article, start, end in sorted(map(_span, passages)):
        if merged and merged[-1][0] == article and start <= merged[-1][2]:
            merged[-1] = (article, merged[-1][1], max(end, merged[-1][2]))
        else:
            merged.append((article, start, end))
    return merged


def _size(spans: Iterable[Sentence]) -> int:
    return sum(end - start for _, start, end in spans)
