"""The texts of the articles with their sentences, in a scratch file: any of them is at hand, and none is held.

Every article is read, checked and split once. What stays in memory is where each lies, and those that were used last.
"""

import hashlib
from array import array
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import msgspec

from factpack.anchor import Ambiguous, Missing, Phrases, locate
from factpack.corpus import ArticleText, RegisteredText, SeedFault
from factpack.model import Article
from factpack.project import Project
from factpack.records import RawText, Record
from factpack.sentences import Span, sentence_bounds
from factpack.soundness import is_sound

MAX_ARTICLE_BYTES = 16 * 2**20
HELD = 8 * 2**20  # code points of article text that are held, and at least one text


class Packed(NamedTuple):
    """A text as it lies in the file: in UTF-8, with the bounds of its sentences as 4 bytes each, and its entry in the
    register.
    """

    article: str
    text: bytes
    bounds: bytes
    entry: bytes


class _Lot(NamedTuple):
    """Where a text begins in the file, how many bytes each part of it has, and where its entry stands."""

    offset: int
    text: int
    bounds: int
    entry: int
    place: Record[None]


_ENTRIES = msgspec.msgpack.Decoder(Article)


class Shelf:
    """Texts of registered articles, kept in the file ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lots: dict[str, _Lot] = {}
        self._size = 0
        self._writer = path.open("wb")
        self._begin()

    def _begin(self) -> None:
        self._reader = self.path.open("rb", buffering=0)  # texts are read from here and there
        self._held: OrderedDict[str, ArticleText] = OrderedDict()
        self._points = 0
        self._phrases: Phrases | None = None  # of the long text that was used last

    def __getstate__(self) -> tuple[Path, dict[str, _Lot]]:
        """For another process, which only reads: where the file is."""
        return self.path, self._lots

    def __setstate__(self, state: tuple[Path, dict[str, _Lot]]) -> None:
        self.path, self._lots = state
        self._begin()

    def add(self, record: Record[Article], packed: Packed) -> None:
        """Takes the text of an article."""
        place = Record(None, record.source, record.path)
        sizes = len(packed.text), len(packed.bounds), len(packed.entry)
        self._lots[record.value.id] = _Lot(self._size, *sizes, place)
        self._size += self._writer.write(packed.text + packed.bounds + packed.entry)

    def close(self) -> None:
        """Says that all texts are there; before that, none can be got."""
        self._writer.close()

    def get(self, article: str) -> ArticleText | None:
        """The text of an article, if it could be read."""
        held = self._held.get(article)
        if held is not None:
            return held
        lot = self._lots.get(article)
        return self._text(article, lot, self._data(lot, lot.text + lot.bounds)) if lot else None

    def registered(self, article: str) -> RegisteredText | None:
        """The text of an article and its entry in the register, if the text could be read."""
        lot = self._lots.get(article)
        if lot is None:
            return None
        data = self._data(lot, lot.text + lot.bounds + lot.entry)
        entry = _ENTRIES.decode(data[lot.text + lot.bounds :])
        record = Record(entry, lot.place.source, lot.place.path)
        return RegisteredText(record, self._held.get(article) or self._text(article, lot, data))

    def _data(self, lot: _Lot, size: int) -> memoryview:
        self._reader.seek(lot.offset)
        return memoryview(self._reader.read(size))

    def _text(self, article: str, lot: _Lot, data: memoryview) -> ArticleText:
        """The text that some data begin with, which is held from now on."""
        bounds = array("I", data[lot.text : lot.text + lot.bounds].tobytes()).tolist()  # faster to search than an array
        text = self._held[article] = ArticleText(article, str(data[: lot.text], "utf-8"), bounds)
        self._points += len(text.text)
        while self._points > HELD and len(self._held) > 1:
            self._points -= len(self._held.popitem(last=False)[1].text)
        return text

    def locate(self, text: str, quote: str, prefix: str, suffix: str) -> Span | Missing | Ambiguous:
        """The one place of a quote in a long text, as :func:`~factpack.anchor.locate` finds it, but faster."""
        if self._phrases is None or self._phrases.text is not text:
            self._phrases = Phrases(text)
        return locate(text, quote, prefix, suffix, self._phrases.find)


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
    path = project.seeds.get(record.value.file)
    if path is None:
        return SeedFault(record, "")
    raw = RawText(f"seeds/{record.value.file}", path.read_bytes(), MAX_ARTICLE_BYTES)
    found = hashlib.sha256(raw.data).hexdigest()
    if found != record.value.sha256:
        return SeedFault(record, found)
    if not is_sound(raw):
        return raw
    text = raw.data.decode()
    bounds = sentence_bounds(text, record.value.language)
    return RegisteredText(record, ArticleText(record.value.id, text, bounds))
