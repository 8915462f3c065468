"""Makes a project of the claims of WiCE, and gives them back from a release of it, record by record.

    python tests/corpora/wice.py wice-dev.jsonl PROJECT
    factpack build PROJECT --out RELEASE
    python tests/corpora/wice.py --export RELEASE > again.jsonl

WiCE (https://github.com/ryokamoi/wice) compares claims of Wikipedia with the whole pages that they cite. A page is a
list of sentences, one line each here; a claim has groups of sentences, any of which supports it. The data are not in
this repository.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

DATASET = """\
name: wice
title: WiCE
version: 1.0.0
license: odc-by
license_link: https://opendatacommons.org/licenses/by/1-0/
languages: [en]
description: Claims of Wikipedia, each compared with the whole page that it cites.
annotations_creators: [crowdsourced]
curation: The claims and their labels are those of WiCE, taken over record by record.
rights: The annotations are under ODC-BY 1.0; the texts are from Wikipedia and Common Crawl.
limitations: As the authors of WiCE describe them.
text: as-found
vocabulary:
  ids: any
  groups: optional
  stances: {supports: for}
  labels:
    supported: {needs: [for]}
    partially_supported: {needs: [for]}
    not_supported: {}
  optional: [article, quote, speaker, fact, value, basis, rationale]
columns:
  claims:
    claim_title: {type: text, description: title of the page of Wikipedia that the claim is from}
    claim_section: {type: text, description: section of that page}
    claim_context: {type: text, description: words around the claim on that page}
    annotations: {type: integer, description: "number of groups, those without a sentence among them"}
"""


def import_records(records: Sequence[dict[str, Any]], project: Path) -> None:
    """Makes the project."""
    (project / "seeds").mkdir(parents=True)
    (project / "annotations").mkdir()
    (project / "annotations/dataset.yaml").write_text(DATASET, encoding="utf-8")
    articles, claims = [], []
    for record in records:
        data = "\n".join(record["evidence"]).encode()
        page = record["meta"]["id"]
        (project / f"seeds/{page}.txt").write_bytes(data)
        articles.append(
            {
                "id": page,
                "file": f"{page}.txt",
                "sha256": hashlib.sha256(data).hexdigest(),
                "language": "en",
                "annotation": "none",
                "sentences": {"boundaries": "lines"},
            }
        )
        claims.append(
            {
                "kind": "claim",
                "id": page,
                "claim": record["claim"],
                "label": record["label"],
                **{name: value for name, value in record["meta"].items() if name != "id" and value},
                "annotations": len(record["supporting_sentences"]),
                "evidence": list(_evidence(record)),
            }
        )
    for name, lines in (("articles", articles), ("claims", claims)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (project / f"annotations/{name}.jsonl").write_text(text, encoding="utf-8")


def _evidence(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields every sentence of a group, once, with the groups that it belongs to."""
    groups: dict[int, list[str]] = {}
    for number, group in enumerate(record["supporting_sentences"]):
        for index in group:
            groups.setdefault(index, []).append(str(number))
    starts = [0]
    for sentence in record["evidence"]:
        starts.append(starts[-1] + len(sentence) + 1)
    for index, names in sorted(groups.items()):
        sentence = record["evidence"][index]
        quote = sentence.strip()
        start = starts[index] + sentence.index(quote)
        passage = {"article": record["meta"]["id"], "quote": quote, "start": start}
        yield passage | {"stance": "supports", "groups": names}


def export_records(release: Path) -> Iterator[dict[str, Any]]:
    """Yields the records as WiCE has them."""
    articles = {
        row["id"]: row["text"] for row in pq.read_table(release / "articles", columns=["id", "text"]).to_pylist()
    }
    labels = ("supported", "partially_supported", "not_supported")
    for row in pq.read_table(release / "claims").to_pylist():
        text = articles[row["id"]]
        groups: dict[int, list[int]] = {number: [] for number in range(row["annotations"])}
        for passage in row["evidence"]:
            sentence = text.count("\n", 0, passage["start"])
            for group in passage["groups"]:
                groups[int(group)].append(sentence)
        yield {
            "label": labels[row["label"]],
            "supporting_sentences": [sorted(group) for group in groups.values()],
            "claim": row["claim"],
            "evidence": text.split("\n"),
            "meta": {"id": row["id"]}
            | {name: row[name] or "" for name in ("claim_title", "claim_section", "claim_context")},
        }


if __name__ == "__main__":
    if sys.argv[1] == "--export":
        for exported in export_records(Path(sys.argv[2])):
            sys.stdout.write(json.dumps(exported, ensure_ascii=False) + "\n")
    else:
        with Path(sys.argv[1]).open(encoding="utf-8") as stream:
            import_records([json.loads(line) for line in stream], Path(sys.argv[2]))
