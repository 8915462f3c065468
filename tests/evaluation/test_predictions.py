"""Files of predictions: the same scores from every format, and every problem with its line."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import factpack
from conftest import PROJECT, Run
from evaluation.invented import json_lines
from factpack.checks.report import CheckFailedError
from hub.server import Hub
from releases import rows

LABELS = ["supported", "disputed", "erroneous"]
STANCES = ["supports", "refutes"]


def perfect(release: Path) -> list[dict[str, Any]]:
    """Predictions that are right in everything."""
    return [
        {
            "id": row["id"],
            "label": LABELS[row["label"]],
            "scores": {LABELS[row["label"]]: 1.0},
            "evidence": [
                {name: each[name] for name in ("article", "start", "end")} | {"stance": STANCES[each["stance"]]}
                for each in row["evidence"]
            ],
        }
        for row in rows(release, "claims")
    ]


def as_csv(path: Path, predictions: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "label", "scores", "evidence"])
        for row in predictions:
            writer.writerow([row["id"], row["label"], *(json.dumps(row[name]) for name in ("scores", "evidence"))])
    return path


def as_parquet(path: Path, predictions: list[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(predictions), path)
    return path


def test_every_format_has_the_same_scores(built: Path, tmp_path: Path) -> None:
    predictions = perfect(built)
    predictions[0] |= {"label": "disputed", "scores": {"supported": 0.4, "disputed": 0.6}, "evidence": []}
    files = [
        json_lines(tmp_path / "p.jsonl", predictions),
        as_csv(tmp_path / "p.csv", predictions),
        as_parquet(tmp_path / "p.parquet", predictions),
    ]
    first, *others = [factpack.score(built, file) for file in files]
    assert others == [first, first]
    assert first.figures["accuracy"].value == pytest.approx(22 / 23)
    assert first.figures["exact_recall"].value == pytest.approx(32 / 33)


def test_a_release_is_read_wherever_it_is(built: Path, hub: Hub, repo: str, tmp_path: Path, run: Run) -> None:
    file = json_lines(tmp_path / "p.jsonl", perfect(built))
    store = (tmp_path / "store").as_uri()
    for target in (repo, store):
        factpack.publish(built, target)
    del hub
    places = [str(built), str(PROJECT), f"{repo}@v1.1.0", f"{store}/v1.1.0"]
    printed = [run("score", place, file, "--format", "json") for place in places]
    assert [result.exit_code for result in printed] == [0, 0, 0, 0]
    assert len({result.stdout for result in printed}) == 1


def test_a_release_without_its_texts_has_the_same_scores(built: Path, tmp_path: Path) -> None:
    file = json_lines(tmp_path / "p.jsonl", perfect(built))
    with factpack.open_release(PROJECT, texts="none") as without:
        assert factpack.score(without, file) == factpack.score(built, file)


def test_right_predictions_have_the_best_scores(built: Path, tmp_path: Path) -> None:
    scores = factpack.score(built, json_lines(tmp_path / "p.jsonl", perfect(built)))
    worst = {name: figure.value for name, figure in scores.figures.items() if name in ("brier", "calibration_error")}
    best = {name: figure.value for name, figure in scores.figures.items() if name not in worst}
    assert set(worst.values()) == {0}
    assert set(best.values()) == {1}
    assert len(best) == 30


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"id": "late-40-minute-a1"},
        (
            "{file}:1:8: error[unknown-claim]: unknown claim `late-40-minute-a1`\n"
            "  hint: Did you mean `late-40-minutes-a1`?\n"
        ),
    ),
    (
        {"id": "passengers-900-a1"},
        (
            "{file}:2:8: error[duplicate-prediction]: duplicate prediction for the claim `passengers-900-a1`\n"
            "  hint: The first is in line 1. Delete one of the two.\n"
        ),
    ),
    (
        {"label": "suported"},
        "{file}:1:39: error[unknown-label]: unknown label `suported`\n  hint: Did you mean `supported`?\n",
    ),
    (
        {"label": 2},
        (
            "{file}:1:39: error[wrong-type]: `label` must be text, not a number\n"
            "  hint: Write the name of the label; `int2str` of the `ClassLabel` in the features gives the name of a "
            "number.\n"
        ),
    ),
    (
        {"lable": "supported"},
        (
            "{file}:1:52: error[unknown-key]: unknown key `lable`\n"
            "  hint: Delete it. The keys here are `id`, `label`, `scores`, `evidence`.\n"
        ),
    ),
    (
        {"scores": {"supported": 0.5, "disputed": 0.4}},
        (
            "{file}:1:62: error[no-probabilities]: the scores are not probabilities: they add up to 0.9\n"
            "  hint: Give the probability of every label, so that they add up to 1, or leave `scores` out.\n"
        ),
    ),
    (
        {"scores": {"supported": 1.5, "disputed": -0.5}},
        (
            "{file}:1:62: error[no-probabilities]: the scores are not probabilities: one is less than 0\n"
            "  hint: Give the probability of every label, so that they add up to 1, or leave `scores` out.\n"
        ),
    ),
    (
        {"scores": {"true": 1}},
        (
            "{file}:1:63: error[unknown-label]: unknown label `true`\n"
            "  hint: The labels of the release are `supported`, `disputed`, `erroneous`.\n"
        ),
    ),
    (
        {"evidence": [{"article": "c3", "start": 120, "end": 128}]},
        (
            "{file}:1:65: error[span-outside-text]: 120 to 128 is not a span of article c3, which has 127 characters\n"
            "  hint: Give offsets in Unicode code points: text[start:end] is the passage, and must not be empty.\n"
        ),
    ),
    (
        {"evidence": [{"article": "c3", "start": 8, "end": 8}]},
        (
            "{file}:1:65: error[span-outside-text]: 8 to 8 is not a span of article c3, which has 127 characters\n"
            "  hint: Give offsets in Unicode code points: text[start:end] is the passage, and must not be empty.\n"
        ),
    ),
    (
        {"evidence": [{"article": "d4", "start": 0, "end": 8, "stance": "for"}]},
        (
            "{file}:1:77: error[unknown-article]: unknown article `d4`\n"
            "  hint: Take the ids from the column `id` of `articles`.\n"
            "{file}:1:115: error[unknown-stance]: unknown stance `for`\n"
            "  hint: The stances of the release are `supports`, `refutes`.\n"
        ),
    ),
    (
        {"evidence": [{"article": "c3", "start": "0", "end": 8}]},
        (
            "{file}:1:92: error[wrong-type]: `start` must be a whole number, not text\n"
            "  hint: Write only digits, without quotation marks.\n"
        ),
    ),
]


@pytest.mark.parametrize(("change", "expected"), WRONG)
def test_what_is_wrong_is_said_with_its_place(
    built: Path, tmp_path: Path, run: Run, change: dict[str, Any], expected: str
) -> None:
    predictions = [{"id": row["id"], "label": row["label"]} for row in perfect(built)]
    predictions[0] |= change
    if change.get("id") == "passengers-900-a1":
        predictions[0], predictions[1] = predictions[1], predictions[0]
    file = json_lines(tmp_path / "p.jsonl", predictions)
    result = run("score", built, file, "--partial")
    assert (result.exit_code, result.stdout) == (1, expected.replace("{file}", str(file)))
    errors = expected.count("error[")
    assert result.stderr.endswith(f"{errors} error{'s' * (errors > 1)}, 0 warnings; nothing was scored\n")


def test_missing_predictions_are_wrong_and_can_be_left_out(built: Path, tmp_path: Path, run: Run) -> None:
    file = json_lines(tmp_path / "p.jsonl", perfect(built)[2:])
    result = run("score", built, file)
    assert result.exit_code == 1
    assert result.stdout == "".join(
        f"{file}:1:1: error[missing-prediction]: missing prediction for the claim `{name}`\n"
        "  hint: Add a line for it, or score only the given predictions with --partial.\n"
        for name in ("late-40-minutes-a1", "passengers-900-a1")
    )
    result = run("score", built, file, "--partial")
    assert result.exit_code == 0
    assert result.stdout.startswith("ferry-factcheck 1.1.0: only 21 of 23 claims scored, on 9 facts; intervals")


def test_no_predictions_at_all_are_wrong_in_any_case(built: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckFailedError) as failed:
        factpack.score(built, json_lines(tmp_path / "p.jsonl", []), partial=True)
    assert failed.value.report.count_of("missing-prediction") == 23


def test_the_index_of_pandas_is_told_once(built: Path, tmp_path: Path, run: Run) -> None:
    """Not in every row, and with what to do about it; a file without it is read."""
    frame = pd.DataFrame([{"id": row["id"], "label": row["label"]} for row in perfect(built)]).iloc[[*range(1, 23), 0]]
    frame.to_csv(tmp_path / "p.csv")
    frame.to_parquet(tmp_path / "p.parquet")
    frame.rename(columns={"label": "guess"}).iloc[:2].to_csv(tmp_path / "q.csv", index=False)
    keys = "The columns here are `id`, `label`, `scores`, `evidence`."
    for name, column in (("p.csv", ""), ("p.parquet", "__index_level_0__")):
        result = run("score", built, tmp_path / name)
        assert result.stdout == (
            f"{tmp_path / name}:1:1: error[unknown-key]: unknown column `{column}`\n"
            f"  hint: If pandas wrote it, write the file again with `index=False`. {keys}\n"
        )
    assert run("score", built, tmp_path / "q.csv", "--partial").stdout == (
        f"{tmp_path / 'q.csv'}:1:1: error[missing-key]: missing column `label`\n  hint: Add it. {keys}\n"
        f"{tmp_path / 'q.csv'}:1:1: error[unknown-key]: unknown column `guess`\n  hint: Delete it. {keys}\n"
    )
    frame.to_parquet(tmp_path / "p.parquet", index=False)
    assert run("score", built, tmp_path / "p.parquet").exit_code == 0


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_column_that_comes_twice_is_not_chosen_from(built: Path, tmp_path: Path, run: Run, suffix: str) -> None:
    file = tmp_path / f"p.{suffix}"
    ids = [row["id"] for row in perfect(built)]
    if suffix == "csv":
        file.write_text("id,label,label\n" + "".join(f"{name},supported,erroneous\n" for name in ids))
    else:
        pq.write_table(
            pa.table([ids, ["supported"] * len(ids), ["erroneous"] * len(ids)], ["id", "label", "label"]), file
        )
    result = run("score", built, file)
    assert (result.exit_code, result.stdout) == (
        1,
        f"{file}:1:1: error[duplicate-key]: column `label` comes twice\n  hint: Delete one of the two.\n",
    )


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (pa.array([[0.5, 0.5]]), "error[wrong-type]: `scores` must be a mapping of keys to values, not a list"),
        (pa.array([[{"label": "supported", "score": 1.0}]]), "error[wrong-type]: `scores` must be a mapping"),
        (pa.array([{"supported": "x"}]), "must be a number, not text\n  hint: Write a number, such as 0.5."),
    ],
)
def test_scores_of_other_shapes(built: Path, tmp_path: Path, run: Run, scores: pa.Array, said: str) -> None:
    file = tmp_path / "p.parquet"
    name = perfect(built)[0]["id"]
    pq.write_table(pa.table({"id": [name], "label": ["supported"], "scores": scores}), file)
    assert said in run("score", built, file, "--partial").stdout


def test_text_in_parquet_that_is_not_utf8(built: Path, tmp_path: Path, run: Run) -> None:
    file = tmp_path / "p.parquet"
    words = pa.StringArray.from_buffers(1, pa.array([0, 1], pa.int32()).buffers()[1], pa.py_buffer(b"\xff"))
    pq.write_table(pa.table({"id": words, "label": ["supported"]}), file)
    assert "error[malformed-file]: invalid Parquet: " in run("score", built, file, "--partial").stdout


def test_predictions_for_other_claims_alone_are_told_alone(built: Path, tmp_path: Path, run: Run) -> None:
    file = json_lines(tmp_path / "p.jsonl", [{"id": "x", "label": "supported"}])
    result = run("score", built, file, "--partial")
    assert result.stdout == (
        f"{file}:1:8: error[unknown-claim]: unknown claim `x`\n  hint: Take the ids from the column `id` of `claims`.\n"
    )


BROKEN = [
    ("p.jsonl", b'{"id": "a", "label" "supported"}\n', "1:21: error[malformed-json]: invalid JSON: "),
    ("p.jsonl", b'{"id": "a"}\n', "1:1: error[missing-key]: missing key `label`"),
    ("p.jsonl", b'{"id": "\xff", "label": "a"}\n', "1:9: error[not-utf8]: byte 0xFF is not valid UTF-8"),
    ("p.csv", b"id,label\na,supported,x\n", "2:1: error[malformed-file]: row has 3 cells, but the table has 2 columns"),
    ("p.csv", b'id,label\na,"supported\n', "2:1: error[malformed-file]: invalid CSV: unexpected end of data"),
    ("p.csv", b"id,label\n\xff,supported\n", "2:1: error[not-utf8]: byte 0xFF is not valid UTF-8"),
    ("p.csv", b"id,label,scores\na,b,{\n", "2:1: error[malformed-json]: invalid JSON in `scores`: "),
    ("p.csv", b"id,labels\na,supported\n", "1:1: error[unknown-key]: unknown column `labels`"),
    ("p.parquet", b"no", "1:1: error[malformed-file]: invalid Parquet: "),
]


@pytest.mark.parametrize(("name", "data", "expected"), BROKEN)
def test_a_broken_file_is_said_to_be_broken(built: Path, tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(CheckFailedError) as failed:
        factpack.score(built, file, partial=True)
    assert f"{file}:{expected}" in failed.value.report.to_text()
    assert failed.value.report.count_of("missing-prediction") == 0  # whose predictions could not be read, nobody knows


def test_a_cell_over_two_lines_does_not_shift_the_lines_after_it(built: Path, tmp_path: Path, run: Run) -> None:
    file = tmp_path / "p.csv"
    file.write_bytes('\ufeffid,label,scores\r\nfog-a1,disputed,"{""disputed"":\n1}"\r\nfog-a2,disputed,\r\n'.encode())
    result = run("score", built, file, "--partial")
    assert result.stdout.splitlines()[0] == f"{file}:4:1: error[unknown-claim]: unknown claim `fog-a2`"


FEVER_WRONG = [
    ([["c3", 99]], "unknown-sentence]: article c3 has no sentence 99: it has 8"),
    ([["d4", 0]], "unknown-article]: unknown article `d4`"),
    ([["c3"]], "malformed-value]: this is not a page and a sentence"),
    ([[0, "c3"]], "malformed-value]: this is not a page and a sentence"),
]


@pytest.mark.parametrize(("evidence", "expected"), FEVER_WRONG)
def test_sentences_that_fever_names_have_to_be_there(
    built: Path, tmp_path: Path, run: Run, evidence: list[list[Any]], expected: str
) -> None:
    row = {"id": "fog-a1", "predicted_label": "DISPUTED", "predicted_evidence": evidence}
    file = json_lines(tmp_path / "p.jsonl", [row])
    result = run("score", built, file, "--partial", "--input-format", "fever")
    assert result.exit_code == 1
    assert f"{file}:1:72: error[{expected}\n" in result.stdout
