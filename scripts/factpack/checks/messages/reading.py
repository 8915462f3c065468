"""Word what cannot be read from a file: its bytes and its syntax."""

from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.formats.format import ReadError
from factpack.formats.hygiene import MAX_LISTED
from factpack.formats.locations import Location
from factpack.limits import too_large
from factpack.project.layout import SEEDS

#: The hint for what is wrong in a text that is taken as it was found.
AS_FOUND = "It is kept because dataset.yaml sets `text: as-found`. A quote must have it too where the article has it."


@message("error", "too-large")
def file_too_large(error: ReadError) -> Problem:
    """Keep files, which are read into memory, within these limits: 16 MiB for a YAML file, an article or the
    guidelines, 4 MiB for a line of JSON Lines, 4 GiB for the history of the releases.

    Bad: annotations/000.yaml with 100,000 claims (90 MB)

    Good: annotations/claims.jsonl with one claim per line, which is read line by line
    """
    hint = "Put a large corpus into JSON Lines, one record per line, and split an article this long into several files."
    return Problem(error.place, too_large(error.value, error.detail), hint)


@message("error", "not-text")
def not_text(error: ReadError) -> Problem:
    """Save articles and annotations as plain text, not as office documents, PDF files, archives or images.

    Bad: ``seeds/005_news.docx``

    Good: ``seeds/005_news.txt``, saved as plain text in UTF-8
    """
    save = "Open it in the program that made it, and save or copy its text as plain text in UTF-8."
    hint = f"{save} {_REGISTER}" if _is_article(error) else save
    return Problem(error.place, f"file is {error.value}, not text", hint)


@message("error", "not-utf8", "other-encoding")
def not_utf8(error: ReadError) -> Problem:
    """Save articles and annotations as UTF-8, because in another encoding an offset would mean another character.

    Bad: a file saved as Windows-1252, where the curly apostrophe is the byte 0x92

    Good: the same file saved as UTF-8
    """
    encoding, what = error.value, f"file is {error.value}, not UTF-8"
    if error.kind == "not-utf8":
        encoding = "WINDOWS-1252" if error.detail else "ITS_ENCODING"
        looks = f"; the file looks like Windows-1252, where this byte is {error.detail}" if error.detail else ""
        what = f"byte 0x{error.value:02X} is not valid UTF-8{looks}"
    save = f"Save the file as UTF-8: choose that encoding in your editor, or run `iconv -f {encoding} -t UTF-8`."
    return Problem(error.place, what, f"{save} {_REGISTER}" if _is_article(error) else save)


_REGISTER = "Then register the saved file with its own SHA-256."


def _is_article(error: ReadError) -> bool:
    return isinstance(error.place, Location) and error.place.file.startswith(f"{SEEDS}/")


@message("error", "not-nfc")
def not_nfc(error: ReadError) -> Problem:
    """Save articles in Unicode normalization form C, so that the same letter has the same code points in article, quote
    and query. Annotations are normalized when they are read.

    It is a warning if ``dataset.yaml`` sets ``text: as-found``.

    Bad: ``cafe`` followed by U+0301 COMBINING ACUTE ACCENT

    Good: ``café`` with U+00E9
    """
    hint = "Normalize the file with `uconv -x any-nfc`, or with your editor's command for Unicode normalization."
    hint = f"{hint} {_REGISTER}" if _is_article(error) else hint
    what = "text is not in Unicode normalization form C (NFC) from here on"
    return Problem(error.place, what, *((AS_FOUND, "warning") if error.tolerated else (hint,)))


@message("error", "control-character", "byte-order-mark")
def control_character(error: ReadError) -> Problem:
    """Leave no control characters in a text except tabs and line endings, and no byte order mark: they are invisible
    and shift offsets. It is a warning if ``dataset.yaml`` sets ``text: as-found``.

    Bad: ``Musk<U+0008> said``

    Good: ``Musk said``
    """
    more = f" (the first {MAX_LISTED} of {error.detail} are listed)" if error.detail > MAX_LISTED else ""
    hint, what = "Delete the character.", f"text contains the control character U+{ord(error.value):04X}{more}"
    if error.kind == "byte-order-mark":
        what = f"text begins with a byte order mark, U+{ord(error.value):04X}{more}"
        hint = "Save the file as UTF-8 without a byte order mark (BOM)."
        hint = f"{hint} {_REGISTER}" if _is_article(error) else hint
    return Problem(error.place, what, *((AS_FOUND, "warning") if error.tolerated else (hint,)))


_YAML_HINT = (
    "Put text that contains `: ` or ` #`, or begins with one of \" ' [ { - @ ` % & * ! | >, between quotation marks. "
    "Indent with spaces only, by the same width within a list."
)
#: What messages call the exports of annotation tools.
_EXPORTS = {"a JSON export of Label Studio", "UIMA XMI", "JSONL of doccano", "JSONL of Prodigy"}
_BACKSLASH = (
    r"Between double quotes, \ starts an escape: \n is a line break, \U a character by its number. Put the text "
    r"between single quotes, where \ is an ordinary character ('C:\Users'), or double it "
    r'("C:\\Users").'
)
#: What helps against the commonest errors, by words of the message.
_YAML_HINTS = {
    "mapping values are not allowed": (
        "Put text that contains `: ` between quotation marks, and each key on its own line."
    ),
    "found a tab character": "Indent with spaces, not tabs.",
    "unknown escape": _BACKSLASH,
    "hexdecimal": _BACKSLASH,
    "invalid Unicode character": _BACKSLASH,
    "cannot start any token": (
        "Indent with spaces, not tabs. Put text that begins with @ ` or % between quotation marks."
    ),
    "could not find expected ':'": (
        "Write `: `, a colon and a space, after the key. Indent text that continues from the line above further than "
        "its key."
    ),
    "merge conflict": "Keep the right lines of both sides, and delete the lines with <<<<<<<, ======= and >>>>>>>.",
    "part of the text on the line above": (
        "Begin the key in the column of the keys above it. Add `: ` after the key on the line above if it is missing. "
        "Put text that contains `: ` between quotation marks."
    ),
    "not an entry of the list": (
        "Begin an entry in that column with a dash and a space. Begin a key in the column of the keys above it."
    ),
    "not a key of the mapping": (
        "Begin a key of the mapping in that column. Begin a list entry, with its dash, in the column of the entries "
        "above it."
    ),
    "quotation mark": (
        "Add the second quotation mark where the text ends. Within '…' write '' for ', within \"…\" write \\\" for \"."
    ),
    "this bracket is not closed": (
        "Close it, put a comma between its parts, and put text that begins with a bracket between quotation marks."
    ),
    "did not find expected ','": (
        "Put a comma between the parts, and put text that contains brackets or commas between quotation marks."
    ),
    "is not allowed here": "Delete the character, or write it as an escape between double quotes.",
    "nested more than": "Annotation files are never nested that deep. Look for stray brackets or dashes.",
}


@message("error", "malformed-yaml")
def malformed_yaml(error: ReadError) -> Problem:
    """Write annotation files in well-formed YAML.

    Bad: ``quote: He said: no`` (a colon and a space inside a plain scalar)

    Good: ``quote: "He said: no"``
    """
    hint = next((hint for words, hint in _YAML_HINTS.items() if words in error.value), _YAML_HINT)
    return Problem(error.place, f"invalid YAML: {error.value}", hint)


_JSON_HINTS = {
    "escape": (
        r"Between double quotes, \ starts an escape: \n is a line break, \u a character by its number. Double it where "
        r'you mean the character itself: "C:\\Users".'
    ),
    "JSON": "Write one complete JSON object on the line, with double quotes around keys and text.",
    "JSON Lines": "Write one record per line, without brackets or commas around it (`jq -c '.[]'` splits an array).",
}


@message("error", "malformed-json")
def malformed_json(error: ReadError) -> Problem:
    """Write one JSON object on every line of a JSON Lines file. Arrays and objects over several lines are not allowed.

    Bad: ``{"kind": "claim", "id": 'a'}``

    Good: ``{"kind": "claim", "id": "a"}``
    """
    is_escape = "escape" in error.value.lower() and "surrogate" not in error.value
    hint = _JSON_HINTS["escape" if is_escape else error.detail]
    return Problem(error.place, f"invalid {error.detail}: {error.value}", hint)


@message("error", "region")
def region_without_text(error: ReadError) -> Problem:
    """Export a region with the words that the text has at its offsets, in Unicode code points or in UTF-16 units,
    whichever fits.

    Bad: a region from 30 to 44 with the text ‘opened in 1911’, where the article has ‘pened in 1911.’

    Good: the region marked again in the annotation tool
    """
    (start, end), (there, wanted) = error.value, error.detail
    words = (
        f"gives ‘{wanted}’, but the text has ‘{there}’ there"
        if wanted
        else "is outside the text, or begins within a character"
    )
    hint = "The text was changed after it was annotated, or the offsets count other units. Mark the region again."
    return Problem(error.place, f"region from {start} to {end} {words}", hint)


@message("error", "malformed")
def malformed_file(error: ReadError) -> Problem:
    """Use only well-formed files: exports of annotation tools, tables, and files in formats that other packages add.

    Bad: a table in CSV with a quotation mark that is never closed

    Good: the same table with every quotation mark in a cell written twice
    """
    hint = f"Correct it so that it can be read as {error.detail}, or put the records into a YAML file."
    if error.detail in _EXPORTS:
        hint = "Correct it in the tool, and export it again. `factpack import` writes what can be read as YAML."
    return Problem(error.place, f"cannot be read as {error.detail}: {error.value}", hint)


@message("error", "duplicate-key")
def duplicate_key(error: ReadError) -> Problem:
    """Write each key of a mapping once: a parser would silently drop one of two.

    Bad: ``label: supported`` and, three lines on in the same claim, ``label: disputed``

    Good: one ``label``
    """
    first = error.detail
    hint = f"The first is in line {first.line}, column {first.column}. Delete one of the two."
    return Problem(error.place, f"duplicate key `{error.value}`", hint)


@message("error", "missing-dash")
def missing_dash(error: ReadError) -> Problem:
    """Begin every entry of a list with a dash. Without it, its keys are read as duplicate keys of the previous entry.

    Bad: ``id: b``, in the column of the keys above, where the next claim begins

    Good: ``- id: b``, in the column of the dashes above
    """
    what = f"missing dash before `{error.value}`, where another entry begins"
    column = error.place.resolve().column
    under = f" two columns to the left, in column {column - 2}" if column > DASH_WIDTH else ""
    hint = f"Write `- {error.value}:`{under}, under the dash of the previous entry. Delete nothing."
    return Problem(error.place, what, hint)


DASH_WIDTH = 2  # of a dash and the space after it


_FEATURE_HINT = "Write the text out in full, or put it between quotation marks if it is text."
_FEATURE_HINTS = {
    "a second document": "Delete the line `---`; keep what follows in this file, or move it to its own file.",
    "a key that is not a word": (
        "Write a word and `: `; put text that begins with a bracket or `? ` between quotation marks."
    ),
}


@message("error", "refused")
def yaml_feature(error: ReadError) -> Problem:
    """Write annotation files without anchors, aliases, tags or second documents: they need none, and in files from
    others these can do harm.

    Bad: ``evidence: *same-as-above``

    Good: the evidence written out
    """
    hint = _FEATURE_HINTS.get(error.value, _FEATURE_HINT)
    return Problem(error.place, f"{error.value} is not allowed in annotation files", hint)


MAX_WORDS = 60  # code points of a comment that are shown


@message("warning", "comment")
def hash_starts_comment(error: ReadError) -> Problem:
    """Put quotation marks around text with a ``#`` after a space: in YAML the ``#`` begins a comment, and what follows
    it is silently lost. Write a comment that you want with a space after its ``#``.

    Bad: ``quote: Social media #expert Matt Navarra``

    Good: ``quote: "Social media #expert Matt Navarra"``
    """
    words = error.value
    shown = words if len(words) <= MAX_WORDS else words[:MAX_WORDS] + "…"
    hint = "Put the whole text between quotation marks or, if you mean a comment, a space after its #."
    return Problem(error.place, f"‘{shown}’ is read as a comment, not as text", hint)
