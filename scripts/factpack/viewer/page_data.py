"""Give the script of the page its data as JSON: articles with their marks, facts and problems.

Offsets are Unicode code points, start inclusive, end exclusive; the script makes UTF-16 units of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from factpack.corpus.types import NO_SPAN, UNACCOUNTED, AnchoredArticle, AnchoredFact, AnchoredPassage
from factpack.project.models import ClaimVote, Evidence, PassageVote
from factpack.project.scheme import Scheme
from factpack.viewer.extra_values import Extra, extra_of
from factpack.viewer.page_scheme import PageScheme
from factpack.viewer.problem_spans import ProblemSpan


class _Data(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Leave out the fields that have their default."""


#: The votes of annotators: who, and what.
Votes = tuple[tuple[str, str], ...]


class PageLabel(Struct, frozen=True, array_like=True, gc=False):
    """Give a label, its tone, and whether a claim that has it is contested."""

    name: str
    tone: str
    contested: bool


class PagePassage(Struct, frozen=True, array_like=True, gc=False):
    """Give a passage, without names, because there are many.

    ``quote`` is there if the words were not found in their article, or if they are given without it.
    """

    article: str
    start: int
    end: int
    stance: str
    quote: str = ""


class PageGiven(_Data, frozen=True, kw_only=True):
    """Give what only some schemes allow of a passage of evidence."""

    source: str = ""
    groups: tuple[str, ...] = ()
    votes: Votes = ()
    extra: Extra = ()


class PageMark(_Data, frozen=True, kw_only=True):
    """Give an annotation: of words of an article, or a claim that has none, which has no ``start`` and ``end``.

    ``given`` is empty, or has a value for each passage of ``evidence``.
    """

    start: int = NO_SPAN.start
    end: int = NO_SPAN.end
    kind: Literal["claim", "unverified", "not_checkable", "unaccounted"] = "claim"
    id: str = ""
    claim: str = ""
    speaker: str = ""
    fact: str = ""
    value: str = ""
    label: str = ""
    basis: str = ""
    correction: str = ""
    rationale: str = ""
    reason: str = ""
    evidence: tuple[PagePassage, ...] = ()
    given: tuple[PageGiven, ...] = ()
    near: tuple[PagePassage, ...] = ()
    votes: Votes = ()
    extra: Extra = ()


class PageExcerpt(Struct, frozen=True, array_like=True, gc=False):
    """Give a part of the text of an article."""

    start: int
    end: int
    text: str


class PageArticle(_Data, frozen=True, kw_only=True):
    """Give an article; its marks are sorted by place, a longer one before the ones within it.

    Those without words come first.

    Of one that is only a source, ``text`` is empty, and ``excerpts`` are around the passages that are cited.
    """

    id: str
    language: str
    file: str
    text: str
    title: str = ""
    publisher: str = ""
    date: str = ""
    only_source: bool = False
    excerpts: tuple[PageExcerpt, ...] = ()
    marks: tuple[PageMark, ...] = ()


class PageFact(_Data, frozen=True, kw_only=True):
    """Give a question, and the answer that is settled, with the passages that settle it."""

    id: str
    question: str
    settled: str = ""
    passages: tuple[PagePassage, ...] = ()


class _Problem(_Data, frozen=True, kw_only=True):
    """Give a problem: ``note`` is the id of its record, ``spans`` the words if that has no id or cannot be read."""

    severity: str
    rule: str
    message: str
    hint: str
    where: str
    article: str = ""
    note: str = ""
    fact: str = ""
    spans: tuple[tuple[int, int], ...] = ()


class PageData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give all data of a page of a release, which has no problems."""

    labels: tuple[PageLabel, ...]
    stances: tuple[tuple[str, str], ...]
    scheme: PageScheme
    articles: tuple[PageArticle, ...]
    claims: tuple[PageMark, ...]
    facts: tuple[PageFact, ...]
    problems: tuple[()]


def encode_article(article: AnchoredArticle, scheme: Scheme) -> msgspec.Raw:
    """Encode an article with everything that is annotated in it; one that is only a source without its text."""
    value = article.record.value
    marks = sorted(_marks(article, scheme), key=lambda mark: (mark.start, -mark.end))
    return _encode(
        PageArticle(
            id=value.id,
            language=value.language,
            file=value.file,
            text="" if article.only_source else article.text.text,
            title=value.title,
            publisher=value.publisher.name if value.publisher else "",
            date=value.date.value if value.date else "",
            only_source=article.only_source,
            marks=tuple(marks),
        )
    )


def with_excerpts(article: msgspec.Raw, excerpts: tuple[PageExcerpt, ...]) -> msgspec.Raw:
    """Encode an article that is only a source, and encoded without excerpts, with some."""
    return _encode(msgspec.structs.replace(msgspec.json.decode(article, type=PageArticle), excerpts=excerpts))


def encode_claims(article: AnchoredArticle, scheme: Scheme) -> Iterator[msgspec.Raw]:
    """Encode what is annotated without an article."""
    return map(_encode, _marks(article, scheme))


def encode_fact(fact: AnchoredFact) -> msgspec.Raw:
    """Encode a fact; the script finds its answers among the marks of the articles."""
    value = fact.record.value
    return _encode(
        PageFact(
            id=value.id,
            question=value.question,
            settled=value.settled.value if value.settled else "",
            passages=tuple(_passage(passage) for passage in fact.settled),
        )
    )


def encode_problem(found: ProblemSpan, *, marked: bool) -> msgspec.Raw:
    """Encode a problem and where it shows.

    Args:
        found: The problem.
        marked: Whether the page has a mark for the claim or passage that it is about, so that it shows there.
    """
    problem = found.problem
    return _encode(
        _Problem(
            severity=problem.severity,
            rule=problem.rule,
            message=problem.message,
            hint=problem.hint,
            where=f"{problem.path}:{problem.line}:{problem.column}",
            article=found.article,
            note=found.note if marked else "",
            fact=found.fact,
            spans=() if marked else found.spans,
        )
    )


def _encode(data: _Data) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(data))


def _passage(anchored: AnchoredPassage, stance: str = "") -> PagePassage:
    passage = anchored.passage
    if anchored.span is None:
        return PagePassage(passage.article, 0, 0, stance, passage.quote)
    return PagePassage(passage.article, anchored.span.start, anchored.span.end, stance)


def _given(passages: Sequence[Evidence], scheme: Scheme) -> tuple[PageGiven, ...]:
    columns = scheme.columns.evidence
    if not columns and not any(each.source or each.groups or each.votes for each in passages):  # as nearly always
        return ()
    return page_given(
        PageGiven(source=each.source, groups=each.groups, votes=_votes(each.votes), extra=extra_of(each, columns))
        for each in passages
    )


def page_given(given: Iterable[PageGiven]) -> tuple[PageGiven, ...]:
    """Return what passages of evidence have beside their words; nothing if none has anything."""
    given = tuple(given)
    return given if any(each != PageGiven() for each in given) else ()


def _votes(votes: Iterable[ClaimVote | PassageVote]) -> Votes:
    return tuple([(each.by, each.vote) for each in votes])


def _marks(article: AnchoredArticle, scheme: Scheme) -> Iterator[PageMark]:
    for claim in article.claims:
        value = claim.record.value
        yield PageMark(
            start=claim.span.start,
            end=claim.span.end,
            id=value.id,
            claim=value.claim,
            speaker=value.speaker,
            fact=value.fact,
            value=value.value,
            label=value.label,
            basis=value.basis,
            correction=value.correction,
            rationale=value.rationale,
            evidence=tuple([_passage(a, e.stance) for a, e in zip(claim.evidence, value.evidence, strict=True)]),
            given=_given(value.evidence, scheme),
            votes=_votes(value.votes),
            extra=extra_of(value, scheme.columns.claims),
        )
    for unverified, near in zip(article.unverified, article.unverified.near, strict=True):
        note = unverified.record.value
        yield PageMark(
            kind="unverified",
            start=unverified.span.start,
            end=unverified.span.end,
            id=note.id,
            claim=note.claim,
            speaker=note.speaker,
            fact=note.fact,
            value=note.value,
            rationale=note.rationale,
            near=tuple(map(_passage, near)),
            extra=extra_of(note, scheme.columns.claims),
        )
    for remark in article.not_checkable:
        yield PageMark(
            kind="not_checkable", start=remark.span.start, end=remark.span.end, reason=remark.record.value.reason
        )
    for number, status in enumerate(article.accounts.statuses):
        if status == UNACCOUNTED:
            start, end = article.text.bounds[2 * number : 2 * number + 2]
            yield PageMark(kind="unaccounted", start=start, end=end)
