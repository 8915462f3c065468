"""Read annotations and registers that are written in YAML: one file for an article, or for a register."""

import hashlib
import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, ClassVar

import msgspec

from factpack.formats.cache import ParseCache
from factpack.formats.format import (
    WHOLE_FILE,
    ArticleRecords,
    ByteRange,
    Entry,
    InvalidRecord,
    ReadError,
    RegisterFormat,
    record_models,
)
from factpack.formats.hygiene import compose, encoding_errors, fatal, read_whole, text_errors
from factpack.formats.locations import Address, Path, Plain, Position, Record, Records, SourceFile
from factpack.formats.schema_errors import convert
from factpack.formats.yaml_parser import Positions, read_yaml, yaml_positions
from factpack.limits import MAX_ARTICLE_BYTES, MAX_YAML_BYTES
from factpack.project.checkout import pointed
from factpack.project.models import AdjudicationsFile, ArticleFile, ArticlesFile, FactsFile

#: The lists of records in any file. An address has the number of the list in it, from 1, and the index in the list.
LISTS = tuple(
    name for model in (ArticleFile, ArticlesFile, FactsFile, AdjudicationsFile) for name in record_models(model)
)


@dataclass(frozen=True, slots=True)
class _Document:
    """Carry a YAML file as far as it could be read.

    Attributes:
        whole: Its plain data.
        value: What it is by its model, if all of it fits.
        errors: Everything that is wrong.
        invalid: The paths of the records that do not fit; shorter ones concern the file as a whole.
        readable: Whether there is data to look for records in.
    """

    whole: Record[Plain]
    value: Any = None
    errors: list[ReadError] = field(default_factory=list)
    invalid: frozenset[Path] = frozenset()
    readable: bool = True

    def records(self, model: type[msgspec.Struct]) -> Iterator[tuple[str, Record[Any] | InvalidRecord]]:
        """Yield the records in each list with its name, and what does not fit; nothing hides what comes after it."""
        if not self.readable or any(len(path) < 2 for path in self.invalid):  # noqa: PLR2004 - (list, index) is a record
            yield "", InvalidRecord(self.whole, whole=True)
        if not self.readable:
            return
        for name, record_model in record_models(model).items():
            items = self.whole.value.get(name) if isinstance(self.whole.value, dict) else None
            values = getattr(self.value, name, None)
            for index, item in enumerate(items if isinstance(items, list) else ()):
                address = Address(index, LISTS.index(name) + 1)
                if (name, index) in self.invalid:
                    yield name, InvalidRecord(Record(item, self.whole.source, address), whole=False)
                else:
                    value = values[index] if values else msgspec.convert(item, record_model)
                    yield name, Record(value, self.whole.source, address)


@dataclass(frozen=True)
class YamlFormat(RegisterFormat):
    """Read YAML in which every scalar is the text that the author wrote.

    Attributes:
        cache: What files were parsed to before; ``None`` to parse them every time.
    """

    cache: ParseCache | None = field(default=None, compare=False)

    name: ClassVar[str] = "yaml"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml",)
    one_article: ClassVar[bool] = True

    def detect(self, path: FilePath) -> bool:
        """Return whether the file is named as YAML is here."""
        return path.suffix in self.suffixes

    def read(
        self, file: SourceFile, part: ByteRange = WHOLE_FILE
    ) -> Iterator[ArticleRecords | InvalidRecord | ReadError]:
        """Yield the annotations of the one article in a file, and everything that is wrong with it."""
        del part
        model = file.models.article_file
        document = self._load(file, model)
        yield from document.errors
        plain, source = document.whole.value, document.whole.source
        default = "" if "article" in file.models.scheme.optional else None
        article = plain.get("article", default) if isinstance(plain, dict) else None
        if not isinstance(article, str) or any(error.path == ("article",) for error in document.errors):
            yield InvalidRecord(document.whole, whole=True)
            return
        columns: dict[str, Records[Any]] = {name: Records(source) for name in record_models(model)}
        invalid: list[Record[Plain]] = []
        for name, item in document.records(model):
            if isinstance(item, Record):
                columns[name].add(item.value, item.address)
            else:
                invalid.append(item.record)
        claims, unverified, not_checkable = columns.values()
        named, whole = document.whole, not invalid
        yield ArticleRecords(article, named, claims, unverified, not_checkable, tuple(invalid), whole)

    def read_register(
        self, file: SourceFile, model: type[msgspec.Struct]
    ) -> Iterator[Record[Any] | InvalidRecord | ReadError]:
        """Yield the records in the lists of a file, or the whole file as one if its model has no lists of records."""
        document = self._load(file, model)
        yield from document.errors
        if record_models(model):
            for _, item in document.records(model):
                yield item
        elif document.value is None or document.invalid:
            yield InvalidRecord(document.whole, whole=True)
        else:
            yield Record(document.value, document.whole.source)

    def locate(self, file: SourceFile, address: Address, path: Path, *, key: bool = False) -> Position:
        """Return line and column of a value in a record, or in the file."""
        positions = _positions(file)
        path = ((LISTS[address.offset - 1], address.index) if address.offset else ()) + path
        while path and path not in positions:
            path = path[:-1]
        found = positions.get(path)
        return (found.key if key else found.value) if found else Position(1, 1)

    def entries(self, file: SourceFile, lines: Collection[int]) -> Iterator[Entry]:
        """Yield every entry of every list, after the file itself."""
        del lines
        data, errors = read_whole(file.name, file.path, MAX_YAML_BYTES)
        if errors:
            return
        positions: dict[Path, Positions] = {}
        plain, _ = read_yaml(_text(data), positions=positions)
        lists = plain if isinstance(plain, dict) else {}
        article = str(lists.get("article", file.path.stem))
        yield Entry(Position(1, 1), "", article, None)
        for path, found in positions.items():
            match path:
                case (str(name), int(index)) if 0 <= index < len(lists.get(name) or ()):
                    yield Entry(found.value, name, article, lists[name][index])

    def _load(self, file: SourceFile, model: type[msgspec.Struct]) -> _Document:
        data, errors = read_whole(file.name, file.path, MAX_YAML_BYTES)
        source = replace(file, digest=hashlib.sha256(data).digest())
        data = data.removeprefix(BOM_UTF8)  # which YAML allows
        unclean = errors or text_errors(file.name, data, composed=file.as_found, as_found=file.as_found)
        if fatal(unclean):
            return _Document(Record(None, source), errors=unclean, readable=False)
        plain, errors = self._parse(file.name, data)
        if not file.as_found and not data.isascii() and not unicodedata.is_normalized("NFC", data.decode()):
            plain = compose(plain)
        whole: Record[Plain] = Record(plain, source)
        if plain is None and errors:
            return _Document(whole, errors=[*unclean, *errors], readable=False)
        if b"start" in data:
            _read_numbers(plain)
        value, found = convert(whole, model, escapes=b"\\" in data)
        found = list(_with_nulls(found, data))
        invalid = frozenset(error.path[:2] for error in found if not error.tolerated)
        if issubclass(model, ArticlesFile):
            found = [each for error in found for each in _with_digest(error, plain, file.path.parent.parent)]
        for error in errors:
            if error.kind == "missing-dash":
                invalid |= {(), error.detail[:2]}  # an entry is lost in the one before it
        return _Document(whole, value, [*unclean, *errors, *found], invalid)

    def _parse(self, name: str, data: bytes) -> tuple[Plain, list[ReadError]]:
        known = self.cache and self.cache.get(data)
        if known:
            return known[0], []
        comments: list[ReadError] = []
        plain, errors = read_yaml(data.decode(), name, comments=comments)
        if self.cache and not errors and not comments:  # what is known of a file says nothing of what is wrong with it
            self.cache.put(data, plain)
        return plain, [*errors, *comments]


_NUMBER = re.compile(r"-?[0-9]{1,18}")


def _read_numbers(plain: Plain) -> None:
    """Make numbers of the offsets, which are text like every value; what is no number stays text."""
    if isinstance(plain, dict):
        start = plain.get("start")
        if isinstance(start, str) and _NUMBER.fullmatch(start):
            plain["start"] = int(start)
    for part in plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ():
        _read_numbers(part)


@lru_cache(maxsize=4)  # the positions of a large file take a gigabyte
def _positions(file: SourceFile) -> dict[Path, Positions]:
    data, _ = read_whole(file.name, file.path, MAX_YAML_BYTES)
    return yaml_positions(_text(data))


def _text(data: bytes) -> str:
    return data.removeprefix(BOM_UTF8).decode(errors="replace")


def _with_nulls(errors: list[ReadError], data: bytes) -> Iterator[ReadError]:
    """Yield the errors; another kind of them where a key has no value because there is a word for that."""
    positions: dict[Path, Positions] | None = None
    lines = data.decode().split("\n")  # as YAML counts them here
    for error in errors:
        if error.value is None and _NULL.search(data):
            positions = positions or yaml_positions(data.decode())
            found = positions.get(error.path)
            word = _NULL_WORD.match(lines[found.value.line - 1], found.value.column - 1) if found else None
            yield replace(error, kind="null", value=word[0]) if word else error
        else:
            yield error


_NULL = re.compile(rb"~|(?i:null)")
_NULL_WORD = re.compile(r"~|null|Null|NULL")


def _with_digest(error: ReadError, plain: Plain, root: FilePath) -> Iterator[ReadError]:
    """Yield the error; with the digest of the article, if the register gives none or a malformed one.

    Where the file of the article is no text, that is the error: its digest would be of no use.
    """
    match error.path:
        case ("articles", int(index), "sha256"):
            pass
        case ("articles", int(index)) if error.kind == "required":
            pass
        case _:
            yield error
            return
    file = plain["articles"][index].get("file")
    path = root / "seeds" / file if isinstance(file, str) and "/" not in file else root
    if not path.is_file() or not path.resolve().is_relative_to(root):
        yield error
        return
    data, too_large = read_whole(file, path, MAX_ARTICLE_BYTES)
    foreign = encoding_errors(f"seeds/{file}", data)
    yield from foreign
    if too_large or pointed(data) or (foreign and _other_keys(error)):
        yield error
    elif not foreign:
        yield replace(error, sha256=hashlib.sha256(data).hexdigest())


def _other_keys(error: ReadError) -> bool:
    """Tell whether an error of an article is about other keys than its digest."""
    return error.kind == "required" and any(key not in error.value for key in error.detail if key != "sha256")
