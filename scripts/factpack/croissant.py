"""The Croissant file of a release: the metadata that dataset search engines and ML frameworks read.

Follows https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. Every class label is an enumeration of its
own, which the fields refer to, because the label names would be lost otherwise.
"""

import json
from collections.abc import Sequence
from typing import Any

from factpack.columns import CONFIGS, Column, Config, Items, Names, class_labels
from factpack.model import Dataset
from factpack.tables import TableFile

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(dataset: Dataset, tables: Sequence[TableFile], sums: dict[str, str]) -> str:
    """The text of ``croissant.json``; ``sums`` gives the SHA-256 of each Parquet file by its path."""
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": dataset.name,
        "description": dataset.description,
        "version": dataset.version,
        "license": _license(dataset),
        "conditionsOfAccess": dataset.rights,
        "inLanguage": list(dataset.languages),
        "keywords": ["fact-checking", *dataset.tags],
        "citeAs": citation(dataset),
        "isLiveDataset": False,
        "rai:dataCollection": dataset.curation,
        "rai:dataBiases": dataset.limitations,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": table.path,
                "name": table.path,
                "description": table.config.description,
                "contentUrl": table.path,
                "contentSize": f"{table.file_bytes} B",
                "encodingFormat": "application/x-parquet",
                "sha256": sums[table.path],
            }
            for table in tables
        ],
        "recordSet": [
            *(_enumeration(names) for names in enumerations()),
            *(_record_set(table.config, table.path) for table in tables),
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _license(dataset: Dataset) -> str | dict[str, str]:
    """The address of the licence; of one that the Hub has no id for, the name and the terms.

    Such a licence need not cover everything, while the address would be read as that of the licence of everything.
    """
    if not dataset.license_name:
        return dataset.license_link
    return {
        "@type": "sc:CreativeWork",
        "name": dataset.license_name,
        "description": dataset.rights,
        "url": "README.md#licence-and-rights",
    }


_BIBTEX = str.maketrans(
    {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}"}
    | {"\\": r"\textbackslash{}", "<": r"\textless{}", ">": r"\textgreater{}", "`": "'"}
)


def citation(dataset: Dataset) -> str:
    """A BibTeX entry with what is known: no author, year or address is made up."""
    title = " ".join(dataset.title.translate(_BIBTEX).split())
    return f"@misc{{{dataset.name}, title = {{{{{title}}}}}, version = {{{dataset.version}}}}}"


def enumerations() -> list[Names]:
    """Every class label of the dataset, once."""
    found = {names.name: names for config in CONFIGS for _, _, names in class_labels(config.columns)}
    return [found[name] for name in sorted(found)]


def _enumeration(names: Names) -> dict[str, Any]:
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


def _record_set(config: Config, path: str) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": config.name,
        "name": config.name,
        "description": config.description,
        "key": {"@id": f"{config.name}/{config.key}"},
        "field": [
            _field(column, config.name, {"fileObject": {"@id": path}, "extract": {"column": column.name}})
            for column in config.columns
        ],
    }


def _field(column: Column, parent: str, source: dict[str, Any]) -> dict[str, Any]:
    at = f"{parent}/{column.name}"
    field: dict[str, Any] = {"@type": "cr:Field", "@id": at, "name": at, "description": column.description}
    if isinstance(column.type, Items):
        field |= {"isArray": True, "arrayShape": "-1", "source": source}
        field["subField"] = [
            _field(sub, at, source | {"transform": {"jsonPath": f"$[*].{sub.name}"}}) for sub in column.type.columns
        ]
        return field
    field["dataType"] = "sc:Text" if column.type in ("text", "texts") else "sc:Integer"
    if column.type == "texts":
        field |= {"isArray": True, "arrayShape": "-1"}
    if isinstance(column.type, Names):
        field["references"] = {"field": {"@id": f"enum/{column.type.name}/id"}}
    return field | {"source": source}
