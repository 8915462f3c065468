"""What text must not hold: bytes that are not UTF-8, control characters, byte order marks, another form than NFC."""

import re
import unicodedata
from collections.abc import Iterator

from factpack.records import Misfit, RawText, Record
from factpack.syntax import Path, Plain

_CONTROLS = {chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0xFEFF)} - set("\t\n\r")


def control_characters(text: str) -> list[int]:
    """The indices of C0 and C1 controls other than tab and line ends, of deletes and of byte order marks."""
    return [] if _CONTROLS.isdisjoint(text) else [i for i, c in enumerate(text) if c in _CONTROLS]


def is_sound(raw: RawText) -> bool:
    """Whether the bytes are text as it is wanted here; the rules on :class:`RawText` say why not."""
    if raw.too_large:
        return False
    try:
        raw.data.decode()
    except UnicodeDecodeError:
        return False
    return clean(raw.data)


#: Bytes that no sound text has, and those that begin a C1 control or are a byte order mark.
_FOREIGN_BYTES = bytes(b for b in (*range(0x20), 0x7F) if b not in b"\t\n\r")
_C1_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def clean(data: bytes) -> bool:
    """Whether UTF-8 has no control character, no byte order mark, and is in form C."""
    if len(data.translate(None, _FOREIGN_BYTES)) != len(data):
        return False
    if (b"\xef" in data and _BYTE_ORDER_MARK in data) or (b"\xc2" in data and _C1_CONTROLS.search(data)):
        return False
    return unicodedata.is_normalized("NFC", data.decode())


def unclean(whole: Record[Plain]) -> Iterator[Misfit]:
    r"""Text that an escape (``\u0007``) has made what it could not have been as it stands."""
    for path, value in _strings(whole.value, whole.path):
        if control_characters(value):
            yield Misfit(Record(value, whole.source, path), "control", None)
        elif not unicodedata.is_normalized("NFC", value):
            yield Misfit(Record(value, whole.source, path), "nfc", None)


def _strings(plain: Plain, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(plain, str):
        yield path, plain
    elif isinstance(plain, dict | list):
        for key, value in plain.items() if isinstance(plain, dict) else enumerate(plain):
            yield from _strings(value, (*path, key))
