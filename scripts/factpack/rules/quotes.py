"""Rules on quotes: each stands in its article, once."""

import json
import re
from collections.abc import Iterator
from functools import partial

from factpack.anchor import Ambiguous, Missing
from factpack.corpus import AnchoredRecords, Unanchored
from factpack.rules.registry import Finding, rule

CONTEXT = 25  # code points shown on each side of an ambiguous quote


@rule("error")
def quote_not_found(quote: Unanchored) -> Iterator[Finding]:
    """A quote is the exact words of its article, to the character.

    Bad: ``quote: migrant crime was "destroying" cities`` (straight quotation marks)

    Good: ``quote: migrant crime was “destroying” cities`` (curly, as printed)
    """
    if not isinstance(quote.result, Missing):
        return
    around = " between its prefix and suffix" if quote.has_context else ""
    hint = partial(_advice, quote.result)
    yield Finding(quote.place, f"these words do not stand in article {quote.article}{around}", hint)


def _advice(missing: Missing) -> str:
    if spaced := missing.spaced:
        given = zip(("prefix", "suffix"), (missing.prefix, missing.suffix), spaced, strict=True)
        lines = [f"`{key}: {json.dumps(words, ensure_ascii=False)}`" for key, had, words in given if words != had]
        return f"The space beside the quote is missing, which only quotation marks keep. Write {' and '.join(lines)}."
    if missing.quote.endswith("\n"):
        if missing.quote.rstrip("\n") in missing.text:
            return "The quote ends with a line end. Write `|-` for `|`, `>-` for `>`, or the words on one line."
        if " ".join(missing.quote.split()) in missing.text:
            return "The quote keeps its line ends. Write `>-` for `|`, or the words on one line."
    if _ELLIPSIS.search(missing.quote) and not _ELLIPSIS.search(missing.nearest):
        return "A quote is one piece, in which nothing is left out. Quote one of the parts, or all of it."
    if missing.nearest:
        return f"The nearest passage is ‘{missing.nearest}’: {missing.difference}."
    return "No passage there is like it. Copy the words from the article, and check that it is the right article."


_ELLIPSIS = re.compile(r"…|\.\.\.")


@rule("error")
def quote_ambiguous(quote: Unanchored) -> Iterator[Finding]:
    """A quote that occurs more than once says which place it means, by the words before or after it.

    Bad: ``quote: 40 minutes`` where the article says it twice

    Good: ``quote: 40 minutes`` with ``prefix: "delayed the interview by "``
    """
    if not isinstance(quote.result, Ambiguous):
        return
    places = []
    for start in quote.result.starts:
        end = start + len(quote.quote)
        shown = (
            quote.text[max(0, start - CONTEXT) : start]
            + "["
            + quote.text[start:end]
            + "]"
            + quote.text[end : end + CONTEXT]
        )
        places.append(f"‘…{' '.join(shown.split())}…’")
    hint = (
        "Add `prefix:` or `suffix:` with the words next to the one you mean, in quotation marks, which keep the space "
        f"beside the quote: {' or '.join(places)}."
    )
    yield Finding(quote.place, f"these words stand more than once in article {quote.article}", hint)


@rule("error")
def evidence_overlaps_claim(records: AnchoredRecords) -> Iterator[Finding]:
    """A claim is no evidence for itself: the passages of its evidence lie outside its own quote.

    Bad: the claim's own sentence as its evidence

    Good: a passage of another article
    """
    claims = records.claims
    for claim, (own, passages) in enumerate(zip(claims.spans, claims.evidence, strict=True)):
        for index, passage in enumerate(passages):
            if passage.passage.article == records.article and passage.span and passage.span.overlaps(own):
                hint = "Quote another passage, or shorten one of the two."
                place = claims.records[claim].at("evidence", index, "quote")
                yield Finding(place, "this evidence overlaps the claim's own quote", hint)


@rule("error")
def repeated_evidence(records: AnchoredRecords) -> Iterator[Finding]:
    """A passage is listed once in the evidence of a claim.

    Bad: the same quote of the same article twice

    Good: once
    """
    for claim, passages in enumerate(records.claims.evidence):
        seen = set()
        for index, passage in enumerate(passages):
            which = (passage.passage.article, passage.span)
            if passage.span and which in seen:
                place = records.claims.records[claim].at("evidence", index)
                yield Finding(place, "this passage is listed already", "Delete one of the two.")
            seen.add(which)
