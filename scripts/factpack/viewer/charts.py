"""Draw the counts of a corpus as bar charts in SVG: for the page, and for the dataset card of a release.

A chart is drawn once. In the page it takes its colours from the style sheet of the page; as a file it carries the same
rules itself. The parts of a bar differ in pattern and order, not in colour alone, and every bar ends in its total.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from jinja2 import Environment, PackageLoader, StrictUndefined

from factpack.corpus.counts import NONE, Counts
from factpack.project.scheme import Scheme
from factpack.project.vocabulary import ARTICLE_VOICE, STATUSES
from factpack.viewer.tones import NEUTRAL_TONES, pattern, tones

MAX_BARS = 20  # more than that cannot be read at a glance; the chart then says what it leaves out
MAX_NAME = 28  # widths of a letter that the name of a bar may take

#: The templates of HTML and SVG; every text in them is escaped.
ENVIRONMENT = Environment(
    loader=PackageLoader("factpack.viewer"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

#: What the patterns of neutral tones are drawn with, each in a square of this size.
_PATTERNS = {
    "dots": (6, "M3 3h.01"),
    "back": (6, "M0 0L6 6M5 -1L7 1M-1 5L1 7"),
    "bars": (5, "M2.5 0V5"),
    "grid": (6, "M3 0V6M0 3H6"),
    "rows": (5, "M0 2.5H5"),
    "rings": (8, "M2 4a2 2 0 1 0 4 0a2 2 0 1 0 -4 0"),
    "zigzag": (8, "M0 6L4 2L8 6"),
    "wide": (10, "M0 10L10 0M-1 1L1 -1M9 11L11 9"),
    "diamonds": (8, "M4 1L7 4L4 7L1 4Z"),
    "dashes": (8, "M1 2H5M4 6H8"),
}

# Measures in units of the SVG; a letter of 13 units is 7.2 wide on average in the fonts that are likely.
WIDTH, ROW, BAR, LETTER = 640, 28, 18, 7.2
HEAD, LEGEND, FOOT, END = 34, 26, 44, 56


@dataclass(frozen=True, slots=True)
class Bar:
    """Give a bar: its name and the number in each series."""

    name: str
    parts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return the number for the whole bar."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Chart:
    """Describe a bar chart.

    Attributes:
        name: The name of its file, without the suffix.
        title: The line above it.
        unit: What is counted.
        tones: What the parts of a bar are, and the tone of each.
        bars: The bars, from the top.
    """

    name: str
    title: str
    unit: str
    tones: Mapping[str, str]
    bars: tuple[Bar, ...]

    @property
    def series(self) -> tuple[str, ...]:
        """Name what the parts of a bar are."""
        return tuple(self.tones)

    @property
    def used(self) -> tuple[str, ...]:
        """Return the series that have a part in any bar."""
        return tuple(name for index, name in enumerate(self.series) if any(bar.parts[index] for bar in self.bars))

    @property
    def divided(self) -> bool:
        """Tell whether the parts of a bar need names, because the bars are not the series themselves."""
        return not {bar.name for bar in self.bars} >= {in_words(name) for name in self.used}

    @property
    def description(self) -> str:
        """Say the chart in words, for people who cannot see it."""
        return "; ".join(f"{bar.name}: {bar.total:,}{self._parts(bar) if self.divided else ''}" for bar in self.bars)

    def _parts(self, bar: Bar) -> str:
        named = (f"{n:,} {in_words(name)}" for name, n in zip(self.series, bar.parts, strict=True) if n)
        return f" ({', '.join(named)})" if bar.total else ""


def make_charts(counts: Counts) -> tuple[Chart, ...]:
    """Return the charts of a corpus: claims by label, article, speaker and basis, and sentences by coverage.

    A chart of what the scheme makes optional is left out if the corpus has nothing of it.
    """
    claims = f"{counts.claims:,} claims"
    speakers = {
        "the article itself" if name == ARTICLE_VOICE else name: parts
        for name, parts in counts.claims_by_speaker.rows.items()
    }
    labels = tones(counts.scheme)
    totals = counts.claims_by_article.totals
    sources = counts.sources
    by_article, coverage = (
        {name: parts for name, parts in table.rows.items() if name not in sources}
        for table in (counts.claims_by_article, counts.sentences_by_article)
    )
    by_label = {
        name: [total if name == each else 0 for each in labels] for name, total in zip(labels, totals, strict=True)
    }
    by_article = dict(sorted(by_article.items(), key=lambda row: row[0] == NONE))
    bases = {name: counts.claims_by_basis.rows.get(name, [0] * len(labels)) for name in counts.scheme.bases}
    without = counts.claims_by_basis.rows.get(NONE)
    charts = (
        _chart("labels", f"{claims} by label", "claims", labels, by_label),
        _chart("articles", f"{claims} by article", "claims", labels, by_article),
        _chart("speakers", f"{claims} by speaker", "claims", labels, dict(sorted(speakers.items(), key=_by_size))),
        _chart("basis", f"{claims} by basis", "claims", labels, bases | ({NONE: without} if without else {})),
        _chart(
            "coverage",
            f"{counts.sentences_by_article.total:,} sentences by coverage",
            "sentences",
            {status: status for status in STATUSES},
            coverage,
        ),
    )
    optional = optional_charts(counts.scheme)
    return tuple(chart for chart in charts if chart.name not in optional or _says_something(chart))


def optional_charts(scheme: Scheme) -> set[str]:
    """Name the charts of what a corpus need not have."""
    return {
        *(("articles", "coverage") if "article" in scheme.optional else ()),
        *(("speakers",) if "speaker" in scheme.optional else ()),
        *(("basis",) if scheme.basis_optional else ()),
    }


def _says_something(chart: Chart) -> bool:
    return any(bar.total and bar.name != NONE for bar in chart.bars)


def _by_size(row: tuple[str, Sequence[int]]) -> tuple[int, str]:
    """Sort the largest first, and bars of one size by name."""
    return -sum(row[1]), row[0]


def _chart(name: str, title: str, unit: str, series: Mapping[str, str], rows: Mapping[str, Sequence[int]]) -> Chart:
    bars = [Bar(in_words(row), tuple(parts)) for row, parts in rows.items()]
    if len(bars) > MAX_BARS:
        title += f": the {MAX_BARS} largest of {len(bars):,}"
        bars = sorted(bars, key=lambda bar: -bar.total)[:MAX_BARS]
    return Chart(name, title, unit, series, tuple(bars))


def in_words(name: str) -> str:
    """Return the name of a label as words."""
    return name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class _Part:
    tone: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    y: int
    end: float
    total: str
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    text: str
    x: float
    y: int = 0
    tone: str = ""


def draw_svg(chart: Chart, *, standalone: bool) -> str:
    """Return a chart as SVG.

    Args:
        chart: The chart.
        standalone: Whether it is a file of its own, which carries its style sheet.
    """
    left = round(max((letters(short_name(bar.name)) for bar in chart.bars), default=0) * LETTER) + 12
    largest = max((bar.total for bar in chart.bars), default=0)
    step = _step(largest)
    steps = max(-(-largest // step), 1)
    scale = (WIDTH - END - left) / (steps * step)
    legend = _legend(chart) if chart.divided else []
    top = HEAD + (legend[-1].y + LEGEND if legend else LEGEND * chart.divided)
    rows = []
    for index, bar in enumerate(chart.bars):
        parts = []
        x = float(left)
        for tone, number in zip(chart.tones.values(), bar.parts, strict=True):
            if number:
                parts.append(_Part(tone, round(x, 1), round(number * scale, 1)))
            x += number * scale
        rows.append(_Row(short_name(bar.name), top + index * ROW, round(x, 1), f"{bar.total:,}", tuple(parts)))
    shown = {pattern(chart.tones[name]) for name in chart.used}
    return ENVIRONMENT.get_template("chart.svg.jinja").render(
        chart=chart,
        rows=rows,
        legend=legend,
        ticks=[_Mark(f"{n * step:,}", round(left + n * step * scale, 1)) for n in range(steps + 1)],
        left=left,
        top=top,
        bottom=top + len(rows) * ROW,
        width=WIDTH,
        height=top + len(rows) * ROW + FOOT,
        bar=BAR,
        middle=round((left + WIDTH - END) / 2, 1),
        standalone=standalone,
        pattern=pattern,
        neutral=not set(NEUTRAL_TONES).isdisjoint(chart.tones.values()),
        patterns={name: drawn for name, drawn in _PATTERNS.items() if name in shown},
    )


def _legend(chart: Chart) -> list[_Mark]:
    """Place the series that are used, in as many lines as they need."""
    marks: list[_Mark] = []
    x, y = 0.0, 0
    for series in chart.used:
        width = 18 + letters(series) * LETTER + 20
        if marks and x + width - 20 > WIDTH:
            x, y = 0.0, y + LEGEND
        marks.append(_Mark(in_words(series), round(x, 1), y, chart.tones[series]))
        x += width
    return marks


def letters(text: str) -> int:
    """Return how many letters wide a text is; wide characters, as in Japanese, count twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def short_name(name: str) -> str:
    """Cut a name that is too wide for its place."""
    name = name[: MAX_NAME + 1]  # a character is at least one letter wide
    while letters(name) > MAX_NAME:
        name = name.rstrip("…")[:-1].rstrip() + "…"
    return name


def _step(largest: int) -> int:
    """Return the distance of the marks on the axis: 1, 2 or 5 times a power of ten; at most six cover ``largest``."""
    steps = (int(factor * 10**power) for power in count() for factor in (1, 2, 5))
    return next(step for step in steps if step * 6 >= largest)
