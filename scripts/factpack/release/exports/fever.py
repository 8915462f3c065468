"""Write a release as FEVER has it (https://fever.ai/dataset/fever.html): claims with sentences of pages as evidence.

The labels keep what can be told from evidence: a claim with passages against it is ``REFUTES``, one with passages only
for it ``SUPPORTS``, and an unverified passage ``NOT ENOUGH INFO``. The label of the release is beside it.
"""

from pathlib import Path
from typing import Any

from factpack.atomic import new_folder
from factpack.release.exports.tables import ExportedRelease, write_line

CLAIMS, PAGES = "claims.jsonl", "wiki-pages/wiki-001.jsonl"
_OPPOSITE = {"for": "SUPPORTS", "against": "REFUTES"}


def export_fever(folder: Path, out: Path) -> None:
    """Write the claims and unverified passages of a release, and the pages that they cite.

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
        number = 0
        with (made / CLAIMS).open("w", encoding="utf-8", newline="\n") as stream:
            for split in release.splits:
                for claim in release.rows_of("claims", split, "id", "claim", "label", "evidence"):
                    number += 1
                    record = _record(release, number, claim)
                    write_line(stream, record | ({"split": split} if len(release.splits) > 1 else {}))
            for note in release.rows("propositions", "id", "claim", "verdict"):
                if note["verdict"] == "not_enough_info":
                    number += 1
                    write_line(stream, _record(release, number, {**note, "label": "not_enough_info", "evidence": []}))
        (made / PAGES).parent.mkdir()
        with (made / PAGES).open("w", encoding="utf-8", newline="\n") as stream:
            _write_pages(release, stream)


def _record(release: ExportedRelease, number: int, claim: dict[str, Any]) -> dict[str, Any]:
    """Return a claim: every group of evidence is a list of sentences, of which all are needed together."""
    sides = release.sides
    found = [passage for passage in claim["evidence"] or () if sides.get(passage["stance"], "neither") != "neither"]
    against = any(sides[passage["stance"]] == "against" for passage in found)
    label = "NOT ENOUGH INFO" if not found else _OPPOSITE["against" if against else "for"]
    side = "against" if against else "for"
    groups: dict[Any, list[list[Any]]] = {}
    for index, passage in enumerate(found):
        if sides[passage["stance"]] != side or passage["article"] is None or passage["start"] is None:
            continue
        for group in passage.get("groups") or [index]:
            for sentence in release.sentences_of(passage["article"], passage["start"], passage["end"]):
                groups.setdefault(group, []).append([number, len(groups), passage["article"], sentence])
    evidence = list(groups.values()) or [[[number, None, None, None]]]
    verifiable = "NOT VERIFIABLE" if label == "NOT ENOUGH INFO" else "VERIFIABLE"
    return {
        "id": number,
        "verifiable": verifiable,
        "label": label,
        "claim": claim["claim"],
        "evidence": evidence,
        "claim_id": claim["id"],
        "released_label": claim["label"],
    }


def _write_pages(release: ExportedRelease, stream: Any) -> None:
    """Write a page for each article, its sentences numbered from 0."""
    page: str | None = None
    lines: list[str] = []

    def end() -> None:
        if page is not None:
            text = " ".join(line.partition("\t")[2] for line in lines)
            write_line(stream, {"id": page, "text": text, "lines": "\n".join(lines)})

    for sentence in release.rows("sentences", "article", "text"):
        if sentence["article"] != page:
            end()
            page, lines = sentence["article"], []
        words = " ".join((sentence.get("text") or "").split())
        lines.append(f"{len(lines)}\t{words}")
    end()
