"""Counts of a project: claims by label, article, speaker, basis and fact, coverage, and the facts that are open."""

from collections.abc import Iterable

import pandas as pd

from factpack.columns import STATUSES
from factpack.corpus import AnchoredArticle, AnchoredFact
from factpack.model import LABELS


def stats(items: Iterable[object]) -> list[tuple[str, pd.DataFrame]]:
    """Tables of counts, each with its title, of what :func:`~factpack.join.join` yields."""
    claims, sentences, answers = [], [], []
    for item in items:
        match item:
            case AnchoredArticle():
                article = item.text.article
                values = item.claims.records.values  # noqa: PD011 - nothing of pandas
                claims += [(article, value.label, value.basis, value.speaker, value.fact) for value in values]
                sentences += [(article, STATUSES[status]) for status in item.accounts.statuses]
            case AnchoredFact():
                answers += _open_answers(item)
    frame = pd.DataFrame(claims, columns=["article", "label", "basis", "speaker", "fact"])
    read = pd.DataFrame(sentences, columns=["article", "status"])
    by = {name: _crosstab(frame[name], frame["label"], LABELS) for name in ("article", "speaker", "basis", "fact")}
    return [
        ("Claims by article", by["article"]),
        ("Claims by speaker", by["speaker"]),
        ("Claims by basis", by["basis"]),
        ("Claims by fact", by["fact"]),
        ("Coverage: sentences by what accounts for them", _crosstab(read["article"], read["status"], STATUSES)),
        ("Open: facts with several values of which none is settled", _answer_table(answers)),
    ]


def _open_answers(fact: AnchoredFact) -> list[tuple[str, str, str, str]]:
    """The answers to a fact with several values, if none of them is settled."""
    values = fact.answers.values  # noqa: PD011 - nothing of pandas
    if fact.settled or len(set(values)) == 1:
        return []
    labels = (label or "unverified" for label in fact.answers.labels)
    return [(fact.record.value.id, *answer) for answer in zip(values, labels, fact.answers.articles, strict=True)]


def _answer_table(answers: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(answers, columns=["fact", "value", "label", "article"])
    return (
        frame.groupby(["fact", "value", "label"], sort=False)["article"]
        .agg(lambda a: ", ".join(sorted(set(a))))
        .to_frame("articles")
    )


def _crosstab(rows: "pd.Series[str]", columns: "pd.Series[str]", names: tuple[str, ...]) -> pd.DataFrame:
    table = pd.crosstab(rows, columns).reindex(columns=list(names), fill_value=0)
    table["all"] = table.sum(axis=1)
    table.loc["all"] = table.sum()
    return table.rename_axis(columns=None)
