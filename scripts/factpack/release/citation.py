"""Say how a dataset is cited: as BibTeX, as ``CITATION.cff`` and as the creators of a Croissant file.

Nothing is made up: what ``dataset.yaml`` does not give is left out.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from factpack.project.models import Author, Dataset

#: What a citation or a reader looks for, by its key in dataset.yaml, in words.
_WANTED = {
    "authors": "authors",
    "contact": "contact",
    "homepage": "homepage",
    "doi": "DOI",
    "published": "date of publication",
    "funding": "funding",
    "annotation_protocol": "annotation protocol",
    "annotation_platform": "annotation platform",
    "annotators": "description of the annotators",
    "biases": "biases",
    "uses": "uses",
    "sensitive_content": "sensitive content",
    "maintenance": "maintenance",
}

_BIBTEX = str.maketrans(
    {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_"}
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}  # BibTeX counts braces, whatever is before them
    | {"\\": r"\textbackslash{}", "<": r"\textless{}", ">": r"\textgreater{}", "`": "'"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def not_stated(dataset: Dataset) -> list[str]:
    """Return what dataset.yaml can give for a citation or a reader, and does not give."""
    return [words for key, words in _WANTED.items() if not getattr(dataset, key)]


def bibtex(dataset: Dataset) -> str:
    """Return a BibTeX entry with what is known; without authors it has a key to sort by."""
    fields = [("author", " and ".join(map(_bibtex_name, dataset.authors)))] if dataset.authors else []
    if not dataset.authors:
        fields.append(("key", dataset.name))
    fields.append(("title", f"{{{_escaped(dataset.title)}}}"))
    if dataset.published:
        fields.append(("year", dataset.published[:4]))
    lines = [f"  {name} = {{{value}}}" for name, value in fields]
    if dataset.published:
        lines.append(f"  month = {_MONTHS[int(dataset.published[5:7]) - 1]}")
    rest = (("version", dataset.version), ("doi", dataset.doi), ("url", _address(dataset)))
    lines += [f"  {name} = {{{value}}}" for name, value in rest if value]
    return f"@misc{{{dataset.name},\n" + ",\n".join(lines) + "\n}"


def _escaped(text: str) -> str:
    return " ".join(text.translate(_BIBTEX).split())


def _bibtex_name(author: Author) -> str:
    """Return a name as BibTeX divides it; in braces what it would divide wrongly."""
    if not author.family_name or not author.given_names:
        return f"{{{_escaped(author.name)}}}"
    parts = map(_escaped, (author.family_name, author.given_names))
    return ", ".join(f"{{{part}}}" if re.search(r",|\band\b", part, re.IGNORECASE) else part for part in parts)


def _address(dataset: Dataset) -> str:
    """Return the address of the dataset, as far as it is known, as it is: styles print it verbatim."""
    return dataset.homepage or (f"https://doi.org/{dataset.doi}" if dataset.doi else "")


def citation_cff(dataset: Dataset) -> str:
    """Return the text of ``CITATION.cff`` (https://citation-file-format.github.io, 1.2.0).

    The format requires authors; where dataset.yaml has none, there is no file and the text is empty.
    """
    if not dataset.authors:
        return ""
    known = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it.",
        "type": "dataset",
        "title": " ".join(dataset.title.split()),
        "abstract": " ".join(dataset.description.split()),
        "authors": [dict(_cff_author(author)) for author in dataset.authors],
        "contact": [{"website" if "://" in dataset.contact else "email": dataset.contact}] if dataset.contact else [],
        "version": dataset.version,
        "date-released": dataset.published,
        "doi": dataset.doi,
        "url": dataset.homepage,
        "license-url": dataset.license_link,
        "keywords": ["fact-checking", *(tag for tag in dict.fromkeys(dataset.tags) if tag != "fact-checking")],
    }
    found = {key: value for key, value in known.items() if value}
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=120)


def _cff_author(author: Author) -> Iterator[tuple[str, str]]:
    if not author.is_person:
        yield "name", author.name
        return
    if author.family_name:
        yield "family-names", author.family_name
    if author.given_names:
        yield "given-names", author.given_names
    if author.affiliation:
        yield "affiliation", author.affiliation
    if author.orcid:
        yield "orcid", f"https://orcid.org/{author.orcid}"


def creators(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the authors in the words of schema.org."""
    found = []
    for author in dataset.authors:
        kind = "sc:Person" if author.is_person else "sc:Organization"
        works = {"@type": "sc:Organization", "name": author.affiliation} if author.affiliation else None
        known = {
            "familyName": author.family_name,
            "givenName": author.given_names if author.family_name else "",
            "url": f"https://orcid.org/{author.orcid}" if author.orcid else "",
            "affiliation": works,
        }
        found.append({"@type": kind, "name": author.name, **{key: value for key, value in known.items() if value}})
    return found
