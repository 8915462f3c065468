"""Where the sentences of a release stand, to compare with them what other tables say of sentences."""

import tempfile
from collections.abc import Iterator
from functools import cached_property
from mmap import ACCESS_READ, mmap
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.corpus.fold_assignment import mixed
from factpack.dataset.arrays import span_ids
from factpack.dataset.table_digest import text_bytes
from factpack.release.verification.rows.relations import Hashes, Numbers, numbers
from factpack.release.verification.rows.row_checks import ReleasedTexts, RowProblem, Values, other_words, where

_NO_NUMBERS = np.zeros(0, np.int64)
_OFFSET_BITS = 40  # far more than an article has characters


class Places(NamedTuple):
    """Say where spans stand, by numbers that order them by article first, and which sentences they touch.

    Attributes:
        start: Where each begins.
        end: Where it ends.
        first: The number of the first sentence that it touches.
        stop: The number of the one after the last.
    """

    start: Numbers
    end: Numbers
    first: Numbers
    stop: Numbers

    def pairs(self, hashes: Hashes) -> Hashes:
        """Return a hash for each pair of a span, which has a hash, and a sentence that it touches."""
        counts = self.stop - self.first
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return mixed(np.repeat(hashes, counts), (np.repeat(self.first, counts) + within).view(np.uint64))


class SentenceIndex:
    """Index the sentences of all articles; they are numbered from 0, as in their table."""

    def __init__(self) -> None:
        self._articles: list[pa.Array] = []
        self._bounds: list[tuple[Numbers, Numbers]] = []
        self._texts = _Spooled()
        self._gaps = _Gaps()

    def add_articles(self, articles: pa.Array) -> None:
        """Take the ids of the next articles."""
        self._articles.append(articles)

    def add(self, values: Values, texts: ReleasedTexts | None) -> Iterator[RowProblem]:
        """Take the next sentences, and find those that overlap, or that words stand in front of."""
        starts, ends = (self._positions(values["article"], values[name]) for name in ("start", "end"))
        before = [self._bounds[-1][1][-1:] if self._bounds else starts[:1], ends[:-1]]
        for row in np.flatnonzero(starts < np.concatenate(before)).tolist():
            yield row, "it begins before the end of the previous sentence"
        self._bounds.append((starts, ends))
        if texts is not None:
            self._texts.add(values["text"])
            for row, words in self._gaps.before(values, texts):
                yield row, f"no sentence has {short(words)!r}, the text before it"

    def left(self, texts: ReleasedTexts) -> Iterator[str]:
        """Find articles that end in words without a sentence, when all sentences were added."""
        for article, words in self._gaps.left(texts):
            yield f"articles {article}: no sentence has {short(words)!r}"

    def number(self, articles: pa.Array) -> Numbers:
        """Return the number of each article in the table of articles."""
        return numbers(pc.index_in(articles, value_set=self._article_ids))

    def places(self, articles: pa.Array, start: pa.Array, end: pa.Array) -> Places:
        """Find where spans stand, when all sentences were added."""
        starts, ends = self._positions(articles, start), self._positions(articles, end)
        first = np.searchsorted(self._all[1], starts, side="right")
        return Places(starts, ends, first, np.maximum(first, np.searchsorted(self._all[0], ends, side="left")))

    def other_contexts(self, values: Values, places: Places, texts: ReleasedTexts) -> Iterator[RowProblem]:
        """Compare the context in each row with the sentences that the quote touches."""
        begins, finishes = self._all
        if not len(begins):
            return
        last = len(begins) - 1
        # A quote within one sentence has that as its context. Of the others, the words are looked up.
        one = np.minimum(places.first, last)
        within = (places.stop == places.first + 1) & (begins[one] <= places.start) & (places.end <= finishes[one])
        same = pc.equal(self._texts.all.take(pa.array(one)), values["context"].cast(pa.large_string()))
        others = np.flatnonzero(~within | ~same.fill_null(fill_value=False).to_numpy(zero_copy_only=False))
        start, end, first, stop = (each[others] for each in places)
        touches, article_start = first < stop, start - numbers(values["start"])[others]
        begin = np.where(touches, np.minimum(begins[np.minimum(first, last)], start), start) - article_start
        finish = np.where(touches, np.maximum(finishes[np.clip(stop - 1, 0, last)], end), end) - article_start
        article, context = (values[name].take(pa.array(others)) for name in ("article", "context"))
        for row in other_words(article, pa.array(begin), pa.array(finish), context, texts):
            yield int(others[row]), "its context is not the sentences with its quote"

    def other_ids(self, values: Values, places: Places) -> Iterator[RowProblem]:
        """Compare the sentence_id in each row with the sentence that the quote lies in."""
        begins, finishes = self._all
        if not len(begins):  # which is said of the articles
            return
        one = np.minimum(places.first, len(begins) - 1)
        within = (places.stop == places.first + 1) & (begins[one] <= places.start) & (places.end <= finishes[one])
        article_start = places.start - numbers(values["start"])
        bounds = (pa.array(each[one] - article_start, mask=~within) for each in (begins, finishes))
        wanted = span_ids(values["article"], **dict(zip(("start", "end"), bounds, strict=True)))
        given = values["sentence_id"]
        differs = pc.or_(
            pc.xor(given.is_null(), wanted.is_null()), pc.not_equal(given, wanted).fill_null(fill_value=False)
        )
        for row in where(differs):
            yield row, f"its sentence_id is {given[row]}, but it is in the sentence {wanted[row]}"

    @cached_property
    def _article_ids(self) -> pa.Array:
        return pa.chunked_array(self._articles, pa.string()).combine_chunks()

    @cached_property
    def _all(self) -> tuple[Numbers, Numbers]:
        """Return the starts and the ends of all sentences."""
        starts, ends = zip(*self._bounds, strict=True) if self._bounds else ([_NO_NUMBERS], [_NO_NUMBERS])
        return np.concatenate(starts), np.concatenate(ends)

    def _positions(self, articles: pa.Array, offsets: pa.Array) -> Numbers:
        return (self.number(articles) << _OFFSET_BITS) + np.clip(numbers(offsets), 0, (1 << _OFFSET_BITS) - 1)


class _Spooled:
    """Keep texts in a scratch file, mapped into memory: those of all sentences are as large as the articles."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the last text in it
        self._sizes: list[Numbers] = []

    def add(self, texts: pa.Array) -> None:
        """Take the next texts; none is null."""
        self._sizes.append(numbers(pc.binary_length(texts)))
        self._file.write(text_bytes(texts))

    @cached_property
    def all(self) -> pa.Array:
        """Return all texts, when there are no more to come."""
        self._file.flush()
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(self._sizes))])
        data = mmap(self._file.fileno(), 0, access=ACCESS_READ) if ends[-1] else b""
        return pa.LargeStringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(data))


class _Gaps:
    """Find words between sentences, which have to follow each other through the text of each article."""

    def __init__(self) -> None:
        self._article, self._text, self._end = "", "", 0
        self._left: list[tuple[str, str]] = []
        self._seen: set[str] = {""}

    def before(self, sentences: Values, texts: ReleasedTexts) -> Iterator[tuple[int, str]]:
        """Find words right before sentences: the number of each sentence, and the words."""
        columns = (sentences[name].to_pylist() for name in ("article", "start", "end"))
        for row, (article, start, end) in enumerate(zip(*columns, strict=True)):
            if article != self._article:
                self._close()
                self._article, self._text, self._end = article, texts.get(article), 0
            if words := self._text[self._end : start].strip():
                yield row, words
            self._end = end

    def left(self, texts: ReleasedTexts) -> list[tuple[str, str]]:
        """Return the articles with words behind their last sentence, or without any sentence, and those words."""
        self._close()
        rest = ((article, texts.get(article).strip()) for article in texts if article not in self._seen)
        return [*self._left, *((article, words) for article, words in rest if words)]

    def _close(self) -> None:
        if words := self._text[self._end :].strip():
            self._left.append((self._article, words))
        self._seen.add(self._article)


def short(words: str, longest: int = 80) -> str:
    """Return words, the end of which is left out if they are many."""
    return words if len(words) <= longest else f"{words[:longest]}…"
