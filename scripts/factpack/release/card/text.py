"""Write the dataset card, ``README.md``: the YAML header that `datasets` and the Hub read, and the text for people.

The sections follow the Hub's card template where it applies (https://github.com/huggingface/huggingface_hub,
datasetcard_template.md). The counts come from the corpus of the Parquet files; tests compare the two.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml
from datasets import DatasetInfo, SplitDict, SplitInfo
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCardData
from jinja2 import Environment, PackageLoader, StrictUndefined
from semver import Version

from factpack.checks.report import counted
from factpack.corpus.counts import Counts, CountTable
from factpack.dataset.columns import tables_of
from factpack.dataset.roles import with_role
from factpack.dataset.schema import class_labels, features
from factpack.dataset.table_writer import TableFiles
from factpack.evaluation.baselines import Baseline
from factpack.evaluation.tasks.files import task_names
from factpack.evaluation.tasks.tables import TASK_CONFIGS
from factpack.project.layout import GUIDELINES, LICENSE
from factpack.project.models import Dataset
from factpack.project.scheme import DEFAULT, LabelSpec, Scheme
from factpack.project.vocabulary import NOT_ENOUGH_INFO, Texts
from factpack.release.card.tables import cell, code, column_table, count_table, escape, source_table
from factpack.release.citation import bibtex, not_stated
from factpack.release.layout import chart_path
from factpack.release.manifest import in_order
from factpack.release.quotation import QuotedShare
from factpack.release.version_policy import POLICY
from factpack.viewer.charts import Chart

if TYPE_CHECKING:
    from factpack.agreement.figures import AgreementReport

DEFAULT_CONFIG = "claims"

_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))


#: The template of the card, and what its texts come through.
ENVIRONMENT = Environment(
    loader=PackageLoader("factpack.release"),
    autoescape=False,  # noqa: S701 - Markdown, and every text in it comes through `md`, which escapes HTML
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENVIRONMENT.filters |= {"md": escape, "table": count_table, "counted": counted}

EVALUATED = ("claims", "propositions", "evidence", "sentences")  # the configs that a model is evaluated on


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Give what the tables and the files beside them are about.

    Attributes:
        dataset: What the release says of itself.
        text: Whether the texts of the articles are in the release.
        counts: The counts of the corpus.
        agreement: The agreement of the readings and of annotators, if there are any.
        quoted: How much of the texts a release without them gives.
        guidelines: Whether the guidelines are beside the tables.
        licence: Whether the text of the licence is.
        baselines: How good predictions are that take no model.
        example: A claim with its evidence, by the names of its columns.
    """

    dataset: Dataset
    text: Texts
    counts: Counts
    agreement: "AgreementReport | None" = None
    quoted: QuotedShare | None = None
    guidelines: bool = False
    licence: bool = False
    baselines: tuple[Baseline, ...] = ()
    example: Mapping[str, object] = field(default_factory=dict)


def card(content: Content, tables: Sequence[TableFiles], charts: Sequence[Chart]) -> str:
    """Return the text of the card.

    Args:
        content: What the tables are about.
        tables: The Parquet files, which are finished.
        charts: The charts that lie beside the card.
    """
    scheme = content.counts.scheme
    configs, rows = tables_of(scheme), {table.config.name: table.rows for table in tables}
    return ENVIRONMENT.get_template("card.md.jinja").render(
        header=yaml.safe_dump(_header(content.dataset, tables), sort_keys=False, allow_unicode=True, width=120),
        dataset=content.dataset,
        citation=bibtex(content.dataset),
        missing=not_stated(content.dataset),
        example=json.dumps(content.example, ensure_ascii=False, indent=2).replace("`", "\\u0060"),
        licence_text=LICENSE if content.licence else "",
        tables={table.config.name: table for table in tables},
        configs=[table.config for table in tables],
        splits=_splits(scheme, tables),
        column_table=column_table,
        counts=content.counts,
        sources=source_table(content.counts),
        evaluation=_evaluation(content, tables),
        constant=_constant_guess(content.counts.claims_by_article, rows["propositions"]),
        charts={chart.name: _picture(chart) for chart in charts},
        agreement=content.agreement,
        quoted=content.quoted,
        guidelines=GUIDELINES if content.guidelines else "",
        text=content.text,
        withheld=[f"`{config}.{column.name}`" for config, column in configs.withheld()],
        default_labels=scheme.labels == DEFAULT.labels and {"articles", "evidence", "facts"} <= rows.keys(),
        summary=_summary(rows),
        labels=[_label(name, spec) for name, spec in scheme.labels.items()],
        stances=scheme.stances,
        votes=scheme.vote_names,
        policy=sorted(
            [rule for rule in POLICY if scheme.splits or not rule.of_splits], key=lambda rule: rule.step, reverse=True
        ),
    )


def _picture(chart: Chart) -> str:
    """Return a chart in Markdown, with its numbers for those who cannot see it."""
    return f"![{cell(f'{chart.title}. {chart.description}')}]({chart_path(chart.name)})"


def _splits(scheme: Scheme, tables: Sequence[TableFiles]) -> Sequence[tuple[str, str, int]]:
    """Return the splits: the name of each, what it is for, and the number of its claims."""
    claims = next(table for table in tables if table.config.name == DEFAULT_CONFIG)
    return [(part.split, scheme.splits[part.split], part.rows) for part in in_order(scheme, claims) if scheme.splits]


def _summary(rows: Mapping[str, int]) -> str:
    """Say how many rows of what there are."""
    nouns = {"articles": "article", "evidence": "passage of evidence", "facts": "fact"}
    return ", ".join(
        [counted(rows["claims"], "labelled claim")]
        + [counted(rows[name], noun) for name, noun in nouns.items() if name in rows]
    )


def _constant_guess(claims: CountTable, propositions: int) -> dict[str, float]:
    """Say how many propositions nothing decides, and how often one answer for all is right, in per cent."""
    undecided = propositions - claims.total
    verdicts = dict(zip(claims.columns, claims.totals, strict=True))
    verdicts[NOT_ENOUGH_INFO] = verdicts.get(NOT_ENOUGH_INFO, 0) + undecided
    return {"undecided": undecided, "propositions": 100 * max(verdicts.values()) / propositions}


def _label(name: str, spec: LabelSpec) -> tuple[str, ...]:
    """Return the row of a label in the table of the label rules."""
    evidence = [f"some {side} the claim" for side in spec.needs] + [f"none {side} it" for side in spec.never]
    if spec.evidence != "optional":
        evidence.append(spec.evidence)
    bases = ", ".join(f"`{basis}`" for basis in spec.basis)
    sides = "; ".join(evidence).replace("neither", "neutral to")
    return f"`{name}`", sides or "any", bases or "none", spec.correction


def _evaluation(content: Content, tables: Sequence[TableFiles]) -> dict[str, object]:
    """Say what the section on evaluation needs: the roles of columns, the baselines, and a task of a harness."""
    configs = [table.config for table in tables]
    roles = [
        [
            f"`{config.name}`",
            *(code(with_role(config.name, config.columns, role)) for role in ("input", "target", "leaks")),
        ]
        for config in configs
        if config.name in EVALUATED
    ]
    named = {path: names for config in configs for path, _, names in class_labels(config.columns, (config.name,))}
    labels, stances = (named[path].names for path in (("claims", "label"), ("claims", "evidence", "stance")))
    tasks = task_names(content.dataset, [table for table in tables if table.config.name in TASK_CONFIGS])
    return {
        "roles": roles,
        "baselines": content.baselines,
        "label": labels[0],
        "stance": stances[0],
        "task": tasks[0] if tasks else None,
    }


def _header(dataset: Dataset, tables: Sequence[TableFiles]) -> dict[str, object]:
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
                "data_files": [{"split": part.split, "path": part.pattern} for part in in_order(dataset.scheme, table)],
                **({"default": True} if table.config.name == DEFAULT_CONFIG else {}),
            }
            for table in tables
        ],
    )
    infos = DatasetInfosDict(
        {
            table.config.name: DatasetInfo(
                features=features(table.config.columns),
                splits=SplitDict(
                    {
                        part.split: SplitInfo(part.split, num_bytes=part.num_bytes, num_examples=part.rows)
                        for part in in_order(dataset.scheme, table)
                    }
                ),
                download_size=sum(part.file_bytes for part in table.splits),
                dataset_size=sum(part.num_bytes for part in table.splits),
            )
            for table in tables
        }
    )
    infos.to_dataset_card_data(data)
    return dict(data.to_dict())  # type: ignore[no-untyped-call]  # huggingface_hub does not type it


def cache_version(version: str, content_sha256: str) -> str:
    """Return the version under which `datasets` caches a table.

    It is the version of the dataset, with digits of the digest of the table behind the patch.
    `datasets` caches a local folder by its name and this version, and looks at neither its path nor its content (5.2,
    measured). With the plain version, a release that was built again with other rows would load as the old rows,
    without a word. It accepts digits only. The order of versions stays what it is.
    """
    parsed = Version.parse(version)
    digits = int(content_sha256[:16], 16) % 10**10
    return f"{parsed.major}.{parsed.minor}.{parsed.patch * 10**10 + digits}"
