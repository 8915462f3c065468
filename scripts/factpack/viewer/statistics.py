"""Lay out the counts of a project as tables: claims by article, speaker, basis and fact, coverage, and open facts."""

from collections.abc import Iterable, Iterator

import pandas as pd

from factpack.corpus.counts import NONE, Counts, CountTable, count_labels
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.project.models import Dataset
from factpack.project.scheme import DEFAULT, Scheme


def count_tables(items: Iterable[object], scheme: Scheme = DEFAULT) -> list[tuple[str, pd.DataFrame]]:
    """Return tables of counts, each with its title.

    Args:
        items: What :func:`~factpack.anchoring.corpus_builder.build_corpus` yields for a project without errors.
        scheme: The annotation scheme, until the dataset gives it.
    """
    counts, claims_by_fact, answers = Counts(scheme), CountTable(tuple(scheme.labels)), []
    for item in items:
        match item:
            case Dataset():
                counts = Counts(item.scheme)
                claims_by_fact = CountTable(tuple(counts.scheme.labels))
            case AnchoredArticle():
                counts.add(item)
            case AnchoredFact():
                claims_by_fact.add({item.record.value.id: count_labels(item.answers.labels, counts.scheme.labels)})
                answers += list(_open_answers(item))
    return [
        ("Claims by article", _frame("article", counts.claims_by_article)),
        ("Claims by speaker", _frame("speaker", counts.claims_by_speaker)),
        ("Claims by basis", _frame("basis", counts.claims_by_basis)),
        ("Claims by fact", _frame("fact", claims_by_fact)),
        ("Coverage: sentences by what accounts for them", _frame("article", counts.sentences_by_article)),
        ("Open: facts with several values of which none is settled", _answer_frame(answers)),
    ]


def _open_answers(fact: AnchoredFact) -> Iterator[tuple[str, str, str, str]]:
    """Yield the answers to a fact with several values, if none of them is settled."""
    values = fact.answers.values  # noqa: PD011 - nothing of pandas
    if fact.settled or len(set(filter(None, values))) <= 1:
        return
    for value, label, article in zip(values, fact.answers.labels, fact.answers.articles, strict=True):
        yield fact.record.value.id, value or NONE, label or "unverified", article or NONE


def _answer_frame(answers: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(answers, columns=["fact", "value", "label", "article"])
    return (
        frame.groupby(["fact", "value", "label"], sort=False)["article"]
        .agg(lambda a: ", ".join(sorted(set(a))))
        .to_frame("articles")
    )


def _frame(name: str, table: CountTable) -> pd.DataFrame:
    names, rows = zip(*table.with_totals(), strict=True)
    return pd.DataFrame(rows, index=pd.Index(names, name=name), columns=[*table.columns, "all"])
