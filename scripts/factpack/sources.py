"""The files of a project as typed records, each with the place it was read from, or as what is wrong with them.

A record that fits its model is accepted by msgspec in one step. One that does not is explained, so that every misfit is
reported at once, with its line and column.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

import msgspec

from factpack import cache
from factpack.lines import WHOLE_FILE, Block, Stretch, read_blocks
from factpack.misfits import misfits
from factpack.model import (
    ArticleFile,
    ArticlesFile,
    Claim,
    ClaimLine,
    NotCheckable,
    NotCheckableLine,
    Unverified,
    UnverifiedLine,
)
from factpack.records import (
    LISTS,
    JsonLine,
    Misfit,
    Places,
    Record,
    Records,
    SyntaxFault,
    Trouble,
    Unfit,
    Whole,
    YamlFile,
    read_raw,
)
from factpack.soundness import is_sound, unclean
from factpack.syntax import CutOff, Fault, Malformed, Plain, Position, read_yaml

MAX_YAML_BYTES = 16 * 2**20  # about 20,000 claims; long before that JSON Lines is the better choice

#: The models of the lines of an annotation file, by their ``kind``.
LINES: dict[str, type[msgspec.Struct]] = {
    "claim": ClaimLine,
    "unverified": UnverifiedLine,
    "not_checkable": NotCheckableLine,
}


def read_yaml_file(
    name: str, path: FilePath, model: type[msgspec.Struct], lists: tuple[str, ...] = ()
) -> Iterator[Whole | Record[Any] | Unfit | Trouble]:
    """The records of a YAML file: those in each of its ``lists``, or the whole file as one if none is named.

    What is wrong with one record does not hide the next one.
    """
    raw = read_raw(name, path, MAX_YAML_BYTES)
    file = YamlFile(name, path, hashlib.sha256(raw.data).digest())
    if not is_sound(raw):
        yield raw
        yield Unfit(Record(None, file), whole=True)
        return
    plain, faults = _read_yaml(raw.data)
    yield from (SyntaxFault(name, fault) for fault in faults)
    whole: Record[Plain] = Record(plain, file)
    if plain is None and faults:
        yield Unfit(whole, whole=True)
        return
    found = list(unclean(whole)) if b"\\" in raw.data else []
    fitting: msgspec.Struct | None = None
    try:
        fitting = msgspec.convert(plain, model)
    except msgspec.ValidationError:
        found += misfits(whole, model)
    if model is ArticlesFile:
        found = [_with_sum(misfit, plain, path.parent.parent) for misfit in found]
    yield from found
    if not lists:
        yield Unfit(whole, whole=True) if found else Record(fitting, file)
        return
    bad = {misfit.part.path[:2] for misfit in found}
    yield Whole(whole)
    if any(len(path) < 2 for path in bad):  # noqa: PLR2004 - (list, index) is the path of a record
        yield Unfit(whole, whole=True)
    for field_ in msgspec.structs.fields(model):
        items = plain.get(field_.name) if isinstance(plain, dict) and field_.name in lists else None
        values = getattr(fitting, field_.name, None)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            at = (field_.name, index)
            if at in bad:
                yield Unfit(Record(item, file, at), whole=False)
            else:
                value = values[index] if values else msgspec.convert(item, field_.type.__args__[0])
                yield Record(value, file, at)


def _with_sum(misfit: Misfit, plain: Plain, root: FilePath) -> Misfit:
    """The misfit; with the sum of the text, where that is missing in an entry of the register or is none."""
    match misfit.part.path:
        case ("articles", int(index), "sha256"):
            pass
        case ("articles", int(index)) if misfit.keyword == "required":
            pass
        case _:
            return misfit
    file = plain["articles"][index].get("file")
    path = root / "seeds" / file if isinstance(file, str) and "/" not in file else root
    if not path.is_file() or not path.resolve().is_relative_to(root):
        return misfit
    with path.open("rb") as stream:
        return replace(misfit, sum=hashlib.file_digest(stream, "sha256").hexdigest())


def _read_yaml(data: bytes) -> tuple[Plain, list[Fault]]:
    known = cache.get(data)
    if known:
        return known[0], []
    cut_off: list[CutOff] = []
    plain, faults = read_yaml(data.decode(), cut_off=cut_off)
    if not faults and not cut_off:  # what is known of a file says nothing of what is wrong with it
        cache.put(data, plain)
    return plain, [*faults, *cut_off]


_BEGIN = re.compile(rb"\s*(?:\[|\{\s*\n)")  # of no JSON Lines file


def _in_one_piece(path: FilePath) -> bool:
    """Whether a JSON Lines file is JSON as other programs write it: every line of it would be wrong."""
    with path.open("rb") as stream:
        return _BEGIN.match(stream.read(1_000)) is not None


@dataclass(frozen=True, slots=True)
class ArticleRecords:
    """What is annotated in one article, in the file's order.

    ``named`` is where the article is named. ``unfit`` are the records that do not fit their models. ``whole`` is false
    if something that may belong to the article could not be read.
    """

    article: str
    named: Record[Any]
    claims: Records[Claim]
    unverified: Records[Unverified]
    not_checkable: Records[NotCheckable]
    unfit: tuple[Record[Plain], ...]
    whole: bool


def no_annotations(article: str, file: YamlFile, *, whole: bool) -> ArticleRecords:
    """What is annotated in an article where nothing is; ``file`` is where it would be."""
    nothing: Records[Any] = Records([], Places(file))
    return ArticleRecords(article, Record(None, file), nothing, nothing, nothing, (), whole)


def read_annotations(
    name: str, path: FilePath, stretch: Stretch = WHOLE_FILE
) -> Iterator[ArticleRecords | Unfit | Trouble]:
    """The annotations in one file: of one article, if it is YAML, or of one article after another, if it is JSON Lines.

    An ``Unfit`` says that some article is annotated here, but not which.
    """
    if path.suffix == ".jsonl":
        first = JsonLine(name, path, 0, 0)
        if _in_one_piece(path):
            if stretch.start == 0:
                yield SyntaxFault(
                    name, Malformed(Position(1, 1), "JSON Lines", "its records have no lines of their own")
                )
            yield Unfit(Record(None, first), whole=True)
        else:
            yield from _group_lines(read_blocks(name, path, LINES, stretch), first)
        return
    named: Record[Any] | None = None
    records: dict[str, Records[Any]] = {}
    unfit: list[Record[Plain]] = []
    named_well = whole = True
    for item in read_yaml_file(name, path, ArticleFile, LISTS):
        match item:
            case Record():
                list_, index = str(item.path[0]), int(item.path[1])
                records[list_].add(item.value, index, LISTS.index(list_))
            case Whole():
                named = item.record
                records = {list_: Records([], Places(named.source)) for list_ in LISTS}
            case Unfit():
                whole = False
                unfit.append(item.record)
            case _:
                named_well = named_well and not (isinstance(item, Misfit) and item.part.path == ("article",))
                yield item
    article = named.value.get("article") if named and isinstance(named.value, dict) else None
    if named and named_well and isinstance(article, str):
        claims, unverified, not_checkable = records.values()
        yield ArticleRecords(article, named, claims, unverified, not_checkable, tuple(unfit), whole)
    else:
        yield Unfit(Record(None, YamlFile(name, path)), whole=True)


class _Grouping:
    """Lines on their way into articles: what is known so far of the article that they are of."""

    def __init__(self, source: JsonLine) -> None:
        self.source = source
        self.article: str | None = None
        self.nobodys = False  # the line before could not be read, and may have been of the article that comes next

    def begin(self, article: str, named: Record[Any]) -> Iterator[ArticleRecords]:
        """The article before, if there was one; what follows is of this one."""
        yield from self.end()
        self.article, self.named = article, named
        self.records: dict[type, Records[Any]] = {model: Records([], Places(self.source)) for model in LINES.values()}
        self.unfit: list[Record[Plain]] = []
        self.whole = not self.nobodys

    def end(self) -> Iterator[ArticleRecords]:
        """The article, if there is one."""
        if self.article is not None:
            claims, unverified, not_checkable = self.records.values()
            unfit = tuple(self.unfit)
            yield ArticleRecords(self.article, self.named, claims, unverified, not_checkable, unfit, self.whole)

    def block(self, block: Block) -> Iterator[ArticleRecords]:
        """Takes lines that are records; the articles that end among them."""
        for value, number, offset in block:
            if value.article != self.article:
                named = Record(value, JsonLine(self.source.name, self.source.file, number, offset))
                yield from self.begin(value.article, named)
            self.records[type(value)].add(value, number, offset)
            self.nobodys = False

    def misfit(self, item: Unfit) -> Iterator[ArticleRecords | Unfit]:
        """Takes a line that is none; the article that ends before it."""
        article = item.record.value.get("article") if isinstance(item.record.value, dict) else None
        if isinstance(article, str):
            if article != self.article:
                yield from self.begin(article, item.record)
            self.unfit.append(item.record)
        else:
            yield Unfit(item.record, whole=True)
        self.nobodys = not isinstance(article, str)
        self.whole = False


def _group_lines(
    items: Iterator[Block | Unfit | Trouble], source: JsonLine
) -> Iterator[ArticleRecords | Unfit | Trouble]:
    grouping = _Grouping(source)
    for item in items:
        if isinstance(item, Block):
            yield from grouping.block(item)
        elif isinstance(item, Unfit):
            yield from grouping.misfit(item)
        else:
            yield item
    yield from grouping.end()
