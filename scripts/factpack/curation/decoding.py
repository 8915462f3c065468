"""Decode the file of an article, whatever program saved it, and say what has to change in its text."""

import re
import unicodedata
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path

from factpack.errors import CurationError
from factpack.formats.foreign import as_windows_1252, document_in, wide_encoding
from factpack.formats.hygiene import control_characters

_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|\?xml)\b", re.IGNORECASE | re.DOTALL)
_LOOKED_AT = 4_096  # bytes in which HTML says what it is
_SAVE = "Open it in the program that made it, and save it as plain text (.txt) in UTF-8."
_STEPS = {
    ".pdf": "Copy its text into a text file, or run `pdftotext -enc UTF-8`. Then correct line breaks and hyphens.",
    ".html": "Open it in a browser, and copy the text of the article into a text file.",
}
_SUFFIXES = {
    **dict.fromkeys([".doc", ".docx", ".odt", ".rtf", ".epub", ".pages"], "an office document"),
    ".pdf": "a PDF document",
    **dict.fromkeys([".htm", ".html", ".xhtml", ".mht", ".mhtml"], "a web page"),
}


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Give the text of an article, as it can be used.

    Attributes:
        text: The text.
        found: What the file is: ``UTF-8``, or another encoding.
        changes: What differs from the characters of the file, a sentence each; none if its bytes stay as they are.
    """

    text: str
    found: str
    changes: tuple[str, ...]


def decode_article(path: Path, data: bytes, *, as_found: bool = False) -> DecodedText:
    """Decode the bytes of an article.

    Args:
        path: Where they are from, for its suffix.
        data: The bytes.
        as_found: Whether nothing but the encoding may change.

    Raises:
        CurationError: It is no text; the message says what to do.
    """
    _refuse_document(path, data)
    text, found = _decode(path, data)
    changes = [] if found == "UTF-8" else [f"convert {found} to UTF-8"]
    if not as_found:
        text, more = _cleaned(text)
        changes += more
    if not text.strip():
        message = f"{path} has no text"
        raise CurationError(message)
    return DecodedText(text, found, tuple(changes))


def _refuse_document(path: Path, data: bytes) -> None:
    """Refuse what is no text, by its content or by its suffix."""
    what, suffix = document_in(data), path.suffix.lower()
    if not what and _HTML.match(data[:_LOOKED_AT].removeprefix(BOM_UTF8)):
        what = "a web page"
    what = what or _SUFFIXES.get(suffix, "")
    if what:
        kind = ".pdf" if "PDF" in what else ".html" if "web page" in what else ""
        step = "Add a text." if "image" in what else "Unpack it." if "archive" in what else _STEPS.get(kind, _SAVE)
        message = f"{path} is {what}, not text. {step}"
        raise CurationError(message)


def _decode(path: Path, data: bytes) -> tuple[str, str]:
    """Return the text, and its encoding."""
    wide = wide_encoding(data)
    if wide:
        try:
            return _decode_wide(data, wide), wide
        except UnicodeDecodeError as error:
            message = f"{path} begins like {wide} but is not: {error.reason} at byte {error.start}. Save it as UTF-8."
            raise CurationError(message) from error
    marked = data.startswith(BOM_UTF8)
    try:
        return data.removeprefix(BOM_UTF8).decode(), "UTF-8 with a byte order mark" if marked else "UTF-8"
    except UnicodeDecodeError as error:
        if not as_windows_1252(data, data[error.start]):
            message = (
                f"{path} is in an unknown encoding: byte 0x{data[error.start]:02X} is not valid UTF-8. "
                "Open it in the program that made it, and save it as UTF-8."
            )
            raise CurationError(message) from error
        return data.decode("cp1252"), "what looks like Windows-1252"


def _decode_wide(data: bytes, encoding: str) -> str:
    marks = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
    if data.startswith(marks):
        return data.decode(encoding)  # the mark says which byte is first
    little = data[1::2].count(0) >= data[::2].count(0)
    return data.decode("utf-16-le" if little else "utf-16-be")


def _cleaned(text: str) -> tuple[str, list[str]]:
    """Return the text with plain line ends, in form C and without control characters, and what had to change."""
    changes = []
    ends = text.count("\r")
    if ends:
        text = re.sub("\r\n?", "\n", text)
        changes.append(f"replace {ends:,} line ending{'s' if ends > 1 else ''} (CR LF or CR) with LF")
    if controls := len(control_characters(text)):
        text = "".join(" " if c in "\f\v" else c for c in text if c in "\f\v" or not control_characters(c))
        changes.append(f"remove {controls:,} control character{'s' if controls > 1 else ''}")
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        lines = sum(one != other for one, other in zip(text.split("\n"), composed.split("\n"), strict=True))
        changes.append(f"normalize {lines:,} line{'s' if lines > 1 else ''} to Unicode form NFC")
    return composed, changes
