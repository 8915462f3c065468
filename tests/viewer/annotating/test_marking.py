"""Words selected in the page become a record that the check accepts: by mouse, by keyboard, in any scheme."""

import hashlib
import json
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from conftest import PROJECT, TESTS, Run
from factpack.formats.registry import open_project
from factpack.formats.yaml_parser import read_yaml
from factpack.release.build import build
from factpack.release.layout import FULL
from factpack.text.locate import locate
from factpack.text.sentences import Span
from factpack.text.word_edges import cut_in, whole
from factpack.viewer.writer import write
from viewer.annotating.marking import annotate, copied, fill, go, select
from viewer.conftest import Open
from viewer.schemes import make_project

MODEL = TESTS.parent / "scripts/factpack/viewer/templates/page/model"


def page_of(project: Path) -> Path:
    path = project / "view.html"
    write(open_project(project), path)
    return path


def paste(project: Path, name: str, listed: str, record: str) -> None:
    """Pastes a record at the begin of a list, as a person does."""
    path = project / f"annotations/{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(f"{listed}:\n") == 1
    path.write_text(text.replace(f"{listed}:\n", f"{listed}:\n{record}"), encoding="utf-8")


def remove(project: Path, name: str, record: str) -> None:
    """Takes a record out of a file of the invented project."""
    path = project / f"annotations/{name}.yaml"
    text, count = re.subn(rf"  - id: {record}\n(?:    .*\n)+", "", path.read_text(encoding="utf-8"))
    assert count == 1
    path.write_text(text, encoding="utf-8")


def test_a_copied_record_passes_the_check(open_page: Open, project_folder: Path, run: Run) -> None:
    remove(project_folder, "a1", "passengers-90-a1")
    page = open_page(page_of(project_folder), "#/article/a1")
    annotate(page, "the harbour office counted 90")
    fill(
        page,
        "supported",
        claim="90 passengers were on board: so the office says.",
        speaker="Harbour office",
        fact="passenger-count",
        value="90",
    )
    others = page.locator("#others .other")
    expect(others).to_have_count(3)
    expect(others.nth(0)).to_contain_text("erroneous a1 Ines Dahl 900")
    page.get_by_role("button", name="supports: passengers-90-b2").click()
    go(page, "#/article/c3")
    select(page, "乗客は約90人だった")
    page.get_by_role("button", name="Evidence: supports").click()
    expect(page.locator("#evidenced .entry")).to_have_count(2)
    fill(
        page,
        "supported",
        basis="corroborated",
        rationale="b2 and c3 give the same number: 90 # each.",
        id="office-90-a1",
    )
    record = copied(page)
    paste(project_folder, "a1", "claims", record)
    result = run("check", project_folder)
    assert (result.exit_code, result.stdout) == (0, "")
    (plain,), errors = read_yaml(record)
    assert errors == []
    assert list(plain) == [
        "id",
        "quote",
        "claim",
        "speaker",
        "fact",
        "value",
        "label",
        "basis",
        "rationale",
        "evidence",
    ]
    assert plain["evidence"][1] == {"article": "c3", "quote": "乗客は約90人だった", "stance": "supports"}
    expect(page.locator("#outcome")).to_contain_text("Paste it under claims: in annotations/a1.yaml.")


def test_words_that_occur_twice_get_a_context(open_page: Open, project_folder: Path, run: Run) -> None:
    remove(project_folder, "a1", "crossing-25-minutes-steward-a1")
    page = open_page(page_of(project_folder), "#/article/a1")
    annotate(page, "25 minutes")
    expect(page.locator("#editor .where")).to_contain_text("prefix “took ”")
    fill(
        page,
        "supported",
        speaker="Mia Roos",
        fact="crossing-length",
        value="25 minutes",
        claim="The crossing took 25 minutes.",
    )
    fill(page, "supported", basis="corroborated_within", rationale="So does the article.", id="steward-a1")
    select(page, "25 minutes", 1)
    page.get_by_role("button", name="Evidence: supports").click()
    paste(project_folder, "a1", "claims", copied(page))
    result = run("check", project_folder)
    assert (result.exit_code, result.stdout) == (0, "")


def test_what_is_missing_is_said(open_page: Open, project_folder: Path) -> None:
    page = open_page(page_of(project_folder), "#/article/a1")
    annotate(page, "So sad!")
    page.get_by_role("button", name="Copy as YAML").click()
    expect(page.locator("#outcome")).to_have_text("Missing: Fact, Value, Label, Rationale.")
    expect(page.locator("#yaml")).to_be_hidden()
    assert page.evaluate("document.activeElement.name") == "fact"
    fill(page, "disputed", fact="mood", value="sad")
    page.get_by_role("button", name="Copy as YAML").click()
    expect(page.locator("#outcome")).to_have_text(
        "Missing: Question of the new fact, Basis, Rationale, evidence against the claim."
    )
    fill(page, "not checkable: it states nothing to check", reason="tone")
    assert copied(page) == "  - quote: So sad!\n    reason: tone\n"
    expect(page.locator("#outcome")).to_contain_text("under not_checkable: in annotations/a1.yaml")


def test_what_is_new_is_said_with_its_place(open_page: Open, project_folder: Path, run: Run) -> None:
    remove(project_folder, "a1", "smell-a1")
    page = open_page(page_of(project_folder), "#/article/a1")
    annotate(page, "The Marigold smells of tar and oranges.")
    fill(
        page,
        "unverified: no evidence for or against it",
        speaker="Yes: Nobody",
        fact="smell",
        value="tar",
        question="What of?",
    )
    record = copied(page)
    fact, speaker = page.locator("#outcome pre").all_inner_texts()
    paste(project_folder, "a1", "unverified", record)
    paste(project_folder, "facts", "facts", fact + "\n")
    dataset = project_folder / "annotations/dataset.yaml"
    dataset.write_text(
        dataset.read_text(encoding="utf-8").replace("speakers: [", f"speakers: [{speaker}, "), encoding="utf-8"
    )
    result = run("check", project_folder)
    assert (result.exit_code, result.stdout) == (0, "")


TWO = {"x1": "𝕏 opened 👨‍👩‍👧 in 1911.\r\nIt cost 1,250 kr. 🇩🇰🇸🇪\r\n"}


@pytest.fixture
def emoji(tmp_path: Path) -> Path:
    """A project with one article of CRLF lines and characters of many code points."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "annotations").mkdir()
    data = TWO["x1"].encode()
    (tmp_path / "seeds/x1_x.txt").write_bytes(data)
    article = {"id": "x1", "file": "x1_x.txt", "sha256": hashlib.sha256(data).hexdigest(), "language": "en"}
    (tmp_path / "annotations/articles.jsonl").write_text(json.dumps(article) + "\n", encoding="utf-8")
    dataset = yaml.safe_load((PROJECT / "annotations/dataset.yaml").read_text(encoding="utf-8")) | {"languages": ["en"]}
    (tmp_path / "annotations/dataset.yaml").write_text(yaml.safe_dump(dataset, default_style='"'), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("units", "told", "taken"),
    [
        ((1, 9), "begins within a character", "𝕏 opened"),
        ((4, 9), "begins within a word", "opened"),
        ((3, 12), "ends within a character", "opened 👨‍👩‍👧"),
        ((32, 39), "ends within a number", "cost 1,250"),
        ((0, 26), "ends within a character", "𝕏 opened 👨‍👩‍👧 in 1911."),
        ((47, 53), "ends within a character", "🇩🇰🇸🇪"),
    ],
)
def test_a_selection_that_cuts_is_told_and_mended(
    open_page: Open, emoji: Path, units: tuple[int, int], told: str, taken: str
) -> None:
    page = open_page(page_of(emoji))
    text = page.evaluate("state.article.text")
    assert text == TWO["x1"]
    page.evaluate("([start, end]) => setPick({ start, end })", [*units])
    bar = page.locator("#picked")
    if "character" in told and units != (0, 26):
        expect(bar.get_by_role("button", name="Annotate these words")).to_have_count(0)
    if units == (0, 26):  # between the two characters of a line end: blanks are never in a selection of the mouse
        page.evaluate("() => setPick(null)")
        page.evaluate("""() => { const lines = document.querySelectorAll('#text p');
          getSelection().setBaseAndExtent(lines[0], 0, lines[1], 0); }""")
        expect(bar.locator(".cut")).to_have_count(0)
    else:
        expect(bar.locator(".cut")).to_contain_text(f"The selection {told}.")
        bar.locator(".cut button").click()
    expect(bar.locator(".quoted")).to_have_text(taken)
    bar.get_by_role("button", name="Annotate these words").click()
    draft = page.evaluate("draft.now")
    assert TWO["x1"][draft["start"] : draft["end"]] == taken


def test_keyboard_alone(open_page: Open, project_folder: Path, run: Run) -> None:
    remove(project_folder, "a1", "hurt-no-a1")
    page = open_page(page_of(project_folder), "#/article/a1")
    keys = page.keyboard
    keys.press("v")
    bar = page.locator("#picked .quoted")
    expect(bar).to_have_text("Ferry ‘Marigold’ Late Again")
    while "Nobody was hurt" not in bar.inner_text():
        before = bar.inner_text()
        keys.press("ArrowDown")
        expect(bar).not_to_have_text(before)
    keys.press("ArrowLeft")
    expect(bar).to_have_text("Nobody was hurt")
    keys.press("Shift+ArrowRight")
    expect(bar).to_have_text("was hurt")
    keys.press("Shift+ArrowLeft")
    keys.press("Enter")
    assert page.evaluate("document.activeElement.name") == "verdict"
    keys.type("supp")
    typed = {
        "basis": "corroborated",
        "claim": "Nobody was hurt.",
        "fact": "anybody-hurt",
        "value": "no",
        "rationale": "b2 says so.",
    }
    for _ in range(40):
        keys.press("Tab")
        at = page.evaluate("document.activeElement.name || document.activeElement.getAttribute('aria-label') || ''")
        if at == "basis":
            keys.type("corroborated")
        elif at in typed:
            keys.press("Control+a")
            keys.type(typed[at])
        elif at == "supports: hurt-no-b2":
            keys.press("Enter")
        elif at == "copy":
            break
    keys.press("Enter")
    expect(page.locator("#outcome")).to_contain_text("Paste it under claims:")
    paste(project_folder, "a1", "claims", page.locator("#yaml textarea").input_value())
    result = run("check", project_folder)
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_form_follows_the_scheme(open_page: Open, tmp_path: Path, run: Run) -> None:
    """Other labels and stances, groups, columns, optional keys, and text that runs from right to left."""
    project = make_project(tmp_path / "project")
    before = run("check", project)
    page = open_page(page_of(project), "#/article/ar")
    select(page, "كما تقول The Gazette 🎉")
    direction = "(node) => getComputedStyle(node).direction"
    assert page.locator("#picked .quoted").evaluate(direction) == "rtl"
    page.get_by_role("button", name="Annotate these words").click()
    labels = page.locator("[name=verdict] option").all_inner_texts()
    assert "not enough info" in labels
    for part in ("#editor .quoted", "[name=claim]"):
        assert page.locator(part).first.evaluate(direction) == "rtl"
    extra = page.locator("#extra label").all_inner_texts()
    assert any("is old" in text for text in extra)
    fill(page, "half true", id="Gazette:ar", extra_subject="جسور\n<i>", extra_is_old="false", extra_share="0.5")
    fill(page, "half true", extra_job="x", extra_number_of_votes="7", extra_claim_date="2024-02-29")
    go(page, "#/article/he")
    select(page, "הגשר")
    page.get_by_role("button", name="Evidence: for it/yes").click()
    page.locator("#evidenced").get_by_label("Groups of passage 1").press_sequentially("g1, g2")
    page.get_by_label("Stance of passage 1").select_option("neutral")
    expect(page.get_by_label("Stance of passage 1")).to_have_value("neutral")
    expect(page.get_by_label("Groups of passage 1")).to_have_value("g1, g2")
    record = copied(page)
    (plain,), errors = read_yaml(record)
    assert errors == []
    assert plain["evidence"] == [{"article": "he", "quote": "הגשר", "stance": "neutral", "groups": ["g1", "g2"]}]
    assert plain["subject"] == ["جسور", "<i>"]
    lines = (project / "annotations/claims.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    last = max(number for number, line in enumerate(lines) if json.loads(line).get("article") == "ar")
    lines.insert(last + 1, json.dumps({"kind": "claim", "article": "ar"} | plain, ensure_ascii=False))
    (project / "annotations/claims.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    after = run("check", project)
    assert after.stdout.count(": error[") == before.stdout.count(": error["), after.stdout


def test_a_release_without_texts_says_so(open_page: Open, tmp_path: Path) -> None:
    release = build(open_project(PROJECT), tmp_path / "release", lambda: None, "none").folder
    page = open_page(release / FULL / "view.html", "#/article/a1")
    expect(page.locator("#notices")).to_contain_text("This release has no texts of the articles")
    page.keyboard.press("v")
    expect(page.get_by_role("status").first).to_have_text("There is no text to select in.")
    expect(page.locator("#picked")).to_be_hidden()


def test_a_draft_outlives_a_reload_and_is_not_discarded_by_one_click(open_page: Open, project_folder: Path) -> None:
    page = open_page(page_of(project_folder), "#/article/a1")
    annotate(page, "So sad!")
    fill(page, "disputed", rationale="Because.")
    page.reload()
    expect(page.locator("#editor [name=rationale]")).to_have_value("Because.")
    expect(page.locator("#editor .quoted").first).to_have_text("So sad!")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#editor")).to_be_visible()
    page.get_by_role("button", name="Really discard?").click()
    expect(page.locator("#editor")).to_be_hidden()
    page.reload()
    expect(page.locator("#editor")).to_be_hidden()


def in_node(node: str, script: str, data: object) -> Any:
    modules = "".join(
        f'import * as {name} from "{(MODEL / name).as_posix()}.mjs";\n' for name in ("edges", "quoting", "yaml")
    )
    read = "import { readFileSync } from 'node:fs';\nconst data = JSON.parse(readFileSync(0, 'utf8'));\n"
    program = modules + read + script
    result = subprocess.run(
        [node, "--input-type=module", "-e", program], input=json.dumps(data), capture_output=True, text=True, check=True
    )
    return json.loads(result.stdout)


WORDS = [
    "the ",
    "1,250",
    "’s",
    "e\u0301",
    "𝕏",
    "👨‍👩‍👧",
    "🇩🇰",
    "שלום ",
    "乗客",
    "ไทย",
    "—",
    "\r\n",
    ". ",
    "a",
    "ß",
    "٣",
    "९",
    "Ⅳ",
    "\u00a0",
    " #",
    ": ",
    "'",
    "“ja” ",
]


def test_edges_and_quotes_are_those_of_the_check(node: str) -> None:
    """What the page finds out about a range is what the check finds out: 2,000 texts at random."""
    chosen = random.Random(20)  # noqa: S311 - texts to try
    texts = ["".join(chosen.choices(WORDS, k=chosen.randrange(3, 14))) for _ in range(2_000)]
    places = [(chosen.randrange(len(text) + 1), chosen.randrange(len(text) + 1)) for text in texts]
    ranges = [(text, min(pair), max(pair)) for text, pair in zip(texts, places, strict=True) if pair[0] != pair[1]]
    in_units = [[text, *(len(text[:at].encode("utf-16-le")) // 2 for at in pair), *pair] for text, *pair in ranges]
    found = in_node(
        node,
        """process.stdout.write(JSON.stringify(data.map(([text, start, end, from, to]) => {
          const full = edges.whole(text, start, end);
          const points = [full.start, full.end].map((at) => [...text.slice(0, at)].length);
          const named = quoting.quoting({ text, language: "en" }, { start: from, end: to });
          return [edges.cutIn(text, start), points, named, yaml.toYaml({ quote: text })];
        })));""",
        in_units,
    )
    cut = 0
    for (text, start, end), (what, points, named, written) in zip(ranges, found, strict=True):
        assert what == cut_in(text, start), (text, start)
        cut += bool(what)
        if text[start:end].strip():
            assert tuple(points) == whole(text, Span(start, end)), (text, start, end)
        assert locate(text, **named) == Span(start, end), (text, start, end, named)
        assert read_yaml(written) == ([{"quote": text}], []), written
    assert cut > 100


@pytest.mark.parametrize("width", [1440, 380])
def test_axe_finds_no_violation_while_annotating(open_page: Open, project_folder: Path, axe: str, width: int) -> None:
    path = page_of(project_folder)
    for scheme in ("light", "dark"):
        page = open_page(path, "#/article/a1", color_scheme=scheme, viewport={"width": width, "height": 900})
        page.evaluate(axe)
        judge(page, axe)
        page.evaluate("() => setPick({ start: 45, end: 70 })")
        expect(page.locator("#picked .cut")).to_be_visible()
        judge(page, axe)
        page.get_by_role("button", name="Annotate these words").click()
        fill(page, "erroneous", fact="passenger-count", value="90")
        page.get_by_role("button", name="supports: passengers-90-b2").click()
        judge(page, axe)
        page.get_by_role("button", name="Copy as YAML").click()
        page.evaluate("() => setPick({ start: 3, end: 9 })")
        judge(page, axe)


def judge(page: Page, axe: str) -> None:
    assert axe
    page.wait_for_timeout(150)
    result = page.evaluate("axe.run()")
    assert [
        (rule["id"], rule["nodes"][0]["failureSummary"], rule["nodes"][0]["html"]) for rule in result["violations"]
    ] == []
    assert len(result["passes"]) > 20
