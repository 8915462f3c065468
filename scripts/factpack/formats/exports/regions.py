"""Make records of the regions that somebody marked in a text, and of the relations between them.

Some tools count Unicode code points, some UTF-16 units, and one file can have both: the text tells them apart.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from factpack.formats.exports.record import ExportError, ExportRecord
from factpack.formats.locations import Path
from factpack.text.locate import locate
from factpack.text.sentences import Span
from factpack.text.word_edges import cut_in

#: What a tool counts by: code points or UTF-16 units, more or less surely; or only UTF-16 units.
Units = Literal["points", "UTF-16", "only UTF-16"]
KINDS = ("claim", "unverified", "not_checkable", "evidence")
#: What tools call the keys of records.
_NAMES = {"verdict": "label", "proposition": "claim", "notcheckable": "not_checkable"}
_MAX_SHOWN = 60  # code points of a region that are shown
_MAX_WORDS = 6  # of a quote, in the id of a claim that has none


@dataclass(frozen=True, slots=True)
class Region:
    """Carry a marked region.

    Attributes:
        id: The name by which relations refer to it.
        article: The id of its article.
        label: What it is marked as.
        start: The offset of its first character, in units that the text has to tell.
        end: The offset after the last one.
        quoted: Its words, if the export gives them.
        keys: What else is said of it.
        place: The path of the region in the export.
    """

    id: str
    article: str
    label: str
    start: Any
    end: Any
    quoted: str | None
    place: Path
    keys: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """Relate a passage of evidence to a claim.

    Attributes:
        source: The id of one region.
        target: The id of the other.
        stance: The stance of the passage.
        place: The path of the relation in the export.
    """

    source: str
    target: str
    stance: str
    place: Path


def key_name(name: str) -> str:
    """Return the key of a record that a control or a feature of a tool stands for."""
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    return _NAMES.get(plain, plain)


def fitting_span(text: str, start: int, end: int, quoted: str | None, *, units: Units) -> Span | None:
    """Return the span of a region in code points, whichever units it is given in; ``None`` if it fits in neither.

    Args:
        text: The text.
        start: The offset of the first character.
        end: The offset after the last one.
        quoted: The words of the region, if they are known; else the units are those in which no word is cut.
        units: What the tool counts by; where both fit, it is that.
    """
    points = Span(start, end) if 0 <= start < end <= len(text) and units != "only UTF-16" else None
    found = [points, _from_utf16(text, start, end)]
    ordered = [span for span in (found if units == "points" else reversed(found)) if span]
    if quoted is not None:
        return next((span for span in ordered if _same(text[span.start : span.end], quoted)), None)
    whole = (span for span in ordered if not (cut_in(text, span.start) or cut_in(text, span.end)))
    return next(whole, ordered[0] if ordered else None)


def _same(words: str, quoted: str) -> bool:
    """Tell whether two texts are the same but for line ends and Unicode form, which tools change."""
    forms = [
        unicodedata.normalize("NFC", " ".join(each.split())) for each in (words, quoted, quoted.replace("\\n", "\n"))
    ]
    return forms[0] in forms[1:]


def _from_utf16(text: str, start: int, end: int) -> Span | None:
    """Return a span of UTF-16 units in code points; None if it begins or ends in half a character, or outside."""
    data = text.encode("utf-16-le")
    if not 0 <= start < end <= len(data) // 2:
        return None
    try:
        before, within = data[: 2 * start].decode("utf-16-le"), data[2 * start : 2 * end].decode("utf-16-le")
    except UnicodeDecodeError:
        return None
    return Span(len(before), len(before) + len(within))


def to_records(
    texts: Mapping[str, str], regions: Iterable[Region], relations: Iterable[Relation], *, units: Units = "points"
) -> Iterator[ExportRecord | ExportError]:
    """Yield a record for each region that is no evidence, with the passages that are related to it.

    Args:
        texts: The text of each article, as the export has it.
        regions: The regions.
        relations: The relations between them.
        units: What the tool counts by; where both fit, it is that.
    """
    anchored: dict[str, tuple[Region, dict[str, Any]]] = {}
    for region in regions:
        words = _words(texts, region, units=units)
        if isinstance(words, ExportError):
            yield words
        elif region.id in anchored:
            yield ExportError("malformed", region.place, f"duplicate region id {region.id}")
        else:
            anchored[region.id] = region, words
    evidence: dict[str, list[tuple[dict[str, Any], Path]]] = {}
    used: set[str] = set()
    for relation in relations:
        ends = [anchored.get(name) for name in (relation.source, relation.target)]
        claims = [end for end in ends if end and end[0].label != "evidence"]
        passages = [end for end in ends if end and end[0].label == "evidence"] or claims[:1]
        if None in ends or not claims:
            if None not in ends:
                yield ExportError("malformed", relation.place, "a relation must lead from evidence to a claim")
            continue
        (region, words), (claim, _) = passages[0], claims[-1]
        used.add(region.id)
        passage = {"article": region.article, **words, **_passage_keys(region), "stance": relation.stance}
        evidence.setdefault(claim.id, []).append((passage, relation.place))
    ids: dict[str, int] = {}
    for region, words in anchored.values():
        if region.label != "evidence":
            yield _record(region, words, evidence.get(region.id, []), ids)
        elif region.id not in used:
            yield ExportError("malformed", region.place, "no relation leads from this evidence to a claim")


def _words(texts: Mapping[str, str], region: Region, *, units: Units) -> dict[str, Any] | ExportError:
    """Return the quote of a region, with its offset if it occurs more than once."""
    if region.label not in KINDS:
        listed = ", ".join(KINDS)
        return ExportError("malformed", region.place, f"unknown region label `{region.label}`; the labels are {listed}")
    text, start, end = texts.get(region.article), region.start, region.end
    if text is None:
        return ExportError("malformed", region.place, f"the text of article {region.article} is missing")
    if type(start) is not int or type(end) is not int:
        return ExportError("malformed", region.place, "the start and the end of a region must be whole numbers")
    span = fitting_span(text, start, end, region.quoted, units=units)
    if span is None:
        shown = text[max(start, 0) : max(end, 0)][:_MAX_SHOWN]
        return ExportError("region", region.place, (start, end), (shown, (region.quoted or "")[:_MAX_SHOWN]))
    quote = text[span.start : span.end]
    trimmed = quote.strip()
    first = span.start + len(quote) - len(quote.lstrip())
    at = Span(first, first + len(trimmed))
    alone = trimmed and locate(text, trimmed) == at
    return {"quote": trimmed} if alone else {"quote": trimmed, "start": first}


def _passage_keys(region: Region) -> dict[str, Any]:
    return {key: value for key, value in region.keys.items() if key not in ("label", "id")}


def _record(
    region: Region, words: Mapping[str, Any], evidence: list[tuple[dict[str, Any], Path]], ids: dict[str, int]
) -> ExportRecord:
    keys = {key: value for key, value in region.keys.items() if value not in ("", None)}
    plain: dict[str, Any] = {}
    if region.label != "not_checkable":
        plain["id"] = keys.pop("id", None) or free_id(str(words["quote"]), region.article, ids)
    plain |= words
    if region.label != "not_checkable":
        plain |= {"claim": keys.pop("claim", ""), "speaker": keys.pop("speaker", "article")}
    plain = {key: value for key, value in (plain | keys).items() if value != ""}
    places: dict[Path, Path] = {(): region.place}
    if region.label == "claim":
        plain["evidence"] = [passage for passage, _ in evidence]
        places |= {("evidence", number): place for number, (_, place) in enumerate(evidence)}
    elif evidence and region.label == "unverified":
        plain["near"] = [{key: value for key, value in each.items() if key != "stance"} for each, _ in evidence]
    return ExportRecord(region.article, region.label, plain, places)


def free_id(quote: str, article: str, ids: dict[str, int]) -> str:
    """Return an id made of the first words of a quote."""
    ascii_only = unicodedata.normalize("NFKD", quote).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", ascii_only)[:_MAX_WORDS] or ["claim"]
    name = "-".join([*words, *re.findall("[a-z0-9]+", article.lower())])
    ids[name] = ids.get(name, 0) + 1
    return name if ids[name] == 1 else f"{name}-{ids[name]}"
