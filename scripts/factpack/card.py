"""The dataset card of a release: ``README.md`` with the YAML header that `datasets` and the Hub read, and the text for
people.

The sections are those of the Hub's card template that apply (https://github.com/huggingface/huggingface_hub,
datasetcard_template.md). Every count is taken from the Parquet files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import yaml
from datasets import DatasetInfo, SplitDict, SplitInfo
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCardData
from jinja2 import Environment, PackageLoader, StrictUndefined
from semver import Version

from factpack.charts import CHARTS, Chart
from factpack.columns import BASIS, LABEL, SPLIT, STANCE, STATUS, Column, Items, Names, features, withheld
from factpack.croissant import citation
from factpack.folder import Text
from factpack.model import Dataset
from factpack.project import GUIDELINES
from factpack.quoted import Quoted
from factpack.tables import TableFile
from factpack.versions import POLICY

if TYPE_CHECKING:
    from factpack.agreement import Report

DEFAULT_CONFIG = "claims"

_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))


@dataclass(frozen=True, slots=True)
class Figures:
    """What the card shows besides counts: charts, and the agreement of two independent readings, if there were any.

    ``guidelines`` says whether they lie beside the card, ``quoted`` how much a release without the texts gives of them.
    """

    charts: Sequence[Chart]
    agreement: "Report | None"
    guidelines: bool
    quoted: Quoted | None


def card(dataset: Dataset, tables: Sequence[TableFile], folder: Path, figures: Figures, text: Text) -> str:
    """The text of the card for the release in ``folder``, whose Parquet files are finished.

    ``text`` says which form of release it is.
    """
    environment = Environment(
        loader=PackageLoader("factpack"),
        autoescape=False,  # noqa: S701 - Markdown, and every text in it comes through `md`, which escapes HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape
    return environment.get_template("card.md.jinja").render(
        header=yaml.safe_dump(_header(dataset, tables), sort_keys=False, allow_unicode=True, width=120),
        dataset=dataset,
        citation=citation(dataset),
        tables={table.config.name: table for table in tables},
        configs=[table.config for table in tables],
        column_table=column_table,
        counts=_counts(folder, tables),
        charts={chart.name: f"![{escape(chart.title)}]({CHARTS}/{chart.name}.svg)" for chart in figures.charts},
        agreement=figures.agreement,
        quoted=figures.quoted,
        guidelines=GUIDELINES if figures.guidelines else "",
        text=text,
        withheld=[f"`{config}.{column.name}`" for config, column in withheld()],
        policy=sorted(POLICY, key=lambda rule: rule.step, reverse=True),
    )


def escape(text: str) -> str:
    """Text as it is shown: what HTML would read as a tag or an entity is made harmless, paragraphs stay."""
    return text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(dataset: Dataset, tables: Sequence[TableFile]) -> dict[str, object]:
    rows = next(table.rows for table in tables if table.config.name == DEFAULT_CONFIG)
    data = DatasetCardData(
        pretty_name=dataset.title,
        language=list(dataset.languages),
        license=dataset.license,
        annotations_creators=list(dataset.annotations_creators),
        language_creators=["found"],
        multilinguality=["monolingual" if len(dataset.languages) == 1 else "multilingual"],
        size_categories=[next((name for limit, name in _SIZES if rows < limit), "10M<n<100M")],
        source_datasets=["original"],
        task_categories=["text-classification"],
        task_ids=["fact-checking", "natural-language-inference"],
        tags=["fact-checking", *dataset.tags],
        license_name=dataset.license_name or None,
        license_link=dataset.license_link if dataset.license_name else None,
        configs=[
            {
                "config_name": table.config.name,
                "version": cache_version(dataset.version, table.content_sha256),
                "data_files": [{"split": SPLIT, "path": table.path}],
                **({"default": True} if table.config.name == DEFAULT_CONFIG else {}),
            }
            for table in tables
        ],
    )
    infos = DatasetInfosDict(
        {
            table.config.name: DatasetInfo(
                features=features(table.config.columns),
                splits=SplitDict({SPLIT: SplitInfo(SPLIT, num_bytes=table.num_bytes, num_examples=table.rows)}),
                download_size=table.file_bytes,
                dataset_size=table.num_bytes,
            )
            for table in tables
        }
    )
    infos.to_dataset_card_data(data)
    return dict(data.to_dict())  # type: ignore[no-untyped-call]  # huggingface_hub does not type it


def cache_version(version: str, content_sha256: str) -> str:
    """The version under which `datasets` caches a table: that of the dataset, with digits of the content's sum behind
    the patch.

    `datasets` caches a local folder by its name and this version, and looks at neither its path nor its content (5.2,
    measured). With the plain version, a release that was built again with other rows would load as the old rows,
    without a word. It accepts digits only. The order of versions stays what it is.
    """
    parsed = Version.parse(version)
    digits = int(content_sha256[:16], 16) % 10**10
    return f"{parsed.major}.{parsed.minor}.{parsed.patch * 10**10 + digits}"


def column_table(columns: Sequence[Column]) -> str:
    """A Markdown table of columns, nested ones after their list."""
    lines = ["| column | type | meaning |", "|---|---|---|"]

    def add(column: Column, prefix: str) -> None:
        kind = {"text": "string", "integer": "int64", "texts": "list of string"}.get(str(column.type), "")
        if isinstance(column.type, Names):
            kind = "ClassLabel: " + ", ".join(f"`{name}`" for name in column.type.names)
        elif isinstance(column.type, Items):
            kind = "list of struct"
        lines.append(f"| `{prefix}{column.name}` | {kind} | {column.description} |")
        for sub in column.type.columns if isinstance(column.type, Items) else ():
            add(sub, f"{prefix}{column.name}[].")

    for column in columns:
        add(column, "")
    return "\n".join(lines)


def _counts(folder: Path, tables: Sequence[TableFile]) -> dict[str, str]:
    """Markdown tables of counts: of claims, evidence and sentences."""
    paths = {table.config.name: folder / table.path for table in tables}
    named = {"label": LABEL.names, "basis": BASIS.names, "status": STATUS.names, "stance": STANCE.names}

    def counted(config: str, rows: str, columns: str) -> str:
        table = pq.read_table(paths[config], columns=[rows, columns])
        found = table.group_by([rows, columns]).aggregate([([], "count_all")]).to_pandas()
        for column in {rows, columns} & named.keys():
            found[column] = found[column].map(dict(enumerate(named[column])))
        counts = found.pivot_table(index=rows, columns=columns, values="count_all", aggfunc="sum", fill_value=0)
        return _markdown(_with_totals(counts.reindex(columns=list(named[columns]), fill_value=0).astype(int)))

    return {
        "labels": counted("claims", "article", "label"),
        "basis": counted("claims", "label", "basis"),
        "folds": counted("claims", "fold", "label"),
        "stances": counted("evidence", "label", "stance"),
        "sentences": counted("sentences", "article", "status"),
    }


def _with_totals(table: pd.DataFrame) -> pd.DataFrame:
    table["all"] = table.sum(axis=1)
    table.loc["all"] = table.sum()
    return table


MAX_TABLE_ROWS = 50  # of a corpus with more articles than that, only the totals are shown


def _markdown(table: pd.DataFrame) -> str:
    if len(table) > MAX_TABLE_ROWS:
        table = table.tail(1)
    head = ["", *map(str, table.columns)]
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * len(table.columns) + "|"]
    lines += [
        "| " + " | ".join([str(name), *map(str, row)]) + " |"
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    return "\n".join(lines)
