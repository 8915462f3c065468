"""Measure how far independent readings, or single annotators, agree: chance-corrected, with a bootstrap interval.

For two readings, Cohen's kappa (1960) and Krippendorff's alpha for nominal data (2004) are computed from contingency
tables: how many units have which pair of votes. For more, and for annotators who need not be the same everywhere,
:mod:`many` counts which units have which votes. Gwet's AC1 (2008) stands beside them where one vote is so frequent that
kappa is low however far the readings agree. The intervals are those of scipy.stats.bootstrap: percentile, 95%, 1,000
resamples of the units with a fixed seed, so that the same files give the same figures. Where only one label occurs,
chance alone would give the same votes, and the coefficients are undefined.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.stats import bootstrap

from factpack.agreement.alignment import Comparison, pair
from factpack.agreement.figures import PAIR, Agreement, AgreementReport, Coefficient, ReadingsAgreement, f1
from factpack.agreement.many import Coefficients, VotePatterns, chance_corrected
from factpack.corpus.votes import Unit, Vote
from factpack.project.scheme import NOT_LABELS
from factpack.project.vocabulary import NO_VOTE

RESAMPLES = 1_000
CONFIDENCE = 0.95
SEED = 0
BATCH = 4_000_000  # units that are resampled at once: 32 MB of indices
SKEWED = 0.8  # the share of all votes that are the same, from which AC1 is given


def report(comparisons: Sequence[Comparison], given: Mapping[str, Counter[tuple[str, ...]]]) -> AgreementReport | None:
    """Measure all agreement of a corpus.

    Args:
        comparisons: Its articles as the readings have them.
        given: The votes that annotators gave, as :class:`~factpack.corpus.counts.Counts` has them.

    Returns:
        The figures; None if nobody voted.
    """
    rows = tuple(_agreement(name, list(votes.elements()), many=True) for name, votes in given.items() if votes)
    readings = measure(comparisons) if comparisons else None
    return AgreementReport(readings, rows) if readings or rows else None


def measure(comparisons: Sequence[Comparison]) -> ReadingsAgreement:
    """Measure the agreement of the readings of a corpus."""
    units = [unit for comparison in comparisons for unit in comparison.units]
    several = [unit for unit in units if len(unit.cast) > 1]
    labelled = [unit for unit in several if not NOT_LABELS.intersection(unit.votes)]
    claims = sum(len(comparison.article.claims) for comparison in comparisons)
    names = comparisons[0].readings
    both = "both" if len(names) == PAIR else "all"
    pairs = [(one, other) for unit in several for one, other in combinations(unit.cast, 2)]

    def agreement(name: str, units: Iterable[Unit]) -> Agreement:
        return _agreement(name, [unit.votes for unit in units], many=len(names) > PAIR)

    return ReadingsAgreement(
        names=names,
        overall=agreement("all", several),
        checkable=agreement(
            f"all, without what {both} find not checkable",
            [unit for unit in several if {vote.vote for vote in unit.cast} != {"not_checkable"}],
        ),
        labelled=agreement(f"all, what {both} label as a claim", labelled),
        articles=tuple(
            agreement(comparison.article.text.article, [unit for unit in comparison.units if len(unit.cast) > 1])
            for comparison in comparisons
        ),
        spans=tuple(sum(unit.given[number] is not None for unit in units) for number, _ in enumerate(names)),
        pairs=len(pairs),
        identical=sum(one.span == other.span for one, other in pairs),
        alone=len(units) - len(several),
        evidence_f1=_evidence_f1((one, other) for unit in labelled for one, other in combinations(unit.cast, 2)),
        unread=claims - sum(unit.claim is not None for unit in units),
    )


def kappa(votes: Sequence[tuple[str, ...]]) -> float | None:
    """Return Cohen's kappa of pairs of votes, that of Fleiss of more; ``None`` if it is undefined."""
    codes, coefficients, kinds = _resampling(votes, many=any(len(each) > PAIR for each in votes))
    return float(coefficients(codes)[0]) if kinds > 1 else None


def _resampling(votes: Sequence[tuple[str, ...]], *, many: bool) -> tuple[np.ndarray, Coefficients, int]:
    """Return a number for the votes of each unit, what gives the coefficients of such numbers, and how many kinds."""
    if many:
        patterns = VotePatterns([[vote for vote in each if vote != NO_VOTE] for each in votes])
        return patterns.codes, patterns.coefficients, patterns.kinds
    codes, kinds = _codes(votes)
    return codes, lambda some: _coefficients(_tables(some, kinds)), kinds


def _agreement(name: str, votes: Sequence[tuple[str, ...]], *, many: bool) -> Agreement:
    codes, coefficients, kinds = _resampling(votes, many=many)
    agreed = sum(len({*each} - {NO_VOTE}) == 1 for each in votes)
    if kinds < 2:  # noqa: PLR2004 - agreement beyond chance takes two
        undefined = Coefficient(None, None, None)
        return Agreement(name, len(votes), agreed, undefined, undefined)

    def statistic(resampled: np.ndarray, axis: int = -1) -> np.ndarray:  # noqa: ARG001 - scipy gives the last one
        return coefficients(resampled)

    values = statistic(codes)
    low = high = values  # if all agree, every resample agrees as well
    if agreed < len(votes):
        low, high = bootstrap(
            (codes,),
            statistic,
            vectorized=True,
            n_resamples=RESAMPLES,
            batch=max(BATCH // len(codes), 1),
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(SEED),
        ).confidence_interval
    kappa, alpha, ac1 = (Coefficient(*map(float, three)) for three in zip(values, low, high, strict=True))
    cast = Counter(vote for each in votes for vote in each if vote != NO_VOTE)
    skewed = max(cast.values()) >= SKEWED * cast.total()
    return Agreement(name, len(votes), agreed, kappa, alpha, ac1 if skewed else None)


def _codes(votes: Sequence[tuple[str, ...]]) -> tuple[np.ndarray, int]:
    """Encode pairs of votes as numbers: the first vote times the number of different votes, plus the second."""
    kinds, numbers = np.unique(np.array(votes, dtype=str).reshape(-1, 2), return_inverse=True)
    pairs = numbers.reshape(-1, 2)
    return pairs[:, 0] * len(kinds) + pairs[:, 1], len(kinds)


def _tables(codes: np.ndarray, kinds: int) -> np.ndarray:
    """Count the codes of each row: a contingency table of kinds × kinds, behind the axes of the rows."""
    rows = np.atleast_2d(codes)
    size = kinds * kinds
    offsets = np.arange(len(rows))[:, np.newaxis] * size
    counts = np.bincount((rows + offsets).ravel(), minlength=len(rows) * size)
    return counts.reshape(*codes.shape[:-1], kinds, kinds)


def _coefficients(tables: np.ndarray) -> np.ndarray:
    """Return kappa, alpha and AC1 of contingency tables as the first axis; 1 where all votes of a resample agree."""
    units = tables.sum(axis=(-2, -1))
    first, second = tables.sum(axis=-1), tables.sum(axis=-2)
    differing = units - np.trace(tables, axis1=-2, axis2=-1)
    # How often two votes would differ by chance: one of each reading, or any two of all votes, without replacement.
    expected_kappa = units**2 - (first * second).sum(axis=-1)
    expected_alpha = (2 * units) ** 2 - ((first + second) ** 2).sum(axis=-1)
    kappa, alpha = differing * units, 2 * differing * (2 * units - 1)
    share = (first + second) / (2 * units[..., np.newaxis])
    ac1 = chance_corrected(differing / units, 1 - (share * (1 - share)).sum(axis=-1) / (tables.shape[-1] - 1))
    agree = differing == 0
    return np.stack(
        [
            *(
                np.where(agree, 1.0, 1 - a / np.where(agree, 1, b))
                for a, b in ((kappa, expected_kappa), (alpha, expected_alpha))
            ),
            ac1,
        ]
    )


def _evidence_f1(pairs: Iterable[tuple[Vote, Vote]]) -> float:
    common = given = 0
    for first, second in ((sorted(one.evidence), sorted(other.evidence)) for one, other in pairs):
        given += len(first) + len(second)
        for key in {(article, stance) for article, _, stance in first}:
            spans = [[span for article, span, stance in side if (article, stance) == key] for side in (first, second)]
            common += len(pair(*spans))
    return f1(common, given)
