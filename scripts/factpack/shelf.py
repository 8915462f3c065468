"""The texts of the articles with their sentences, in a scratch file: any of them is at hand, and none is held.

Every article is read, checked and split once. What stays in memory is where each lies, and those that were used last.
"""

import hashlib
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from factpack.anchor import Ambiguous, Missing, Phrases, locate
from factpack.corpus import ArticleText, RegisteredText, SeedFault
from factpack.model import Article
from factpack.project import Project
from factpack.records import AllPlaces, Places, RawText, Record, read_raw
from factpack.sentences import Span, sentence_bounds
from factpack.soundness import is_sound

MAX_ARTICLE_BYTES = 16 * 2**20
BUFFER = 2**18  # bytes that are written at once
HELD = 8 * 2**20  # code points of article text that are held, and at least one text
INDEX_AFTER = 500  # quotes that are looked for in a long text before it gets an index: about what that takes to make


class Packed(NamedTuple):
    """A text as it lies in the file: in UTF-8, with the bounds of its sentences as 4 bytes each, and its entry in the
    register.
    """

    article: str
    text: bytes
    bounds: bytes
    entry: bytes


@dataclass(slots=True)
class _Held:
    """A text that is held, how many quotes were looked for in it, and its index from the time on when that pays."""

    text: ArticleText
    sought: int = 0
    phrases: Phrases | None = None


_ENTRIES = msgspec.msgpack.Decoder(Article)


class Shelf:
    """Texts of registered articles, kept in the file ``path``.

    Those that were used last are held: up to ``HELD`` code points, or one text that is longer. An index lives as long
    as its text is held, and takes 12 bytes for each of these code points: 96 MiB, or 192 MiB for the longest article.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers: dict[str, int] = {}  # of the texts, by article
        self._offsets = array("Q", [0])  # in the file: where a text begins, its bounds, its entry, and the next text
        self._places = AllPlaces()  # where its entry stands in the register
        self._writer = path.open("wb", buffering=BUFFER)
        self._begin()

    def _begin(self) -> None:
        self._reader = self.path.open("rb", buffering=0)
        self._held: OrderedDict[str, _Held] = OrderedDict()  # the one that was used last is the last
        self._points = 0

    def __getstate__(self) -> tuple[Any, ...]:
        """For another process, which only reads: where the file is, and what is where in it."""
        return self.path, self._numbers, self._offsets, self._places

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.path, self._numbers, self._offsets, self._places = state
        self._begin()

    def add(self, record: Record[Article], packed: Packed) -> None:
        """Takes the text of an article."""
        self._numbers[record.value.id] = len(self._numbers)
        self._places.extend(Places.one(record))
        for part in (packed.text, packed.bounds, packed.entry):
            self._offsets.append(self._offsets[-1] + self._writer.write(part))

    def close(self) -> None:
        """Says that all texts are there; before that, none can be got."""
        self._writer.close()

    def get(self, article: str) -> ArticleText | None:
        """The text of an article, if it could be read."""
        number = self._numbers.get(article)
        return None if number is None else self._hold(article, number).text

    def registered(self, article: str) -> RegisteredText | None:
        """The text of an article and its entry in the register, if the text could be read."""
        number = self._numbers.get(article)
        if number is None:
            return None
        data = self._data(number, 3)
        entry = _ENTRIES.decode(data[self._offsets[3 * number + 2] - self._offsets[3 * number] :])
        record = self._places.record(number, entry)
        return RegisteredText(record, self._hold(article, number, data).text)

    def _data(self, number: int, parts: int) -> memoryview:
        """The first parts of what the file has of a text."""
        start, stop = self._offsets[3 * number], self._offsets[3 * number + parts]
        self._reader.seek(start)
        return memoryview(self._reader.read(stop - start))

    def _hold(self, article: str, number: int, data: memoryview | None = None) -> _Held:
        """The text of an article, which is held from now on; ``data`` begin with it, if they have been read."""
        if held := self._held.get(article):
            self._held.move_to_end(article)
            return held
        data = self._data(number, 2) if data is None else data
        start, middle, end = self._offsets[3 * number : 3 * number + 3]
        bounds = data[middle - start : end - start].cast("I").tolist()  # faster to search than an array
        held = self._held[article] = _Held(ArticleText(article, str(data[: middle - start], "utf-8"), bounds))
        self._points += len(held.text.text)
        while self._points > HELD and len(self._held) > 1:
            self._points -= len(self._held.popitem(last=False)[1].text.text)
        return held

    def locate(self, article: str, quote: str, prefix: str, suffix: str) -> Span | Missing | Ambiguous:
        """The one place of a quote in a long text, as :func:`~factpack.anchor.locate` finds it, but faster."""
        held = self._hold(article, self._numbers[article])
        held.sought += 1
        if held.phrases is None and held.sought > INDEX_AFTER:
            held.phrases = Phrases(held.text.text)
        return locate(held.text.text, quote, prefix, suffix, held.phrases.find if held.phrases else None)


def pack(registered: RegisteredText) -> Packed:
    """A text as it is put on the shelf."""
    text = registered.text
    return Packed(
        text.article,
        text.text.encode(),
        array("I", text.bounds).tobytes(),
        msgspec.msgpack.encode(registered.record.value),
    )


def load(project: Project, record: Record[Article]) -> RegisteredText | SeedFault | RawText:
    """The text of a registered article, or why it cannot be used."""
    name = f"seeds/{record.value.file}"
    if record.value.file not in project.seeds:
        return SeedFault(record, "")
    raw = read_raw(name, f"{project.root}/{name}", MAX_ARTICLE_BYTES)  # to make a Path takes longer than to read it
    if raw.too_large:  # before the sum, which would be of something else
        return raw
    found = hashlib.sha256(raw.data).hexdigest()
    if found != record.value.sha256:
        return SeedFault(record, found)
    if not is_sound(raw):
        return raw
    text = raw.data.decode()
    bounds = sentence_bounds(text, record.value.language)
    return RegisteredText(record, ArticleText(record.value.id, text, bounds))
