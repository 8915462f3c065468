"""How much of the texts the quotes of a release give: what a release without the texts still passes on of them."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from factpack.columns import Column, Items
from factpack.folder import configs_in
from factpack.loading import table_file

_REGISTERED = ("title", "publisher_quote", "date_quote")  # quotes of an article that come without offsets
_AT_ONCE = 1_000  # articles whose texts are held


@dataclass(frozen=True, slots=True)
class Quoted:
    """The shares of characters that stand in quotes: of the article with the least, with the most, and of all."""

    least: float
    most: float
    overall: float


def quoted(full: Path) -> Quoted:
    """What the quotes give of the texts of the release ``full``, each character counted once."""
    spans: dict[str, array[int]] = {}
    for config in configs_in(full):
        wanted = [c.name for c in config.columns if c.name in ("article", "start", "end") or isinstance(c.type, Items)]
        for batch in table_file(full, config.name).iter_batches(columns=wanted) if wanted else ():
            rows = dict(zip(batch.schema.names, batch.columns, strict=True))
            for article, *span in _quotes(rows, config.columns):
                spans.setdefault(article, array("I")).extend(span)
    shares, given, whole = [], 0, 0
    columns = ["id", "text", *_REGISTERED]
    for batch in table_file(full, "articles").iter_batches(_AT_ONCE, columns=columns):
        for row in batch.to_pylist():
            text, bounds = row["text"], spans.get(row["id"], array("I"))
            words = [row[name] for name in _REGISTERED if row[name]]
            places = [(at, at + len(quote)) for quote in words if (at := text.find(quote)) >= 0]
            covered = _covered([*zip(bounds[::2], bounds[1::2], strict=True), *places])
            shares.append(covered / max(1, len(text)))
            given, whole = given + covered, whole + len(text)
    return Quoted(min(shares), max(shares), given / max(1, whole))


def _quotes(rows: Mapping[str, pa.Array], columns: Sequence[Column]) -> Iterator[tuple[str, int, int]]:
    """Article, start and end of every quote in some rows and in the lists that they hold."""
    if any(column.name == "quote" and column.reads == "nothing" for column in columns):
        yield from zip(*(rows[name].to_pylist() for name in ("article", "start", "end")), strict=True)
    for column in columns:
        if isinstance(column.type, Items):
            lists = rows[column.name]
            items = lists.flatten()
            inner = dict(zip([each.name for each in column.type.columns], items.flatten(), strict=True))
            holder = {"article": rows["article"].take(pc.list_parent_indices(lists))} if "article" in rows else {}
            yield from _quotes(holder | inner, column.type.columns)


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    """How many characters lie in at least one of the spans."""
    covered = reached = 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered
