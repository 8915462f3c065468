"""Makes a new project, and writes the JSON Schemas of its annotation files."""

import hashlib
import json
from pathlib import Path

from factpack.folder import scratch_folder
from factpack.model import SCHEMA_FILES, schema

SCHEMAS = "annotations/schemas"


class FolderInUseError(Exception):
    """The folder for the new project exists and is not empty."""


ARTICLES = {
    "000_river-news.txt": """The old bridge over the Alm was opened in 1911.

It was the longest in the valley. Everybody loves it.
""",
    "001_valley-post.txt": """Bridge closed

The bridge over the Alm, opened in 1911, will be closed for repairs.
""",
}

REGISTER_HEAD = "# yaml-language-server: $schema=schemas/articles.schema.json\narticles:\n"
REGISTER_ENTRY = """  - id: "{id}"
    file: {file}
    sha256: {sha256}
    language: en{title}
    annotation: complete
"""

ANNOTATIONS = {
    "dataset.yaml": """# yaml-language-server: $schema=schemas/dataset.schema.json
name: {name}
title: An example
version: 0.1.0
license: cc-by-4.0
license_link: https://creativecommons.org/licenses/by/4.0/
languages: [en]
description: What the dataset holds, in a paragraph.
annotations_creators: [other]
curation: How the articles were chosen and the annotations made.
rights: Who holds the rights to the articles, and what the licence covers.
limitations: What a user must know before relying on the labels.
speakers: []
""",
    "facts.yaml": """# yaml-language-server: $schema=schemas/facts.schema.json
facts:
  - id: bridge-opened
    question: When was the bridge over the Alm opened?
""",
    "000.yaml": """# yaml-language-server: $schema=schemas/article.schema.json
article: "000"
claims:
  - id: bridge-opened-1911-000
    quote: was opened in 1911
    claim: The bridge over the Alm was opened in 1911.
    speaker: article
    fact: bridge-opened
    value: "1911"
    label: supported
    basis: corroborated
    rationale: The other article gives the same year.
    evidence:
      - article: "001"
        quote: opened in 1911
        stance: supports
unverified:
  - id: bridge-longest-000
    quote: It was the longest in the valley.
    claim: The bridge over the Alm was the longest in the valley.
    speaker: article
not_checkable:
  - quote: Everybody loves it.
    reason: opinion
""",
    "001.yaml": """# yaml-language-server: $schema=schemas/article.schema.json
article: "001"
claims:
  - id: bridge-opened-1911-001
    quote: opened in 1911
    claim: The bridge over the Alm was opened in 1911.
    speaker: article
    fact: bridge-opened
    value: "1911"
    label: supported
    basis: corroborated
    rationale: The other article gives the same year.
    evidence:
      - article: "000"
        quote: was opened in 1911
        stance: supports
not_checkable:
  - quote: Bridge closed
    reason: heading
""",
}


def make_project(folder: Path) -> None:
    """Makes a small project in ``folder``, which checks and builds.

    Raises FolderInUseError if the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} exists and is not empty; choose another folder"
        raise FolderInUseError(message)
    try:
        (folder / "seeds").mkdir(parents=True)
    except OSError as error:
        message = f"{folder} cannot be made ({error.strerror}); choose another folder"
        raise FolderInUseError(message) from error
    (folder / "annotations").mkdir()
    register = REGISTER_HEAD
    for file, text in ARTICLES.items():
        data = text.encode()
        (folder / "seeds" / file).write_bytes(data)
        title = "\n    title: Bridge closed" if "Bridge closed" in text else ""
        register += REGISTER_ENTRY.format(id=file[:3], file=file, sha256=hashlib.sha256(data).hexdigest(), title=title)
    (folder / "annotations/articles.yaml").write_bytes(register.encode())
    name = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in folder.resolve().name.lower()).split())
    for file, text in ANNOTATIONS.items():
        (folder / "annotations" / file).write_bytes(text.replace("{name}", name or "example").encode())
    write_schemas(folder)


def write_schemas(root: Path) -> Path:
    """Writes the schemas into the project in ``root``; returns their folder.

    Raises FolderInUseError if something else is in its place.
    """
    folder = root / SCHEMAS
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be made: {error.strerror}"
        raise FolderInUseError(message) from error
    with scratch_folder(folder) as scratch:
        for file, model in SCHEMA_FILES.items():
            text = json.dumps(schema(model), indent=2, ensure_ascii=False) + "\n"
            (scratch / file).write_bytes(text.encode())
            (scratch / file).replace(folder / file)  # also a link that is there: what it leads to is left alone
    return folder
