"""What has to be known of all annotations at once: the ids that are taken, and the answers to each fact.

A million of each are kept, so they are kept as numbers and text: about 50 bytes for a claim.
"""

import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from factpack.corpus import Answer
from factpack.model import LABELS
from factpack.sources import JsonLine, Places, Record, YamlFile

MANY = 1_000  # answers to one fact that are not made before they are looked at
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
    """The answers in many ledgers, by fact."""

    def __init__(self, ledgers: Sequence[Ledger]) -> None:
        self._ledgers = ledgers
        self._facts = _joined(ledger.facts for ledger in ledgers)
        self._order = array("I", sorted(range(len(self._facts)), key=self._facts.__getitem__))
        self._ids = [_unpacked(ledger.ids) for ledger in ledgers]
        self._values = [_unpacked(ledger.values) for ledger in ledgers]
        self._starts = array("I", [0])
        for ledger in ledgers:
            self._starts.append(self._starts[-1] + len(ledger.facts))

    def of(self, fact: int) -> Collection[Answer]:
        """The answers to the fact of this number, in the order of the corpus."""
        start = bisect_left(self._order, fact, key=self._facts.__getitem__)
        numbers = self._order[start : bisect_right(self._order, fact, start, key=self._facts.__getitem__)]
        return tuple(map(self.answer, numbers)) if len(numbers) < MANY else _Selection(self, numbers)

    def answer(self, number: int) -> Answer:
        """One of the answers, by its place in the corpus."""
        at = bisect_right(self._starts, number) - 1
        ledger, index = self._ledgers[at], number - self._starts[at]
        holder = ledger.holders[index]
        article, label = ledger.articles[ledger.holding[index]], _LABELS[ledger.labels[index]]
        return Answer(self._ids[at][holder], article, self._values[at][index], label, ledger.places, holder)


class _Selection(Collection[Answer]):
    """Some of the answers; each is made when it is its turn, because there can be a million of them."""

    def __init__(self, answers: Answers, numbers: Sequence[int]) -> None:
        self._answers, self._numbers = answers, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Answer]:
        return map(self._answers.answer, self._numbers)

    def __contains__(self, answer: object) -> bool:
        return any(answer == other for other in self)
