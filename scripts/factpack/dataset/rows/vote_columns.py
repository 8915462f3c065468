"""Define the config of votes: those of readings, and those that annotators give with claims and passages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from factpack.dataset.schema import Column, Config
from factpack.dataset.words import END, START, VERSIONS

if TYPE_CHECKING:
    from factpack.dataset.words import Words


def votes_config(words: Words) -> Config:
    """Return the config of votes; the scheme says whether annotators can give them."""
    given = words.scheme.votes != "forbidden"
    placeless = given and words.optional("article", "quote")
    on_passage = (Column("stance", words.stance, "what it says of a passage; null if it is on a claim", nullable=True),)
    pair = (Column("evidence_id", "text", "id of the pair in `evidence`; null for a vote on a claim", nullable=True),)
    return Config(
        "votes",
        "one row per span and reading that voted on it, or per vote that an annotator gave",
        (
            Column("id", "text", "the unit, then @ and the name of the reading or annotator"),
            Column(
                "unit",
                "text",
                "id of what the vote is on, the same for all votes on it: article and offsets in the first reading "
                "that has it, with a number added if there are several"
                + "; or the id of the claim, or of the pair in `evidence`, that it was given with"
                * given,
            ),
            Column("reading", "text", "name of the reading, or of the annotator"),
            Column("article", "text", "id of the article", nullable=placeless),
            Column("quote", "text", "the words that it marks there", nullable=placeless, reads="span"),
            replace(START, nullable=placeless),
            replace(END, nullable=placeless),
            Column("vote", words.vote, "the vote on these words", nullable=given),
            *on_passage * given,
            Column("released", words.vote, "what the release says of them; null if nothing", nullable=True),
            Column(
                "claim_id",
                "text",
                "id of the claim in the release that has these votes; null if there is none",
                nullable=True,
            ),
            *pair * given,
            Column(
                "why",
                "text",
                "why it was decided so; null if the readings agree and the release follows them",
                nullable=True,
            ),
            *VERSIONS,
        ),
    )
