"""Rules on whole articles: every sentence is accounted for, and only in one way."""

from collections.abc import Iterator

from factpack.corpus import AnchoredArticle, AnchoredClaim, AnchoredNotCheckable, AnchoredUnverified
from factpack.problems import Severity
from factpack.rules.registry import Finding, rule
from factpack.sources import Spot

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
    record = article.text.record
    noted: tuple[AnchoredClaim | AnchoredUnverified | AnchoredNotCheckable, ...]
    noted = (*article.claims, *article.unverified, *article.not_checkable)
    severity: Severity = "error" if record.value.annotation == "complete" else "warning"
    touched = {sentence for item in noted for sentence in article.text.sentences_of(item.span)}
    for sentence in article.text.sentences:
        if sentence not in touched:
            words = article.text.text[sentence.start : sentence.end]
            shown = words if len(words) <= MAX_WORDS else words[:MAX_WORDS] + "…"
            line_start = article.text.text.rfind("\n", 0, sentence.start) + 1
            line = article.text.text.count("\n", 0, sentence.start) + 1
            spot = Spot(f"seeds/{record.value.file}", line, sentence.start - line_start + 1)
            hint = f"Add a claim, an unverified or a not_checkable passage for it to {article.file}."
            yield Finding(spot, f"nothing accounts for the sentence ‘{shown}’", hint, severity)


@rule("error")
def checkable_and_not(article: AnchoredArticle) -> Iterator[Finding]:
    """What is listed as not checkable holds no claim and no unverified passage.

    Bad: a sentence under ``not_checkable``, and a claim that quotes five words of it

    Good: the claim alone; a sentence that holds a claim needs no other entry
    """
    checkable: tuple[AnchoredClaim | AnchoredUnverified, ...] = (*article.claims, *article.unverified)
    for item in article.not_checkable:
        for other in checkable:
            if item.span.overlaps(other.span):
                message = f"not checkable, but `{other.record.value.id}` quotes words of it"
                yield Finding(item.record.at("quote"), message, "Delete one of the two, or shorten this quote.")
                break
