"""Keep the texts of the articles and their sentences in a scratch file.

Every article is read, checked and split once. Only the place of each and those that were used last stay in memory.
"""

import hashlib
import os
import unicodedata
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from xxhash import xxh3_128_digest

from factpack.corpus.file_subjects import ArticleFileError
from factpack.corpus.subjects import IdleSentenceWords
from factpack.corpus.types import ArticleText, RegisteredText
from factpack.formats.format import ReadError
from factpack.formats.hygiene import encoding_errors, fatal, read_whole, text_errors
from factpack.formats.locations import AllLocations, Record
from factpack.limits import DEFAULT_LIMITS, MAX_ARTICLE_BYTES, Limits
from factpack.project.checkout import mishap, pointed
from factpack.project.layout import ProjectFiles
from factpack.project.models import Article
from factpack.project.record_models import DEFAULT_MODELS
from factpack.text.locate import Ambiguous, Misplaced, Missing, locate
from factpack.text.mend_sentences import mend_sentences
from factpack.text.phrase_index import PhraseIndex
from factpack.text.sentences import Span, divide_long, line_bounds, sentence_bounds
from factpack.text.word_edges import is_cut

MIN_SEARCHED = 12  # bytes of words that are searched for in all texts: shorter ones are in any
MAX_SEARCHED = 2**32  # bytes that are searched in all for the words that their own article does not have: some seconds
MAX_NEEDLE = 250  # code points of words that are searched for; the rest is compared where these are
CHUNK = 2**22  # bytes that are searched at once

BUFFER = 2**18  # bytes that are written at once

REMEMBERED = 2**18  # quotes whose places are kept, in 12 bytes each; a power of two

_BLANKS = b" \t\r\n"


class PackedText(NamedTuple):
    """Encode a text for the file.

    Attributes:
        article: The id of the article.
        text: Its text in UTF-8.
        bounds: The bounds of its sentences, in 4 bytes each.
        entry: Its entry in the register, in MessagePack.
    """

    article: str
    text: bytes
    bounds: bytes
    entry: bytes


class Cut(NamedTuple):
    """Report words that are in a text, but begin or end within a word, or with a blank.

    Attributes:
        span: Their span.
    """

    span: Span


@dataclass(slots=True)
class _CachedText:
    """Keep a text in memory, with the number of quotes searched for in it, and its index as soon as that pays."""

    text: ArticleText
    searches: int = 0
    phrases: PhraseIndex | None = None


class TextStore:
    """Keep the texts of registered articles in a file.

    Those that were used last are cached. An index lives as long as its text is cached, and takes 12 bytes for each code
    point: 96 MiB in all, or 192 MiB for the longest article.

    Args:
        path: The file, which is written.
        limits: The bounds of what is cached.

    Attributes:
        repeated: The articles with the text of an earlier one, but for blanks and line ends, each with that one.
    """

    def __init__(self, path: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self.path = path
        self.limits = limits
        self.models = DEFAULT_MODELS  # until the scheme is read
        self.repeated: list[tuple[str, str]] = []
        self._contents: dict[bytes, str] = {}  # the first article with a text, by a digest of it without blanks
        self._numbers: dict[str, int] = {}  # of the texts, by article
        self._offsets = array("Q", [0])  # in the file: where a text begins, its bounds, its entry, and the next text
        self._places = AllLocations()  # where its entry stands in the register
        self._writer = path.open("wb", buffering=BUFFER)
        self._begin()

    def _begin(self) -> None:
        self._reader = self.path.open("rb", buffering=0)
        self._cached: OrderedDict[str, _CachedText] = OrderedDict()  # the one that was used last is the last
        self._points = 0
        self._searchable = MAX_SEARCHED
        self._known = array("q", bytes(8 * REMEMBERED))  # a hash of the article and the quote, where its bits say
        self._starts = array("I", bytes(4 * REMEMBERED))  # where the quote is

    def __getstate__(self) -> tuple[Any, ...]:
        """Return the state for another process, which only reads: where the file is, and what is where in it."""
        return self.path, self.limits, self.models, self._numbers, self._offsets, self._places

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.path, self.limits, self.models, self._numbers, self._offsets, self._places = state
        self._begin()

    def add(self, record: Record[Article], packed: PackedText) -> None:
        """Add the text of an article."""
        self._numbers[record.value.id] = len(self._numbers)
        self._places.add(record)
        content = xxh3_128_digest(packed.text.translate(None, _BLANKS))
        first = self._contents.setdefault(content, packed.article)
        if first != packed.article and packed.text.strip():
            self.repeated.append((packed.article, first))
        for part in (packed.text, packed.bounds, packed.entry):
            self._offsets.append(self._offsets[-1] + self._writer.write(part))

    def close(self) -> None:
        """Finish the file; no text can be read before that."""
        self._contents.clear()
        self._writer.close()

    def get(self, article: str) -> ArticleText | None:
        """Return the text of an article, if it could be read."""
        number = self._numbers.get(article)
        return None if number is None else self._cache(article, number).text

    def registered(self, article: str) -> RegisteredText | None:
        """Return the text of an article and its entry in the register, if the text could be read."""
        number = self._numbers.get(article)
        if number is None:
            return None
        data = self._data(number, 3)
        packed = data[self._offsets[3 * number + 2] - self._offsets[3 * number] :]
        entry = msgspec.msgpack.decode(packed, type=self.models.article)
        record = self._places.record(number, entry)
        return RegisteredText(record, self._cache(article, number, data).text)

    def article_with(self, words: str) -> str:
        """Return the id of an article that has some words, or nothing if none has them.

        All texts are searched, so far as they are not too many to search for every quote that is not found.
        """
        data = words[:MAX_NEEDLE].encode()
        if len(data) < MIN_SEARCHED:
            return ""
        with self.path.open("rb") as stream:
            begin = 0  # of what is searched now
            while self._searchable > 0 and (chunk := stream.read(CHUNK)):
                self._searchable -= len(chunk)
                at = chunk.find(data)
                while at >= 0:
                    number, part = divmod(bisect_right(self._offsets, begin + at) - 1, 3)
                    name = next(islice(self._numbers, number, None))
                    if part == 0 and words in self._cache(name, number).text.text:  # not in what lies between two texts
                        return name
                    at = chunk.find(data, self._offsets[3 * number + 3] - begin)
                if len(chunk) == CHUNK:
                    stream.seek(1 - len(data), os.SEEK_CUR)  # the words can lie across the end of the chunk
                begin = stream.tell()
        return ""

    def _data(self, number: int, parts: int) -> memoryview:
        """Read the first parts of what the file has of a text."""
        start, stop = self._offsets[3 * number], self._offsets[3 * number + parts]
        self._reader.seek(start)
        return memoryview(self._reader.read(stop - start))

    def _cache(self, article: str, number: int, data: memoryview | None = None) -> _CachedText:
        """Return the text of an article and cache it; ``data`` begin with it, if they have been read."""
        if cached := self._cached.get(article):
            self._cached.move_to_end(article)
            return cached
        data = self._data(number, 2) if data is None else data
        start, middle, end = self._offsets[3 * number : 3 * number + 3]
        bounds = data[middle - start : end - start].cast("I").tolist()  # faster to search than an array
        cached = self._cached[article] = _CachedText(ArticleText(article, str(data[: middle - start], "utf-8"), bounds))
        self._points += len(cached.text.text)
        while self._points > self.limits.cached and len(self._cached) > 1:
            self._points -= len(self._cached.popitem(last=False)[1].text.text)
        return cached

    def find(self, text: ArticleText, words: Any) -> Span | Cut | Missing | Ambiguous | Misplaced:
        """Find the only place of a quote in a text; the last ones that were found are not searched for again."""
        quote = words.quote
        if words.prefix or words.suffix or words.start is not UNSET:
            start = None if words.start is UNSET else words.start
            return _whole(text.text, self._locate(text, quote, words.prefix, words.suffix, start))
        # One claim's quote is another one's evidence: taking this out costs +11% of a check of 100,000 claims.
        key = hash((text.article, quote))
        slot = key & (REMEMBERED - 1)
        if self._known[slot] == key and text.text.startswith(quote, at := self._starts[slot]):
            return Span(at, at + len(quote))
        found = _whole(text.text, self._locate(text, quote, "", "", None))
        if isinstance(found, Span):
            self._known[slot], self._starts[slot] = key, found.start
        return found

    def _locate(
        self, text: ArticleText, quote: str, prefix: str, suffix: str, start: int | None
    ) -> Span | Missing | Ambiguous | Misplaced:
        """Find the only place of a quote in a text, in a long one by an index."""
        if len(text.text) < self.limits.long_text:
            return locate(text.text, quote, prefix, suffix, start=start)
        return self.locate(text.article, quote, prefix, suffix, start)

    def locate(
        self, article: str, quote: str, prefix: str, suffix: str, start: int | None = None
    ) -> Span | Missing | Ambiguous | Misplaced:
        """Find the only place of a quote in a long text, as :func:`~factpack.text.locate.locate` does, but faster."""
        cached = self._cache(article, self._numbers[article])
        cached.searches += 1
        if cached.phrases is None and cached.searches > self.limits.index_after:
            cached.phrases = PhraseIndex(cached.text.text)
        find = cached.phrases.find if cached.phrases else None
        return locate(cached.text.text, quote, prefix, suffix, find, start=start)


def _whole(text: str, found: Span | Missing | Ambiguous | Misplaced) -> Span | Cut | Missing | Ambiguous | Misplaced:
    """Tell words that are found from those that are found, but cut."""
    return Cut(found) if isinstance(found, Span) and is_cut(text, found) else found


def pack(registered: RegisteredText) -> PackedText:
    """Encode a text for the file."""
    text = registered.text
    return PackedText(
        text.article,
        text.text.encode(),
        array("I", text.bounds).tobytes(),
        msgspec.msgpack.encode(registered.record.value),
    )


def composed(name: str) -> str:
    """Return a file name in the normalization form NFC."""
    return unicodedata.normalize("NFC", name)


@lru_cache(maxsize=1)
def _composed(names: frozenset[str]) -> frozenset[str]:
    return frozenset(composed(name) for name in names if not name.isascii())


def load(
    project: ProjectFiles, record: Record[Article]
) -> Iterator[RegisteredText | IdleSentenceWords | ArticleFileError | ReadError]:
    """Yield the text of a registered article, or why it cannot be used; and what mends none of its sentences."""
    name = f"seeds/{record.value.file}"
    if record.value.file not in project.seeds:
        other_form = not record.value.file.isascii() and composed(record.value.file) in _composed(project.seeds)
        yield ArticleFileError(record, "", other_form=other_form)
        return
    data, errors = read_whole(name, f"{project.root}/{name}", MAX_ARTICLE_BYTES)  # a Path takes longer than to read it
    if errors:  # before the digest, which would be of something else
        yield from errors
        return
    if errors := encoding_errors(name, data):
        yield from errors
        return
    found = hashlib.sha256(data).hexdigest()
    if found != record.value.sha256 or pointed(data):
        yield ArticleFileError(record, found, mishap(data, record.value.sha256))
        return
    errors = text_errors(name, data, as_found=project.as_found)
    yield from errors
    if not fatal(errors):
        text = data.decode()
        words = record.value.sentences
        lines = words is not UNSET and words.boundaries == "lines"
        bounds = line_bounds(text) if lines else sentence_bounds(text, record.value.language)
        if words is not UNSET:
            mended = mend_sentences(text, bounds, words.join, words.split)
            bounds = mended.bounds
            for number in mended.idle_joins:
                yield IdleSentenceWords(record.value.id, "join", record.at("sentences", "join", number))
            for number in mended.idle_splits:
                yield IdleSentenceWords(record.value.id, "split", record.at("sentences", "split", number))
        yield RegisteredText(record, ArticleText(record.value.id, text, divide_long(text, bounds)))
