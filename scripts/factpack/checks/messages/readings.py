"""Word where the decisions and what is released do not follow the readings."""

from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.corpus.votes import ReadingsNotFollowed, UnplacedVote, UnusedDecision, VoteGivenTwice
from factpack.formats.locations import Location


@message("error")
def readings_not_followed(departure: ReadingsNotFollowed) -> Problem:
    """Follow the readings in the released annotations where all of them agree, unless ``adjudications.yaml`` says why
    not.

    Bad: both readings say ``disputed``, and the released claim says ``erroneous``

    Good: the released claim says ``disputed``; or an entry with ``first: disputed``, ``second: disputed``,
    ``released: erroneous`` and ``why``
    """
    vote = departure.unit.votes[0]
    found = ", ".join(f"`{vote}`" for vote in departure.released) or "nothing"
    number = len(departure.unit.votes)
    readings = "both readings" if number == 2 else f"all {number} readings"  # noqa: PLR2004 - a pair
    what = f"{readings} label ‘{departure.quote}’ as `{vote}`, but the released annotations have {found} there"
    follow = "Label it as the readings do" if departure.released else "Add it as in the readings"
    hint = f"{follow}, or add an entry to adjudications.yaml that says why not."
    return Problem(Location(departure.file, 1, 1), what, hint)


@message("error")
def idle_decision(idle: UnusedDecision) -> Problem:
    """Write a decision only to settle a difference between the readings, or to explain a departure from all of them.

    Bad: an entry for words on which both readings say ``supported``

    Good: the entry is deleted; or ``quote``, ``first`` and ``second`` match the readings
    """
    *names, last = idle.readings
    hint = f"Delete the entry, or correct its quote, {', '.join(f'`{name}`' for name in names)} or `{last}`."
    return Problem(idle.decision.at("quote"), "no difference between the readings matches this decision", hint)


@message("error")
def reading_without_quote(vote: UnplacedVote) -> Problem:
    """Give every claim in a reading a quote, because readings are compared by the words that they quote.

    Bad: a claim without ``quote`` in ``annotations/readings/anna/a1.yaml``

    Good: the claim has a ``quote``; or the released claim has the vote, as ``votes: [{by: anna, vote: supported}]``
    """
    hint = "Add the quote, or move the vote to the released claim: `votes: [{by: …, vote: …}]`."
    return Problem(vote.record.at("id"), "entry has no quote, so the readings cannot be compared", hint)


@message("error")
def vote_given_twice(vote: VoteGivenTwice) -> Problem:
    """Give each annotator one vote on a claim or a passage, and a name that no reading has.

    Bad: ``votes: [{by: a1, vote: supported}, {by: a1, vote: refuted}]``

    Good: ``votes: [{by: a1, vote: supported}, {by: a2, vote: refuted}]``
    """
    if vote.is_reading:
        return Problem(
            vote.place, f"annotator `{vote.by}` has the name of a reading", "Give the annotator another name."
        )
    return Problem(
        vote.place, f"annotator `{vote.by}` votes twice here", "Delete one of the votes, or correct the name."
    )
