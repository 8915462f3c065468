"""Compare the page of a release with its tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.dataset.columns import Tables, tables_of
from factpack.dataset.words import STATUS
from factpack.limits import MAX_PAGE_BYTES, read_within
from factpack.release.card import Content
from factpack.release.layout import MANIFEST
from factpack.release.verification.load import read_batches
from factpack.release.verification.rows.relations import items_of, numbers
from factpack.release.verification.rows.row_checks import Values
from factpack.viewer.excerpts import cited, excerpts
from factpack.viewer.extra_values import Extra, page_extra
from factpack.viewer.page import data_of, with_data
from factpack.viewer.page_data import (
    PageData,
    PageFact,
    PageGiven,
    PageMark,
    PagePassage,
    Votes,
    page_given,
)

T = TypeVar("T")


def page_problems(folder: Path, name: str, content: Content) -> Iterator[str]:
    """Compare what the page of a release shows with its tables."""
    html = read_within(folder / name, MAX_PAGE_BYTES)
    try:
        data = data_of(html.decode())
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        yield f"it is not a factpack page: {error}"
        return
    if with_data(data, content.dataset, content.counts).encode() != html:
        yield f"it does not follow from the tables and {MANIFEST}"
        return
    shown = {article.id: article for article in data.articles}
    told = ("id", "file", "language", "title", "publisher", "date")
    sources, divided = _sources(folder)
    marks = list(_all_marks(data))
    passages = cited((mark for _, mark in marks), data.facts, sources)
    bounds_of = _bounds(folder, {name for name in sources if passages[name]})
    for values in batches_of(folder, "articles", *told, "text"):
        for *row, text in zip(*(_plain(values[name]) for name in (*told, "text")), strict=True):
            article = shown.pop(row[0], None)
            # One without sentences is what the page says: they alone tell that nothing is annotated in it.
            source = row[0] in sources or (article is not None and article.only_source and row[0] not in divided)
            part = excerpts(text, bounds_of.get(row[0], ()), passages.get(row[0], ())) if source else ()
            wanted = (*row, "" if source else text, part, source)
            names = (*told, "text", "excerpts", "only_source")
            if article is None or wanted != tuple(getattr(article, name) for name in names):
                yield f"it does not show the article {row[0]} as in the table"
    yield from (f"it shows the article {article}, which is not in the tables" for article in shown)
    tables = tables_of(content.counts.scheme)
    listed = [(article, mark) for article, mark in marks if _is_in_a_table(mark)]
    if set(_marks(folder, tables)) != set(listed) or len(set(listed)) != len(listed):
        yield "it shows other claims, unverified passages or sentences than the tables"
    if tuple(_facts(folder, tables)) != data.facts:
        yield "it shows other facts than the table"


def _sources(folder: Path) -> tuple[set[str], set[str]]:
    """Return which articles have sentences of which nothing is accounted for, and which have any."""
    sources: set[str] = set()
    divided: set[str] = set()
    for values in batches_of(folder, "sentences", "article", "status"):
        divided.update(pc.unique(values["article"]).to_pylist())
        sources.update(pc.unique(values["article"].filter(pc.is_null(values["status"]))).to_pylist())
    return sources, divided


def _bounds(folder: Path, names: set[str]) -> dict[str, list[int]]:
    """Return the bounds of those sentences of some articles."""
    found: dict[str, list[int]] = {name: [] for name in names}
    wanted = pa.array(sorted(names), pa.string())
    for values in batches_of(folder, "sentences", "article", "start", "end", "status"):
        own = pc.and_(pc.is_null(values["status"]), pc.is_in(values["article"], wanted))
        rows = (_plain(values[name].filter(own)) for name in ("article", "start", "end"))
        for article, start, end in zip(*rows, strict=True):
            found[article] += (start, end)
    return found


def _all_marks(data: PageData) -> Iterator[tuple[str, PageMark]]:
    """Return what is noted about each article, or about none."""
    for article, marks in (*((each.id, each.marks) for each in data.articles), ("", data.claims)):
        yield from ((article, mark) for mark in marks)


def _is_in_a_table(mark: PageMark) -> bool:
    """Tell whether a mark is in a table by itself. Words that are not checkable are in none, only their sentences."""
    return mark.kind != "not_checkable"


def _marks(folder: Path, tables: Tables) -> Iterator[tuple[str, PageMark]]:
    """Make the same from the tables."""
    plain = ("start", "end", "id", "claim", "speaker", "fact", "value", "rationale", "correction")
    named = {column.name: column.names for column in (tables.label, tables.basis)}
    added = tuple(tables.scheme.columns.claims)
    votes = _Votes(folder, tables)
    claims: set[str] = set()
    for values in batches_of(folder, "claims", "article", *plain, *named, "evidence", "quote", *added):
        given = {name: _plain(values[name], named.get(name)) for name in (*plain, *named)}
        given["evidence"] = _passages(values["evidence"], tables)
        claims.update(given["id"])
        given["votes"] = [votes.cast.get((claim, ""), ()) for claim in given["id"]]
        given["given"] = _given(values["evidence"], tables, votes.on_passages(given["id"]))
        given["extra"] = _extra(values, added)
        yield from zip(_plain(values["article"]), _structs(PageMark, given), strict=True)
    noted = tuple(name for name in plain if name != "correction")
    for values in batches_of(folder, "propositions", "article", *noted, "near", "quote", *added):
        given = {name: _plain(values[name]) for name in noted}
        given["kind"] = ["unverified"] * len(given["id"])
        given["near"] = _passages(values["near"], tables)
        given["extra"] = _extra(values, added)
        marks = zip(_plain(values["article"]), _structs(PageMark, given), strict=True)
        yield from ((article, mark) for article, mark in marks if mark.id not in claims)
    for values in batches_of(folder, "sentences", "article", "start", "end", "status"):
        open_ones = pa.array(np.flatnonzero(numbers(values["status"]) == STATUS.names.index("unaccounted")))
        given = {name: _plain(values[name].take(open_ones)) for name in ("start", "end")}
        given["kind"] = ["unaccounted"] * len(open_ones)
        yield from zip(_plain(values["article"].take(open_ones)), _structs(PageMark, given), strict=True)


def _facts(folder: Path, tables: Tables) -> Iterator[PageFact]:
    for values in batches_of(folder, "facts", "id", "question", "settled_value", "settled_by"):
        given = {"id": _plain(values["id"]), "question": _plain(values["question"])}
        given |= {"settled": _plain(values["settled_value"]), "passages": _passages(values["settled_by"], tables)}
        yield from _structs(PageFact, given)


def batches_of(folder: Path, config: str, *columns: str) -> Iterator[Values]:
    """Yield some columns of a table, batch by batch; nothing of one that is not there, because it has no rows."""
    for batch in read_batches(folder, config, columns):
        yield dict(zip(batch.schema.names, batch.columns, strict=True))


def _plain(column: pa.Array, names: Sequence[str] | None = None) -> list[Any]:
    """Return the values of a column as the page has them: names for their numbers, nothing for null."""
    if names:
        return ["" if number is None else names[number] for number in column.to_pylist()]
    if pa.types.is_integer(column.type):
        return list(numbers(column).tolist())
    return list(column.fill_null("").to_pylist())


def _passages(lists: pa.Array, tables: Tables) -> list[tuple[PagePassage, ...]]:
    """Return the passages in each list."""
    items, counts = items_of(lists), pc.list_value_length(lists).to_pylist()
    stances = _plain(items["stance"], tables.stance.names) if "stance" in items else [""] * len(items["start"])
    quotes = pc.if_else(pc.is_null(items["start"]), items["quote"], "")  # the page has those without an article
    starts, ends = (_plain(items[name].fill_null(0)) for name in ("start", "end"))
    every = map(PagePassage, _plain(items["article"]), starts, ends, stances, _plain(quotes))
    return [tuple(islice(every, count)) for count in counts]


class _Votes:
    """Read the votes of annotators on claims and passages; those of readings are on spans."""

    def __init__(self, folder: Path, tables: Tables) -> None:
        self.cast: dict[tuple[str, str], Votes] = {}  # by the ids of the claim and, for a vote on a passage, the pair
        self.pairs: dict[str, list[str]] = {}  # by the id of their claim
        if tables.scheme.votes == "forbidden":
            return
        columns = ("unit", "claim_id", "evidence_id", "reading")
        for values in batches_of(folder, "votes", *columns, "vote", "stance"):
            votes, stances = _plain(values["vote"], tables.vote.names), _plain(values["stance"], tables.stance.names)
            for unit, claim, pair, by, vote, stance in zip(
                *(_plain(values[name]) for name in columns), votes, stances, strict=True
            ):
                if unit in (claim, pair):
                    self.cast[claim, pair] = (*self.cast.get((claim, pair), ()), (by, stance if pair else vote))
        for values in batches_of(folder, "evidence", "id", "claim_id"):
            for pair, claim in zip(_plain(values["id"]), _plain(values["claim_id"]), strict=True):
                self.pairs.setdefault(claim, []).append(pair)

    def on_passages(self, claims: Iterable[str]) -> list[Votes]:
        """Return the votes on each passage of some claims; nothing where annotators cast none."""
        return [self.cast.get((claim, pair), ()) for claim in claims for pair in self.pairs.get(claim, ())]


def _given(lists: pa.Array, tables: Tables, votes: list[Votes]) -> list[tuple[PageGiven, ...]]:
    """Return what the passages in each list have beside their words."""
    items, counts = items_of(lists), pc.list_value_length(lists).to_pylist()
    columns: dict[str, Sequence[object]] = {"extra": _extra(items, tuple(tables.scheme.columns.evidence))}
    if "source" in items:
        columns["source"] = _plain(items["source"])
    if "groups" in items:
        columns["groups"] = [tuple(names) for names in items["groups"].to_pylist()]
    if any(votes) and len(votes) == len(items["quote"]):
        columns["votes"] = votes
    every = _structs(PageGiven, columns)
    return [page_given(islice(every, count)) for count in counts]


def _extra(values: Values, names: Sequence[str]) -> list[Extra]:
    """Return the values of the columns that the project adds, as the page has them."""
    columns = {name: values[name].to_pylist() for name in names}
    return [page_extra({name: column[row] for name, column in columns.items()}) for row in range(len(values["quote"]))]


def _structs(kind: Callable[..., T], columns: Mapping[str, Sequence[object]]) -> Iterator[T]:
    names = tuple(columns)
    return (kind(**dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True))
