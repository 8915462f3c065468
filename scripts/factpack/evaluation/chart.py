"""Draw scores as SVG: how often which label is predicted as which, and the F1 of each label with its interval."""

from dataclasses import dataclass

from factpack.evaluation.scores import Scores
from factpack.viewer.charts import ENVIRONMENT, LETTER, WIDTH, in_words, letters, short_name

_TOP, _CELL, _ROW, _SECTION, _FOOT, _END = 84, 34, 28, 48, 28, 64
_CELL_GAP = 4
_DARKEST = 0.45  # so that the number in a cell can be read, in light and dark


@dataclass(frozen=True, slots=True)
class _Mark:
    text: str
    x: float


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    x: float
    middle: float
    shade: float


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    middle: int
    cells: tuple[_Cell, ...]


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    middle: int
    at: float
    low: float | None
    high: float | None
    shown: str


def draw_scores(scores: Scores) -> str:
    """Return the picture of scores, a file of its own."""
    names = [short_name(in_words(label.name)) for label in scores.labels]
    left = round(max(map(letters, names)) * LETTER) + 16
    cell = (WIDTH - left) / len(names)
    rows = []
    for number, (name, counts) in enumerate(zip(names, scores.confusion, strict=True)):
        total = max(sum(counts), 1)
        cells = tuple(
            _Cell(
                f"{count:,}",
                round(left + column * cell, 1),
                round(left + column * cell + (cell - _CELL_GAP) / 2, 1),
                round(_DARKEST * count / total, 3),
            )
            for column, count in enumerate(counts)
        )
        rows.append(_Row(name, _TOP + number * _CELL + _CELL // 2, cells))
    top = _TOP + len(names) * _CELL + _SECTION
    bottom = top + len(names) * _ROW
    scale = WIDTH - _END - left

    def at(value: float) -> float:
        return round(left + value * scale, 1)

    bars = [
        _Bar(
            name,
            top + number * _ROW + _ROW // 2,
            at(label.f1.value),
            None if label.f1.low is None else at(label.f1.low),
            None if label.f1.high is None else at(label.f1.high),
            label.f1.shown,
        )
        for number, (name, label) in enumerate(zip(names, scores.labels, strict=True))
    ]
    return ENVIRONMENT.get_template("scores.svg.jinja").render(
        title=scores.heading,
        description=_description(scores),
        left=left,
        top=_TOP,
        width=WIDTH,
        height=bottom + _FOOT,
        cell_width=round(cell - _CELL_GAP, 1),
        columns=[_Mark(name, row.middle) for name, row in zip(names, rows[0].cells, strict=True)],
        rows=rows,
        bars=bars,
        bars_top=top,
        bars_bottom=bottom,
        ticks=[_Mark(f"{tenths / 10:.1f}", at(tenths / 10)) for tenths in range(0, 11, 2)],
    )


def _description(scores: Scores) -> str:
    """Say the picture in words, for people who cannot see it."""
    parts = []
    for label, counts in zip(scores.labels, scores.confusion, strict=True):
        predicted = ", ".join(
            f"{count:,} predicted as {in_words(other.name)}" for other, count in zip(scores.labels, counts, strict=True)
        )
        interval = f" ({label.f1.interval})" if label.f1.interval else ""
        parts.append(f"{in_words(label.name)}: {predicted}; F1 {label.f1.shown}{interval}")
    return "; ".join(parts)
