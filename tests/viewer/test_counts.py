"""The counts in the card, the charts, the page and the statistics are those of the Parquet files."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from conftest import PROJECT, edit
from factpack.anchoring.corpus_builder import build_corpus
from factpack.corpus.counts import Counts, CountTable
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.dataset.columns import tables_of
from factpack.dataset.words import STATUS
from factpack.formats.registry import open_project
from factpack.project.models import Dataset
from factpack.release.build import build
from factpack.release.layout import CARD, CHARTS, PAGE
from factpack.release.manifest import read_manifest
from factpack.viewer.statistics import count_tables
from releases import make
from viewer.conftest import ROOT

Cells = Mapping[tuple[str, str], int]


@pytest.fixture(scope="module", params=[(ROOT, 1), (PROJECT, 2)], ids=["dataset", "invented-in-two-processes"])
def source_and_release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root, jobs = request.param
    out = tmp_path_factory.mktemp("counts") / "release"
    return root, build(open_project(root), out, lambda: None, jobs=jobs).folder


@pytest.fixture
def release(source_and_release: tuple[Path, Path]) -> Path:
    return source_and_release[1]


def names_of(release: Path, name: str) -> tuple[str, ...]:
    """The names of a ClassLabel, as the scheme of the dataset has them; none of another column."""
    tables = tables_of(read_manifest(release).scheme)
    labels = (tables.label, tables.basis, tables.stance, STATUS)
    return next((label.names for label in labels if label.name == name), ())


def column(release: Path, frame: pd.DataFrame, name: str) -> list[str]:
    names = names_of(release, name)
    return [names[number] if names else str(number) for number in frame[name]]


def cells(release: Path, config: str, row: str, by: str) -> Cells:
    """What the Parquet file of a config has of each value of two columns."""
    frame = pd.read_parquet(release / config, columns=list({row, by}))
    return Counter(zip(column(release, frame, row), column(release, frame, by), strict=True))


def with_totals(counts: Cells) -> dict[tuple[str, str], int]:
    totals: Counter[tuple[str, str]] = Counter()
    for (row, by), number in counts.items():
        totals.update({(row, by): number, (row, "all"): number, ("all", by): number, ("all", "all"): number})
    return dict(totals)


def nonzero(counts: Cells) -> Cells:
    return {cell: number for cell, number in counts.items() if number}


CARD_TABLES = {
    "Claims by fold and label": ("claims", "fold", "label"),
    "Evidence by label of the claim and stance": ("evidence", "label", "stance"),
}


@pytest.mark.parametrize("heading", CARD_TABLES)
def test_tables_of_the_card(release: Path, heading: str) -> None:
    card = (release / CARD).read_text(encoding="utf-8")
    text = re.split(rf"\n{heading}[^\n]*:\n\n", card)[1].split("\n\n")[0]
    head, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert head[1:] == [*names_of(release, CARD_TABLES[heading][2]), "all"]
    assert [row for row, *_ in lines] == sorted(row for row, *_ in lines)
    shown = {(row, by): int(number) for row, *numbers in lines for by, number in zip(head[1:], numbers, strict=True)}
    wanted = with_totals(cells(release, *CARD_TABLES[heading]))  # but for the totals of columns, which charts show
    assert nonzero(shown) == {(row, by): number for (row, by), number in wanted.items() if row != "all"}


@pytest.mark.parametrize(
    ("chart", "config", "row", "by"),
    [
        ("labels", "claims", "label", "label"),
        ("articles", "claims", "article", "label"),
        ("speakers", "claims", "speaker", "label"),
        ("basis", "claims", "basis", "label"),
        ("coverage", "sentences", "article", "status"),
    ],
)
def test_bars_of_the_charts(release: Path, chart: str, config: str, row: str, by: str) -> None:
    drawing = ET.fromstring((release / CHARTS / f"{chart}.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own file
    description = drawing.findtext("{http://www.w3.org/2000/svg}desc") or ""
    expected = with_totals(cells(release, config, row, by))
    shown = {}
    for name, total, parts in re.findall(r"(?:^|; )([^:;]+): ([\d,]+)(?: \(([^)]+)\))?", description):
        key = "article" if name == "the article itself" else name.replace(" ", "_") if row == "basis" else name
        shown[key, "all"] = int(total.replace(",", ""))
        for part in filter(None, parts.split(", ")):
            number, _, words = part.partition(" ")
            shown[key, words.replace(" ", "_")] = int(number)
    if chart == "labels":
        expected = {(name, "all"): number for (name, of), number in expected.items() if of == "all"}
    assert nonzero(shown) == {cell: number for cell, number in expected.items() if cell[0] != "all"}


def test_figures_of_the_page(release: Path) -> None:
    page = (release / PAGE).read_text(encoding="utf-8")
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>([\d, of]+)</dd>", page))
    rows = {config: len(pd.read_parquet(release / config)) for config in ("articles", "claims", "evidence", "facts")}
    statuses = column(release, pd.read_parquet(release / "sentences"), "status")
    assert {name: shown[name] for name in list(shown)[:5]} == {
        "articles": f"{rows['articles']:,}",
        "labelled claims": f"{rows['claims']:,}",
        "passages of evidence": f"{rows['evidence']:,}",
        "facts that claims answer": f"{rows['facts']:,}",
        "sentences accounted for": f"{len(statuses) - statuses.count('unaccounted'):,} of {len(statuses):,}",
    }
    if (release / "votes").is_dir():
        votes = pd.read_parquet(release / "votes").groupby("unit")["vote"]
        both = votes.size() == 2
        assert shown["same vote in both readings"] == f"{(votes.nunique()[both] == 1).sum()} of {both.sum()}"


def test_tables_of_the_statistics(source_and_release: tuple[Path, Path]) -> None:
    root, release = source_and_release
    tables = dict(count_tables(build_corpus(open_project(root))))
    for title, config, row, by in (
        ("Claims by article", "claims", "article", "label"),
        ("Claims by speaker", "claims", "speaker", "label"),
        ("Claims by basis", "claims", "basis", "label"),
        ("Claims by fact", "claims", "fact", "label"),
        ("Coverage: sentences by what accounts for them", "sentences", "article", "status"),
    ):
        table = tables[title]
        shown = {(name, of): table.loc[name, of] for name in table.index for of in table.columns}
        assert nonzero(shown) == with_totals(cells(release, config, row, by)), title


def test_parts_are_merged() -> None:
    """However a corpus is divided, the counts are the same, and so is the order of the rows."""
    items = [item for item in build_corpus(open_project(ROOT)) if isinstance(item, AnchoredArticle | AnchoredFact)]
    (dataset,) = (item for item in build_corpus(open_project(ROOT)) if isinstance(item, Dataset))
    scheme = dataset.scheme
    whole = Counts(scheme)
    merged = Counts(scheme)
    for item in items:
        part = Counts(scheme)
        part.add(item)
        whole.add(item)
        merged.merge(part)
    assert whole.facts == merged.facts > 0
    for name, table in vars(whole).items():
        if isinstance(table, CountTable):
            other = getattr(merged, name)
            assert (list(table.rows.items()), table.total) == (list(other.rows.items()), other.total)
            assert table.total == sum(table.totals)
            # The folds follow from the whole corpus, and the dataset has no splits.
            assert (table.total > 0) == (name not in ("claims_by_fold", "claims_by_split"))


@pytest.mark.parametrize("change", [{}, {"stances": {"supports": "for", "refutes": "against", "neutral": "neither"}}])
def test_the_card_says_whether_there_can_be_neutral_pairs(project_folder: Path, change: dict[str, object]) -> None:
    if change:
        edit(project_folder, "dataset.yaml", lambda data: data.update(vocabulary=change))
    folder = make(project_folder, project_folder.parent / "release")
    assert ("no neutral pairs" in (folder / CARD).read_text(encoding="utf-8")) == (not change)


def test_an_article_may_be_called_all() -> None:
    """It has a row of its own beside the totals."""
    table = CountTable(("supported", "disputed"))
    table.add({"all": (1, 2), "b": (0, 0), "a": (3, 0)})
    assert table.with_totals() == [("a", [3, 0, 3]), ("all", [1, 2, 3]), ("all", [4, 2, 6])]
