"""Measure how much of the texts the quotes give: what a release without the texts still passes on of them."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from factpack.dataset.schema import Column, ListOf
from factpack.release.manifest import configs_in
from factpack.release.verification.load import read_batches

REGISTERED_QUOTES = ("title", "publisher_quote", "date_quote")  # quotes of an article that come without offsets
_AT_ONCE = 1_000  # articles whose texts are held


@dataclass(frozen=True, slots=True)
class QuotedShare:
    """Give the shares of characters within quotes: of the article with the least, with the most, and of all."""

    least: float
    most: float
    overall: float


def quoted_share(full: Path) -> QuotedShare | None:
    """Measure what the quotes give of the texts of the release ``full``, each character counted once.

    Returns:
        The shares; ``None`` if the release has no articles.
    """
    spans: dict[str, array[int]] = {}
    for config in configs_in(full):
        wanted = [c.name for c in config.columns if c.name in ("article", "start", "end") or isinstance(c.type, ListOf)]
        for batch in read_batches(full, config.name, wanted) if wanted else ():
            rows = dict(zip(batch.schema.names, batch.columns, strict=True))
            for article, *span in _quotes(rows, config.columns):
                if None not in span:  # else it is a claim or a passage of no article
                    spans.setdefault(article, array("I")).extend(span)
    shares, given, whole = [], 0, 0
    columns = ["id", "text", *REGISTERED_QUOTES]
    for batch in read_batches(full, "articles", columns, _AT_ONCE):
        for row in batch.to_pylist():
            text, bounds = row["text"], spans.get(row["id"], array("I"))
            words = [row[name] for name in REGISTERED_QUOTES if row[name]]
            places = [(at, at + len(quote)) for quote in words if (at := text.find(quote)) >= 0]
            covered = _covered([*zip(bounds[::2], bounds[1::2], strict=True), *places])
            shares.append(covered / max(1, len(text)))
            given, whole = given + covered, whole + len(text)
    return QuotedShare(min(shares), max(shares), given / max(1, whole)) if shares else None


def _quotes(rows: Mapping[str, pa.Array], columns: Sequence[Column]) -> Iterator[tuple[str, int, int]]:
    """Find article, start and end of every quote in some rows and in their lists."""
    if any(column.name == "quote" and column.reads == "nothing" for column in columns):
        places = zip(*(rows[name].to_pylist() for name in ("article", "start", "end")), strict=True)
        yield from ((article, start, end) for article, start, end in places if start is not None)
    for column in columns:
        if isinstance(column.type, ListOf):
            lists = rows[column.name]
            items = lists.flatten()
            inner = dict(zip([each.name for each in column.type.columns], items.flatten(), strict=True))
            holder = {"article": rows["article"].take(pc.list_parent_indices(lists))} if "article" in rows else {}
            yield from _quotes(holder | inner, column.type.columns)


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    """Count the characters in at least one of the spans."""
    covered = reached = 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered
