"""Annotations in the format of the example package."""

import csv
from pathlib import Path

from factpack.formats.yaml_parser import read_yaml

COLUMNS = ("kind", "article", "id", "quote", "prefix", "suffix", "claim", "speaker", "fact", "value", "label", "basis",
           "correction", "rationale", "reason", "evidence")  # fmt: skip


def write_table(project: Path) -> None:
    """Put the annotations of two articles of the invented project into one table, in the place of their YAML files."""
    rows = []
    for name in ("b2", "c3"):
        path = project / f"annotations/{name}.yaml"
        data, _ = read_yaml(path.read_text(encoding="utf-8"))
        path.unlink()
        for list_, kind in (("claims", "claim"), ("unverified", "unverified"), ("not_checkable", "not_checkable")):
            for record in data.get(list_, ()):
                passages = [
                    f"{each['stance']} {each['article']}: {each['quote']}" for each in record.get("evidence", ())
                ]
                evidence = {"evidence": "\n".join(passages)} if passages else {}
                rows.append({"kind": kind, "article": name, **record, **evidence})
    with (project / "annotations/table.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
