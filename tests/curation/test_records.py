"""A record is inserted, changed and deleted in an annotation file, and not one other byte."""

import json
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conftest import PROJECT, TESTS
from factpack.curation.workbench.annotation_file import annotation_file
from factpack.curation.workbench.json_records import changed_line, numbers_as_text
from factpack.curation.workbench.yaml_records import as_text, changed, deleted, inserted, with_item
from factpack.errors import CurationError
from factpack.formats.registry import open_project
from factpack.formats.yaml_parser import read_yaml

BLOCK = """\
# first
article: x
claims:

  # of a
  - id: a   # the first
    quote: >-
      opened in
      1911
    evidence:
      - article: "002"
        quote: one
        stance: supports
        # of one
      - {article: "003", quote: 'two', stance: supports}
    rationale: |
      Because.

  - id: b
    quote: "closed"   # ends

unverified: []
not_checkable:
- quote: So sad!
  reason: tone
"""
FLOW = 'article: x\nclaims: [{id: a, quote: one, label: supported}, {"id": "b", "quote": "two"}]\n'
NEW = {
    "id": "n",
    "quote": "say: “no” # ",
    "claim": "12:30",
    "evidence": [{"article": "002", "start": 7, "quote": "🎉"}],
}


@pytest.mark.parametrize("text", [BLOCK, BLOCK.replace("\n", "\r\n"), BLOCK.rstrip("\n"), FLOW])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_insertion_leaves_every_byte(text: str, number: int) -> None:
    before = read_yaml(text)[0]
    made = inserted(text, "claims", number, NEW)
    kept = iter(made)
    assert all(character in kept for character in text)  # in their order
    start = next(at for at, pair in enumerate(zip(made, text + "\0", strict=False)) if pair[0] != pair[1])
    assert made[:start] + made[start + len(made) - len(text) :] == text or text == BLOCK.rstrip("\n")
    plain, errors = read_yaml(made)
    assert errors == []
    assert plain["claims"] == [*before["claims"][:number], as_text(NEW), *before["claims"][number:]]
    assert ("\r" in made) == ("\r" in text)
    assert not re.search("(?<!\r)\n", made) or "\r" not in text


def test_an_insertion_takes_the_blank_lines_of_the_others() -> None:
    assert '    quote: "closed"   # ends\n\n  - id: n\n' in inserted(BLOCK, "claims", 2, NEW)
    assert "\n\n  - id: n\n    quote: " in inserted(BLOCK, "claims", 1, NEW)
    assert inserted(BLOCK, "unverified", 0, {"id": "u"}).count("unverified:\n  - id: u\n") == 1
    assert inserted(BLOCK, "not_checkable", 1, {"quote": "x"}).endswith("  reason: tone\n- quote: x\n")


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "scalar": lambda record: record.update(quote="another: one"),
    "folded": lambda record: record.update(rationale="So it is."),
    "added": lambda record: record.update(value="1911"),
    "removed": lambda record: record.pop("rationale"),
    "of evidence": lambda record: record["evidence"][1].update(stance="refutes"),
    "more evidence": lambda record: record["evidence"].append(
        {"article": "004", "quote": "three", "stance": "supports"}
    ),
}


@pytest.mark.parametrize("text", [BLOCK, BLOCK.replace("\n", "\r\n")])
@pytest.mark.parametrize("what", CHANGES)
def test_a_change_leaves_what_does_not_change(text: str, what: str) -> None:
    before = read_yaml(text)[0]
    record = json.loads(json.dumps(before["claims"][0]))
    CHANGES[what](record)
    made = changed(text, "claims", 0, record)
    assert read_yaml(made)[0] == before | {"claims": [as_text(record), before["claims"][1]]}
    assert made.count("#") == text.count("#")
    assert changed(text, "claims", 0, before["claims"][0]) == text
    if what == "of evidence":
        expected = BLOCK.replace(
            "{article: \"003\", quote: 'two', stance: supports}",
            'article: "003"\n        quote: two\n        stance: refutes',
        )
        assert made == expected.replace("\n", "\r\n") if "\r" in text else expected


def test_a_change_that_would_lose_a_comment_is_refused() -> None:
    record = json.loads(json.dumps(read_yaml(BLOCK)[0]["claims"][0]))
    del record["evidence"][0]
    with pytest.raises(CurationError, match="by hand"):
        changed(BLOCK, "claims", 0, record)


@pytest.mark.parametrize("text", [BLOCK, FLOW, BLOCK.replace("\n", "\r\n")])
def test_a_deletion_takes_one_record(text: str) -> None:
    before = read_yaml(text)[0]
    for number in (0, 1):
        made = deleted(text, "claims", number)
        assert read_yaml(made)[0] == before | {"claims": [before["claims"][1 - number]]}
        assert read_yaml(deleted(made, "claims", 0))[0] == before | {"claims": []}
    if text == BLOCK:
        assert deleted(text, "claims", 1) == text.replace('  - id: b\n    quote: "closed"   # ends\n\n', "")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a: b\n", "a: b\nspeakers: [yes it is]\n"),
        ("speakers: [One, 'Two']\n", "speakers: [One, 'Two', yes it is]\n"),
        ("speakers:\n  - One  # first\n\nx: y\n", "speakers:\n  - One\n  - yes it is  # first\n\nx: y\n"),
        ("speakers: []\n", "speakers: [yes it is]\n"),
    ],
)
def test_a_word_at_the_end_of_a_list(text: str, made: str) -> None:
    assert read_yaml(with_item(text, "speakers", "yes it is"))[0] == read_yaml(made)[0]
    if "#" not in text:
        assert with_item(text, "speakers", "yes it is") == made


def shuffled(text: str, seed: int) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = read_yaml(text)[0]["claims"]
    random.Random(seed).shuffle(entries)  # noqa: S311 - an order to try
    return entries


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("in_lines", [False, True])
def test_records_come_in_the_order_of_the_text(project_folder: Path, seed: int, *, in_lines: bool) -> None:
    """All claims of an article are deleted, and inserted again in any order."""
    path = project_folder / "annotations/b2.yaml"
    text = path.read_text(encoding="utf-8")
    article = (project_folder / "seeds/b2_coast-letter.txt").read_text(encoding="utf-8")
    claims = shuffled(text, seed)
    if in_lines:
        path.unlink()
        path = path.with_suffix(".jsonl")
        path.write_text(json.dumps({"kind": "claim", "article": "b2"} | claims[0]), encoding="utf-8")
    else:
        path.write_text("article: b2\n", encoding="utf-8")
    for claim in claims[in_lines:]:
        file = annotation_file(open_project(project_folder), "b2", ["a1", "b2", "c3"])
        assert file.path == path
        path.write_bytes(file.insert("claims", claim, article).new_data)
    file = annotation_file(open_project(project_folder), "b2", ["a1", "b2", "c3"])
    spans = [entry.span(article) for entry in file.entries()]
    assert None not in spans
    assert spans == sorted(spans, key=lambda span: (span.start, -span.end))  # type: ignore[union-attr]
    assert len(spans) == len(claims) > 5


def test_json_lines_keep_their_other_bytes(project_folder: Path) -> None:
    article = (project_folder / "seeds/b2_coast-letter.txt").read_text(encoding="utf-8")
    path = project_folder / "annotations/b2.jsonl"
    plain = read_yaml((project_folder / "annotations/b2.yaml").read_text(encoding="utf-8"))[0]
    (project_folder / "annotations/b2.yaml").unlink()
    lines = [json.dumps({"kind": "claim", "article": "b2", **claim, "share": 0.50}) for claim in plain["claims"]]
    path.write_bytes("\r\n".join(lines).encode())
    project = open_project(project_folder)
    file = annotation_file(project, "b2", [])
    entry = file.entries()[2]
    record: Mapping[str, Any] = entry.plain | {"share": "0.5", "label": "disputed"}
    made = file.change(entry, record).new_data.decode().split("\r\n")
    assert made == [*lines[:2], lines[2].replace('"supported"', '"disputed"', 1), *lines[3:]]
    made = file.delete(entry).new_data.decode().split("\r\n")
    assert made == [*lines[:2], *lines[3:]]
    made = file.insert("claims", {"id": "n", "quote": article[-10:].strip()}, article).new_data.decode().split("\r\n")
    assert made == [
        *lines,
        '{"kind": "claim", "article": "b2", "id": "n", "quote": '
        + json.dumps(article[-10:].strip(), ensure_ascii=False)
        + "}",
        "",
    ]


def test_numbers_of_json_lines_stay_numbers() -> None:
    """A form gives them as text, exactly, and knows nothing of null, whatever else is changed in the same list."""
    passages: list[dict[str, Any]] = [
        {"quote": "x", "share": 0.0, "is_old": True},
        {"quote": "y", "page": 9007199254740993, "prefix": None},
    ]
    own = {"id": "a", "number": 9007199254740993, "fact": None, "evidence": passages}
    line, record = {"kind": "claim", **own}, numbers_as_text(own)
    assert list(record) == ["id", "number", "evidence"]
    first, second = record["evidence"]
    assert list(second) == ["quote", "page"]
    assert (first["share"], first["is_old"]) == ("0.0", "true")
    assert record["number"] == second["page"] == "9007199254740993"
    votes = [{"by": "anna", "vote": "refutes"}]
    assert changed_line(json.dumps(line), 0, record | {"fact": "x"}) == json.dumps(line | {"fact": "x"})
    for given, wanted in (
        ([first | {"votes": votes}, second], [passages[0] | {"votes": votes}, passages[1]]),
        ([second, first], passages[::-1]),
        ([second], passages[1:]),
    ):
        made = changed_line(json.dumps(line), 0, record | {"evidence": given})
        assert made == json.dumps(line | {"evidence": wanted})


def test_every_record_of_this_repository_can_be_changed_and_deleted() -> None:
    """What is written by people, in all its forms."""
    count = 0
    for path in sorted(
        [*(TESTS.parent / "annotations").glob("0*.yaml"), *(PROJECT / "annotations").glob("[abc]?.yaml")]
    ):
        text = path.read_text(encoding="utf-8")
        plain = read_yaml(text)[0]
        for listed in ("claims", "unverified", "not_checkable"):
            entries = plain.get(listed, [])
            for number, entry in list(enumerate(entries))[::7]:
                count += 1
                for key in entry:
                    if isinstance(entry[key], str):
                        made = changed(text, listed, number, entry | {key: "x: #"})
                        assert len(made.splitlines()) <= len(text.splitlines())
                assert read_yaml(deleted(text, listed, number))[0][listed] == [
                    *entries[:number],
                    *entries[number + 1 :],
                ]
    assert count > 30
