"""Write a release as W3C Web Annotations (https://www.w3.org/TR/annotation-model/): one for each claim and passage.

A claim is a body that restates and classifies its words; a passage of evidence is linked with the claim, and classified
by its stance. Offsets are Unicode code points, as the standard has them.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from factpack.atomic import new_folder
from factpack.release.exports.tables import ExportedRelease, write_line

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
FILE = "annotations.jsonl"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+$")  # else a title
_AROUND = 32  # code points before and behind a quote


def export_w3c(folder: Path, out: Path) -> None:
    """Write the annotations of a release, a line of JSON-LD each.

    Args:
        folder: The folder of the release.
        out: A new or an empty folder.

    Raises:
        FolderInUseError: The folder is not empty.
    """
    release = ExportedRelease(folder)

    with new_folder(out) as made:
        articles = {row["id"]: row for row in release.rows("articles", "id", "url", "language")}
        texts = _Texts(release)
        columns = ("id", "article", "claim", "quote", "start", "end", "label", "basis", "rationale", "evidence")
        with (made / FILE).open("w", encoding="utf-8", newline="\n") as stream:
            for claim in release.rows("claims", *columns):
                iri = _iri(release, "claims", claim["id"])
                body = [_text(claim["claim"], "describing"), _text(claim["label"], "classifying")]
                body += [_text(claim["rationale"], "commenting")] if claim["rationale"] else []
                write_line(stream, _annotation(iri, "assessing", body, _target(release, articles, texts, claim)))
                for number, passage in enumerate(claim["evidence"] or ()):
                    linked = {"type": "SpecificResource", "source": iri, "purpose": "linking"}
                    body = [linked, _text(passage["stance"], "classifying")]
                    its = _target(release, articles, texts, passage)
                    write_line(stream, _annotation(f"{iri}/evidence/{number}", "linking", body, its))


class _Texts:
    """Keep the text of the article that was asked for last."""

    def __init__(self, release: ExportedRelease) -> None:
        self._texts: dict[str, str] = {
            row["id"]: row["text"] for row in release.rows("articles", "id", "text") if row.get("text")
        }

    def around(self, article: str | None, start: int, end: int) -> dict[str, str]:
        """Return the words before and behind a span; none, if the release has no texts."""
        text = self._texts.get(article or "")
        if text is None:
            return {}
        return {"prefix": text[max(0, start - _AROUND) : start], "suffix": text[end : end + _AROUND]}


def _iri(release: ExportedRelease, kind: str, name: str) -> str:
    """Name something of a release; a version is never changed, so that the name stays true."""
    manifest = release.manifest
    return f"urn:factpack:{quote(manifest.name)}:{quote(manifest.version)}:{kind}:{quote(name)}"


def _text(value: str, purpose: str) -> dict[str, str]:
    return {"type": "TextualBody", "value": value, "format": "text/plain", "purpose": purpose}


def _annotation(iri: str, motivation: str, body: list[dict[str, str]], target: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "id": iri,
        "type": "Annotation",
        "motivation": motivation,
        "body": body,
        "target": target,
    }


def _target(
    release: ExportedRelease, articles: dict[str, dict[str, Any]], texts: _Texts, passage: dict[str, Any]
) -> dict[str, Any]:
    article, start, end = passage["article"], passage["start"], passage["end"]
    if article is None:  # a claim in no article, or a passage that is given without its document
        given = passage.get("source") or ""
        source = given if _IRI.match(given) else _iri(release, "sources", given)
        words = passage.get("quote")
        return {"type": "SpecificResource", "source": source} | (
            {"selector": [{"type": "TextQuoteSelector", "exact": words}]} if words else {}
        )
    source = articles.get(article, {}).get("url") or _iri(release, "articles", article)
    if start is None:
        return {"type": "SpecificResource", "source": source}
    exact = {"type": "TextQuoteSelector", "exact": passage["quote"], **texts.around(article, start, end)}
    position = {"type": "TextPositionSelector", "start": start, "end": end}
    return {"type": "SpecificResource", "source": source, "selector": [exact, position]}
