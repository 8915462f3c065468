"""Write a release as FEVER has it (https://fever.ai/dataset/fever.html): claims with sentences of pages as evidence.

The labels keep what can be told from evidence: a claim with passages against it is ``REFUTES``, one with passages
only for it ``SUPPORTS``, and an unverified passage ``NOT ENOUGH INFO``. The label of the release is beside it. Words
that are given without their document are on a page of their source.
"""

import re
from pathlib import Path
from typing import Any

from factpack.atomic import new_folder
from factpack.release.exports.tables import ExportedRelease, write_line

CLAIMS, PAGES = "claims.jsonl", "wiki-pages/wiki-001.jsonl"
_NUMBER = re.compile("0|[1-9][0-9]{,17}")  # an id as FEVER has it, which stays then
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
        own = all(_NUMBER.fullmatch(row["id"]) for row in release.rows("propositions", "id"))
        with (made / CLAIMS).open("w", encoding="utf-8", newline="\n") as stream:

            def write(claim: dict[str, Any], split: str) -> None:
                record = _record(release, int(claim["id"]) if own else number, claim)
                write_line(stream, record | ({"split": split} if len(release.splits) > 1 else {}))

            for split in release.splits:
                for claim in release.rows_of("claims", split, "id", "claim", "label", "evidence"):
                    number += 1
                    write(claim, split)
            for split in release.splits:
                for note in release.rows_of("propositions", split, "id", "claim", "verdict"):
                    if note["verdict"] == "not_enough_info":
                        number += 1
                        write({**note, "label": "not_enough_info", "evidence": []}, split)
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
        if sides[passage["stance"]] != side:
            continue
        page, lines = release.lines_of(claim["id"], passage)
        for group in passage.get("groups") or [index]:
            for line in lines:
                groups.setdefault(group, []).append([number, len(groups), page, line])
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
    """Write a page for each article, its sentences numbered from 0, then one for each source of other passages."""
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
    for source, passages in release.loose.items():
        page, lines = source, [f"{number}\t{words}" for words, number in passages.items()]
        end()
