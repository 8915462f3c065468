"""Bar charts of a corpus as SVG: for the page, and for the dataset card of a release.

A chart is drawn once. In the page it takes its colours from the style sheet of the page; as a file it carries the same
rules itself. Shares of a bar differ in pattern and order, not in colour alone, and every bar ends in its total.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from factpack.columns import STATUSES
from factpack.corpus import AnchoredArticle
from factpack.model import ARTICLE_VOICE, BASES, LABELS

CHARTS = "charts"  # folder of the files in a release
MAX_BARS = 20  # more than that cannot be read at a glance; the chart then says what it leaves out
MAX_NAME = 28  # widths of a letter that the name of a bar may take

#: The templates of HTML and SVG; every text in them is escaped.
ENVIRONMENT = Environment(
    loader=PackageLoader("factpack"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

# Measures in units of the SVG; a letter of 13 units is 7.2 wide on average in the fonts that are likely.
WIDTH, ROW, BAR, LETTER = 640, 28, 18, 7.2
HEAD, LEGEND, FOOT, END = 34, 26, 44, 56


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name and the number in each series."""

    name: str
    parts: tuple[int, ...]

    @property
    def total(self) -> int:
        """The number that the whole bar stands for."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; ``name`` is the name of its file, ``series`` what the parts of a bar are, ``unit`` what is counted."""

    name: str
    title: str
    unit: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]

    @property
    def used(self) -> tuple[str, ...]:
        """The series that have a part in any bar."""
        return tuple(name for index, name in enumerate(self.series) if any(bar.parts[index] for bar in self.bars))

    @property
    def divided(self) -> bool:
        """Whether the parts of a bar need names, because the bars are not the series themselves."""
        return not {bar.name for bar in self.bars} >= {_words(name) for name in self.used}

    @property
    def description(self) -> str:
        """The chart in words, for who cannot see it."""
        return "; ".join(f"{bar.name}: {bar.total:,}{self._parts(bar) if self.divided else ''}" for bar in self.bars)

    def _parts(self, bar: Bar) -> str:
        named = (f"{n:,} {_words(name)}" for name, n in zip(self.series, bar.parts, strict=True) if n)
        return f" ({', '.join(named)})" if bar.total else ""


class Counts:
    """What the charts show, counted while the articles pass by.

    ``articles`` is how many claims each article has of each label, ``sentences`` how many sentences of each status;
    ``kinds`` is how many claims there are of each speaker, basis and label.
    """

    def __init__(self) -> None:
        self.articles: dict[str, tuple[int, ...]] = {}
        self.sentences: dict[str, tuple[int, ...]] = {}
        self.kinds: Counter[tuple[str, str, str]] = Counter()

    def add(self, article: AnchoredArticle) -> None:
        """Counts the claims and the sentences of an article."""
        name = article.text.article
        values = article.claims.records.values
        labels: list[str] = [value.label for value in values]
        self.kinds.update(
            zip([value.speaker for value in values], [value.basis for value in values], labels, strict=True)
        )
        self.articles[name] = tuple(map(labels.count, LABELS))
        self.sentences[name] = tuple(map(article.accounts.statuses.count, range(len(STATUSES))))

    def merge(self, later: "Counts") -> None:
        """Takes the counts of other articles."""
        self.articles |= later.articles
        self.sentences |= later.sentences
        self.kinds.update(later.kinds)

    @property
    def statuses(self) -> tuple[int, ...]:
        """How many sentences there are of each status."""
        return tuple(map(sum, zip(*self.sentences.values(), strict=True))) or (0,) * len(STATUSES)

    def charts(self) -> tuple[Chart, ...]:
        """The five charts."""
        claims, sentences = self.kinds.total(), sum(self.statuses)
        speakers, bases, labels = (self._by_label(part) for part in range(3))
        voices = {"the article itself" if name == ARTICLE_VOICE else name: n for name, n in speakers.items()}
        ranked = dict(sorted(voices.items(), key=lambda item: (-sum(item[1]), item[0])))
        none = (0,) * len(LABELS)
        return (
            _chart("labels", f"{claims:,} claims by label", "claims", LABELS, {n: labels.get(n, none) for n in LABELS}),
            _chart("articles", f"{claims:,} claims by article", "claims", LABELS, self.articles),
            _chart("speakers", f"{claims:,} claims by speaker", "claims", LABELS, ranked),
            _chart("basis", f"{claims:,} claims by basis", "claims", LABELS, {n: bases.get(n, none) for n in BASES}),
            _chart("coverage", f"{sentences:,} sentences by coverage", "sentences", STATUSES, self.sentences),
        )

    def _by_label(self, part: int) -> dict[str, list[int]]:
        """How many claims of each label there are, by one of the parts of their kind."""
        found: dict[str, list[int]] = {}
        for kind, number in self.kinds.items():
            found.setdefault(kind[part], [0] * len(LABELS))[LABELS.index(kind[2])] += number
        return found


def _chart(name: str, title: str, unit: str, series: tuple[str, ...], counts: Mapping[str, Sequence[int]]) -> Chart:
    bars = list(counts.items())
    if len(bars) > MAX_BARS:
        title += f": the {MAX_BARS} largest of {len(bars):,}"
        bars = sorted(bars, key=lambda bar: -sum(bar[1]))[:MAX_BARS]
    return Chart(name, title, unit, series, tuple(Bar(_words(name), tuple(parts)) for name, parts in bars))


def _words(name: str) -> str:
    return name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class _Share:
    series: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    y: int
    end: float
    total: str
    shares: tuple[_Share, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    text: str
    x: float
    series: str = ""


def svg(chart: Chart, *, alone: bool) -> str:
    """The drawing; ``alone`` for a file of its own, which carries its style sheet."""
    left = round(max((_width(_short(bar.name)) for bar in chart.bars), default=0) * LETTER) + 12
    largest = max((bar.total for bar in chart.bars), default=0)
    step = _step(largest)
    steps = max(-(-largest // step), 1)
    scale = (WIDTH - END - left) / (steps * step)
    top = HEAD + (LEGEND if chart.divided else 0)
    rows = []
    for index, bar in enumerate(chart.bars):
        shares = []
        x = float(left)
        for series, number in zip(chart.series, bar.parts, strict=True):
            if number:
                shares.append(_Share(series, round(x, 1), round(number * scale, 1)))
            x += number * scale
        rows.append(_Row(_short(bar.name), top + index * ROW, round(x, 1), f"{bar.total:,}", tuple(shares)))
    legend = []
    at = 0.0
    for series in chart.used if chart.divided else ():
        legend.append(_Mark(_words(series), round(at, 1), series))
        at += 18 + _width(series) * LETTER + 20
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
        alone=alone,
    )


def _width(text: str) -> int:
    """How many letters wide a text is; wide characters, as in Japanese, count twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _short(name: str) -> str:
    """The name, cut where it is too wide for its place."""
    name = name[: MAX_NAME + 1]  # a character is at least one letter wide
    while _width(name) > MAX_NAME:
        name = name.rstrip("…")[:-1].rstrip() + "…"
    return name


def _step(largest: int) -> int:
    """The distance of the marks on the axis: 1, 2 or 5 times a power of ten, so that at most six cover ``largest``."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power * 6 >= largest:
                return factor * power
        power *= 10
