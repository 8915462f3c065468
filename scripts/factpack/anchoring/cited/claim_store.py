"""Find any claim of a project by its id, or by its fact, before its own turn comes.

The claims are in a database in a scratch file, which is made when the first is asked for: a project whose evidence
refers to no claim has none, and one with a million claims has none of them in memory.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from rapidfuzz import fuzz, process

from factpack.formats.format import ArticleRecords
from factpack.formats.registry import source_file
from factpack.limits import MAX_LINE_BYTES
from factpack.project.record_models import RecordModels

MAX_NEAR = 200_000  # ids that a wrong one is compared with: some tenths of a second
MAX_COMPARED = 50  # wrong ids that are compared with others
_PENDING = 10_000  # claims that are written at once

#: What evidence that refers to claims looks like; not all ways to write it, which is no harm.
_REFERENCE = re.compile(rb"""claim["']?\s*:\s*["']?[\w.:+/-]+["']?\s*?[,}\r\n]""")  # a name, not a sentence

_TABLE = """
CREATE TABLE claims (
    number INTEGER PRIMARY KEY, id TEXT, article TEXT, speaker TEXT, fact TEXT, value TEXT, label TEXT, words BLOB
);
"""
_INDEX = "CREATE INDEX by_id ON claims (id); CREATE INDEX by_fact ON claims (fact);"
_COLUMNS = "id, article, speaker, fact, value, label, words"
_INSERT = f"INSERT INTO claims ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - of constants
_BY_ID = f"SELECT {_COLUMNS} FROM claims WHERE id = ? ORDER BY number LIMIT 1"  # noqa: S608 - of constants
_BY_FACT = f"SELECT {_COLUMNS} FROM claims WHERE fact = ? AND label IS NOT NULL ORDER BY number LIMIT ?"  # noqa: S608

_BY_WORDS = """
SELECT id FROM claims WHERE words = ? AND article = ? ORDER BY fact != ?, label IS NULL, number LIMIT 10
"""


class CitedClaim(NamedTuple):
    """Give what evidence can take from a claim, or from an unverified passage.

    Attributes:
        id: Its id.
        article: The id of its article; empty if it is in none.
        speaker: Who says so.
        fact: The id of its fact; empty if it answers none.
        value: The answer that it gives.
        label: Its label; ``None`` for an unverified passage.
        words: Its quote, prefix, suffix, and the offset of the quote or ``None``, in MessagePack.
    """

    id: str
    article: str
    speaker: str
    fact: str
    value: str
    label: str | None
    words: bytes

    def passage(self) -> dict[str, Any]:
        """Return the keys of its passage."""
        quote, prefix, suffix, start = msgspec.msgpack.decode(self.words)
        return {
            "article": self.article,
            "quote": quote,
            "prefix": prefix,
            "suffix": suffix,
            "start": UNSET if start is None else start,
        }


def words_of(passage: Any) -> bytes:
    """Return the words of a passage, of a claim or of an unverified passage, in MessagePack."""
    start = None if passage.start is UNSET else passage.start
    return msgspec.msgpack.encode((passage.quote, passage.prefix, passage.suffix, start))


@dataclass(slots=True)
class ClaimStore:
    """Keep the claims and unverified passages of a project in a file.

    Args:
        path: The file, which is written when it is needed.
        sources: The name of each annotation file as it is shown, and where it is.
        models: The models of the records.
        as_found: Whether what is not clean in them is tolerated.
    """

    path: Path
    sources: tuple[tuple[str, Path], ...]
    models: RecordModels
    as_found: bool
    _open: sqlite3.Connection | None = field(default=None, init=False)
    _compared: int = field(default=0, init=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes the same in another process, which opens the file by itself."""
        return ClaimStore, (self.path, self.sources, self.models, self.as_found)

    def prepare(self) -> None:
        """Write the file now, if any of the annotations look as if they needed it."""
        if any(map(_refers, (path for _, path in self.sources))):
            self._connection()

    @property
    def is_complete(self) -> bool:
        """Tell whether every claim could be read; if not, no id can be called unknown."""
        return bool(self._connection().execute("SELECT complete FROM state").fetchone()[0])

    def get(self, name: str) -> CitedClaim | None:
        """Return the first claim or unverified passage with an id."""
        row = self._connection().execute(_BY_ID, [name]).fetchone()
        return CitedClaim(*row) if row else None

    def of_fact(self, fact: str, limit: int) -> list[CitedClaim]:
        """Return the claims on a fact, in the order of the corpus: at most so many."""
        return [CitedClaim(*row) for row in self._connection().execute(_BY_FACT, [fact, limit])]

    def with_passage(self, article: str, words: bytes, fact: str) -> list[str]:
        """Return the ids of claims and unverified passages with a passage: those on a fact first, claims before others.

        Args:
            article: The id of the article.
            words: What :func:`words_of` returns.
            fact: The id of the fact.
        """
        connection = self._connection()
        connection.execute("CREATE INDEX IF NOT EXISTS by_words ON claims (words, article)")
        return [row[0] for row in connection.execute(_BY_WORDS, [words, article, fact])]

    def near(self, name: str) -> list[str]:
        """Return the id that is most like a name, if any is like it; after some names nothing, for it takes long."""
        self._compared += 1
        if self._compared > MAX_COMPARED:
            return []
        ids = (row[0] for row in self._connection().execute("SELECT id FROM claims LIMIT ?", [MAX_NEAR]))
        found = process.extractOne(name, ids, scorer=fuzz.ratio)
        return [found[0]] if found else []

    def close(self) -> None:
        """Close the file, so that it can be removed."""
        if self._open:
            self._open.close()
            self._open = None

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            if not self.path.exists():
                self._write()
            self._open = sqlite3.connect(self.path)
        return self._open

    def _write(self) -> None:
        own = self.path.with_name(f"{self.path.name}.{os.getpid()}")  # another process may write it, too
        with closing(sqlite3.connect(own, isolation_level=None)) as made:
            made.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLE}")
            made.execute("BEGIN")
            complete = True
            rows = self._rows()
            while some := list(islice(rows, _PENDING)):
                complete = complete and None not in some
                made.executemany(_INSERT, filter(None, some))
            made.execute("COMMIT")
            made.executescript(f"{_INDEX} CREATE TABLE state AS SELECT {int(complete)} AS complete;")
        own.replace(self.path)

    def _rows(self) -> Iterator[CitedClaim | None]:
        """Yield every claim and unverified passage, and None for what cannot be read."""
        for name, path in self.sources:
            source = replace(source_file(name, path, self.models), as_found=self.as_found)
            for item in source.format.read(source):
                if not isinstance(item, ArticleRecords):
                    yield None
                    continue
                for claim in item.claims.values:
                    yield CitedClaim(
                        claim.id,
                        item.article,
                        claim.speaker,
                        claim.fact,
                        claim.value,
                        claim.label,
                        words_of(claim),
                    )
                for note in item.unverified.values:
                    yield CitedClaim(note.id, item.article, note.speaker, note.fact, note.value, None, words_of(note))
                if item.invalid or not item.whole:
                    yield None


def _refers(path: Path) -> bool:
    """Tell whether a file looks as if its evidence refers to claims."""
    with path.open("rb") as stream:
        parts = iter(lambda: stream.read(2**20) + stream.readline(MAX_LINE_BYTES), b"")
        return any(b"same-fact" in part or _REFERENCE.search(part) for part in parts)
