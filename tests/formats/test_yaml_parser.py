"""The reader of YAML: plain text for every scalar, and the place of everything."""

import time

import pytest

from factpack.formats.format import ReadError
from factpack.formats.locations import Location, Path, Position
from factpack.formats.yaml_parser import MAX_DEPTH, MAX_ERRORS, Positions, read_yaml, yaml_positions


def refused(line: int, column: int, feature: str) -> ReadError:
    return ReadError("refused", Location("", line, column), feature)


def duplicate(line: int, column: int, key: str, first: Position) -> ReadError:
    return ReadError("duplicate-key", Location("", line, column), key, first)


def comment(line: int, column: int, words: str) -> ReadError:
    return ReadError("comment", Location("", line, column), words)


SURPRISES = [
    "no", "yes", "on", "off", "y", "n", "true", "False", "12:30", "190:20:30", "1e3", "2023", "-1",
    "+1", "007", "0o14", "0x1F", "1_000", "0b11", "1.10", ".5", ".inf", ".nan", "2024-03-12", "2024-03-12 12:30:00",
    "=", "<<",
]  # fmt: skip


@pytest.mark.parametrize("written", SURPRISES)
def test_a_scalar_is_the_text_that_was_written(written: str) -> None:
    """YAML 1.1 makes a boolean of ``no``, 750 of ``12:30``, 1000 of ``1e3``: here the author's characters stand."""
    assert read_yaml(f"value: {written}") == ({"value": written}, [])
    assert read_yaml(f"- {written}") == ([written], [])
    assert read_yaml(f"{{a: {written}, b: [{written}]}}") == ({"a": written, "b": [written]}, [])


@pytest.mark.parametrize("written", ["~", "null", "Null", "NULL", ""])
def test_a_word_for_nothing_is_no_text(written: str) -> None:
    """It is one between quotation marks, or in a longer text."""
    assert read_yaml(f"value: {written}") == ({"value": None}, [])
    assert read_yaml(f"- {written}") == ([None], [])
    assert read_yaml(f"{{a: {written}, b: '{written}'}}") == ({"a": None, "b": written}, [])
    assert read_yaml(f"value: x {written}y") == ({"value": f"x {written}y"}, [])


@pytest.mark.parametrize("written", ["~", "null", *(word for word in SURPRISES if word != "<<")])
def test_a_key_is_the_text_that_was_written(written: str) -> None:
    """A key is no exception: ``no: x`` is a mapping with the key ``no``."""
    assert read_yaml(f"{written}: x") == ({written: "x"}, [])


def test_a_merge_key_merges_nothing() -> None:
    """``<<`` would bring in keys that the reader of the file does not see there."""
    assert read_yaml("<<: {a: b}") == ({"<<": {"a": "b"}}, [])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a:", {"a": None}),
        ("a: ''", {"a": ""}),
        ('a: ""', {"a": ""}),
        ("a: |", {"a": ""}),
        ("{a, b: }", {"a": None, "b": None}),
        ("-", [None]),
        ("", None),
        ("# nothing but a comment\n", None),
        ("a: 'it''s'", {"a": "it's"}),
        (r'a: "\u2019\t\U0001D54F"', {"a": "’\t𝕏"}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: >-\n  one\n  two\n", {"a": "one two"}),
        ("a: one\n  two", {"a": "one two"}),
        ("a: x\r\nb: y\r\n", {"a": "x", "b": "y"}),
        ("'a b': x", {"a b": "x"}),
        ("---\na: x\n...\n", {"a": "x"}),
        ("a: 4\u00a0kr", {"a": "4\u00a0kr"}),
    ],
)
def test_every_style_of_scalar(written: str, read: object) -> None:
    """An absent value is ``None``, so that it can be told from an empty text."""
    assert read_yaml(written) == (read, [])


def test_positions_of_keys_and_values() -> None:
    """Lines and columns count from 1, columns in code points, so that an astral character is one column wide."""
    text = "a: x\n𝕏: [‘𝕏’, y, {k: v}]\nlist:\n  - one\n  -   b: two\n      c:\n        three\n"
    assert yaml_positions(text) == {
        (): Positions(Position(1, 1), Position(1, 1)),
        ("a",): Positions(Position(1, 1), Position(1, 4)),
        ("𝕏",): Positions(Position(2, 1), Position(2, 4)),
        ("𝕏", 0): Positions(Position(2, 5), Position(2, 5)),
        ("𝕏", 1): Positions(Position(2, 10), Position(2, 10)),
        ("𝕏", 2): Positions(Position(2, 13), Position(2, 13)),
        ("𝕏", 2, "k"): Positions(Position(2, 14), Position(2, 17)),
        ("list",): Positions(Position(3, 1), Position(4, 3)),
        ("list", 0): Positions(Position(4, 5), Position(4, 5)),
        ("list", 1): Positions(Position(5, 7), Position(5, 7)),
        ("list", 1, "b"): Positions(Position(5, 7), Position(5, 10)),
        ("list", 1, "c"): Positions(Position(6, 7), Position(7, 9)),
    }


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_positions_do_not_depend_on_the_line_ends(line_end: str) -> None:
    """A file saved on another system shows the same lines."""
    positions = yaml_positions(line_end.join(["a: x", "", "b:", "  c: y", ""]))
    assert positions[("b", "c")] == Positions(Position(4, 3), Position(4, 6))


def test_the_first_of_two_values_stands() -> None:
    """Otherwise everything that is said about the value would point to one place and speak of another."""
    text = "a: first\nb: x\na: {c: second}\na: third\n"
    errors = [
        duplicate(3, 1, "a", Position(1, 1)),
        duplicate(4, 1, "a", Position(1, 1)),
    ]
    positions: dict[Path, Positions] = {}
    assert read_yaml(text, positions=positions) == ({"a": "first", "b": "x"}, errors)
    assert positions[("a",)] == Positions(Position(1, 1), Position(1, 4))
    assert ("a", "c") not in positions


def test_duplicate_keys_at_any_depth() -> None:
    """Each mapping has its own keys: the same key in two items of a list is no duplicate."""
    text = "list:\n- {k: 1, k: 2}\n- {k: 3}\nother: {list: {k: 4, j: 5, k: 6}}\n"
    assert read_yaml(text) == (
        {"list": [{"k": "1"}, {"k": "3"}], "other": {"list": {"k": "4", "j": "5"}}},
        [
            duplicate(2, 10, "k", Position(2, 4)),
            duplicate(4, 28, "k", Position(4, 16)),
        ],
    )


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("a: &x y", [refused(1, 4, "the anchor &x")]),
        ("a: *x", [refused(1, 4, "the alias *x")]),
        ("a: &x y\nb: *x", [refused(1, 4, "the anchor &x"), refused(2, 4, "the alias *x")]),
        ("a: &x [b]", [refused(1, 4, "the anchor &x")]),
        ("a: !!int 1", [refused(1, 4, "the tag tag:yaml.org,2002:int")]),
        ("a: !!python/object/apply:os.system [x]", [
            refused(1, 4, "the tag tag:yaml.org,2002:python/object/apply:os.system"),
        ]),
        ("a: !own {b: c}", [refused(1, 4, "the tag !own")]),
        ("a: x\n---\nb: y\n---\nc: z", [refused(2, 1, "a second document")]),
        ("? [a]\n: b", [refused(1, 3, "a key that is not a word")]),
        ("? {a: b}\n: c", [refused(1, 3, "a key that is not a word")]),
        ("? \n: b", [refused(1, 2, "a key that is not a word")]),
    ],
)  # fmt: skip
def test_what_yaml_can_do_and_may_not(text: str, errors: list[ReadError]) -> None:
    """What is refused leaves no data, because half of a file would be judged as if it were the whole."""
    assert read_yaml(text) == (None, errors)


@pytest.mark.parametrize(
    ("text", "cut_off"),
    [
        ("a: x #y z\nb: c", [comment(1, 6, "#y z")]),
        ("a: 𝕏 \t #y #z\r\n", [comment(1, 8, "#y #z")]),
        ("- x #y\n- z #w", [comment(1, 5, "#y"), comment(2, 5, "#w")]),
        ("a: x\n  y #z", [comment(2, 5, "#z")]),
        ("a: #y", [comment(1, 4, "#y")]),
        ("{a: x #y}\n}", [comment(1, 7, "#y}")]),
        ("{a: 'x #y', b: z #w\n}", [comment(1, 18, "#w")]),
        ("a: x # y #z\nb: x  # y", []),
        ("#a\na: x#y\n #b\n", []),
        ("a: 'x #y'\nb: \"x\n  #y #z\"\nc: |\n  x #y\n", []),
        ("a: 'x' #y\nb: [x, y] #z\nc: #w\n  - x", []),
    ],
)
def test_words_that_a_number_sign_cuts_off(text: str, cut_off: list[ReadError]) -> None:
    """They are no errors, and the data is what YAML makes of it: only who reads the file may know what was meant."""
    found: list[ReadError] = []
    data, errors = read_yaml(text, comments=found)
    assert (found, errors) == (cut_off, [])
    assert data == read_yaml(text)[0]


def test_any_number_of_words_cut_off_leaves_the_data_whole() -> None:
    """Errors end the reading after some; these do not."""
    found: list[ReadError] = []
    assert read_yaml("- x #y\n" * 3 * MAX_ERRORS, comments=found) == (["x"] * 3 * MAX_ERRORS, [])
    assert len(found) == 3 * MAX_ERRORS


@pytest.mark.parametrize(
    ("text", "position", "detail"),
    [
        ("a: b: c", Position(1, 5), "mapping values are not allowed in this context"),
        ("a: [b\n", Position(1, 4), "this bracket is not closed, or a comma is missing before line 2"),
        ("a: [b\nc: {d: e}", Position(1, 4), "this bracket is not closed, or a comma is missing before line 2"),
        ("a: ['b' 'c']", Position(1, 9), "did not find expected ',' or ']'"),
        ("a:\n\t- b", Position(2, 1), "found character that cannot start any token"),
        ("a: 'b", Position(1, 4), "this quotation mark is never closed"),
        ("a: b\n𝕏: 'c\nd: e\nf: don't", Position(2, 4), "the text after this quotation mark ends only in line 4"),
        ("[a: 'c\n, d'\t'e']", Position(1, 5), "the text after this quotation mark ends only in line 2"),
        ('a: b\n𝕏: "c"  d', Position(2, 9), "text follows the closing quotation mark"),
        ("a: x\n b: y", Position(2, 2), "this key is read as part of the text on the line above"),
        ("- a x\n  b: y", Position(2, 3), "this key is read as part of the text on the line above"),
        ("a: x\n b c: y", Position(2, 5), "mapping values are not allowed in this context"),
        ("a: x\nb y\nc: z", Position(2, 1), "could not find expected ':'"),
        ("a: x\nb:y", Position(2, 1), "could not find expected ':'"),
        ("- a: x\n b: y", Position(2, 2), "this line is not an entry of the list that begins in line 1, column 1"),
        (
            "a:\n  - b: [c]\n d: e",
            Position(3, 2),
            "this line is not a key of the mapping that begins in line 1, column 1",
        ),
        (
            "a:\n  - b: |\n      c\n   d: e",
            Position(4, 4),
            "this line is not an entry of the list that begins in line 2, column 3",
        ),
        ("a: b\n<<<<<<< HEAD\nc: d\n=======\n", Position(2, 1), "unresolved merge conflict"),
        ("'a' b", Position(1, 5), "did not find expected <document start>"),
        ("a: [b] c", Position(1, 8), "did not find expected key"),
        ("@a", Position(1, 1), "found character that cannot start any token"),
    ],
)
def test_text_that_is_not_yaml(text: str, position: Position, detail: str) -> None:
    """The error is where it has to be mended, which may be above the line where the parser stumbled."""
    assert read_yaml(text) == (None, [ReadError("malformed-yaml", Location("", *position), detail)])


@pytest.mark.parametrize(("text", "width"), [("[", 1), ("- ", 2), ("{a: ", 4), ("[[", 1)])
def test_deep_nesting_is_refused_at_once(text: str, width: int) -> None:
    """100,000 brackets would overflow the stack of the C library, and may not cost time either."""
    begin = time.process_time()
    at = Location("", 1, MAX_DEPTH * width + 1)
    error = ReadError("malformed-yaml", at, f"nested more than {MAX_DEPTH} levels deep")
    assert read_yaml(text * 100_000) == (None, [error])
    assert time.process_time() - begin < 1


def test_nesting_up_to_the_limit_is_read() -> None:
    """The limit is exact, and not off by one."""
    data, errors = read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert (str(data), errors) == ("[" * MAX_DEPTH + "]" * MAX_DEPTH, [])
    assert read_yaml("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))[0] is None


def test_the_billion_laughs_are_refused_at_once() -> None:
    """Nine levels of nine aliases each are a billion texts, if somebody expands them."""
    lines = ["a: &a [lol]"]
    lines += [
        f"{key}: &{key} [{', '.join(['*' + before] * 9)}]" for before, key in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    begin = time.process_time()
    data, errors = read_yaml("\n".join(lines))
    assert data is None
    assert len(errors) == MAX_ERRORS
    assert all(error.kind == "refused" for error in errors)
    assert time.process_time() - begin < 1
