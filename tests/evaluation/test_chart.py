"""The picture of scores says what the scores are, also in words."""

from pathlib import Path
from xml.etree import ElementTree as ET

from conftest import Run
from evaluation.invented import claim, json_lines, release
from factpack.evaluation.chart import draw_scores
from factpack.evaluation.score import score

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_shows_the_confusion_and_f1(built: Path, tmp_path: Path, run: Run) -> None:
    assert run("baselines", built, "--out", tmp_path).exit_code == 0
    result = run("score", built, tmp_path / "nearest-claim.jsonl", "--chart", tmp_path / "chart.svg")
    assert result.exit_code == 0
    image = ET.parse(tmp_path / "chart.svg").getroot()  # noqa: S314 - made here
    texts = [each.text for each in image.iter(f"{SVG}text")]
    for row in (line.split() for line in result.stdout.split("\nBy label\n")[1].splitlines()[2:5]):
        assert row[0] in texts
        assert row[5] in texts  # the F1
    described = image.findtext(f"{SVG}desc")
    assert described
    assert described.startswith("supported: ")
    assert "predicted as erroneous; F1 0." in described


def test_one_fact_has_no_whiskers_and_a_long_name_is_cut(tmp_path: Path) -> None:
    folder = release(tmp_path / "release", [claim("c", "not_enough_info")])
    file = json_lines(tmp_path / "p.jsonl", [{"id": "c", "label": "supports"}])
    drawn = ET.fromstring(draw_scores(score(folder, "<invented> & more 1.0.0", file)))  # noqa: S314 - made here
    assert drawn.findtext(f"{SVG}title") == "<invented> & more 1.0.0: 1 claim scored, on 1 fact"
    assert not [each for each in drawn.iter(f"{SVG}path") if each.get("class") == "whisker"]
    assert len(list(drawn.iter(f"{SVG}circle"))) == 3
