"""What has to be known of all annotations at once: the ids that are taken, and the answers to each fact.

A million of each are kept, so they are kept as numbers and text: about 50 bytes for a claim.
"""

import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import TypeVar

import msgspec

from factpack.corpus import FactAnswers
from factpack.model import LABELS
from factpack.sources import JsonLine, Places, Record, YamlFile

T = TypeVar("T")

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

    def take(self, name: str, record: Record[object]) -> None:
        """Takes down an id."""
        assert isinstance(self.ids, list)
        self.ids.append(name)
        self.sums.append(zlib.crc32(name.encode()))
        self.places.add(record)

    def answer(self, fact: int, value: str, label: str | None) -> None:
        """Takes down the answer that the last id gives to a fact, named by its number."""
        assert isinstance(self.values, list)
        self.values.append(value)
        self.facts.append(fact)
        self.holders.append(len(self.sums) - 1)
        self.labels.append(_NUMBERS[label])
        self.holding.append(len(self.articles) - 1)

    def close(self) -> None:
        """Packs the texts, when nothing more will come."""
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
                record = ledger.places.record(index)
                before = first.setdefault(ids[index], record)
                if before is not record:
                    yield ids[index], record, before


class Answers:
    """The answers in many ledgers, sorted by fact."""

    def __init__(self, ledgers: Sequence[Ledger]) -> None:
        self._ledgers = ledgers
        facts = _joined(ledger.facts for ledger in ledgers)
        order = array("I", sorted(range(len(facts)), key=facts.__getitem__))
        self._order = order
        self._facts = array("I", map(facts.__getitem__, order))
        self._starts = array("I", accumulate((len(ledger.facts) for ledger in ledgers), initial=0))
        self._ids = _sorted(map(_held, ledgers), order)
        self._values = _sorted((_unpacked(ledger.values) for ledger in ledgers), order)
        self._articles = _sorted((map(ledger.articles.__getitem__, ledger.holding) for ledger in ledgers), order)
        self._labels = bytes(_sorted((ledger.labels for ledger in ledgers), order))

    def of(self, fact: int) -> FactAnswers:
        """The answers to the fact of this number, in the order of the corpus."""
        start = bisect_left(self._facts, fact)
        stop = bisect_right(self._facts, fact, start)
        return FactAnswers(
            self._ids[start:stop],
            self._articles[start:stop],
            self._values[start:stop],
            [_LABELS[number] for number in self._labels[start:stop]],
            lambda index: self._record(self._order[start + index]),
        )

    def _record(self, number: int) -> Record[None]:
        """The place of what gives an answer, by the place of the answer in the corpus."""
        at = bisect_right(self._starts, number) - 1
        ledger = self._ledgers[at]
        return ledger.places.record(ledger.holders[number - self._starts[at]])


def _held(ledger: Ledger) -> Iterator[str]:
    """The id of what gives each answer."""
    return map(_unpacked(ledger.ids).__getitem__, ledger.holders)


def _sorted(parts: Iterable[Iterable[T]], order: Iterable[int]) -> list[T]:
    """What several parts hold, in an order given by its numbers in all of them together."""
    return list(map(list(chain.from_iterable(parts)).__getitem__, order))
