"""Say which files a table of a release has: one, or one for each split; of many rows, several.

The claims, and what is made of them row by row, lie in a file for each split. Everything else is shared: the articles
with their sentences and the facts, because claims of any split take their evidence from them, and the votes, because
readings also vote on what became no claim. A file for each split would hold one text twice.

Rows beyond :func:`shard_rows` begin another file, a shard, wherever they come from: which rows a file has follows from
the rows alone.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from factpack.project.clutter import is_clutter
from factpack.project.scheme import Scheme

SPLIT = "test"  # where a project has no splits: one split, because the dataset is for evaluation
SHARED = "shared"  # the split of a table that is in none, where the others have splits

#: The tables with a file for each split, the prompts for harnesses among them.
BY_SPLIT = frozenset({"claims", "propositions", "evidence", "eval", "eval_articles"})

BATCH_ROWS = 20_000  # one row group: large enough to compress and to skip, small enough for memory
ARTICLE_BATCH_ROWS = 1_000  # rows that carry a whole text
SHARD_GROUPS = 10  # row groups of a file at most: some 40 MB, with which a process is busy for some seconds

_NAME = re.compile(r"(.+)-\d{5}-of-\d{5}\.parquet", re.ASCII)


def group_rows(config: str) -> int:
    """Return how many rows of a config make a row group, and are read back together."""
    return ARTICLE_BATCH_ROWS if config == "articles" else BATCH_ROWS


def shard_rows(config: str) -> int:
    """Return how many rows of a config a file has at most."""
    return SHARD_GROUPS * group_rows(config)


def table_splits(scheme: Scheme, config: str) -> tuple[str, ...]:
    """Return the splits that a table can have files for, in their order."""
    if not scheme.splits:
        return (SPLIT,)
    return tuple(scheme.splits) if config in BY_SPLIT else (SHARED,)


def table_path(config: str, split: str = SPLIT, number: int = 0, count: int = 1) -> str:
    """Return the path of a Parquet file of a table in a split, relative to the folder of the release.

    Args:
        config: The table.
        split: The split.
        number: The number of the file among those of the split, from 0.
        count: How many there are.
    """
    return f"{config}/{split}-{number:05}-of-{count:05}.parquet"


def table_pattern(config: str, split: str, count: int) -> str:
    """Return the pattern, or the one path, of the Parquet files of a table in a split, as `datasets` reads it."""
    return table_path(config, split) if count == 1 else f"{config}/{split}-*-of-{count:05}.parquet"


def split_of(path: Path) -> str:
    """Return the split that a Parquet file has the rows of, by its name."""
    return path.name.partition("-")[0]


def table_files(folder: Path, config: str) -> dict[str, list[Path]]:
    """Find the Parquet files of a table in a release, by split and in the order of the names of the splits.

    What operating systems leave beside them is none. A table without rows in a split has no file for it.
    """
    found: dict[str, list[Path]] = {}
    paths = [path for path in (folder / config).glob("*.parquet") if path.is_file() and not is_clutter(path.name)]
    for path, named in [(path, named) for path in sorted(paths) if (named := _NAME.fullmatch(path.name))]:
        found.setdefault(named[1], []).append(path)
    return found


def all_files(folder: Path, config: str) -> list[Path]:
    """Find the Parquet files of a table in a release, in the order of :func:`table_files`."""
    return [path for paths in table_files(folder, config).values() for path in paths]


def digest_of_parts(digests: Mapping[str, str]) -> str:
    """Return the digest of a table: that of its one part, or the SHA-256 of a line ``DIGEST  PART`` for each part.

    Args:
        digests: The digest of the rows of each part, by its name: a split or, within one, the number of a file.
    """
    if len(digests) == 1:
        return next(iter(digests.values()))
    return hashlib.sha256("".join(f"{digests[part]}  {part}\n" for part in sorted(digests)).encode()).hexdigest()


def digest_of_shards(digests: Iterable[str]) -> str:
    """Return the digest of a table in a split, from those of its files; the parts are their numbers in five digits."""
    return digest_of_parts({f"{number:05}": digest for number, digest in enumerate(digests)})
