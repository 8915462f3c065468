"""Write a release as BEIR has it (https://github.com/beir-cellar/beir): sentences to be found for claims.

A sentence that a passage of evidence touches is relevant, whatever the stance; the stance is kept beside each query.
Words that are given without their document are entries of the corpus by themselves.
"""

import csv
from pathlib import Path
from typing import Any, TextIO

from factpack.atomic import new_folder
from factpack.release.exports.tables import ExportedRelease, write_line

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels"


def export_beir(folder: Path, out: Path) -> None:
    """Write corpus, queries and relevance judgements of a release.

    Args:
        folder: The folder of the release.
        out: A new or an empty folder.

    Raises:
        FolderInUseError: The folder is not empty.
        NotAReleaseError: The release has no texts.
    """
    release = ExportedRelease(folder)
    release.refuse_without_texts()

    with new_folder(out) as made:
        titles = {row["id"]: row.get("title") or "" for row in release.rows("articles", "id", "title")}
        counts: dict[str, int] = {}
        with (made / CORPUS).open("w", encoding="utf-8", newline="\n") as stream:
            for row in release.rows("sentences", "article", "text"):
                article = row["article"]
                number = counts.get(article, 0)
                counts[article] = number + 1
                text = row.get("text") or ""
                write_line(stream, {"_id": f"{article}:{number}", "title": titles.get(article, ""), "text": text})
        (made / QRELS).mkdir()
        with (made / QUERIES).open("w", encoding="utf-8", newline="\n") as queries:
            for split in release.splits:
                _write_split(release, split, queries, made / QRELS / f"{split}.tsv")
        with (made / CORPUS).open("a", encoding="utf-8", newline="\n") as stream:
            for page, passages in release.loose.items():
                for words, number in passages.items():
                    write_line(stream, {"_id": f"{page}:{number}", "title": page, "text": words})


def _write_split(release: ExportedRelease, split: str, queries: TextIO, path: Path) -> None:
    """Write the claims of a split as queries, and what is relevant to them."""
    with path.open("w", encoding="utf-8", newline="") as qrels:
        table = csv.writer(qrels, delimiter="\t", lineterminator="\n")
        table.writerow(["query-id", "corpus-id", "score"])
        for claim in release.rows_of("claims", split, "id", "claim", "label", "evidence"):
            stances = _stances(release, claim)
            metadata = {"label": claim["label"], "stances": stances}
            write_line(queries, {"_id": claim["id"], "text": claim["claim"], "metadata": metadata})
            table.writerows([claim["id"], sentence, 1] for sentence in stances)


def _stances(release: ExportedRelease, claim: dict[str, Any]) -> dict[str, str]:
    """Return the stance of each sentence that bears on a claim: of two, the one that counts against it."""
    found: dict[str, str] = {}
    for passage in claim["evidence"] or ():
        side = release.sides.get(passage["stance"], "neither")
        if side == "neither":
            continue
        page, lines = release.lines_of(claim["id"], passage)
        for number in lines:
            name = f"{page}:{number}"
            if name not in found or side == "against":
                found[name] = passage["stance"]
    return found
