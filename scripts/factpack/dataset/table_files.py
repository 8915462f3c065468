"""Say which files a table of a release has: one, or one for each split.

The claims, and what is made of them row by row, lie in a file for each split. Everything else is shared: the articles
with their sentences and the facts, because claims of any split take their evidence from them, and the votes, because
readings also vote on what became no claim. A file for each split would hold one text twice.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from factpack.project.clutter import is_clutter
from factpack.project.scheme import Scheme

SPLIT = "test"  # where a project has no splits: one split, because the dataset is for evaluation
SHARED = "shared"  # the split of a table that is in none, where the others have splits

#: The tables with a file for each split, the prompts for harnesses among them.
BY_SPLIT = frozenset({"claims", "propositions", "evidence", "eval", "eval_articles"})

_SUFFIX = "-00000-of-00001.parquet"


def table_splits(scheme: Scheme, config: str) -> tuple[str, ...]:
    """Return the splits that a table can have files for, in their order."""
    if not scheme.splits:
        return (SPLIT,)
    return tuple(scheme.splits) if config in BY_SPLIT else (SHARED,)


def table_path(config: str, split: str = SPLIT) -> str:
    """Return the path of the Parquet file of a table in a split, relative to the folder of the release."""
    return f"{config}/{split}{_SUFFIX}"


def split_of(path: Path) -> str:
    """Return the split that a Parquet file has the rows of, by its name."""
    return path.name.partition("-")[0]


def table_files(folder: Path, config: str) -> dict[str, Path]:
    """Find the Parquet files of a table in a release, by split and in the order of the names of the splits.

    What operating systems leave beside them is none. A table without rows in a split has no file for it.
    """
    found = sorted((folder / config).glob(f"*{_SUFFIX}"))
    return {split_of(path): path for path in found if path.is_file() and not is_clutter(path.name)}


def digest_of_splits(digests: Mapping[str, str]) -> str:
    """Return the digest of a table: that of its one file, or the SHA-256 of a line ``DIGEST  SPLIT`` for each split.

    Args:
        digests: The digest of the rows of each file, by split.
    """
    if len(digests) == 1:
        return next(iter(digests.values()))
    return hashlib.sha256("".join(f"{digests[split]}  {split}\n" for split in sorted(digests)).encode()).hexdigest()
