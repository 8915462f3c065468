"""The Croissant file of a release: the metadata that dataset search engines and ML frameworks read.

Follows https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. Every class label is an enumeration of its
own, which the fields refer to, because the label names would be lost otherwise.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from factpack.corpus.counts import Origin
from factpack.dataset.roles import role
from factpack.dataset.schema import NAMES, ClassLabel, Column, Config, ListOf, class_labels
from factpack.dataset.table_writer import TableFiles
from factpack.project.models import Dataset
from factpack.project.scheme import Scheme
from factpack.project.vocabulary import Texts
from factpack.release.citation import bibtex, creators
from factpack.release.layout import CARD
from factpack.release.manifest import in_order, is_split

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"


_OF_TEXTS = ("articles", "sentences", "eval_articles")  # whose rows are texts of articles, where they are given
_SPLIT = "splits/name"  # the field that names the splits
MAX_SOURCES = 1_000  # that are listed; of more, the table of the articles has the addresses


def croissant(
    dataset: Dataset,
    tables: Sequence[TableFiles],
    digests: Mapping[str, str],
    origins: Mapping[str, Origin],
    texts: Texts,
) -> str:
    """Return the text of ``croissant.json``.

    Args:
        dataset: What the release says of itself.
        tables: The tables, which are finished.
        digests: The SHA-256 of each Parquet file, by its path.
        origins: Where the articles come from.
        texts: Whether the texts of the articles are in the release.
    """
    context = Path(__file__).with_name("templates") / "croissant_context.json"
    document: dict[str, Any] = {
        "@context": json.loads(context.read_bytes()),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": dataset.name,
        "description": dataset.description,
        "version": dataset.version,
        "license": _license(dataset),
        "conditionsOfAccess": dataset.rights,
        "inLanguage": list(dataset.languages),
        "keywords": ["fact-checking", *dataset.tags],
        "citeAs": bibtex(dataset),
        **_about(dataset),
        "isLiveDataset": False,
        **({"isBasedOn": _sources(origins)} if origins else {}),
        **_responsible(dataset),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": shard.path,
                "name": shard.path,
                "description": table.config.description + f", in the split {part.split}" * bool(dataset.scheme.splits),
                "contentUrl": shard.path,
                "contentSize": f"{shard.file_bytes} B",
                "encodingFormat": "application/x-parquet",
                "sha256": digests[shard.path],
                **_license_of_part(dataset, table.config.name, tables, origins, texts),
            }
            for table in tables
            for part in in_order(dataset.scheme, table)
            for shard in part.shards
        ]
        + [_file_set(dataset.scheme, table) for table in tables if _has_file_set(dataset.scheme, table)],
        "recordSet": [
            *(_enumeration(names) for names in enumerations(table.config for table in tables)),
            *([_split_names(dataset.scheme)] if dataset.scheme.splits else []),
            *(_record_set(dataset.scheme, table) for table in tables),
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _about(dataset: Dataset) -> dict[str, Any]:
    """Return who made the dataset, when and where it is, as far as that is known."""
    doi = f"https://doi.org/{dataset.doi}" if dataset.doi else ""
    known = {
        "creator": creators(dataset),
        "datePublished": dataset.published,
        "url": dataset.homepage or doi,
        "sameAs": doi if dataset.homepage else "",
        "funding": [
            {"@type": "sc:Grant", "funder": {"@type": "sc:Organization", "name": each.funder}}
            | ({"identifier": each.grant} if each.grant else {})
            for each in dataset.funding
        ],
    }
    return {key: value for key, value in known.items() if value}


def _responsible(dataset: Dataset) -> dict[str, str]:
    """Return the properties of the RAI vocabulary that the dataset gives (https://docs.mlcommons.org/croissant)."""
    known = {
        "dataCollection": dataset.curation,
        "dataAnnotationProtocol": dataset.annotation_protocol,
        "dataAnnotationPlatform": dataset.annotation_platform,
        "annotatorDemographics": dataset.annotators,
        "dataLimitations": dataset.limitations,
        "dataBiases": dataset.biases or dataset.limitations,
        "dataUseCases": dataset.uses,
        "personalSensitiveInformation": dataset.sensitive_content,
        "dataReleaseMaintenancePlan": dataset.maintenance,
    }
    return {f"rai:{name}": text for name, text in known.items() if text}


def _license_of_part(
    dataset: Dataset, config: str, tables: Sequence[TableFiles], origins: Mapping[str, Origin], texts: Texts
) -> dict[str, Any]:
    """Return the licence of the files of a table.

    The licence of the dataset covers annotations. The texts of articles have those that the register of articles gives;
    unless it gives one for each of them, none is named for the files with the texts.
    """
    if texts == "none" or config not in _OF_TEXTS:
        return {"license": dataset.license_link}
    articles = next((table.rows for table in tables if table.config.name == "articles"), 0)
    given = [origin.license for origin in origins.values() if origin.license]
    return {"license": sorted(set(given))} if given and len(given) == articles else {}


def _sources(origins: Mapping[str, Origin]) -> list[dict[str, str]]:
    """Return where the articles come from, as far as that is known."""
    if len(origins) > MAX_SOURCES:
        return [{"@type": "sc:CreativeWork", "name": f"{len(origins):,} articles; `articles` has their addresses"}]
    found = []
    for article, origin in sorted(origins.items()):
        retrieved = f"retrieved on {origin.retrieved}" if origin.retrieved else ""
        known = {"url": origin.url, "archivedAt": origin.archived_url, "license": origin.license}
        work = {"identifier": article, "name": origin.title, **known, "description": retrieved}
        found.append({"@type": "sc:CreativeWork", **{name: value for name, value in work.items() if value}})
    return found


def _license(dataset: Dataset) -> str | dict[str, str]:
    """Return the address of the licence; of one that the Hub has no id for, the name and the terms.

    Such a licence need not cover everything, while the address would be read as that of the licence of everything.
    """
    if not dataset.license_name:
        return dataset.license_link
    return {
        "@type": "sc:CreativeWork",
        "name": dataset.license_name,
        "description": dataset.rights,
        "url": f"{CARD}#licence-and-rights",
    }


def enumerations(configs: Iterable[Config]) -> list[ClassLabel]:
    """Return every class label of some tables, once."""
    found = {names.name: names for config in configs for _, _, names in class_labels(config.columns)}
    return [found[name] for name in sorted(found)]


def _enumeration(names: ClassLabel) -> dict[str, Any]:
    at = f"enum/{names.name}"
    return {
        "@type": "cr:RecordSet",
        "@id": at,
        "name": at,
        "description": f"names of the class label {names.name}",
        "dataType": "sc:Enumeration",
        "key": {"@id": f"{at}/id"},
        "field": [
            {"@type": "cr:Field", "@id": f"{at}/id", "name": f"{at}/id", "dataType": "sc:Integer"},
            {"@type": "cr:Field", "@id": f"{at}/name", "name": f"{at}/name", "dataType": "sc:Text"},
        ],
        "data": [{f"{at}/id": index, f"{at}/name": name} for index, name in enumerate(names.names)],
    }


def _has_file_set(scheme: Scheme, table: TableFiles) -> bool:
    """Tell whether a table can have several files."""
    return is_split(scheme, table.config.name) or len(table.shards) > 1


def _file_set(scheme: Scheme, table: TableFiles) -> dict[str, Any]:
    """Return the files of a table that has several."""
    config = table.config
    at = f"{config.name}/files"
    return {
        "@type": "cr:FileSet",
        "@id": at,
        "name": at,
        "description": config.description + (", in all splits" if is_split(scheme, config.name) else ", all files"),
        "encodingFormat": "application/x-parquet",
        "includes": f"{config.name}/*.parquet",
    }


def _split_names(scheme: Scheme) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "names of the splits",
        "dataType": "cr:Split",
        "key": {"@id": _SPLIT},
        "field": [{"@type": "cr:Field", "@id": _SPLIT, "name": _SPLIT, "dataType": "sc:Text"}],
        "data": [{_SPLIT: name} for name in scheme.splits],
    }


def _record_set(scheme: Scheme, table: TableFiles) -> dict[str, Any]:
    config = table.config
    several = is_split(scheme, config.name)
    files = {"fileSet": {"@id": f"{config.name}/files"}} if _has_file_set(scheme, table) else None
    source = files or {"fileObject": {"@id": table.shards[0].path}}
    fields = [_field(column, config.name, source | {"extract": {"column": column.name}}) for column in config.columns]
    at = f"{config.name}/split"
    if several and all(field["@id"] != at for field in fields):
        where = source | {"extract": {"fileProperty": "filename"}, "transform": {"regex": "^(.+?)-"}}
        about = {"@type": "cr:Field", "@id": at, "name": at, "description": "the split that the row is in"}
        fields.append(about | {"dataType": "sc:Text", "source": where})
    for field in fields:
        if several and field["@id"] == at:
            field["references"] = {"field": {"@id": _SPLIT}}
    return {
        "@type": "cr:RecordSet",
        "@id": config.name,
        "name": config.name,
        "description": config.description,
        "key": {"@id": f"{config.name}/{config.key}"},
        "field": fields,
    }


#: What the descriptions of fields say of their role in an evaluation.
_ROLES = {"input": "input of the task", "target": "to be predicted", "leaks": "gives away what is to be predicted"}


def _field(column: Column, parent: str, source: dict[str, Any]) -> dict[str, Any]:
    at = f"{parent}/{column.name}"
    config, _, path = at.partition("/")
    words = "".join(f" ({words})" for words in [_ROLES.get(role(config, path.replace("/", "[].")))] if words)
    field: dict[str, Any] = {"@type": "cr:Field", "@id": at, "name": at, "description": column.description + words}
    if isinstance(column.type, ListOf):
        field |= {"isArray": True, "arrayShape": "-1", "source": source}
        field["subField"] = [
            _field(sub, at, source | {"transform": {"jsonPath": f"$[*].{sub.name}"}}) for sub in column.type.columns
        ]
        return field
    field["dataType"] = "sc:Integer" if isinstance(column.type, ClassLabel) else NAMES[column.type][1]
    if column.type == "texts":
        field |= {"isArray": True, "arrayShape": "-1"}
    if isinstance(column.type, ClassLabel):
        field["references"] = {"field": {"@id": f"enum/{column.type.name}/id"}}
    return field | {"source": source}
