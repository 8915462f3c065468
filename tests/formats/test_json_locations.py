"""Lines of JSON: the place of everything, and keys that stand there twice."""

import json

import pytest

from factpack.formats.json_lines.locations import json_duplicates, json_position
from factpack.formats.locations import Path

LINE = '  {"𝕏": "’", "a" :\t[1, {"b": "c\\"d", "e": [ ]}, "f"], "g": {"h": null}, "a": 2}'


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), "{", "{"),
        (("𝕏",), '"𝕏"', '"’"'),
        (("a",), '"a" ', "[1"),
        (("a", 0), "1, ", "1, "),
        (("a", 1), '{"b"', '{"b"'),
        (("a", 1, "b"), '"b"', '"c'),
        (("a", 1, "e"), '"e"', "[ ]"),
        (("a", 2), '"f"', '"f"'),
        (("g", "h"), '"h"', "null"),
        (("a", 1, "nothing"), '{"b"', '{"b"'),
        (("a", 1, "b", "nothing"), '"b"', '"c'),
        (("a", 9), '"a" ', "[1"),
        (("nothing", "at", "all"), "{", "{"),
    ],
)
def test_columns_in_a_line_of_json(path: Path, key: str, value: str) -> None:
    """The columns are those of the characters that stand there; of the nearest holder, if nothing is at the path."""
    key_column, value_column = json_position(LINE, path)
    assert LINE[key_column - 1 :].startswith(key)
    assert LINE[value_column - 1 :].startswith(value)
    assert (key_column, value_column) == (LINE.index(key) + 1, LINE.index(value) + 1)


def test_repeated_keys_in_a_line_of_json() -> None:
    """At any depth, in a second value too, and written with an escape too."""
    line = r'{"a": 1, "b": {"c": 2, "c": 3}, "\u0061": [{"d": 4, "d": 5, "d": 6}]}'
    assert json.loads(line) == {"a": [{"d": 6}], "b": {"c": 3}}
    assert sorted(json_duplicates(line), key=lambda duplicate: duplicate[1]) == [
        ("c", line.index('"c": 3') + 1, line.index('"c": 2') + 1),
        ("a", line.index(r'"\u0061"') + 1, line.index('"a"') + 1),
        ("d", line.index('"d": 5') + 1, line.index('"d": 4') + 1),
        ("d", line.index('"d": 6') + 1, line.index('"d": 4') + 1),
    ]


@pytest.mark.parametrize("line", ["{}", "[]", '"a"', "null", '{"a": {"b": 1}, "b": 1}', '[{"a": 1}, {"a": 1}]'])
def test_no_repeated_keys(line: str) -> None:
    """The same key in two objects is not repeated."""
    assert list(json_duplicates(line)) == []
