"""The texts of the articles with their sentences, in a scratch file: any of them is at hand, and none is held.

Every article is read, checked and split once. What stays in memory is where each lies, and those that were used last.
"""

import hashlib
import pickle
from array import array
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

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
    """A text as it lies in the file: in UTF-8, with the bounds of its sentences as 4 bytes each, and its record."""

    article: str
    text: bytes
    bounds: bytes
    record: bytes


class _Entry(NamedTuple):
    """Where a text begins in the file, and how many bytes each part of it has."""

    offset: int
    text: int
    bounds: int
    record: int


class Shelf:
    """Texts of registered articles, kept in the file ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers: dict[str, int] = {}
        self._entries = array("Q")  # four numbers for each: a tuple takes four times as much
        self._size = 0
        self._writer = path.open("wb")
        self._begin()

    def _begin(self) -> None:
        self._reader = self.path.open("rb", buffering=0)  # texts are read from here and there
        self._held: OrderedDict[str, ArticleText] = OrderedDict()
        self._points = 0
        self._phrases: Phrases | None = None  # of the long text that was used last

    def __getstate__(self) -> "tuple[Path, dict[str, int], array[int]]":
        """For another process, which only reads: where the file is."""
        return self.path, self._numbers, self._entries

    def __setstate__(self, state: "tuple[Path, dict[str, int], array[int]]") -> None:
        self.path, self._numbers, self._entries = state
        self._begin()

    def add(self, packed: Packed) -> None:
        """Takes a text."""
        self._numbers[packed.article] = len(self._numbers)
        parts = packed.text, packed.bounds, packed.record
        self._entries.extend((self._size, *map(len, parts)))
        self._size += self._writer.write(b"".join(parts))

    def close(self) -> None:
        """Says that all texts are there; before that, none can be got."""
        self._writer.close()

    def get(self, article: str) -> ArticleText | None:
        """The text of an article, if it could be read."""
        held = self._held.get(article)
        if held is not None:
            return held
        entry = self._entry(article)
        if entry is None:
            return None
        self._reader.seek(entry.offset)
        data = memoryview(self._reader.read(entry.text + entry.bounds))
        bounds = array("I", data[entry.text :].tobytes()).tolist()  # faster to search than an array
        text = self._held[article] = ArticleText(article, str(data[: entry.text], "utf-8"), bounds)
        self._points += len(text.text)
        while self._points > HELD and len(self._held) > 1:
            self._points -= len(self._held.popitem(last=False)[1].text)
        return text

    def record(self, article: str) -> Record[Article]:
        """The entry in the register of an article whose text could be read."""
        entry = self._entry(article)
        assert entry
        self._reader.seek(entry.offset + entry.text + entry.bounds)
        record = pickle.loads(self._reader.read(entry.record))  # noqa: S301 - a scratch file of our own
        assert isinstance(record, Record)
        return record

    def _entry(self, article: str) -> _Entry | None:
        number = self._numbers.get(article)
        return None if number is None else _Entry(*self._entries[4 * number : 4 * number + 4])

    def locate(self, text: str, quote: str, prefix: str, suffix: str) -> Span | Missing | Ambiguous:
        """The one place of a quote in a long text, as :func:`~factpack.anchor.locate` finds it, but faster."""
        if self._phrases is None or self._phrases.text is not text:
            self._phrases = Phrases(text)
        return locate(text, quote, prefix, suffix, self._phrases.find)


def pack(registered: RegisteredText) -> Packed:
    """A text as it is put on the shelf."""
    text = registered.text
    return Packed(text.article, text.text.encode(), array("I", text.bounds).tobytes(), pickle.dumps(registered.record))


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
