"""Tables of an invented release with labels, stances and groups of its own, made by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets

LABELS = ["supports", "refutes", "not_enough_info"]
STANCES = ["for", "against"]
TEXT = "A. B. C. D. E. F."  # six sentences of two characters
SENTENCES = 6

#: Sentences by article and number, with the stance of each.
Sentence = tuple[str, int, str]


def passage(article: str, sentence: int, stance: str = "for") -> dict[str, Any]:
    """A sentence as a predicted passage."""
    return {"article": article, "start": 3 * sentence, "end": 3 * sentence + 2, "stance": stance}


def claim(name: str, label: str, groups: Sequence[Sequence[Sentence]] = (), **more: Any) -> dict[str, Any]:
    """A claim with groups of sentences; every claim answers a fact of its own."""
    evidence = [
        {**passage(*sentence), "stance": STANCES.index(sentence[2]), "group": f"g{number}"}
        for number, group in enumerate(groups)
        for sentence in group
    ]
    row = {"id": name, "label": LABELS.index(label), "fact": f"fact-{name}", "value": name, "fold": 0}
    return row | {"evidence": evidence} | more


def release(folder: Path, claims: Sequence[dict[str, Any]], *, texts: Sequence[str] = (), groups: bool = False) -> Path:
    """Write the tables of the claims, with more columns of text, and of two articles with six sentences each.

    A passage has the name of one group or, with ``groups``, those of several.
    """
    articles = ("p", "q")
    text, number = datasets.Value("string"), datasets.Value("int64")
    span = {"article": text, "start": number, "end": number}
    group = {"groups": datasets.List(text)} if groups else {"group": text}
    write(
        folder / "claims",
        claims,
        {
            "id": text,
            "label": datasets.ClassLabel(names=LABELS),
            "fact": text,
            "value": text,
            "fold": number,
            **dict.fromkeys(texts, text),
            "evidence": datasets.List({**span, "stance": datasets.ClassLabel(names=STANCES), **group}),
        },
    )
    write(folder / "articles", [{"id": name, "text": TEXT} for name in articles], {"id": text, "text": text})
    found = [
        {"article": name, "start": 3 * index, "end": 3 * index + 2} for name in articles for index in range(SENTENCES)
    ]
    write(folder / "sentences", found, span)
    return folder


def write(folder: Path, rows: Sequence[dict[str, Any]], features: dict[str, Any]) -> None:
    """Write a table as `datasets` does."""
    folder.mkdir(parents=True)
    table = datasets.Dataset.from_list(list(rows), features=datasets.Features(features))
    table.to_parquet(folder / "test-00000-of-00001.parquet")


def json_lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write predictions, one a line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
