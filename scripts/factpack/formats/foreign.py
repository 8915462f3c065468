"""Recognize what a file is that is no text in UTF-8: another encoding, a document of an office program, an archive."""

from factpack.formats.format import ReadError
from factpack.formats.locations import Location

#: How files begin: https://en.wikipedia.org/wiki/List_of_file_signatures.
_BEGINNINGS = {
    b"%PDF-": "a PDF document",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an office document (such as .doc)",
    b"PK\x03\x04": "a ZIP archive",
    b"PK\x05\x06": "a ZIP archive",
    b"\x1f\x8b\x08": "a gzip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF87a": "a GIF image",
    b"GIF89a": "a GIF image",
}
#: What a ZIP archive is, by the names of the files in it, which are not compressed.
_ARCHIVES = {
    b"word/": "a Word document (.docx)",
    b"xl/": "an Excel table (.xlsx)",
    b"ppt/": "a PowerPoint presentation (.pptx)",
    b"vnd.oasis.opendocument.text": "an OpenDocument text (.odt)",
    b"vnd.oasis.opendocument.spreadsheet": "an OpenDocument table (.ods)",
    b"application/epub+zip": "an EPUB book",
}
_LOOKED_AT = 65_536  # bytes at each end of an archive: its directory is at its end

_MARKS = {b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_FIRST = (*_BEGINNINGS, *_MARKS)
_NOT_ASCII = bytes(range(0x80, 0x100))
_SAMPLE = 1_000  # bytes in which UTF-16 shows
_SELDOM = 0.25  # of the letters of a text in Latin script are not in ASCII, or fewer
_MOSTLY = 0.4  # of every other byte of Latin text in UTF-16 is zero, and none of the others


def foreign_errors(name: str, data: bytes) -> list[ReadError]:
    """Return the error of a file that is no text, or a text in another encoding than UTF-8; none for any other file."""
    if not data.startswith(_FIRST) and b"\0" not in data[:_SAMPLE]:  # as nearly always
        return []
    if what := document_in(data):
        return [ReadError("not-text", Location(name, 1, 1), what)]
    if encoding := wide_encoding(data):
        return [ReadError("other-encoding", Location(name, 1, 1), encoding)]
    return []


def document_in(data: bytes) -> str:
    """Return what bytes are that are no text, by how they begin; nothing, if they may be text."""
    what = next((what for begin, what in _BEGINNINGS.items() if data.startswith(begin)), "")
    if what == "a ZIP archive":
        parts = data[:_LOOKED_AT] + data[-_LOOKED_AT:]
        return next((kind for name, kind in _ARCHIVES.items() if name in parts), what)
    return what


def wide_encoding(data: bytes) -> str:
    """Return UTF-16 or UTF-32, if that is the encoding; without a byte order mark only Latin text shows it."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return encoding
    some = data[:_SAMPLE]
    even, odd = some[::2].count(0), some[1::2].count(0)
    few, many = sorted((even, odd))
    return "UTF-16" if len(some) > 1 and not few and many > _MOSTLY * len(some) / 2 else ""


def as_windows_1252(data: bytes, byte: int) -> str:
    """Return the character that a byte is in Windows-1252; nothing, if the text does not look as if it were that."""
    foreign = len(data) - len(data.translate(None, _NOT_ASCII))
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    return bytes([byte]).decode("cp1252") if foreign < _SELDOM * len(data) else ""
