"""Find what is wrong with the splits of a dataset as a whole."""

from collections.abc import Iterator

from xxhash import xxh3_64_intdigest

from factpack.anchoring.state import AnchoringState
from factpack.anchoring.text_store import TextStore
from factpack.checks.problem import Problem
from factpack.checks.registry import judge
from factpack.corpus.file_subjects import AlikeTexts
from factpack.corpus.subjects import EmptySplit
from factpack.formats.locations import Record
from factpack.project.models import Dataset
from factpack.project.scheme import Scheme
from factpack.text.wording import wording


def split_problems(
    state: AnchoringState, scheme: Scheme, dataset: Record[Dataset] | None, texts: TextStore
) -> Iterator[Problem]:
    """Report splits without claims, and articles of two splits that say the same."""
    if not scheme.splits:
        return
    if dataset and state.whole:
        found = state.index.splits_of_claims
        for split in scheme.splits:
            if split not in found:
                yield from judge(EmptySplit(dataset.at("splits", split), split))
    firsts: dict[int, tuple[str, str]] = {}
    for article, split in state.splits.items():
        registered = texts.registered(article)
        if registered is None:
            continue
        first, its = firsts.setdefault(xxh3_64_intdigest(wording(registered.text.text).encode()), (article, split))
        other = texts.registered(first)
        if split != its and other and registered.text.text.split() != other.text.text.split():
            yield from judge(AlikeTexts(registered.record, other.record, (split, its)))
