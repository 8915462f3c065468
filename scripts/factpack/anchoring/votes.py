"""Find annotators who vote twice on the same claim or passage."""

from collections.abc import Collection, Iterator, Sequence

from factpack.corpus.votes import VoteGivenTwice
from factpack.formats.locations import Record, Records
from factpack.project.models import Claim, ClaimVote, PassageVote


def votes_given_twice(records: Records[Claim], readings: Collection[str]) -> Iterator[VoteGivenTwice]:
    """Find the votes on claims and on their passages by somebody who has another vote there.

    Args:
        records: The claims.
        readings: The names of the readings, which vote on the claims as well.
    """
    for index, value in enumerate(records.values):
        yield from _twice(value.votes, records[index], (), readings)
        for number, passage in enumerate(value.evidence):
            yield from _twice(passage.votes, records[index], value.evidence_path(number), readings)


def _twice(
    votes: Sequence[ClaimVote | PassageVote],
    record: Record[Claim],
    path: tuple[str | int, ...],
    readings: Collection[str],
) -> Iterator[VoteGivenTwice]:
    seen: set[str] = set()
    for number, vote in enumerate(votes):
        if vote.by in seen or vote.by in readings:
            yield VoteGivenTwice(vote.by, record.at(*path, "votes", number, "by"), vote.by in readings)
        seen.add(vote.by)
