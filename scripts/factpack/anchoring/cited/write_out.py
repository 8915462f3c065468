"""Write out evidence that refers to other claims: as the passages that these have in their articles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET

from factpack.anchoring.cited.claim_store import CitedClaim, ClaimStore, words_of
from factpack.corpus.citations import (
    CitesItself,
    ClaimWithoutPassage,
    OwnRepetition,
    PassageGivenTwice,
    SameFactOfNothing,
    SameFactUnclear,
    UnknownClaim,
)
from factpack.formats.locations import Record
from factpack.project.models import Claim, Evidence, Passage
from factpack.project.record_models import evidence_model
from factpack.project.scheme import Scheme
from factpack.project.vocabulary import ARTICLE_VOICE
from factpack.project.written_out import SAME_FACT, WrittenOut

MAX_SAME_FACT = 1_000  # passages that `same-fact` can stand for: a project of a stranger can have any number

Trouble = (
    CitesItself
    | ClaimWithoutPassage
    | OwnRepetition
    | PassageGivenTwice
    | SameFactOfNothing
    | SameFactUnclear
    | UnknownClaim
)

_WORDS = tuple(Passage.__struct_fields__)


def refers(claim: Claim) -> bool:
    """Tell whether the evidence of a claim refers to other claims."""
    written = claim.written
    return isinstance(written, str) or any(isinstance(entry, str) or entry.claim for entry in written)


@dataclass(slots=True)
class _Passages:
    """Collect the passages of a claim, with what stands for each; each is taken once."""

    found: list[Evidence] = field(default_factory=list)
    entries: list[int | None] = field(default_factory=list)
    cited: list[bool] = field(default_factory=list)

    def add(self, passage: Evidence, entry: int | None, *, cited: bool) -> None:
        """Add a passage."""
        self.found.append(passage)
        self.entries.append(entry)
        self.cited.append(cited)


def write_out(article: str, record: Record[Claim], claims: ClaimStore, scheme: Scheme) -> tuple[Claim, list[Trouble]]:
    """Return a claim with the passages that its evidence refers to, and what is wrong with the references.

    ``same-fact`` stands for the claims on the same fact in other articles, in the order of the corpus: one that gives
    the same value counts for the claim, one that gives another value against it. A claim whose label needs a
    correction, as ``erroneous`` does, is left out unless it gives the same value, because an erroneous value is no
    evidence. So is what the same speaker says in another article, because one utterance is one source; what the list
    names itself; and a passage that another one gives already. An unverified passage has no label: it decides nothing.

    A reference with which something is wrong stays as it is, without a passage.

    Args:
        article: The id of the article that the claim is in.
        record: The claim.
        claims: All claims.
        scheme: What the labels need, and the sides that the stances count on.
    """
    claim = record.value
    is_whole = isinstance(claim.written, str)
    entries: Sequence[Evidence | str] = [claim.written] if isinstance(claim.written, str) else claim.written
    troubles: list[Trouble] = []
    named = {entry.claim for entry in entries if isinstance(entry, Evidence)} | {claim.id}
    given = {(entry.article, words_of(entry)) for entry in entries if isinstance(entry, Evidence) and not entry.claim}
    passages = _Passages()
    for index, entry in enumerate(entries):
        at: tuple[str | int, ...] = ("evidence",) if is_whole else ("evidence", index)
        if isinstance(entry, Evidence):
            passage, found = _cited(article, record, index, entry, claims, scheme) if entry.claim else (entry, [])
            troubles += found
            passages.add(passage, index, cited=bool(entry.claim))
        elif SAME_FACT in entries[:index]:
            why, hint = "it is already listed", "Delete one of the two."
            troubles.append(SameFactUnclear(why, hint, record.at(*at)))
        else:
            same, found = _same_fact(article, record, at, claims, scheme)
            troubles += found
            for other, stance in same:
                where = (other.article, other.words)
                if other.id not in named and where not in given:
                    given.add(where)
                    keys = {"stance": stance, **other.passage()}
                    passage = evidence_model(type(claim))(**keys)
                    passages.add(passage, None if is_whole else index, cited=True)
    written = WrittenOut(passages.found, passages.entries, passages.cited)
    return msgspec.structs.replace(claim, written=written), troubles


def _cited(  # noqa: PLR0913, PLR0917 - all that decides
    article: str, record: Record[Claim], index: int, entry: Evidence, claims: ClaimStore, scheme: Scheme
) -> tuple[Evidence, list[Trouble]]:
    """Return an entry that refers to a claim, with its passage, and what is wrong."""
    place = record.at("evidence", index, "claim")
    beside = next((key for key in _WORDS if getattr(entry, key) not in ("", UNSET)), "")
    if beside:
        return _bare(entry), [PassageGivenTwice(beside, record.at_key("evidence", index, beside))]
    other = claims.get(entry.claim)
    if other is None:
        unknown = [UnknownClaim(entry.claim, place, tuple(claims.near(entry.claim)))] if claims.is_complete else []
        return entry, [*unknown]
    if other.id == record.value.id:
        return entry, [CitesItself(place)]
    passage = other.passage()
    if not (passage["article"] and passage["quote"]):
        return entry, [ClaimWithoutPassage(other.id, place)]
    own = other.article == article and other.speaker == record.value.speaker
    if own and scheme.stances[entry.stance] == "for":
        return entry, [OwnRepetition(other.id, other.speaker, place)]
    return msgspec.structs.replace(entry, claim="", **passage), []


def _bare(entry: Evidence) -> Evidence:
    """Return a reference without the words that are beside it."""
    return msgspec.structs.replace(entry, article="", quote="", prefix="", suffix="", start=UNSET)


def _same_fact(
    article: str, record: Record[Claim], at: tuple[str | int, ...], claims: ClaimStore, scheme: Scheme
) -> tuple[list[tuple[CitedClaim, str]], list[Trouble]]:
    """Return the claims that ``same-fact`` stands for, with the stance of each, and what is wrong."""
    claim, place = record.value, record.at(*at)
    if unclear := _unclear(claim, scheme):
        return [], [SameFactUnclear(*unclear, place)]
    of_fact = claims.of_fact(claim.fact, MAX_SAME_FACT + 1)
    if len(of_fact) > MAX_SAME_FACT:
        why = f"the fact `{claim.fact}` has more than {MAX_SAME_FACT:,} claims"
        return [], [SameFactUnclear(why, "Write the passages that decide.", place)]
    others = [each for each in of_fact if each.article and each.article != article and each.id != claim.id]
    found = [each for each in _with_stances(claim, others, scheme) if each[0].passage()["quote"]]
    if found or not claims.is_complete:
        return found, []
    return [], [SameFactOfNothing(claim.fact, tuple(other.id for other in others), place)]


def _with_stances(claim: Claim, others: Sequence[CitedClaim], scheme: Scheme) -> Iterator[tuple[CitedClaim, str]]:
    """Yield the claims that are evidence for a claim or against it, with their stances."""
    supports, refutes = scheme.stances_on("for")[0], scheme.stances_on("against")[0]
    for other in others:
        erroneous = scheme.labels[str(other.label)].correction == "required"
        if other.value != claim.value and not erroneous:
            yield other, refutes
        elif other.value == claim.value and (
            erroneous or other.speaker == ARTICLE_VOICE or other.speaker != claim.speaker
        ):
            yield other, supports


def _unclear(claim: Claim, scheme: Scheme) -> tuple[str, str] | None:
    """Return why it is not clear what ``same-fact`` stands for, and the next step."""
    if not claim.fact or not claim.value:
        key = "value" if claim.fact else "fact"
        return f"the claim has no `{key}`", f"Add `{key}:`, or write the passages."
    if not (scheme.stances_on("for") and scheme.stances_on("against")):
        return "dataset.yaml has no stance for a claim, or none against it", "Write the passages."
    asked = [name for name in ("groups", "votes") if getattr(scheme, name) == "required"]
    asked += [name for name, spec in scheme.columns.evidence.items() if spec.presence == "required"]
    if asked:
        return f"dataset.yaml requires `{asked[0]}` for every passage", "Write the passages, or `claim:` for each."
    return None
