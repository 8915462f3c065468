"""Compare the table of votes with itself, with the votes on claims, and with the passages of evidence."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.corpus.fold_assignment import mixed
from factpack.dataset.arrays import span_ids
from factpack.release.verification.rows.relations import Numbers, Relation, Statements, hashed, items_of, numbers
from factpack.release.verification.rows.row_checks import RowProblem, Values, where

_SHARED = ("released", "claim_id", "why")  # what all votes on a unit have in common
_PAIR = ("evidence_id", "claim_id", "article", "start", "end")  # what says which pair a vote is on
_OF_EVIDENCE = ("id", *_PAIR[1:])


def of_readings(votes: Values) -> pa.Array:
    """Tell which votes are those of readings, and not given with a claim or a passage."""
    given = pc.equal(votes["unit"], votes["claim_id"]).fill_null(fill_value=False)
    return pc.invert(pc.or_(given, votes["evidence_id"].is_valid()) if "evidence_id" in votes else given)


class VoteChecks:
    """Look at the rows of votes, then at those of claims and of evidence."""

    def __init__(self) -> None:
        self._readings = pa.array([], pa.string())
        self._units, self._shared, self._pairs, self._evidence = (Statements() for _ in range(4))
        self._placed = Relation(("votes", "no reading has the place of its unit"), ("votes", ""))
        self._cast = Relation(
            ("votes", "its claim has other votes, or another label"),
            ("claims", "its votes differ from the table `votes`"),
        )

    def look(self, values: Values, rows: Numbers) -> Iterator[RowProblem]:
        """Find what is wrong in the next votes by themselves."""
        unit, reading = values["unit"], values["reading"]
        names = pc.binary_join_element_wise(unit, reading, "@")
        for row in where(pc.not_equal(values["id"], names)):
            yield row, f"its id does not match its unit and its reading, {names[row]}"
        theirs = of_readings(values)
        self._readings = pc.unique(pa.concat_arrays([self._readings, reading.filter(theirs)]))
        there = pc.equal(
            pc.replace_substring_regex(unit, r"#[0-9]+$", ""),
            span_ids(values["article"], start=values["start"], end=values["end"]),
        )
        is_theirs, is_there = (
            each.fill_null(fill_value=False).to_numpy(zero_copy_only=False) for each in (theirs, there)
        )
        units = hashed(unit)
        for placed, which in zip(self._placed.said, (is_theirs, is_theirs & is_there), strict=True):
            placed.add(units[which], rows[which])
        self._units.add(units, rows)
        self._shared.add(mixed(units, *(hashed(values[name]) for name in _SHARED)), rows)
        on_claim = values["claim_id"].is_valid().to_numpy(zero_copy_only=False)
        if "evidence_id" in values:
            on_passage = values["evidence_id"].is_valid().to_numpy(zero_copy_only=False)
            for kind, expected in (("vote", ~on_passage), ("stance", on_passage)):
                for row in np.flatnonzero(values[kind].is_valid().to_numpy(zero_copy_only=False) != expected).tolist():
                    yield row, f"a vote on a {'passage' if on_passage[row] else 'claim'} has a {kind}, or lacks its own"
            self._pairs.add(mixed(*(hashed(values[name]) for name in _PAIR))[on_passage], rows[on_passage])
            on_claim &= ~on_passage
        said = mixed(*(hashed(values[name]) for name in ("claim_id", "reading", "vote", "released")))
        self._cast.said[0].add(said[on_claim], rows[on_claim])

    def look_at_claims(self, values: Values, rows: Numbers) -> Iterator[RowProblem]:
        """Find what is wrong with the votes of the next claims, after all votes were looked at."""
        holders, votes = numbers(pc.list_parent_indices(values["votes"])), items_of(values["votes"])
        of_reading = pc.is_in(votes["reading"], value_set=self._readings).to_numpy(zero_copy_only=False)
        cast = votes["vote"].is_valid().to_numpy(zero_copy_only=False)
        count = len(values["id"])
        once = np.unique(mixed(holders.view(np.uint64), hashed(votes["reading"])), return_index=True)[1]
        wrong = np.bincount(holders[of_reading], minlength=count) != len(self._readings)
        wrong |= np.bincount(holders[once], minlength=count) != np.bincount(holders, minlength=count)
        wrong |= np.bincount(holders[~of_reading & ~cast], minlength=count) > 0
        yield from (
            (row, "it does not have the votes of all readings, each once") for row in np.flatnonzero(wrong).tolist()
        )
        # A reading that has no record of the words of a claim is in no row of the votes.
        said = mixed(
            hashed(values["id"])[holders],
            hashed(votes["reading"]),
            hashed(votes["vote"]),
            hashed(values["label"])[holders],
        )
        self._cast.said[1].add(said[cast], rows[holders[cast]])

    def look_at_evidence(self, values: Values, rows: Numbers) -> None:
        """Take the next pairs of claim and passage, after all votes were looked at."""
        if len(self._pairs.hashes):
            self._evidence.add(mixed(*(hashed(values[name]) for name in _OF_EVIDENCE)), rows)

    def problems(self) -> Iterator[tuple[str, Numbers, str]]:
        """Find what is wrong after all rows were looked at: a config, the numbers of its rows, and what is wrong."""
        yield from self._cast.problems()
        yield from self._placed.problems()
        yield "votes", self._pairs.rows_without(self._evidence.hashes), "the table of evidence has no such pair"
        order = np.argsort(self._units.hashes, kind="stable")
        units, shared = self._units.hashes[order], self._shared.hashes[order]
        differs = (units[1:] == units[:-1]) & (shared[1:] != shared[:-1])
        yield "votes", np.sort(order[1:][differs]), "another vote on its unit has another claim, decision or reason"
