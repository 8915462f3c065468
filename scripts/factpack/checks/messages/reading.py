"""Word what cannot be read from a file: its bytes and its syntax."""

from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.formats.format import ReadError
from factpack.formats.hygiene import MAX_LISTED
from factpack.formats.locations import Location
from factpack.limits import too_large
from factpack.project.layout import SEEDS

#: The hint for what is wrong in a text that is taken as it was found.
AS_FOUND = "It stays, because dataset.yaml says `text: as-found`; a quote has it too, where the article has it."


@message("error", "too-large")
def file_too_large(error: ReadError) -> Problem:
    """Files are read whole, so their size is bounded: 16 MiB for a YAML file, an article or the guidelines, 4 MiB
    for a line of JSON Lines, 4 GiB for the history of the releases.

    Bad: annotations/000.yaml with 100,000 claims (90 MB)

    Good: annotations/claims.jsonl with one claim a line, which is read line by line
    """
    hint = "Large corpora belong into JSON Lines files, one record a line; an article this long into several files."
    return Problem(error.place, too_large(error.value, error.detail), hint)


@message("error", "not-text")
def not_text(error: ReadError) -> Problem:
    """Articles and annotations are plain text: no document of an office program, no PDF, no archive, no image.

    Bad: ``seeds/005_news.docx``

    Good: ``seeds/005_news.txt``, which the program has saved as plain text in UTF-8
    """
    save = "Open it in its program, and save or copy the text as plain text in UTF-8."
    hint = f"{save} {_REGISTER}" if _is_article(error) else save
    return Problem(error.place, f"this file is {error.value}, not text", hint)


@message("error", "not-utf8", "other-encoding")
def not_utf8(error: ReadError) -> Problem:
    """Articles and annotations are UTF-8, because an offset in any other encoding would mean another character.

    Bad: a file saved as Windows-1252, where the curly apostrophe is the byte 0x92

    Good: the same file saved as UTF-8
    """
    encoding, what = error.value, f"this file is {error.value}, not UTF-8"
    if error.kind == "not-utf8":
        encoding = "WINDOWS-1252" if error.detail else "ITS_ENCODING"
        looks = f"; the file looks like Windows-1252, where it is {error.detail}" if error.detail else ""
        what = f"the byte 0x{error.value:02X} is not UTF-8{looks}"
    save = f"Save the file as UTF-8: choose that encoding in the editor, or `iconv -f {encoding} -t UTF-8`."
    return Problem(error.place, what, f"{save} {_REGISTER}" if _is_article(error) else save)


_REGISTER = "Then register that file, with its own sum."


def _is_article(error: ReadError) -> bool:
    return isinstance(error.place, Location) and error.place.file.startswith(f"{SEEDS}/")


@message("error", "not-nfc")
def not_nfc(error: ReadError) -> Problem:
    """Articles are in Unicode normalization form C, so that the same letter is the same code points in article, quote
    and query. Annotations are read as if they were.

    A warning where the dataset says ``text: as-found``.

    Bad: ``cafe`` followed by U+0301 COMBINING ACUTE ACCENT

    Good: ``café`` with U+00E9
    """
    hint = "Normalize the file: `uconv -x any-nfc`, or the editor's command for Unicode normalization."
    hint = f"{hint} {_REGISTER}" if _is_article(error) else hint
    what = "the text is not in Unicode normalization form C from here on"
    return Problem(error.place, what, *((AS_FOUND, "warning") if error.tolerated else (hint,)))


@message("error", "control-character", "byte-order-mark")
def control_character(error: ReadError) -> Problem:
    """Text holds no control characters but tab and line ends, and no byte order mark: they are invisible and shift
    offsets. A warning where the dataset says ``text: as-found``.

    Bad: ``Musk<U+0008> said``

    Good: ``Musk said``
    """
    more = f", the first {MAX_LISTED} of {error.detail}" if error.detail > MAX_LISTED else ""
    hint = "Delete the character."
    if error.kind == "byte-order-mark":
        hint = "Save the file as UTF-8 without byte order mark (BOM)."
        hint = f"{hint} {_REGISTER}" if _is_article(error) else hint
    what = f"the control character U+{ord(error.value):04X}{more}"
    return Problem(error.place, what, *((AS_FOUND, "warning") if error.tolerated else (hint,)))


_YAML_HINT = (
    "Put text that holds `: ` or ` #`, or begins with one of \" ' [ { - @ ` % & * ! | >, between quotes; "
    "indent with spaces only, by the same width within a list."
)
#: What messages call the exports of annotation tools.
_EXPORTS = {"a JSON export of Label Studio", "UIMA XMI", "JSONL of doccano", "JSONL of Prodigy"}
_BACKSLASH = (
    r"Between double quotes \ begins an escape: \n is a line end, \U a character by its number. Write the text between "
    r"single quotes, where \ is itself ('C:\Users'), or double it "
    r'("C:\\Users").'
)
#: What helps against the commonest errors, by words of the message.
_YAML_HINTS = {
    "mapping values are not allowed": "Put text that holds `: ` between quotes, and each key on a line of its own.",
    "found a tab character": "Indent with spaces, not with tabs.",
    "unknown escape": _BACKSLASH,
    "hexdecimal": _BACKSLASH,
    "invalid Unicode character": _BACKSLASH,
    "cannot start any token": "Indent with spaces, not with tabs; put text that begins with @ ` or % between quotes.",
    "could not find expected ':'": (
        "Write `: `, a colon and a space, after the key; indent text that goes on from the line above further than its "
        "key."
    ),
    "a merge that git": "Keep what is right of the two sides, and delete the lines with <<<<<<<, ======= and >>>>>>>.",
    "more text of the line above": (
        "Begin a key in the column of the keys above it; write `: ` after the key of the line above if that lacks it; "
        "put text that holds `: ` between quotes."
    ),
    "no entry of the list": (
        "Begin an entry in that column, with a dash and a space, and a key in the column of the keys above it."
    ),
    "no key of the mapping": (
        "Begin a key of it in that column, and an entry of a list, with its dash, in the column of those above it."
    ),
    "quotation mark": (
        "Write the second quotation mark where the text ends. Within '…' write '' for ', within \"…\" write \\\" "
        'for ".'
    ),
    "the bracket here": "Close it, write a comma between its parts, and put text that begins with a bracket in quotes.",
    "did not find expected ','": "Write a comma between the parts; put text that holds brackets or commas in quotes.",
    "may not stand here": "Delete the character, or write it as an escape between double quotes.",
    "nested more than": "Annotation files are never that deep; look for brackets or dashes that do not belong there.",
}


@message("error", "malformed-yaml")
def malformed_yaml(error: ReadError) -> Problem:
    """An annotation file is well-formed YAML.

    Bad: ``quote: He said: no`` (a colon and a space inside a plain scalar)

    Good: ``quote: "He said: no"``
    """
    hint = next((hint for words, hint in _YAML_HINTS.items() if words in error.value), _YAML_HINT)
    return Problem(error.place, f"this is not YAML: {error.value}", hint)


_JSON_HINTS = {
    "escape": (
        r"Between double quotes \ begins an escape: \n is a line end, \u a character by its number. Double it where it "
        r'is itself: "C:\\Users".'
    ),
    "JSON": "Write one whole JSON object on the line, with double quotes around keys and text.",
    "JSON Lines": "Write each record on one line, without brackets or commas around (`jq -c '.[]'` splits an array).",
}


@message("error", "malformed-json")
def malformed_json(error: ReadError) -> Problem:
    """Every line of a JSON Lines file is one JSON object: no array of objects, and no object over several lines.

    Bad: ``{"kind": "claim", "id": 'a'}``

    Good: ``{"kind": "claim", "id": "a"}``
    """
    what = "line" if error.detail == "JSON" else "file"
    is_escape = "escape" in error.value.lower() and "surrogate" not in error.value
    hint = _JSON_HINTS["escape" if is_escape else error.detail]
    return Problem(error.place, f"this {what} is not {error.detail}: {error.value}", hint)


@message("error", "region")
def region_without_text(error: ReadError) -> Problem:
    """A region of an export is where its text has the words that it has: counted in Unicode code points or in UTF-16
    units, whichever fits.

    Bad: a region from 30 to 44 with the text ‘opened in 1911’, where the article has ‘pened in 1911.’

    Good: the region marked again in the annotation tool
    """
    (start, end), (there, wanted) = error.value, error.detail
    words = (
        f"says ‘{wanted}’, and the text has ‘{there}’"
        if wanted
        else "lies outside of the text, or begins in half a character"
    )
    hint = "The text was changed after it was annotated, or the offsets are in other units; mark the region again."
    return Problem(error.place, f"the region from {start} to {end} {words}", hint)


@message("error", "malformed")
def malformed_file(error: ReadError) -> Problem:
    """An export of an annotation tool, a table, or a file in a format that another package adds is well-formed.

    Bad: a table in CSV with a quotation mark that nothing closes

    Good: the same table with every quotation mark in a cell written twice
    """
    hint = f"Write it as the reader of {error.detail} wants it, or put the records into a YAML file."
    if error.detail in _EXPORTS:
        hint = "Mend it in the tool, and export again; `factpack import` writes what can be read as YAML."
    return Problem(error.place, f"this is not {error.detail}: {error.value}", hint)


@message("error", "duplicate-key")
def duplicate_key(error: ReadError) -> Problem:
    """A key stands once in a mapping: of two, a reader would silently drop one.

    Bad: ``label: supported`` and, three lines on in the same claim, ``label: disputed``

    Good: one ``label``
    """
    first = error.detail
    hint = f"It stands first in line {first.line}, column {first.column}. Delete one of the two."
    return Problem(error.place, f"the key `{error.value}` stands here a second time", hint)


@message("error", "missing-dash")
def missing_dash(error: ReadError) -> Problem:
    """Every entry of a list begins with a dash. Without it, its keys are read as those of the entry before, a second
    time.

    Bad: ``id: b``, in the column of the keys above, where the next claim begins

    Good: ``- id: b``, in the column of the dashes above
    """
    what = f"a dash is missing before `{error.value}`, where another entry begins"
    column = error.place.resolve().column
    under = f", two columns to the left: in column {column - 2}" if column > DASH_WIDTH else ""
    hint = f"Write `- {error.value}:`{under}, under the dash of the entry before. Delete nothing."
    return Problem(error.place, what, hint)


DASH_WIDTH = 2  # of a dash and the space after it


_FEATURE_HINT = "Write the text out in full; if it is meant to be text, put it between quotes."
_FEATURE_HINTS = {
    "a second document": "Delete the line `---`; what follows belongs to the same file, or to a file of its own.",
    "a key that is not a word": "Write a word and `: `; text that begins with a bracket or `? ` goes between quotes.",
}


@message("error", "refused")
def yaml_feature(error: ReadError) -> Problem:
    """Annotation files need no anchors, aliases, tags or second documents, and untrusted files must not have them.

    Bad: ``evidence: *same-as-above``

    Good: the evidence written out
    """
    hint = _FEATURE_HINTS.get(error.value, _FEATURE_HINT)
    return Problem(error.place, f"{error.value} is not used in annotation files", hint)


MAX_WORDS = 60  # code points of a comment that are shown


@message("warning", "comment")
def hash_starts_comment(error: ReadError) -> Problem:
    """A number sign after a space begins a comment in YAML, and what follows it is no part of the text: it is lost
    without a word, unless the text stands between quotes. A comment that is meant has a space after its number sign.

    Bad: ``quote: Social media #expert Matt Navarra``

    Good: ``quote: "Social media #expert Matt Navarra"``
    """
    words = error.value
    shown = words if len(words) <= MAX_WORDS else words[:MAX_WORDS] + "…"
    hint = "Put the whole text between quotes, or, if a comment is meant, a space after its #."
    return Problem(error.place, f"‘{shown}’ is a comment here, and not part of the text", hint)
