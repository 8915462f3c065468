"""Rules on what a claim says: it is understood without its article."""

import re
from collections.abc import Iterator, Sequence

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.types import AnchoredRecords
from factpack.formats.locations import Records
from factpack.project.models import Claim, Unverified

#: Words at the start of an English sentence that say of nothing what it is, whatever follows.
_POINTING = re.compile(r"(?:He|She|They|We|You|His|Hers?|Their|Our|Your|This|These|Those)\b")
#: What says it only beside a name: a pronoun for things, or a noun that fits any story.
_GENERIC = re.compile(
    r"(?:It|Its|The (?:article|author|company|conversation|event|firm|interview|meeting|organi[sz]ation|person|"
    r"platform|product|program(?:me)?|project|report|service|site|speaker|statement|story|website))\b"
)
_BEGINNINGS = frozenset(["He", "Sh", "Th", "We", "Yo", "Hi", "Ou", "It"])  # of what the two match
_NAME = re.compile(r"\w*[A-Z]")  # DDoS and iPhone are names as well


@rule("warning")
def claim_names_nothing(records: AnchoredRecords) -> Iterator[Problem]:
    """Name in a claim whom and what it is about, because it is read without its article, as the hypothesis of a pair.

    The rule looks only at claims in English articles, and finds only the plain cases: claims that begin with a pronoun
    (“He”, “Their”, “This”), and claims that begin with “It” or a noun that fits any story (“The event”, “The platform”)
    and have no name after it, recognized by a capital letter. In other languages the same letters are other words, and
    many languages have no capitals or use them differently. The rule does not judge readings.

    Bad: ``claim: The event began an hour late.``; ``claim: He owns the platform.``

    Good: ``claim: The interview of Ada Berg on Radio Ellery began an hour late.``
    """
    if records.language == "en" and not records.is_reading:
        claims, unverified = records.claims.records, records.unverified.records
        yield from _nameless(claims, [value.claim for value in claims.values])
        yield from _nameless(unverified, [value.claim for value in unverified.values])


def _nameless(records: Records[Claim] | Records[Unverified], claims: Sequence[str]) -> Iterator[Problem]:
    for index, claim in enumerate(claims):
        begins = _begins_with_nothing(claim)
        if begins:
            message = f"claim begins with “{begins}” but does not say what that is"
            yield Problem(records[index].at("claim"), message, "Name it: a claim is read without its article.")


def _begins_with_nothing(claim: str) -> str:
    """Return the words at the start of a claim that say of nothing what it is, or an empty text."""
    if claim[:2] not in _BEGINNINGS:  # as nearly always
        return ""
    found = _POINTING.match(claim)
    if not found:
        found = _GENERIC.match(claim)
        if found and any(map(_NAME.match, claim[found.end() :].split())):
            return ""
    return found[0] if found else ""
