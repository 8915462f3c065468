"""Score the predictions in a file against a release."""

from collections.abc import Collection
from pathlib import Path

from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.evaluation.comparison import Comparison
from factpack.evaluation.gold import read_gold
from factpack.evaluation.predictions import InputFormat, read_predictions
from factpack.evaluation.resolving import Resolved, Resolver, missing
from factpack.evaluation.scores import Scores


def score(  # noqa: PLR0913 - all but three have a default
    folder: Path,
    release: str,
    predictions: Path,
    *,
    neutral: Collection[str] = (),
    partial: bool = False,
    input_format: InputFormat = "factpack",
    split: str = "",
) -> Scores:
    """Score predictions.

    Args:
        folder: The folder of a release.
        release: Its name and version.
        predictions: The file of predictions.
        neutral: The stances of the release that are on neither side.
        partial: Score the claims that have a prediction, though others have none.
        input_format: What a record of the file is.
        split: The split whose claims are scored; by default all that are for evaluation.

    Raises:
        CheckFailedError: Predictions are missing or wrong; it carries all problems.
        NotAReleaseError: The release has no labelled claims, or no such split.
    """
    gold = read_gold(folder, neutral, split)
    resolver, comparison, problems = Resolver(gold), Comparison(gold), Problems()
    unread = False
    for item in read_predictions(predictions, input_format):
        unread = unread or isinstance(item, Problem)
        resolved = [item] if isinstance(item, Problem) else resolver.resolve(item)
        if isinstance(resolved, Resolved):
            comparison.add(resolved)
        else:
            for problem in resolved:
                problems.add(problem)
    if not unread and not (partial and (resolver.seen.any() or problems.failed)):
        problems.add_sorted(missing(gold, resolver.seen, str(predictions)))
    if len(problems):
        raise CheckFailedError(CheckReport.of(problems))
    return comparison.scores(release)
