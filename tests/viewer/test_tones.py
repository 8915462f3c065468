"""How labels look: tones, and the charts that are drawn with them."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conftest import TESTS
from factpack.corpus.counts import Counts
from factpack.project.scheme import DEFAULT, LabelSpec, Scheme
from factpack.viewer.charts import draw_svg, make_charts
from factpack.viewer.tones import NEUTRAL_TONES, pattern, tones
from viewer.schemes import LABELS

TEMPLATES = TESTS.parent / "scripts/factpack/viewer/templates"
PLAIN = LabelSpec()
FOR, AGAINST, BOTH = (LabelSpec(needs=sides) for sides in (("for",), ("against",), ("for", "against")))
CORRECTED = LabelSpec(needs=("against",), correction="required")


def test_the_labels_of_factpack_keep_their_look() -> None:
    assert tones(DEFAULT) == {name: name for name in ("supported", "disputed", "erroneous")}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"SUPPORTS": FOR, "REFUTES": AGAINST, "NOT ENOUGH INFO": PLAIN}, ["supported", "disputed", "tone-1"]),
        ({"wrong": CORRECTED, "right": FOR}, ["erroneous", "supported"]),
        ({"conflicting": BOTH, "refuted": AGAINST}, ["tone-1", "disputed"]),
        (
            {"right": FOR, "partly right": FOR, "wrong": AGAINST, "partly wrong": AGAINST},
            ["supported", "tone-1", "disputed", "tone-2"],
        ),
        ({"supported": PLAIN, "true/false": PLAIN}, ["tone-1", "tone-2"]),  # what a label needs counts, not its name
        ({"cited": LabelSpec(needs=("for", "neither"))}, ["supported"]),
        ({str(number): PLAIN for number in range(20)}, list(NEUTRAL_TONES)),
        ({str(number): PLAIN for number in range(22)}, [*NEUTRAL_TONES, "tone-1", "tone-2"]),
    ],
)
def test_the_tone_follows_from_what_a_label_needs(labels: dict[str, LabelSpec], expected: list[str]) -> None:
    assert tones(Scheme(labels=labels)) == dict(zip(labels, expected, strict=True))


def test_no_two_tones_look_alike_without_their_colour() -> None:
    """Ten neutral tones and the others have a pattern each; all twenty have a sign of their own."""
    fixed = ["supported", "disputed", "erroneous"]
    first = [pattern(tone) for tone in (*fixed, *NEUTRAL_TONES[:10])]
    assert len(set(first)) == len(first)
    colours, css = colours_of("light"), (TEMPLATES / "marks.css").read_text(encoding="utf-8")
    assert len({(colours[tone], pattern(tone)) for tone in NEUTRAL_TONES}) == 20
    signs = dict(re.findall(r"\.chip\.(tone-\d+)::before, \.u\.\1\.first::before \{ content: \"(.)\" / \"\"; \}", css))
    assert list(signs) == list(NEUTRAL_TONES)
    own = re.findall(r"content: \"(.)\"", (TEMPLATES / "view.css").read_text(encoding="utf-8"))
    assert len(set(signs.values()) - set(own)) == 19  # ○ is also the sign of a stance on neither side


def colours_of(scheme: str) -> dict[str, str]:
    css = (TEMPLATES / "tones.css").read_text(encoding="utf-8")
    given = [line for line in css.splitlines() if ":root" in line][scheme == "dark"]
    values = dict(re.findall(r"(--tone-\d+): (#[0-9a-f]{6});", given))
    rules = re.findall(r"^\.(tone-\d+), \.(tone-\d+) \{ --colour: var\((.*)\); \}$", css, re.MULTILINE)
    return {tone: values[name] for *pair, name in rules for tone in pair}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(("scheme", "grounds"), [("light", ["#ffffff", "#fbfaf7"]), ("dark", ["#1b1f24", "#14171b"])])
def test_neutral_tones_can_be_read(scheme: str, grounds: list[str]) -> None:
    """As text (WCAG: 4.5), and all the more as a bar (3)."""
    colours = colours_of(scheme)
    assert set(colours) == set(NEUTRAL_TONES)
    for colour in colours.values():
        for ground in grounds:
            dark, light = sorted((luminance(colour), luminance(ground)))
            assert (light + 0.05) / (dark + 0.05) > 5


def counted(labels: dict[str, LabelSpec], article: str = "a1") -> Counts:
    counts = Counts(Scheme(labels=labels, optional=("article", "speaker", "basis")))
    counts.claims_by_article.add({article: [number + 1 for number in range(len(labels))]})
    counts.claims_by_speaker.add({"none": [number + 1 for number in range(len(labels))]})
    return counts


def test_a_chart_of_twenty_labels() -> None:
    charts = {chart.name: chart for chart in make_charts(counted(dict.fromkeys(LABELS, PLAIN)))}
    assert set(charts) == {"labels", "articles"}  # nothing is known of speakers, grounds and sentences
    for chart in charts.values():
        drawing = ET.fromstring(draw_svg(chart, standalone=True))  # noqa: S314 - our own file
        svg = "{http://www.w3.org/2000/svg}"
        assert {rect.get("class") for rect in drawing.iter(f"{svg}rect")} - {None, "ground"} == set(NEUTRAL_TONES)
        patterns = {each.get("id") for each in drawing.iter(f"{svg}pattern")}
        filled = {rect.get("fill") for rect in drawing.iter(f"{svg}rect")} - {None}
        assert filled <= {f"url(#{name})" for name in patterns}
        assert len(filled) == 10
        texts = [text.text for text in drawing.iter(f"{svg}text")]
        names = {label.replace("_", " ") for label in LABELS} - {"not enough info not enough info"}
        assert names <= set(texts)
        assert ("not enough info not enough…" in texts) == (chart.name == "labels")
        assert "--tone-10:" in "".join(drawing.itertext())
        width, height = float(drawing.get("width", "")), float(drawing.get("height", ""))
        for text in drawing.iter(f"{svg}text"):  # the legend goes on in the next line
            assert 0 <= float(text.get("y", "")) <= height
            assert text.get("text-anchor") or float(text.get("x", "")) + 5 * len(text.text or "") <= width
    assert "; x: 10; " in charts["labels"].description


@pytest.mark.parametrize("number", [1, 2, 6])
def test_a_bar_has_a_part_for_each_label(number: int) -> None:
    labels = dict.fromkeys(LABELS[:number], PLAIN)
    chart = make_charts(counted(labels))[1]
    drawing = draw_svg(chart, standalone=False)
    for tone in NEUTRAL_TONES[:number]:
        assert f'<rect class="{tone}"' in drawing
    assert f'class="{NEUTRAL_TONES[number]}"' not in drawing
    assert "<style>" not in drawing


def test_claims_without_an_article_come_last_in_their_chart() -> None:
    counts = counted({"x": PLAIN}, "none")
    counts.claims_by_article.add({"b": [1], "a": [1]})
    assert [bar.name for bar in make_charts(counts)[1].bars] == ["b", "a", "none"]


def test_the_style_of_neutral_tones_is_only_in_charts_that_need_it(built: Path) -> None:
    for path in (built / "charts").iterdir():
        assert "tone-" not in path.read_text(encoding="utf-8")
