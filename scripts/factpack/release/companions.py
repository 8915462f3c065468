"""What a release has beside its tables and follows from them: the card, the Croissant file and the charts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import yaml

from factpack.dataset.columns import tables_of
from factpack.dataset.schema import Config
from factpack.dataset.table_files import table_splits
from factpack.dataset.table_writer import PARQUET, Shard, TableFiles, TableSplit
from factpack.evaluation.tasks.files import task_files
from factpack.evaluation.tasks.tables import task_configs
from factpack.limits import read_within
from factpack.release.card import Content, card
from factpack.release.citation import citation_cff
from factpack.release.croissant import croissant
from factpack.release.layout import CARD, CITATION, CROISSANT, card_header, chart_path, listed_digests
from factpack.release.manifest import Manifest, Table, read_manifest
from factpack.viewer.charts import draw_svg, make_charts

#: The packages whose version can show in the bytes of a release.
BYTES_DEPEND_ON = (
    "factpack",
    "datasets",
    "huggingface-hub",
    "jinja2",
    "numpy",
    "pandas",
    "pyarrow",
    "pyyaml",
    "scipy",
    "sentencex",
)


#: Claims up to which the card has the baselines that read texts, which takes a second at most.
MAX_COMPARED = 5_000


def builders() -> dict[str, Any]:
    """Return everything that the bytes of a release depend on besides the sources."""
    return {"parquet": PARQUET, **{name: installed(name) for name in BYTES_DEPEND_ON}}


def other_builders(manifest: Manifest) -> dict[str, Any]:
    """Return what a release was built with and is another here, by its name: everything on which its bytes depend."""
    return {
        name: manifest.built_with.get(name)
        for name, here in builders().items()
        if manifest.built_with.get(name) != here
    }


def companions(
    content: Content, tables: Sequence[TableFiles], tasks: Sequence[TableFiles], digests: Mapping[str, str]
) -> dict[str, str]:
    """Return the text of each file by its path.

    Args:
        content: What the tables are about.
        tables: The tables, which are finished.
        tasks: The tables of prompts for evaluation harnesses, likewise.
        digests: The SHA-256 of each Parquet file, by its path.
    """
    charts = make_charts(content.counts)
    cited = citation_cff(content.dataset)
    return {
        **{chart_path(chart.name): draw_svg(chart, standalone=True) for chart in charts},
        **task_files(content.dataset, tasks),
        CARD: card(content, [*tables, *tasks], charts),
        CROISSANT: croissant(content.dataset, [*tables, *tasks], digests, content.counts.origins, content.text),
        **({CITATION: cited} if cited else {}),
    }


def companions_of_full(folder: Path, content: Content) -> dict[str, str]:
    """Return the card and the Croissant file of a full release, of which there is only what has no texts.

    The sizes of its tables are taken from its card, those of their files from its Croissant file: there is nothing else
    to take them from.

    Args:
        folder: The folder with its manifest, its list of digests, its card and its Croissant file.
        content: What the release without the texts is about.
    """
    full, listed = read_manifest(folder), listed_digests(folder)
    try:
        splits = {each["config_name"]: each["splits"] for each in card_header(folder)["dataset_info"]}
        distribution = json.loads(read_within(folder / CROISSANT))["distribution"]
        sizes = {each["@id"]: str(each.get("contentSize", "")).removesuffix(" B") for each in distribution}

        def described(config: Config, table: Table) -> TableFiles:
            parts = table.splits or {table_splits(full.scheme, config.name)[0]: table}
            values = {each["name"]: int(each["num_bytes"]) for each in splits[config.name]}
            return TableFiles(
                config,
                tuple(TableSplit(config.name, split, shards(part, values[split])) for split, part in parts.items()),
            )

        def shards(part: Table, num_bytes: int) -> tuple[Shard, ...]:
            return tuple(  # the card has the sum of their sizes alone
                Shard(file.path, file.rows, num_bytes * (not number), int(sizes[file.path]), file.content_sha256)
                for number, file in enumerate(part.shards or (part,))
            )

        configs = tables_of(full.scheme)
        tables, tasks = (
            [described(config, table) for config in known if (table := named.get(config.name))]
            for known, named in ((configs.configs, full.tables), (task_configs(configs.label), full.tasks))
        )
        digests = {path: listed[path] for table in (*tables, *tasks) for path in table.paths}
    except (KeyError, AttributeError, TypeError, ValueError, OverflowError, yaml.YAMLError):
        return {CARD: ""}
    found = companions(replace(content, text="full", quoted=None), tables, tasks, digests)
    return {name: found[name] for name in (CARD, CROISSANT)}
