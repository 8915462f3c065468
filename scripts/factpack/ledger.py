"""What has to be known of all annotations at once: the ids that are taken, and the answers to each fact.

A million of each are kept, so they are kept as numbers and text: about 60 bytes for a claim.
"""

import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, compress

from msgspec import Struct

from factpack.model import LABELS
from factpack.records import AllPlaces, Places, Record

NO_FACT = 2**32 - 1  # stands for the number of a fact where there is none

_LABELS: tuple[str | None, ...] = (*LABELS, None)
_NUMBERS = {label: number for number, label in enumerate(_LABELS)}


class Strings:
    """Many texts as Arrow has them: in UTF-8, one after another, and where each begins and the last one ends."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.bounds = array("q", [0])

    def extend(self, texts: Sequence[bytes]) -> None:
        """Takes texts in UTF-8."""
        self.bounds.extend(accumulate(map(len, texts), initial=self.bounds.pop()))
        self.data += b"".join(texts)

    def merge(self, later: "Strings") -> None:
        """Takes the texts of another one."""
        self.bounds.extend(map(self.bounds.pop().__add__, later.bounds))
        self.data += later.data

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, number: int) -> str:
        return self.data[self.bounds[number] : self.bounds[number + 1]].decode()


class Ledger:
    """The ids of claims and unverified passages and the answers that they give, numbered in the order of the corpus."""

    def __init__(self) -> None:
        self.places = AllPlaces()
        self.ids, self.values, self.articles = Strings(), Strings(), Strings()
        # Of each: the sum of its id, the fact that it answers, its label, and which of the articles it is in.
        self.sums, self.facts, self.labels, self.holding = array("I"), array("I"), array("B"), array("I")

    def begin(self, article: str) -> None:
        """What follows is of this article."""
        self.articles.extend([article.encode()])

    def take(
        self,
        names: Iterable[str],
        places: Places,
        facts: Sequence[int],
        values: Iterable[str],
        labels: Iterable[str | None],
    ) -> None:
        """Takes down ids, where they stand, the numbers of the facts that are answered (NO_FACT for none), the answers,
        and the labels.
        """
        ids = [name.encode() for name in names]
        self.sums.extend(map(zlib.crc32, ids))
        self.ids.extend(ids)
        self.places.extend(places)
        self.facts.extend(facts)
        self.values.extend([value.encode() for value in values])
        self.labels.extend(map(_NUMBERS.__getitem__, labels))
        self.holding.extend([len(self.articles) - 1] * len(facts))

    def merge(self, later: "Ledger") -> None:
        """Takes what a later part of the annotations amounts to."""
        self.places.merge(later.places)
        self.holding.extend(map(len(self.articles).__add__, later.holding))
        self.articles.merge(later.articles)
        self.ids.merge(later.ids)
        self.values.merge(later.values)
        self.sums += later.sums
        self.facts += later.facts
        self.labels += later.labels

    def taken_twice(self) -> Iterator[tuple[str, Record[None], Record[None]]]:
        """Every id that was taken already: the id, its place, and the place of the first."""
        doubtful = {number for number, count in Counter(self.sums).items() if count > 1}
        first: dict[str, int] = {}
        for number in compress(range(len(self.sums)), map(doubtful.__contains__, self.sums)):
            name = self.ids[number]
            before = first.setdefault(name, number)
            if before != number:
                yield name, self.places.record(number, None), self.places.record(before, None)


class FactAnswers(Struct, frozen=True, gc=False):
    """The answers that claims and unverified passages give to a fact, in the order of the corpus.

    ``numbers`` are those of the claims and passages in the ledger; the label of a passage is ``None``.
    """

    ledger: Ledger
    numbers: "array[int]"

    @property
    def ids(self) -> list[str]:
        """The ids of the claims and passages."""
        return [self.ledger.ids[number] for number in self.numbers]

    @property
    def articles(self) -> list[str]:
        """The articles that they are in."""
        return [self.ledger.articles[self.ledger.holding[number]] for number in self.numbers]

    @property
    def values(self) -> list[str]:
        """What they answer."""
        return [self.ledger.values[number] for number in self.numbers]

    @property
    def labels(self) -> list[str | None]:
        """Their labels."""
        return [_LABELS[self.ledger.labels[number]] for number in self.numbers]

    def record(self, index: int) -> Record[None]:
        """The place of one of them, by its number among them, from 0."""
        return self.ledger.places.record(self.numbers[index], None)

    def __len__(self) -> int:
        return len(self.numbers)


class Answers:
    """The answers in a ledger to each of ``facts`` facts, which are numbered."""

    def __init__(self, ledger: Ledger, facts: int) -> None:
        self._ledger = ledger
        counts = Counter(ledger.facts)
        self._begins = array("I", accumulate((counts[fact] for fact in range(facts)), initial=0))  # those to each fact
        self._numbers = array("I", bytes(4 * self._begins[-1]))
        free = self._begins[:]
        for number, fact in enumerate(ledger.facts):
            if fact != NO_FACT:
                self._numbers[free[fact]] = number
                free[fact] += 1

    def of(self, fact: int) -> FactAnswers:
        """The answers to the fact of this number."""
        return FactAnswers(self._ledger, self._numbers[self._begins[fact] : self._begins[fact + 1]])
