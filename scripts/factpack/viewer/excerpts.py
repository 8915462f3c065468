"""Cut out of an article that is only a source what the page shows of it: the passages that are cited, in their context.

The whole texts would make the page of a corpus with many sources too large to open. What is cut out follows from the
sentences and the passages alone, so that a release without the texts has the same excerpts.
"""

from collections.abc import Iterable, Sequence

from factpack.text.sentences import Span, touched
from factpack.viewer.page_data import PageExcerpt, PageFact, PageMark, PagePassage

AROUND = 300  # code points on each side of a passage in which further sentences are shown with it


def excerpt_spans(bounds: Sequence[int], passages: Iterable[Span]) -> list[Span]:
    """Return what is shown of a text: the sentences of the passages, and those near to them.

    Args:
        bounds: The sentences, as :func:`~factpack.text.sentences.sentence_bounds` returns them.
        passages: The passages.
    """
    found: list[Span] = []
    last = -1  # the number of the last sentence in what was found
    for passage in sorted(passages):
        its = touched(bounds, passage)
        first, stop = its.start, max(its.stop, its.start)
        while first > 0 and bounds[2 * first - 2] >= passage.start - AROUND:
            first -= 1
        while 2 * stop < len(bounds) and bounds[2 * stop + 1] <= passage.end + AROUND:
            stop += 1
        start, end = passage
        if first < stop:
            start, end = min(bounds[2 * first], start), max(bounds[2 * stop - 1], end)
        if found and (start <= found[-1].end or first <= last + 1):  # nothing but white space is between them
            found[-1] = Span(min(found[-1].start, start), max(found[-1].end, end))
        else:
            found.append(Span(start, end))
        last = max(last, stop - 1)
    return found


def excerpts(text: str, bounds: Sequence[int], passages: Iterable[Span]) -> tuple[PageExcerpt, ...]:
    """Return what is shown of a text."""
    return tuple(PageExcerpt(start, end, text[start:end]) for start, end in excerpt_spans(bounds, passages))


def cited(marks: Iterable[PageMark], facts: Iterable[PageFact], sources: Iterable[str]) -> dict[str, set[Span]]:
    """Return the passages of each source that claims, unverified passages and facts cite."""
    found: dict[str, set[Span]] = {name: set() for name in sources}

    def add(passages: Iterable[PagePassage]) -> None:
        for passage in passages:
            if passage.article in found and passage.end:
                found[passage.article].add(Span(passage.start, passage.end))

    for mark in marks:
        add(mark.evidence)
        add(mark.near)
    for fact in facts:
        add(fact.passages)
    return found
