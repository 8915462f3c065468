"""Generate the JSON Schemas of the records, which editors use."""

from typing import Any

from msgspec import Struct, json

from factpack.project.models.articles import ArticlesFile
from factpack.project.models.dataset import Dataset
from factpack.project.models.records import AdjudicationsFile, ArticleFile, FactsFile

#: File name of each published schema, and the model that it is generated from.
SCHEMA_FILES: dict[str, type[Struct]] = {
    "adjudications.schema.json": AdjudicationsFile,
    "article.schema.json": ArticleFile,
    "articles.schema.json": ArticlesFile,
    "dataset.schema.json": Dataset,
    "facts.schema.json": FactsFile,
}


def schema(model: type[Struct]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a record."""
    made = json.schema(model)
    for part in made["$defs"].values():
        keys = part.get("properties", {})
        if "stance" in keys and "claim" in keys:  # of evidence, which has either a claim or words
            for key in ("article", "quote", "claim"):  # an empty one is as good as none, and nobody writes it
                keys[key].pop("default", None)
            given = ("quote",) if "source" in keys else ("article", "quote")
            required = part.pop("required")
            part |= {
                "if": {"required": ["claim"]},
                "then": {"required": ["claim", *required]},
                "else": {"required": [*given, *required]},
            }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | made
