"""What other datasets have that no preset has: each is kept, or refused with a place; what is built is verified."""

import hashlib
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import factpack
from conftest import Run

COLUMNS = "\n    year: {type: integer, description: the year}\n    rate: {type: number, description: a rate}"


def begun(run: Run, folder: Path, like: str) -> Path:
    assert run("init", "--like", like, folder).exit_code == 0
    return folder


def add(project: Path, *records: dict[str, Any], file: str = "claims.jsonl") -> None:
    with (project / "annotations" / file).open("a", encoding="utf-8") as stream:
        stream.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def change(project: Path, old: str, new: str) -> None:
    path = project / "annotations/dataset.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def released(run: Run, project: Path, *options: str) -> Path:
    """Builds and verifies."""
    out = project.parent / f"release{len(options)}"
    result = run("build", project, "--out", out, *options)
    assert result.exit_code == 0, result.output
    result = run("verify", out)
    assert (result.exit_code, result.stderr) == (0, "")
    return out


def errors(run: Run, project: Path) -> str:
    result = run("check", project, "--errors-only")
    assert not isinstance(result.exception, Exception)
    return str(result.stdout)


def with_columns(run: Run, tmp_path: Path, column: str, value: str) -> Path:
    project = begun(run, tmp_path / "set", "liar")
    change(project, "  claims:\n", f"  claims:{COLUMNS}\n")
    path = project / "annotations/claims.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"label"', f'"{column}": {value}, "label"', 1), encoding="utf-8")
    return project


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [("year", "2019.0", 2019), ("year", "2e3", 2000), ("rate", "-5.0", -5), ("rate", "7", 7), ("rate", "1e300", 1e300)],
)
def test_numbers_as_other_programs_write_them(run: Run, tmp_path: Path, column: str, value: str, kept: float) -> None:
    """pandas writes a column of whole numbers with a gap as 2019.0."""
    release = released(run, with_columns(run, tmp_path, column, value))
    with factpack.open_release(release) as opened:
        assert kept in opened.table()[column].to_pylist()


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("year", "2019.5", "malformed value `2019.5`\n  hint: Write a whole number"),
        ("year", "9223372036854775808", "malformed value `9223372036854775808`\n  hint: Write a whole number"),
        ("rate", "1" + "0" * 400, "hint: Write a number, such as 0.5."),
        ("rate", '"1e999"', "malformed value `1e999`\n  hint: Write a number"),
        ("rate", '"nan"', "malformed value `nan`\n  hint: Write a number"),
        ("rate", "NaN", "invalid JSON: `NaN` is no number; leave the key out"),
        ("rate", "-Infinity", "`Infinity` is no number; leave the key out"),
    ],
)
def test_numbers_that_no_column_holds(run: Run, tmp_path: Path, column: str, value: str, said: str) -> None:
    assert said in errors(run, with_columns(run, tmp_path, column, value))


def test_an_unverified_record_in_no_article(run: Run, tmp_path: Path) -> None:
    project = begun(run, tmp_path / "set", "liar")
    add(project, {"kind": "unverified", "id": "u", "claim": "Nobody knows."})
    released(run, project)


def test_a_set_without_articles_has_no_texts_to_leave_out(run: Run, tmp_path: Path) -> None:
    release = released(run, begun(run, tmp_path / "set", "liar"), "--text", "none")
    assert "The quotes alone reproduce" not in (release / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "  \n "])
@pytest.mark.parametrize("annotation", ["none", "partial"])
def test_documents_without_a_word(run: Run, tmp_path: Path, text: str, annotation: str) -> None:
    """Two of them are not the same text; the release with the texts and the one without are verified."""
    project = begun(run, tmp_path / "set", "fever")
    for name in ("E1", "E2"):
        (project / f"seeds/{name}.txt").write_bytes(text.encode())
        record = {"id": name, "file": f"{name}.txt", "sha256": hashlib.sha256(text.encode()).hexdigest()}
        add(project, record | {"language": "en", "annotation": annotation}, file="articles.jsonl")
    released(run, project)
    released(run, project, "--text", "none")


TWICE = [
    {"kind": "claim", "id": f"v{number}", "claim": "More than 100 died.", "label": label, "evidence": [passage]}
    for number, (label, passage) in enumerate(
        [
            ("SUPPORTS", {"quote": "105 died.", "source": "revision 2", "stance": "SUPPORTS"}),
            ("REFUTES", {"quote": "99 died.", "source": "revision 1", "stance": "REFUTES"}),
        ]
    )
]


def test_one_claim_with_a_label_for_each_evidence(run: Run, tmp_path: Path) -> None:
    """The design of VitaminC and HealthVer: refused, with the way out, which is a warning then."""
    project = begun(run, tmp_path / "set", "climate-fever")
    add(project, *TWICE)
    said = errors(run, project)
    assert "error[same-claim-other-label]: claim is `REFUTES`, but `v0` says the same and is `SUPPORTS`" in said
    assert "set `duplicates: as-found` in dataset.yaml" in said
    change(project, "version:", "duplicates: as-found\nversion:")
    assert "same-claim-other-label" not in errors(run, project)
    assert "warning[same-claim-other-label]" in run("check", project).stdout
    released(run, project)


def test_claims_in_a_language_of_no_article(run: Run, tmp_path: Path) -> None:
    project = begun(run, tmp_path / "set", "fever")
    change(project, "languages: [en]", "languages: [en, ar]")
    passage = {"article": "Alm", "quote": "The old bridge over the Alm was opened in 1911.", "stance": "SUPPORTS"}
    add(
        project,
        {"kind": "claim", "id": "ar1", "claim": "افتتح الجسر عام 1911.", "label": "SUPPORTS", "evidence": [passage]},
    )
    assert errors(run, project) == ""
    released(run, project)


def test_a_sentence_in_two_groups(run: Run, tmp_path: Path) -> None:
    project = begun(run, tmp_path / "set", "fever")
    words = {"article": "Alm", "quote": "The old bridge over the Alm was opened in 1911.", "stance": "SUPPORTS"}
    passages = [words | {"groups": [group]} for group in ("1", "2")]
    add(project, {"kind": "claim", "id": "g", "claim": "It is of 1911.", "label": "SUPPORTS", "evidence": passages})
    assert "hint: Write one entry that names all its groups: `groups: [A, B]`." in errors(run, project)


def test_a_key_of_the_original_becomes_a_column(run: Run, tmp_path: Path) -> None:
    """The hint says how; so it does for splits, and for a value that is empty."""
    project = begun(run, tmp_path / "set", "liar")
    add(project, {"kind": "claim", "id": "x", "claim": "It is so.", "label": "true", "url": "u", "split": "train"})
    said = errors(run, project)
    assert "add a column in dataset.yaml: `columns: {claims: {url: …}}`" in said
    assert "name the splits in dataset.yaml: `splits: {train: training, test: evaluation}`" in said


def exported(run: Run, release: Path, form: str) -> Path:
    out = release.parent / form
    assert run("export", form, release, "--out", out).exit_code == 0
    return out


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_passages_without_their_document_are_exported(run: Run, tmp_path: Path) -> None:
    """As lines of a page of their source; nothing is left out in silence."""
    project = begun(run, tmp_path / "set", "climate-fever")
    add(project, {"kind": "claim", "id": "7", "claim": "It is warmer.", "label": "SUPPORTS", "evidence": [
        {"quote": "It warmed.", "source": "https://a.org/x", "stance": "SUPPORTS"},
        {"quote": "It warmed.", "source": "https://a.org/x", "stance": "SUPPORTS"},
        {"quote": "It got  hotter.", "source": "https://a.org/x", "stance": "SUPPORTS"},
    ]})  # fmt: skip
    release = released(run, project)
    fever = exported(run, release, "fever")
    claim = next(each for each in lines_of(fever / "claims.jsonl") if each["claim_id"] == "7")
    assert claim["id"] == 7
    assert [group[0][2:] for group in claim["evidence"]] == [["https://a.org/x", line] for line in (0, 0, 1)]
    pages = {page["id"]: page["lines"] for page in lines_of(fever / "wiki-pages/wiki-001.jsonl")}
    assert pages["https://a.org/x"] == "0\tIt warmed.\n1\tIt got hotter."
    beir = exported(run, release, "beir")
    words = {entry["_id"]: entry["text"] for entry in lines_of(beir / "corpus.jsonl")}
    found = [row.split("\t") for row in (beir / "qrels/test.tsv").read_text(encoding="utf-8").splitlines()]
    assert [words[entry] for claim, entry, _ in found[1:] if claim == "7"] == ["It warmed.", "It got hotter."]
    targets = [each["target"] for each in lines_of(exported(run, release, "w3c") / "annotations.jsonl")]
    assert {"source": "https://a.org/x", "words": "It got  hotter."} in [
        {"source": target["source"], "words": target["selector"][0]["exact"]}
        for target in targets
        if "selector" in target
    ]


def test_ids_of_fever_stay_and_score(run: Run, tmp_path: Path) -> None:
    """In any order; what FEVER has as the right answers is right."""
    project = begun(run, tmp_path / "set", "fever")
    path = project / "annotations/claims.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"id": "1"', '"id": "75397"').replace('"id": "3"', '"id": "1"'), encoding="utf-8")
    release = released(run, project)
    file = tmp_path / "p.jsonl"
    file.write_text("".join(
        json.dumps({"id": row["id"], "predicted_label": row["released_label"], "predicted_evidence": [
            [page, line] for group in row["evidence"] for *_, page, line in group if page is not None
        ]}) + "\n"
        for row in lines_of(exported(run, release, "fever") / "claims.jsonl")
        if row["released_label"] != "not_enough_info"
    ), encoding="utf-8")  # fmt: skip
    result = run("score", release, file, "--input-format", "fever", "--format", "json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["figures"]["accuracy"]["value"] == 1


def test_a_label_that_is_a_number_in_json(run: Run, tmp_path: Path) -> None:
    project = begun(run, tmp_path / "set", "liar")
    change(project, "    pants-fire:", '    "0": {evidence: optional}\n    pants-fire:')
    add(project, {"kind": "claim", "id": "n", "claim": "It is so.", "label": 0})
    assert 'error[unknown-word]: `label` must be one word\n  hint: Write it as text: `"0"`.' in errors(run, project)


def test_evidence_that_no_prediction_can_name_is_not_scored(run: Run, tmp_path: Path) -> None:
    """It was said to be found, by no prediction at all."""
    project = begun(run, tmp_path / "set", "fever")
    words = {"quote": "It is old.", "source": "https://a.org", "stance": "SUPPORTS"}
    loose = {"kind": "claim", "id": "q", "claim": "The mill is old.", "label": "SUPPORTS", "evidence": [words]}
    add(project, loose)
    file = tmp_path / "p.jsonl"
    file.write_text('{"id": "q", "label": "SUPPORTS", "evidence": []}\n', encoding="utf-8")
    release = released(run, project)
    result = run("score", release, file, "--partial")
    assert "; 1 claim left out for evidence, which is without its article; " in result.stdout
    assert "strict score" not in result.stdout
    placed = next(row for row in lines_of(project / "annotations/claims.jsonl") if row["evidence"])
    given = {"id": placed["id"], "label": placed["label"], "evidence": []}
    file.write_text(f'{{"id": "q", "label": "SUPPORTS", "evidence": []}}\n{json.dumps(given)}\n', encoding="utf-8")
    figures = json.loads(run("score", release, file, "--partial", "--format", "json").stdout)["figures"]
    assert figures["strict"]["value"] == 0


LABELS = [
    "صحيح",
    "谣言",
    "मिथ्या",
    "truth! & misleading!",
    "we rate this: false",
    "Misleading. There's no evidence",
    "0",
]


def test_labels_of_any_script(run: Run, tmp_path: Path) -> None:
    """As X-Fact, CHEF, MultiFC and ClaimReview have them: in the release, the scores, the chart and the exports."""
    project = begun(run, tmp_path / "set", "liar")
    path = project / "annotations/dataset.yaml"
    text = path.read_text(encoding="utf-8")
    begin, end = text.index("  labels:"), text.index("  optional:")
    listed = "".join(f"    {json.dumps(label, ensure_ascii=False)}: {{evidence: optional}}\n" for label in LABELS)
    path.write_text(f"{text[:begin]}  labels:\n{listed}{text[end:]}", encoding="utf-8")
    (project / "annotations/claims.jsonl").unlink()
    claims = [{"kind": "claim", "id": f"c{n}", "claim": f"It is {n}.", "label": name} for n, name in enumerate(LABELS)]
    add(project, *claims)
    release = released(run, project)
    predictions = tmp_path / "p.jsonl"
    predictions.write_text(
        "".join(json.dumps({"id": each["id"], "label": each["label"]}) + "\n" for each in claims), encoding="utf-8"
    )
    scores = run("score", release, predictions, "--chart", tmp_path / "chart.svg")
    assert "accuracy                                    1.000" in scores.stdout
    ET.parse(tmp_path / "chart.svg")  # noqa: S314 - made here
    exports = lines_of(exported(run, release, "fever") / "claims.jsonl")
    assert [each["released_label"] for each in exports] == LABELS
    with factpack.open_release(release) as opened:
        assert opened.load().features["label"].names == LABELS
