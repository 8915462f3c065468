"""Say what ``release.json`` says of a release, and read it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from factpack.checks.report import printable
from factpack.dataset.columns import tables_of
from factpack.dataset.schema import Config
from factpack.dataset.table_files import (
    BY_SPLIT,
    digest_of_parts,
    digest_of_shards,
    table_files,
    table_path,
    table_splits,
)
from factpack.dataset.table_writer import TableFiles, TableSplit
from factpack.errors import NotAReleaseError
from factpack.evaluation.baselines import Baseline
from factpack.limits import read_within
from factpack.project.checkout import FETCH_HINT, POINTER, is_pointer
from factpack.project.models import Dataset, ReleasedVersion, Slug
from factpack.project.scheme import DEFAULT, Scheme
from factpack.project.vocabulary import Texts
from factpack.release.layout import MANIFEST, refuse_name

ConfigName = Annotated[str, Meta(pattern=r"^[a-z_]{1,64}(?!\n)$")]


class Table(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Describe a table of a release, its part in a split, or a file of one.

    Attributes:
        path: Where it is, relative to the folder of the release; empty if it is in several splits or files.
        rows: The number of its rows.
        content_sha256: The digest of its rows, however they are stored.
        splits: Its part in each split, if there are splits.
        shards: Its files, if there are several.
    """

    path: str = ""
    rows: Annotated[int, Meta(ge=0)]
    content_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$")]
    splits: "dict[str, Table]" = {}
    shards: "tuple[Table, ...]" = ()

    @property
    def files(self) -> list[str]:
        """Give the paths of its files."""
        return [path for part in (*self.splits.values(), *self.shards) for path in part.files] or [self.path]


class Manifest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Give what a release says of itself in ``release.json``.

    Attributes:
        name: The name of the dataset.
        version: Its version.
        text: Whether the texts of the articles are in the release.
        tables: The tables by config.
        tasks: The tables of prompts for evaluation harnesses, which follow from the others, likewise.
        built_with: Everything that the bytes depend on besides the sources.
        dataset: What the card says of the dataset in words; releases before 0.2.0 do not have it.
        agreement: The figures of the agreement of readings and annotators, as the card gives them, if there are any.
        quoted: How much of the texts a release without them gives in quotes, as the card says.
        baselines: How good predictions are that take no model, measured with the texts.
    """

    name: Slug
    version: ReleasedVersion
    text: Texts
    tables: dict[ConfigName, Table]
    tasks: dict[ConfigName, Table] = {}
    built_with: dict[str, Any]
    dataset: Dataset | None = None
    agreement: dict[str, Any] = {}
    quoted: dict[str, float] = {}
    baselines: tuple[Baseline, ...] = ()

    @property
    def scheme(self) -> Scheme:
        """Give the annotation scheme of the dataset."""
        return self.dataset.scheme if self.dataset else DEFAULT

    def __post_init__(self) -> None:
        for config, table in (*self.tables.items(), *self.tasks.items()):
            _refuse_table(self.scheme, config, table)
        if self.dataset and (self.dataset.name, self.dataset.version) != (self.name, self.version):
            message = f"name and version are {self.name} {self.version}, but differ in `dataset`"
            raise ValueError(message)


def _refuse_table(scheme: Scheme, config: str, table: Table) -> None:
    """Raise ValueError if a table is not in the files that it has to be in, or is not the sum of its parts."""
    wanted = table_splits(scheme, config)
    parts = table.splits if is_split(scheme, config) else {wanted[0]: replace(table, splits={})}
    for split, part in parts.items():
        if split not in wanted:
            message = f"the table {config} has a split {split!r}, but can only have {', '.join(wanted)}"
            raise ValueError(message)
        files = part.shards or (part,)
        for number, file in enumerate(files):
            path = table_path(config, split, number, len(files))
            if file.path != path:
                message = f"the path of the table {config} is {file.path!r}, but must be {path!r}"
                raise ValueError(message)
        if part.rows < 1 or any(shard.rows < 1 or shard.shards or shard.splits for shard in part.shards):
            message = f"a file of the table {config} has no rows, or files itself"
            raise ValueError(message)
        if part.shards and (len(part.shards) == 1 or part != _sum_of_shards(part.shards)):
            message = f"the table {config} is not the sum of its files"
            raise ValueError(message)
    if not parts or table not in (*parts.values(), _sum_of(parts)) or any(part.splits for part in parts.values()):
        message = f"the table {config} is not the sum of its splits"
        raise ValueError(message)


def _sum_of(parts: Mapping[str, Table]) -> Table:
    """Return a table that is in several splits."""
    digest = digest_of_parts({split: part.content_sha256 for split, part in parts.items()})
    return Table(rows=sum(part.rows for part in parts.values()), content_sha256=digest, splits=dict(parts))


def _sum_of_shards(shards: tuple[Table, ...]) -> Table:
    """Return a table, or its part in a split, that is in several files."""
    digest = digest_of_shards(shard.content_sha256 for shard in shards)
    return Table(rows=sum(shard.rows for shard in shards), content_sha256=digest, shards=shards)


#: What release.json repeats from the card, so that the card can be derived again.
OF_THE_CARD = ("dataset", "agreement", "quoted", "baselines")


def read_manifest(folder: Path) -> Manifest:
    """Read what a release says of itself.

    Raises:
        NotAReleaseError: It says nothing that can be read, or something that cannot be, or its name is not UTF-8.
    """
    refuse_name(folder)
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(read_within(path), type=Manifest)
    except PermissionError:
        raise
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        why = f"it is {POINTER}. {FETCH_HINT}" if path.is_file() and is_pointer(path) else printable(str(error))
        message = f"{path} cannot be read as a release.json: {why}"
        raise NotAReleaseError(message) from error


def listed_tables(tables: Iterable[TableFiles], scheme: Scheme) -> dict[str, Table]:
    """Return finished tables as a manifest lists them, by config."""
    found = {}
    for table in tables:
        parts = {split.split: _listed(split) for split in table.splits}
        name = table.config.name
        found[name] = _sum_of(parts) if is_split(scheme, name) else next(iter(parts.values()))
    return found


def _listed(split: TableSplit) -> Table:
    shards = tuple(
        Table(path=shard.path, rows=shard.rows, content_sha256=shard.content_sha256) for shard in split.shards
    )
    return shards[0] if len(shards) == 1 else _sum_of_shards(shards)


def in_order(scheme: Scheme, table: TableFiles) -> list[TableSplit]:
    """Return the parts of a table in the order in which the dataset names its splits."""
    splits = table_splits(scheme, table.config.name)
    return sorted(table.splits, key=lambda part: splits.index(part.split))


def is_split(scheme: Scheme, config: str) -> bool:
    """Tell whether a table has a file for each split."""
    return bool(scheme.splits) and config in BY_SPLIT


def table_digests(manifest: Manifest) -> dict[str, str]:
    """Return the digest of the rows of each table, by its config."""
    return {name: table.content_sha256 for name, table in manifest.tables.items()}


def configs_in(folder: Path) -> list[Config]:
    """Return the configs that have a table in a release: those with rows."""
    configs = tables_of(read_manifest(folder).scheme).configs
    return [config for config in configs if table_files(folder, config.name)]
