"""Rules on whole articles: every sentence is accounted for, and only in one way."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain

from factpack.corpus import UNACCOUNTED, AnchoredArticle, AnchoredClaim, AnchoredNote, NotAnnotated
from factpack.model import Unverified
from factpack.problems import Severity
from factpack.records import Spot
from factpack.rules.registry import Finding, rule
from factpack.sentences import Span

MAX_WORDS = 100  # code points of a sentence that are shown


@rule("error")
def sentence_unaccounted(article: AnchoredArticle) -> Iterator[Finding]:
    """Every sentence is touched by a claim, an unverified passage or a passage that is not checkable.

    A warning while the register says ``annotation: partial``, an error once it says ``complete``.

    Bad: a sentence that nobody has read

    Good: the sentence listed under ``not_checkable`` with ``reason: opinion``
    """
    if not article.whole:
        return
    record = article.record
    severity: Severity = "error" if record.value.annotation == "complete" else "warning"
    text, bounds, statuses = article.text.text, article.text.bounds, article.accounts.statuses
    number, line, line_start = -1, 1, 0
    while (number := statuses.find(UNACCOUNTED, number + 1)) >= 0:
        start, end = bounds[2 * number], bounds[2 * number + 1]
        shown = text[start:end] if end - start <= MAX_WORDS else text[start : start + MAX_WORDS] + "…"
        line += text.count("\n", line_start, start)
        line_start = text.rfind("\n", line_start, start) + 1 or line_start
        spot = Spot(f"seeds/{record.value.file}", line, start - line_start + 1)
        hint = f"Add a claim, an unverified or a not_checkable passage for it to {article.file}."
        yield Finding(spot, f"nothing accounts for the sentence ‘{shown}’", hint, severity)


@rule("error")
def not_annotated(missing: NotAnnotated) -> Iterator[Finding]:
    """An article that is said to be annotated completely is annotated.

    Bad: ``annotation: complete`` in the register, and no file of annotations for the article

    Good: ``annotations/000.yaml``
    """
    article = missing.record.value.id
    message = f"the article `{article}` is said to be annotated completely, and nothing annotates it"
    spot = missing.record.at("annotation")
    yield Finding(spot, message, f"Add {missing.file}, or write `annotation: partial`.")


@rule("error")
def checkable_and_not(article: AnchoredArticle) -> Iterator[Finding]:
    """What is listed as not checkable holds no claim and no unverified passage.

    Bad: a sentence under ``not_checkable``, and a claim that quotes five words of it

    Good: the claim alone; a sentence that holds a claim needs no other entry
    """
    starts, ends = _merged((*article.claims.spans, *article.unverified.spans))
    for index, span in enumerate(article.not_checkable.spans):
        before = bisect_left(starts, span.end)  # how many begin before it ends
        if before and ends[before - 1] > span.start:
            checkable: Iterable[AnchoredClaim | AnchoredNote[Unverified]] = chain(article.claims, article.unverified)
            other = next(other.record.value.id for other in checkable if span.overlaps(other.span))
            message = f"not checkable, but `{other}` quotes words of it"
            place = article.not_checkable.records[index].at("quote")
            yield Finding(place, message, "Delete one of the two, or shorten this quote.")


def _merged(spans: Iterable[Span]) -> tuple[list[int], list[int]]:
    """The stretches that spans cover, without overlap: their starts and their ends."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(spans):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends
