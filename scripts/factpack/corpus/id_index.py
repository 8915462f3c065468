"""Index what has to be known across all annotations: the ids in use, and the answers to each fact.

There can be a million of each, so they are kept as numbers and text: about 60 bytes for a claim.
"""

import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from msgspec import Struct

from factpack.corpus.shared_keys import shared
from factpack.formats.locations import AllLocations, Record, RecordLocations
from factpack.project.scheme import DEFAULT

NO_FACT = 2**32 - 1  # in the place of the number of a fact where there is none


class Strings:
    """Keep many texts as Arrow does.

    Attributes:
        data: The UTF-8 of the texts, one after another.
        bounds: The byte at which each text begins, and the byte after the last one.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.bounds = array("q", [0])

    def extend(self, texts: Sequence[bytes]) -> None:
        """Add texts, which are in UTF-8."""
        self.bounds.extend(accumulate(map(len, texts), initial=self.bounds.pop()))
        self.data += b"".join(texts)

    def merge(self, later: "Strings") -> None:
        """Add all texts of another one."""
        self.bounds.extend(map(self.bounds.pop().__add__, later.bounds))
        self.data += later.data

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, number: int) -> str:
        return self.data[self.bounds[number] : self.bounds[number + 1]].decode()


class IdIndex:
    """Index the ids of claims and unverified passages, and the answers that they give.

    Claims and passages are numbered in the order of the corpus. Each attribute but ``article_ids`` has a value for
    each of them.

    Attributes:
        locations: Where they are.
        ids: The ids.
        hashes: The CRC-32 of each id.
        facts: The number of the fact that each answers, or NO_FACT.
        values: The answer that each gives.
        labels: The number of each label among the ``names`` of labels.
        splits: The number of the split of each among ``split_names``, 0 for none; empty if there are no splits.
        articles: The place of the article of each in ``article_ids``.
        article_ids: The ids of the annotated articles.
    """

    def __init__(self, labels: Iterable[str] = DEFAULT.labels, splits: Iterable[str] = ()) -> None:
        self.label_names: tuple[str | None, ...] = (*labels, None)
        self._label_numbers = {label: number for number, label in enumerate(self.label_names)}
        self.locations = AllLocations()
        self.ids, self.values, self.article_ids = Strings(), Strings(), Strings()
        self.hashes, self.facts, self.labels, self.articles = array("I"), array("I"), array("B"), array("I")
        self.split_names = ("", *splits)
        self._split_numbers = {split: number for number, split in enumerate(self.split_names) if split}
        self.splits = array("H")

    def begin_article(self, article: str) -> None:
        """Begin the next article; what is added from now on is in it."""
        self.article_ids.extend([article.encode()])

    def add(
        self,
        names: Iterable[str],
        locations: RecordLocations,
        facts: Sequence[int],
        values: Iterable[str],
        labels: Iterable[str | None],
    ) -> None:
        """Add claims or unverified passages.

        Args:
            names: Their ids.
            locations: Where they are.
            facts: The numbers of the facts that they answer, or NO_FACT.
            values: The answers that they give.
            labels: Their labels; ``None`` for unverified passages.
        """
        ids = [name.encode() for name in names]
        self.hashes.extend(map(zlib.crc32, ids))
        self.ids.extend(ids)
        self.locations.extend(locations)
        self.facts.extend(facts)
        self.values.extend([value.encode() for value in values])
        self.labels.extend(map(self._label_numbers.__getitem__, labels))
        self.articles.extend([len(self.article_ids) - 1] * len(facts))
        if self._split_numbers:
            self.splits.extend([0] * len(facts))

    def add_splits(self, splits: Sequence[str]) -> None:
        """Add the splits of what was added last; an empty text for what is in none."""
        self.splits[len(self.splits) - len(splits) :] = array(
            "H", [self._split_numbers.get(each, 0) for each in splits]
        )

    def split(self, number: int) -> str:
        """Return the split that one of them is in; empty if it is in none."""
        return self.split_names[self.splits[number]] if self.splits else ""

    def merge(self, later: "IdIndex") -> None:
        """Add the index of a later part of the annotations."""
        self.locations.merge(later.locations)
        self.articles.extend(map(len(self.article_ids).__add__, later.articles))
        self.article_ids.merge(later.article_ids)
        self.ids.merge(later.ids)
        self.values.merge(later.values)
        self.hashes += later.hashes
        self.facts += later.facts
        self.labels += later.labels
        self.splits += later.splits

    @property
    def splits_of_claims(self) -> set[str]:
        """Name the splits that claims are in."""
        unverified = len(self.label_names) - 1
        pairs = set(zip(self.splits, self.labels, strict=True))
        return {self.split_names[split] for split, label in pairs if label != unverified}

    def duplicates(self) -> Iterator[tuple[str, Record[None], Record[None]]]:
        """Yield every id that was in use already: the id, its place, and the place of the first."""
        first: dict[str, int] = {}
        for number in shared(self.hashes):
            name = self.ids[number]
            before = first.setdefault(name, number)
            if before != number:
                yield name, self.locations.record(number, None), self.locations.record(before, None)


class FactAnswers(Struct, frozen=True, dict=True):
    """Give the answers of claims and unverified passages to a fact, in the order of the corpus.

    Attributes:
        index: The index of the corpus.
        numbers: The numbers of the claims and passages in the index.
    """

    index: IdIndex
    numbers: "array[int]"

    @property
    def ids(self) -> list[str]:
        """Give the ids of the claims and passages."""
        return [self.index.ids[number] for number in self.numbers]

    @property
    def articles(self) -> list[str]:
        """Give the ids of the articles that they are in."""
        return [self.index.article_ids[self.index.articles[number]] for number in self.numbers]

    @cached_property
    def values(self) -> list[str]:
        """Give the values that they give."""
        return [self.index.values[number] for number in self.numbers]

    @property
    def labels(self) -> list[str | None]:
        """Give their labels; ``None`` for an unverified passage."""
        return [self.index.label_names[self.index.labels[number]] for number in self.numbers]

    def record(self, number: int) -> Record[None]:
        """Return the place of one of them, by its number among them, from 0."""
        return self.index.locations.record(self.numbers[number], None)

    def __len__(self) -> int:
        return len(self.numbers)


class Answers:
    """Sort the answers in an index by fact.

    Args:
        index: The index of the corpus.
        facts: How many facts there are.
    """

    def __init__(self, index: IdIndex, facts: int) -> None:
        self._index = index
        counts = Counter(index.facts)
        self._begins = array("I", accumulate((counts[fact] for fact in range(facts)), initial=0))  # of each fact
        self._numbers = array("I", bytes(4 * self._begins[-1]))
        free = self._begins[:]
        for number, fact in enumerate(index.facts):
            if fact != NO_FACT:
                self._numbers[free[fact]] = number
                free[fact] += 1

    def of(self, fact: int) -> FactAnswers:
        """Return the answers to the fact with this number, from 0."""
        return FactAnswers(self._index, self._numbers[self._begins[fact] : self._begins[fact + 1]])
