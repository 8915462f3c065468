"""Give scores as a value, and print them as text, JSON or Markdown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import msgspec

from factpack.checks.report import counted
from factpack.evaluation.measures import Figure

ScoresFormat = Literal["text", "json", "markdown"]

#: What the figures are called for people, by the sections that they are printed in.
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Labels": {
        "accuracy": "accuracy",
        "macro_f1": "macro-F1",
        "distinct_accuracy": "accuracy, each pair of fact and value once",
        "distinct_macro_f1": "macro-F1, each pair of fact and value once",
        "fact_accuracy": "accuracy, each fact once",
        "fact_macro_f1": "macro-F1, each fact once",
        "brier": "Brier score (0 is best, 2 worst)",
        "calibration_error": "expected calibration error",
    },
    "Verdict and evidence": {
        "strict": "strict score (FEVER): label right, and a whole passage or group found",
        "stance_accuracy": "passages found with the right stance",
        "stance_macro_f1": "macro-F1 of the stance",
    },
}
#: What is found, by the names that figures of precision, recall and F1 begin with.
EVIDENCE: Mapping[str, str] = {
    "exact": "passages, by exact span",
    "character": "passages, by characters",
    "sentence": "passages, by sentence (SciFact: selection)",
    "sentence_stance": "the same, with the stance (SciFact: selection and label)",
    "article": "articles, by stance (SciFact: label only)",
    "whole_article": "the same, with a whole passage or group (SciFact: rationalized)",
    "fever": "the first five sentences (FEVER)",
}


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Give the scores of one label or one stance.

    Attributes:
        name: Its name.
        wanted: How often the release has it.
        predicted: How often it is predicted.
        precision: Which part of what is predicted is right.
        recall: Which part of what the release has is found.
        f1: Their harmonic mean.
    """

    name: str
    wanted: int
    predicted: int
    precision: Figure
    recall: Figure
    f1: Figure


@dataclass(frozen=True, slots=True)
class GroupScore:
    """Give the scores of the claims of one fold or one fact."""

    name: str
    claims: int
    accuracy: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Compare confidence with accuracy, of the claims whose predicted label has about the same score."""

    claims: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Give everything that was measured.

    Attributes:
        release: The name and the version of the release.
        claims: How many claims it has.
        scored: How many of them have a prediction.
        facts: How many facts these answer, which were resampled.
        without_places: How many only have passages without their article, which no prediction can name; the figures
            of evidence leave them out.
        figures: The figures by name; those of evidence or of scores only if the predictions have any.
        labels: The labels, each with its scores.
        stances: The stances, likewise; empty if no passage has one.
        confusion: How often which label (a row each) was predicted as which (a column each).
        folds: The scores of each fold.
        by_fact: The scores of each fact, in the order of the claims.
        calibration: Confidence and accuracy in ten bins of equal width; those without claims are left out.
    """

    release: str
    claims: int
    scored: int
    facts: int
    without_places: int
    figures: Mapping[str, Figure]
    labels: tuple[ClassScore, ...]
    stances: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    folds: tuple[GroupScore, ...]
    by_fact: tuple[GroupScore, ...]
    calibration: tuple[Bin, ...]

    @property
    def partial(self) -> bool:
        """Tell whether claims are missing."""
        return self.scored < self.claims

    @property
    def heading(self) -> str:
        """Say what was scored."""
        part = (
            f"only {self.scored:,} of {counted(self.claims, 'claim')}"
            if self.partial
            else counted(self.claims, "claim")
        )
        whole = f"{self.release}: {part} scored, on {counted(self.facts, 'fact')}"
        if not self.without_places:
            return whole
        return f"{whole}; {counted(self.without_places, 'claim')} left out for evidence, which is without its article"

    def to_text(self) -> str:
        """Return the scores as tables for a terminal."""
        return "\n".join(self._document(text_table, "{}\n"))

    def to_markdown(self) -> str:
        """Return the scores as tables in Markdown."""
        return "\n".join(self._document(_markdown_table, "### {}\n"))

    def to_json(self) -> str:
        """Return everything as JSON, the scores of each fact too."""
        return msgspec.json.format(msgspec.json.encode({"partial": self.partial, **asdict(self)})).decode() + "\n"

    def to_svg(self) -> str:
        """Return a picture: how often which label is predicted as which, and the F1 of each label."""
        from factpack.evaluation.chart import draw_scores  # noqa: PLC0415 - which draws a value of this module

        return draw_scores(self)

    def to(self, form: ScoresFormat) -> str:
        """Return the scores in a form by its name."""
        forms: dict[ScoresFormat, Callable[[], str]] = {
            "text": self.to_text,
            "json": self.to_json,
            "markdown": self.to_markdown,
        }
        return forms[form]()

    def _document(self, table: "Callable[[Sequence[Row]], str]", title: str) -> Iterator[str]:
        yield f"{self.heading}; intervals of 95% by resampling facts\n"
        rows: list[Row]
        for section, titles in SECTIONS.items():
            rows = [
                (what, self.figures[name].shown, self.figures[name].interval)
                for name, what in titles.items()
                if name in self.figures
            ]
            if rows:
                yield title.format(section)
                yield table([("", "", "95% interval"), *rows])
        found = {name: [self.figures.get(f"{name}_{part}") for part in _PARTS] for name in EVIDENCE}
        rows = [
            (EVIDENCE[name], *(figure.shown for figure in parts if figure), parts[-1].interval)
            for name, parts in found.items()
            if parts[-1]
        ]
        if rows:
            yield title.format("Evidence")
            yield table([("", "precision", "recall", "F1", "95% interval of F1"), *rows])
        for what, classes in (("label", self.labels), ("stance", self.stances)):
            if classes:
                yield title.format(f"By {what}")
                yield table([_CLASS_HEAD, *map(_class_row, classes)])
        yield title.format("Confusion: rows are the labels of the release, columns what is predicted")
        names = [label.name for label in self.labels]
        counts = ((name, *map(str, row)) for name, row in zip(names, self.confusion, strict=True))
        yield table([("", *names), *counts])
        if self.folds:
            yield title.format("By fold")
            yield table([("", "claims", "accuracy", "macro-F1"), *map(_group_row, self.folds)])
        if self.calibration:
            yield title.format("Calibration")
            yield table([("confidence", "claims", "accuracy"), *map(_bin_row, self.calibration)])


_PARTS = ("precision", "recall", "f1")
FORMATS = get_args(ScoresFormat)

Row = tuple[str, ...]
_CLASS_HEAD = ("", "claims", "predicted", "precision", "recall", "F1", "95% interval of F1")


def _class_row(each: ClassScore) -> Row:
    numbers = (str(each.wanted), str(each.predicted))
    return (each.name, *numbers, each.precision.shown, each.recall.shown, each.f1.shown, each.f1.interval)


def _group_row(each: GroupScore) -> Row:
    return each.name, str(each.claims), f"{each.accuracy:.3f}", f"{each.macro_f1:.3f}"


def _bin_row(each: Bin) -> Row:
    return f"{each.confidence:.3f}", str(each.claims), f"{each.accuracy:.3f}"


def text_table(rows: Sequence[Row]) -> str:
    """Return rows of cells as lines; the first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]

    def line(row: Row) -> str:
        first, *rest = row
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
        return "  ".join(cells).rstrip()

    return "".join(f"{line(row)}\n" for row in rows)


def _markdown_table(rows: Sequence[Row]) -> str:
    head, *body = rows
    lines = [head, ("---", *("---:" for _ in head[1:])), *body]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
