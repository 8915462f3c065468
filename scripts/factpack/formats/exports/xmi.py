"""Read UIMA XMI, as INCEpTION exports it (https://docs.oasis-open.org/uima/v1.0/uima-v1.0.html): offsets are UTF-16.

An annotation is of a type that is called ``Claim``, ``Unverified``, ``NotCheckable`` or ``Evidence``; its features are
named after the keys of a record. A relation (``Governor``, ``Dependent``) has a feature ``stance``.
"""

import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, ClassVar
from xml.parsers import expat

from factpack.formats.exports.record import ExportError, ExportFormat, ExportRecord, begins_with
from factpack.formats.exports.regions import KINDS, Region, Relation, key_name, to_records
from factpack.formats.locations import Path, Position

_XMI_ID = "{http://www.omg.org/XMI}id"
_OWN = {"sofa", "begin", "end", "Governor", "Dependent"}


class XmiFormat(ExportFormat):
    """Read UIMA XMI. The path of a place is its line and its column."""

    name: ClassVar[str] = "xmi"
    title: ClassVar[str] = "UIMA XMI"

    def detect(self, path: FilePath) -> bool:
        """Return whether a file is named as XMI is, and begins like it."""
        return path.suffix == ".xmi" and b"http://www.omg.org/XMI" in begins_with(path)

    def records(self, text: str, stem: str) -> Iterator[ExportRecord | ExportError]:
        """Yield the records of all views."""
        elements: list[tuple[str, dict[str, str], Path]] = []
        parser = expat.ParserCreate(namespace_separator="}")

        def refuse(*_: Any) -> None:
            raise _RefusedError

        def start(name: str, attributes: dict[str, str]) -> None:
            keys = {("{" + key if "}" in key else key): value for key, value in attributes.items()}
            place = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
            elements.append((name.rpartition("}")[2], keys, place))

        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        parser.StartElementHandler = start
        try:
            parser.Parse(text.encode(), True)  # noqa: FBT003 - of the standard library
        except _RefusedError:
            place = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
            yield ExportError(
                "malformed", place, "it has a document type declaration, which XMI does not need and which can do harm"
            )
        except expat.ExpatError as error:
            yield ExportError("malformed", (error.lineno, error.offset + 1), expat.errors.messages[error.code])
        else:
            yield from _records(elements, stem)

    def position(self, text: str, path: Path) -> Position:
        """Return line and column of an element."""
        del text
        return Position(int(path[0]), int(path[1])) if path else Position(1, 1)


class _RefusedError(Exception):
    """Report that there is a document type."""


def _records(elements: list[tuple[str, dict[str, str], Path]], stem: str) -> Iterator[ExportRecord | ExportError]:
    sofas = {keys.get(_XMI_ID, ""): keys for name, keys, _ in elements if name == "Sofa"}
    metadata = next((keys for name, keys, _ in elements if name == "DocumentMetaData"), {})
    named = metadata.get("documentTitle") or metadata.get("documentId") or stem
    article = re.split(r"[_.]", named.rpartition("/")[2])[0]
    if not sofas:
        yield ExportError("malformed", (), "it has no text (cas:Sofa)")
        return
    if len(sofas) > 1:
        yield ExportError("malformed", (), "it has several views; export each document separately")
        return
    texts = {article: next(iter(sofas.values())).get("sofaString", "")}
    regions, relations = [], []
    for name, keys, place in elements:
        features = {key_name(key): value for key, value in keys.items() if key not in _OWN and not key.startswith("{")}
        if "Governor" in keys and "Dependent" in keys:
            stance = features.get("stance") or features.get("label", "")
            if stance:
                relations.append(Relation(keys["Dependent"], keys["Governor"], stance, place))
        elif (kind := _kind(name)) in KINDS:
            begin, end = (int(keys[key]) if keys.get(key, "").isdecimal() else None for key in ("begin", "end"))
            regions.append(Region(keys.get(_XMI_ID, ""), article, kind, begin, end, None, place, features))
    yield from to_records(texts, regions, relations, units="only UTF-16")


def _kind(name: str) -> str:
    """Return what a type stands for: ``NotCheckable`` is ``not_checkable``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
