"""What has to be known of all annotations at once: the ids that are taken, and the answers to each fact.

A million of each are kept, so they are kept as numbers and text: about 50 bytes for a claim.
"""

import zlib
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

import msgspec

from factpack.corpus import FactAnswers
from factpack.model import LABELS
from factpack.records import JsonLine, Places, Record, YamlFile

_LABELS: tuple[str | None, ...] = (*LABELS, None)
_NUMBERS = {label: number for number, label in enumerate(_LABELS)}


class Ledger:
    """The ids and answers in a stretch of one file, in its order."""

    def __init__(self, source: YamlFile | JsonLine) -> None:
        self.places = Places(source)
        self.sums = array("I")  # of the ids
        self.articles: list[str] = []
        self.ids: list[str] | bytes = []
        self.values: list[str] | bytes = []
        # Of each answer: the fact, which of the ids gives it, the label, and which of the articles it is in.
        self.facts, self.holders, self.labels, self.holding = array("I"), array("I"), array("B"), array("I")

    def begin(self, article: str) -> None:
        """What follows is of this article."""
        self.articles.append(article)

    def take(self, names: Iterable[str], places: Places) -> int:
        """Takes down ids, and returns the number of the first of them."""
        assert isinstance(self.ids, list)
        first = len(self.ids)
        self.ids += names
        self.places.extend(places)
        return first

    def answer(
        self, facts: Sequence[int], values: Iterable[str], holders: Iterable[int], labels: Iterable[str | None]
    ) -> None:
        """Takes down answers of the article that was begun: the number of the fact, what the answer is, the number of
        the id that gives it, and the label.
        """
        assert isinstance(self.values, list)
        self.values += values
        self.facts.extend(facts)
        self.holders.extend(holders)
        self.labels.extend(map(_NUMBERS.__getitem__, labels))
        self.holding.extend([len(self.articles) - 1] * len(facts))

    def close(self) -> None:
        """Packs the texts, when nothing more will come."""
        assert isinstance(self.ids, list)
        self.sums.extend(map(zlib.crc32, map(str.encode, self.ids)))
        self.ids, self.values = msgspec.json.encode(self.ids), msgspec.json.encode(self.values)


def _unpacked(texts: list[str] | bytes) -> list[str]:
    return texts if isinstance(texts, list) else msgspec.json.decode(texts, type=list[str])


def _joined(numbers: "Iterable[array[int]]") -> "array[int]":
    joined = array("I")
    for some in numbers:
        joined.extend(some)
    return joined


def taken_twice(ledgers: Sequence[Ledger]) -> Iterator[tuple[str, Record[None], Record[None]]]:
    """Every id that was taken already: the id, its place, and the place of the first."""
    ordered = sorted(_joined(ledger.sums for ledger in ledgers))
    doubtful = {one for one, other in pairwise(ordered) if one == other}
    first: dict[str, Record[None]] = {}
    for ledger in ledgers:
        if doubtful.isdisjoint(ledger.sums):
            continue
        ids = _unpacked(ledger.ids)
        for index, number in enumerate(ledger.sums):
            if number in doubtful:
                record = ledger.places.record(index, None)
                before = first.setdefault(ids[index], record)
                if before is not record:
                    yield ids[index], record, before


class Answers:
    """The answers in many ledgers, by fact."""

    def __init__(self, ledgers: Sequence[Ledger]) -> None:
        self._ledgers = ledgers
        self._starts = array("I", accumulate((len(ledger.facts) for ledger in ledgers), initial=0))
        facts = _joined(ledger.facts for ledger in ledgers)
        counts = Counter(facts)
        numbers = range(max(counts, default=-1) + 1)
        self._begins = array("I", accumulate((counts[fact] for fact in numbers), initial=0))  # of those to each fact
        self._order = array("I", sorted(range(len(facts)), key=facts.__getitem__))
        # Of each answer, in that order: whose it is, what it says, its label, and the number of its article.
        ids: list[str] = []
        values: list[str] = []
        labels, holding = bytearray(), array("I")
        self._articles: list[str] = []
        for ledger in ledgers:
            ids += map(_unpacked(ledger.ids).__getitem__, ledger.holders)
            values += _unpacked(ledger.values)
            labels += bytes(ledger.labels)
            holding.extend(map(len(self._articles).__add__, ledger.holding))
            self._articles += ledger.articles
        self._ids, self._values = (list(map(each.__getitem__, self._order)) for each in (ids, values))
        self._labels = bytes(map(labels.__getitem__, self._order))
        self._holding = array("I", map(holding.__getitem__, self._order))

    def of(self, fact: int) -> FactAnswers:
        """The answers to the fact of this number, in the order of the corpus."""
        last = len(self._begins) - 1  # where those to a fact beyond the last that is answered would begin
        start, stop = self._begins[min(fact, last)], self._begins[min(fact + 1, last)]
        return FactAnswers(
            self._ids[start:stop],
            [self._articles[number] for number in self._holding[start:stop]],
            self._values[start:stop],
            [_LABELS[number] for number in self._labels[start:stop]],
            lambda index: self._record(self._order[start + index]),
        )

    def _record(self, number: int) -> Record[None]:
        """The place of what gives an answer."""
        at = bisect_right(self._starts, number) - 1
        ledger = self._ledgers[at]
        return ledger.places.record(ledger.holders[number - self._starts[at]], None)
