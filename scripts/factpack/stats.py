"""Counts of a project: claims by label, article, speaker, basis and fact, coverage, and the conflicts that are open."""

from collections.abc import Iterable

import pandas as pd

from factpack.columns import STATUSES
from factpack.corpus import AnchoredArticle, AnchoredFact
from factpack.model import LABELS


def stats(items: Iterable[object]) -> list[tuple[str, pd.DataFrame]]:
    """Tables of counts, each with its title, of what :func:`~factpack.join.join` yields."""
    claims, sentences, conflicts = [], [], []
    for item in items:
        match item:
            case AnchoredArticle():
                article = item.text.article
                values = item.claims.records.values  # noqa: PD011 - nothing of pandas
                claims += [(article, value.label, value.basis, value.speaker, value.fact) for value in values]
                sentences += [(article, STATUSES[status]) for status in item.accounts.statuses]
            case AnchoredFact():
                conflicts += _open_conflict(item)
    frame = pd.DataFrame(claims, columns=["article", "label", "basis", "speaker", "fact"])
    read = pd.DataFrame(sentences, columns=["article", "status"])
    by = {name: _crosstab(frame[name], frame["label"], LABELS) for name in ("article", "speaker", "basis", "fact")}
    return [
        ("Claims by article", by["article"]),
        ("Claims by speaker", by["speaker"]),
        ("Claims by basis", by["basis"]),
        ("Claims by fact", by["fact"]),
        ("Coverage: sentences by what accounts for them", _crosstab(read["article"], read["status"], STATUSES)),
        ("Open conflicts: facts with several values and none settled", _conflict_table(conflicts)),
    ]


def _open_conflict(fact: AnchoredFact) -> list[tuple[str, str, str]]:
    answers = zip(fact.answers.values, fact.answers.articles, fact.answers.labels, strict=True)
    disputed = [(value, article) for value, article, label in answers if label == "disputed"]
    values = {value for value, _ in disputed}
    if fact.settled or len(values) < 2:  # noqa: PLR2004 - a conflict has two sides
        return []
    return [(fact.record.value.id, value, article) for value, article in disputed]


def _conflict_table(conflicts: list[tuple[str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(conflicts, columns=["fact", "value", "article"])
    return (
        frame.groupby(["fact", "value"], sort=False)["article"]
        .agg(lambda a: ", ".join(sorted(set(a))))
        .to_frame("articles")
    )


def _crosstab(rows: "pd.Series[str]", columns: "pd.Series[str]", names: tuple[str, ...]) -> pd.DataFrame:
    table = pd.crosstab(rows, columns).reindex(columns=list(names), fill_value=0)
    table["all"] = table.sum(axis=1)
    table.loc["all"] = table.sum()
    return table.rename_axis(columns=None)
