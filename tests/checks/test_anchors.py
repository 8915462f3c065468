"""An offset beside a quote chooses between places that have the same words, in every kind of record and format."""

import json
import shutil
from pathlib import Path

import pytest

from checking import A1, C3, DECISIONS, FACTS, LINES, as_lines, edit, problems
from conftest import PROJECT, TESTS, Run
from factpack.anchoring.corpus_builder import build_corpus
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.formats.registry import open_project
from factpack.limits import DEFAULT_LIMITS, Limits
from factpack.text.sentences import Span

TEXT = (PROJECT / "seeds/a1_harbour-gazette.txt").read_text(encoding="utf-8")
FIRST, SECOND = (at for at in range(len(TEXT)) if TEXT.startswith("25 minutes", at))
#: For each kind of record what is replaced, and by what; none of the words is unique there.
PLACES = {
    "claim": (A1, '    prefix: "“It took "\n', f"    start: {FIRST}\n"),
    "claim with a prefix": (A1, '    prefix: "“It took "\n', f'    prefix: "“It took "\n    start: {FIRST}\n'),
    "evidence": (A1, '        suffix: " from pier to pier"\n', f'        start: "{SECOND}"\n'),
    "evidence on one line": (
        A1,
        "prefix: “, quote: It took 25 minutes, suffix: ',”'",
        "quote: It took 25 minutes, start: 202",
    ),
    "unverified": (A1, "quote: The Marigold smells of tar and oranges.", "quote: The Marigold\n    start: 480"),
    "not checkable": (C3, "quote: 美しい船だ。", "quote: 。\n    start: 125"),
    "settled": (FACTS, "quote: 40 minutes late\n", "quote: late\n          start: 91\n"),
}


def spans(project: Path, limits: Limits = DEFAULT_LIMITS) -> list[Span | None]:
    """The span of everything that is quoted."""
    found: list[Span | None] = []
    for item in build_corpus(open_project(project), limits):
        match item:
            case AnchoredArticle():
                found += [*item.claims.spans, *item.unverified.spans, *item.not_checkable.spans]
                found += [passage.span for passages in item.claims.evidence for passage in passages]
            case AnchoredFact():
                found += [passage.span for passage in item.settled]
    return found


@pytest.mark.parametrize("kind", PLACES)
def test_the_offset_chooses(project_folder: Path, run: Run, kind: str) -> None:
    file, old, new = PLACES[kind]
    before = spans(project_folder)
    edit(project_folder, file, (old, new))
    assert problems(run, project_folder) == []
    after = spans(project_folder)
    changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    shorter = {"unverified": [(480, 492)], "not checkable": [(125, 126)], "settled": [(91, 95)]}.get(kind, [])
    assert [other for _, other in changed] == shorter
    assert spans(project_folder, Limits(long_text=0, index_after=0)) == after  # as in a text that has an index


def test_a_number_in_json_is_the_same(project_folder: Path, run: Run) -> None:
    for kind in ("claim", "evidence", "unverified"):
        edit(project_folder, *PLACES[kind][:1], PLACES[kind][1:])
    expected = spans(project_folder)
    as_lines(project_folder, "a1")
    lines = [json.loads(line) for line in (project_folder / LINES).read_text(encoding="utf-8").splitlines()]
    for record in [*lines, *(passage for line in lines for passage in line.get("evidence", ()))]:
        record["start"] = int(record["start"]) if "start" in record else None  # null is as good as no key
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (project_folder / LINES).write_text(text, encoding="utf-8")
    assert problems(run, project_folder) == []
    assert sorted(map(str, spans(project_folder))) == sorted(map(str, expected))


def test_a_decision_has_an_offset(tmp_path: Path, run: Run) -> None:
    project = Path(shutil.copytree(TESTS / "readings", tmp_path / "project"))
    edit(project, DECISIONS, ("    quote: ice\n", "    quote: ice\n    start: 95\n"))
    assert problems(run, project) == []


def test_the_hint_can_be_pasted(project_folder: Path, run: Run) -> None:
    """Each offset that it prints for words that stand three times is right."""
    edit(project_folder, A1, ('    prefix: "“It took "\n', ""))
    (ambiguous,) = problems(run, project_folder)
    assert ambiguous["rule"] == "quote-ambiguous"
    for start in (FIRST, SECOND):
        assert f"`start: {start}`" in ambiguous["hint"]
    edit(
        project_folder,
        A1,
        ("    quote: 25 minutes\n    claim", f"    quote: 25 minutes\n    start: {FIRST}\n    claim"),
    )
    assert problems(run, project_folder) == []


def test_an_offset_of_a_record_that_does_not_fit_is_checked_too(project_folder: Path, run: Run) -> None:
    """Everything at once: the label that does not exist, and the offset."""
    edit(project_folder, A1, ('    prefix: "“It took "\n', "    start: 7\n"))
    text = (project_folder / A1).read_text(encoding="utf-8")
    at = text.index("start: 7")
    wrong = text[:at] + text[at:].replace("label: supported", "label: suported", 1)
    (project_folder / A1).write_text(wrong, encoding="utf-8")
    assert {problem["rule"] for problem in problems(run, project_folder)} == {"unknown-word", "quote-not-at-start"}
