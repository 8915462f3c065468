"""The dataset card of a release: its header, its text, its counts."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import pytest
import yaml

from conftest import PROJECT, Run, edit
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.table_files import table_path
from factpack.evaluation.baselines import measure_baselines
from factpack.evaluation.tasks.tables import task_configs
from releases import TABLES, TASKS, make, rows

CONFIGS = [*(config.name for config in TABLES), *TASKS]


def card(release: Path) -> tuple[dict[str, Any], str]:
    """The header of a card, as plain YAML, and its body."""
    _, header, body = re.split(
        r"^---\n", (release / "README.md").read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE
    )
    return yaml.safe_load(header), body


def test_the_header_reads_as_yaml_and_as_a_card(built: Path) -> None:
    """The same in both, with one default config."""
    header, _ = card(built)
    data = huggingface_hub.DatasetCard.load(built / "README.md").data
    assert data.to_dict() == header
    assert data.pretty_name == "Ferry Fact-Check"
    assert data.license == "other"
    assert data.license_name == "cc-by-4.0-annotations"
    assert data.license_link == "https://creativecommons.org/licenses/by/4.0/"
    assert data.language == ["en", "ja"]
    assert header["multilinguality"] == ["multilingual"]
    assert header["size_categories"] == ["n<1K"]
    assert header["tags"] == ["fact-checking", "ferry", "invented"]
    assert [(c["config_name"], c.get("default", False)) for c in header["configs"]] == [
        ("claims", True),
        ("propositions", False),
        ("evidence", False),
        ("articles", False),
        ("sentences", False),
        ("facts", False),
        ("eval", False),
        ("eval_articles", False),
    ]
    assert [c["data_files"] for c in header["configs"]] == [
        [{"split": "test", "path": table_path(name)}] for name in CONFIGS
    ]
    sizes = {info["config_name"]: info["splits"][0]["num_examples"] for info in header["dataset_info"]}
    assert sizes == {name: len(rows(built, name)) for name in CONFIGS}


def test_the_card_explains_folds_and_the_versions_in_its_header(built: Path) -> None:
    """What a reader would else stumble over: contexts in several folds, digits behind the patch number."""
    header, body = card(built)
    words = " ".join(body.split())
    assert "claims that answer one fact, or whose labels rest on the same passage, are in one fold" in words
    assert "passages that overlap and the same `context` can occur in several" in words
    assert all(re.fullmatch(r"1\.1\.\d{5,}", config["version"]) for config in header["configs"])
    assert "digits of the digest of its rows behind the patch number" in words
    assert "the version of the dataset is 1.1.0" in words


def test_norwegian_is_a_language_and_not_false(project_folder: Path) -> None:
    """``no`` is a boolean in YAML 1.1, which the Hub reads."""
    edit(project_folder, "dataset.yaml", lambda data: data.update(languages=["no"], title="yes"))
    edit(project_folder, "articles.yaml", lambda data: [article.update(language="no") for article in data["articles"]])
    release = make(project_folder)
    header, _ = card(release)
    assert header["language"] == ["no"]
    assert header["pretty_name"] == "yes"
    assert header["multilinguality"] == ["monolingual"]
    assert huggingface_hub.DatasetCard.load(release / "README.md").data.language == ["no"]
    assert json.loads((release / "croissant.json").read_text(encoding="utf-8"))["inLanguage"] == ["no"]


TITLES = [
    "a: b #c 'd' \"e\" – 𝕏 {{ f }} {% g %}",
    "a\n---\nb",
    "- [x]",
    "null",
    "2024-01-01",
    "{a: b}",
    "x" * 300,
    "\u2028 \u00a0 é",
]


@pytest.mark.parametrize("title", TITLES)
def test_any_title_survives_the_header(project_folder: Path, title: str) -> None:
    """What YAML or the template would take for syntax is text."""
    edit(project_folder, "dataset.yaml", lambda data: data.update(title=title))
    release = make(project_folder)
    assert huggingface_hub.DatasetCard.load(release / "README.md").data.pretty_name == title
    assert datasets.load_dataset_builder(str(release), "facts", cache_dir=str(project_folder / "cache")).info.splits


def without_code(markdown: str) -> str:
    """Markdown without its fenced blocks, as CommonMark has it: one ends at a bare fence as long as its first."""
    kept: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        mark = re.match(r" {0,3}(`{3,}|~{3,})\s*(.*)$", line)
        if not fence and mark:
            fence = mark[1]
        elif fence and mark and mark[1].startswith(fence) and not mark[2]:
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("key", ["title", "description", "curation", "limitations", "rights", "license_name"])
def test_html_is_escaped(project_folder: Path, key: str) -> None:
    """What a curator writes is shown, not run."""
    edit(project_folder, "dataset.yaml", lambda data: data.update({key: f"A&B {SCRIPT}\n```\n{SCRIPT}"}))
    _, body = card(make(project_folder))
    shown = without_code(body)
    assert "A&amp;B &lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown


@pytest.mark.parametrize("link", [f"https://x.y/){SCRIPT}", "https://x.y/ onclick", 'https://x.y/" onclick="alert(1)'])
def test_a_link_cannot_hold_more_than_an_address(project_folder: Path, run: Run, link: str) -> None:
    """It stands between brackets that it could close: either the project is refused, or the card holds it escaped."""
    edit(project_folder, "dataset.yaml", lambda data: data.update(license_link=link))
    told = run("check", project_folder).stdout
    if told:
        assert re.match(r"annotations/dataset\.yaml:\d+:\d+: error\[malformed-value\]", told)
    else:
        assert link not in without_code(card(make(project_folder))[1])


def markdown_table(body: str, after: str) -> list[list[str]]:
    """The cells of the first table after some words, without the line under its head."""
    lines = body[body.index(after) :].split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    count = next(i for i, line in enumerate(lines[first:]) if not line.startswith("|"))
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[first : first + count]]
    return [found[0], *found[2:]]


def test_the_counts_of_the_card_are_those_of_the_files(built: Path) -> None:
    """Counted here once more, from the Parquet files, with nothing but Python; what a chart shows is in no table."""
    _, body = card(built)
    claims = rows(built, "claims")

    def crosstab(pairs: list[tuple[str, str]], names: tuple[str, ...]) -> list[list[str]]:
        made = [["", *names, "all"]]
        for key in sorted({key for key, _ in pairs}):
            counts = [sum(k == key and v == name for k, v in pairs) for name in names]
            made.append([key, *map(str, counts), str(sum(counts))])
        return made

    folds = [(str(row["fold"]), DEFAULT_TABLES.label.names[row["label"]]) for row in claims]
    stances = [
        (DEFAULT_TABLES.label.names[row["label"]], DEFAULT_TABLES.stance.names[row["stance"]])
        for row in rows(built, "evidence")
    ]
    assert markdown_table(body, "Claims by fold and label:") == crosstab(folds, DEFAULT_TABLES.label.names)
    found = markdown_table(body, "Evidence by label of the claim and stance")
    assert [found[0], *sorted(found[1:])] == crosstab(stances, DEFAULT_TABLES.stance.names)
    charts = re.findall(r"!\[[^\]]*\]\(charts/(\w+)\.svg\)", body)
    assert charts == ["labels", "articles", "basis", "speakers", "coverage"]  # of which there is no table
    assert sorted(path.stem for path in (built / "charts").iterdir()) == sorted(charts)
    assert not re.search("Claims by article|Claims by speaker|Claims by label and basis|Sentences by", body)
    labels = Counter(DEFAULT_TABLES.label.names[row["label"]] for row in claims)
    shown = "; ".join(f"{name}: {labels[name]}" for name in DEFAULT_TABLES.label.names)
    assert f"![{len(claims)} claims by label. {shown}](charts/labels.svg)" in body
    prompts = task_configs(DEFAULT_TABLES.label)
    assert markdown_table(body, "## Columns") == [
        ["config", "rows", "what a row is"],
        *([f"`{c.name}`", str(len(rows(built, c.name))), c.description] for c in (*TABLES, *prompts)),
    ]
    counts = {c.name: len(rows(built, c.name)) for c in TABLES}
    words = " ".join(body.split())
    assert (
        f"Version 1.1.0: {counts['claims']} labelled claims from {counts['articles']} articles, with "
        f"{counts['evidence']} passages of evidence and {counts['facts']} facts"
    ) in words


def test_the_card_says_how_to_evaluate(built: Path) -> None:
    """What goes in and what leaks; a prediction that can be scored; the baselines; the version to name."""
    _, body = card(built)
    section = body[body.index("## How to evaluate") : body.index("## Sources")]
    assert "`value`, `basis`, `correction`, `rationale`, `votes` |" in section
    example = json.loads(re.findall(r"```json\n(.*)\n```", section)[0])
    assert (example["label"], example["evidence"][0]["stance"]) == ("supported", "supports")
    for each in measure_baselines(built):
        row = next(line for line in section.splitlines() if line.startswith(f"| {each.title} |"))
        for verdicts in (each.labels, each.stances):
            assert verdicts is None or all(f"| {f.shown} |" in row for f in (verdicts.accuracy, verdicts.macro_f1))
        assert row.count("|") == 9
    assert "ferry-factcheck 1.1.0; “Citation” has the entry" in section
    assert "inspect eval hf/OWNER/ferry-factcheck/verdict@v1.1.0 --model MODEL" in section
    task = re.search(r"--tasks (\S+) --include_path lm_eval\n", section)
    assert task
    assert (built / f"lm_eval/{task[1]}.yaml").is_file()
    assert "id: verdict\n" in (built / "eval.yaml").read_text(encoding="utf-8")


def test_the_order_is_that_of_a_reader(built: Path) -> None:
    """An example, what the labels mean, how to load and evaluate, sources, limits; then counts and columns."""
    _, body = card(built)
    assert re.findall("^## (.*)$", without_code(body), re.MULTILINE) == [
        *("Example", "Labels", "Load", "Uses", "How to evaluate", "Sources", "Limits", "Counts", "Columns"),
        *("Versions", "Licence and rights", "Citation"),
    ]
    assert "path/to" not in body
    assert 'load_dataset("OWNER/ferry-factcheck", "claims", split="test", revision="v1.1.0")' in body
    assert "factpack score RELEASE predictions.jsonl" in body


def test_the_example_is_a_row(built: Path, tmp_path: Path) -> None:
    """The first with a correction, with names for labels; it is the same without the texts."""
    example = json.loads(re.findall(r"```json\n(\{\n.*?\n\})\n```", card(built)[1], re.DOTALL)[0])
    row = next(row for row in rows(built, "claims") if row["correction"] and row["evidence"])
    names = DEFAULT_TABLES
    assert example["label"] == names.label.names[row["label"]]
    assert example["basis"] == names.basis.names[row["basis"]]
    assert {key: example[key] for key in ("id", "claim", "quote", "correction", "start", "end")} == {
        key: row[key] for key in ("id", "claim", "quote", "correction", "start", "end")
    }
    assert example["evidence"] == [
        {key: passage[key] for key in ("article", "start", "end", "quote")}
        | {"stance": names.stance.names[passage["stance"]]}
        for passage in row["evidence"][:2]
    ]
    none = make(PROJECT, tmp_path / "none", "none")
    assert json.dumps(example, ensure_ascii=False, indent=2) in card(none)[1]
