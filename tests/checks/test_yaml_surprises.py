"""YAML that means something else elsewhere is text here, and harms nobody."""

import time
from pathlib import Path

import pytest

from checking import C3, change_seed, edit, found
from conftest import Run
from factpack.anchoring.corpus_builder import build_corpus
from factpack.corpus.types import AnchoredArticle
from factpack.formats.registry import open_project
from factpack.formats.yaml_parser import MAX_ERRORS


@pytest.mark.parametrize("value", ["no", "12:30", "1e3", "2023", "0x1F", "1_000", "007", "2024-03-12", "-1", "1.10"])
def test_values_come_through_as_written(value: str, project_folder: Path) -> None:
    """A value is text, and the release holds the very characters of the file."""
    edit(project_folder, C3, ("value: 1 hour", f"value: {value}"))
    articles = [item for item in build_corpus(open_project(project_folder)) if isinstance(item, AnchoredArticle)]
    assert articles[2].claims.records[1].value.value == value


def test_values_of_the_good_project(project_folder: Path) -> None:
    """Quoted and unquoted are the same: both stand in the project."""
    articles = [item for item in build_corpus(open_project(project_folder)) if isinstance(item, AnchoredArticle)]
    values = {claim.record.value.id: claim.record.value.value for article in articles for claim in article.claims}
    assert values["hurt-no-a1"] == values["hurt-no-b2"] == "no"
    assert values["in-service-2023-a1"] == values["in-service-2023-b2"] == "2023"
    assert values["engine-1000-kw-a1"] == "1e3"
    assert values["departs-1230-b2"] == "12:30"
    assert [item.record.value.value for item in articles[1].unverified] == ["2024-03-12", ""]


def test_every_quote_is_the_words_at_its_offsets(project_folder: Path) -> None:
    """Astral characters count once, and a carriage return counts."""
    anchored = [item for item in build_corpus(open_project(project_folder)) if isinstance(item, AnchoredArticle)]
    assert [article.text.article for article in anchored] == ["a1", "b2", "c3"]
    for article in anchored:
        file = project_folder / "seeds" / article.record.value.file
        assert article.text.text == file.read_bytes().decode()
        items = [*article.claims, *article.unverified, *article.not_checkable]
        assert len(items) > 8
        for item in items:
            assert article.text.text[item.span.start : item.span.end] == item.record.value.quote


def test_the_billion_laughs(project_folder: Path, run: Run) -> None:
    """A file of 300 bytes that would become gigabytes is refused before anything grows."""
    lines = ["a: &a [lol]"]
    lines += [
        f"{key}: &{key} [{', '.join(['*' + last] * 9)}]" for last, key in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (project_folder / C3).write_text("\n".join(lines))
    begin = time.process_time()
    listed = found(run, project_folder)
    assert {(file, rule) for file, _, _, rule in listed} == {(C3, "yaml-feature")}
    assert len(listed) == len(set(listed)) == MAX_ERRORS
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- ", "? ", "[{", "!!str ", "&a "])
def test_a_hundred_thousand_brackets(bracket: str, project_folder: Path, run: Run) -> None:
    """A problem in a moment, and not the end of the process."""
    (project_folder / C3).write_text(bracket * 100_000)
    begin = time.process_time()
    assert {file for file, *_ in found(run, project_folder)} == {C3}
    assert time.process_time() - begin < 2


def test_a_line_separator_in_an_article(project_folder: Path, run: Run) -> None:
    """YAML takes U+2028 for a line end and drops the spaces beside it, so it has to be written as an escape."""
    seed = project_folder / "seeds/c3_minato.txt"
    change_seed(project_folder, seed.name, seed.read_bytes() + "A fine\u2028 day.\n".encode())
    quote = '\n  - quote: "A fine{} day."\n    reason: opinion\n'
    with (project_folder / C3).open("ab") as stream:
        stream.write(quote.format("\\L").encode())
    assert found(run, project_folder) == []
    edit(project_folder, C3, ("\\L", "\u2028"))
    assert found(run, project_folder) == [(C3, 91, 19, "malformed-yaml")]
