"""Who made a dataset, and how it is cited: BibTeX, CITATION.cff, Croissant, the card. Nothing is made up."""

import json
import re
import shutil
import warnings
from pathlib import Path
from typing import Any

import jsonschema
import mlcroissant
import pybtex.errors
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from pybtex.backends.plaintext import Backend
from pybtex.database import parse_string
from pybtex.style.formatting.plain import Style

from conftest import PROJECT, Run
from factpack.errors import BrokenReleaseError
from factpack.project.models import Author, Dataset
from factpack.release.citation import bibtex, citation_cff
from factpack.release.verification.verify import verify
from releases import make, resum

ABOUT = """\
authors:
  - {name: Ada Lovelace, family_name: Lovelace, orcid: 0000-0002-1825-0097, affiliation: "Analytical Engines, Ltd."}
  - {name: Yamada Tarō, family_name: Yamada}
  - {name: "Ferries & Ports and Co., Inc."}
  - {name: Plato, orcid: 0000-0002-1694-233X}
contact: ferries@example.org
homepage: https://example.org/ferry%20facts?a=1&b=2
doi: 10.5281/zenodo.1234567
published: 2026-02-28
funding:
  - {funder: The Harbour Fund, grant: HF-12}
  - {funder: Ines Dahl}
annotation_protocol: Each article was read twice.
annotation_platform: A text editor.
annotators: Two people who have never seen a ferry.
biases: Only ferries that are late.
uses: To test the packager; not to travel by.
sensitive_content: None; nobody in it exists.
maintenance: Nobody maintains it.
"""
RAI = {
    "rai:dataCollection": "The articles were made up, and then annotated by their own rules.",
    "rai:dataLimitations": "Nothing here is true: the ferry, the port and its mayor do not exist.",
    "rai:dataAnnotationProtocol": "Each article was read twice.",
    "rai:dataAnnotationPlatform": "A text editor.",
    "rai:annotatorDemographics": "Two people who have never seen a ferry.",
    "rai:dataBiases": "Only ferries that are late.",
    "rai:dataUseCases": "To test the packager; not to travel by.",
    "rai:personalSensitiveInformation": "None; nobody in it exists.",
    "rai:dataReleaseMaintenancePlan": "Nobody maintains it.",
}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of a project that says everything."""
    project = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("known") / "project"))
    with (project / "annotations/dataset.yaml").open("a", encoding="utf-8") as stream:
        stream.write(ABOUT)
    return make(project, project.parent / "release")


def read(release: Path, name: str) -> str:
    return (release / name).read_text(encoding="utf-8")


def entry_of(release: Path) -> str:
    return re.findall(r"```bibtex\n(.*?)\n```", read(release, "README.md"), re.DOTALL)[0]  # type: ignore[no-any-return]


def compiled(entry: str) -> str:
    """The citation as the style `plain` prints it; a warning of BibTeX is an error."""
    with pybtex.errors.capture() as problems, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = parse_string(entry, "bibtex")
        [made] = Style().format_bibliography(found)
        text = made.text.render(Backend("utf-8"))
    assert problems == []
    return text  # type: ignore[no-any-return]


def dataset(**about: Any) -> Dataset:
    given = yaml.safe_load((PROJECT / "annotations/dataset.yaml").read_bytes())
    keys = ("name", "title", "license", "license_link", "description", "curation", "rights", "limitations")
    return Dataset(
        version="1.0.0",
        languages=("en",),
        annotations_creators=("other",),
        **{key: given[key] for key in keys} | about,
    )


def test_the_citation_compiles_with_everything(known: Path) -> None:
    entry = entry_of(known)
    text = compiled(entry)
    assert text.startswith("Ada Lovelace, Tarō Yamada, Ferries & Ports and Co., Inc., and Plato. Ferry Fact-Check.")
    assert "2026" in text
    found = parse_string(entry, "bibtex").entries["ferry-factcheck"]
    assert [str(person) for person in found.persons["author"]] == [
        "Lovelace, Ada",
        "Yamada, Tarō",
        r"{Ferries \& Ports and Co., Inc.}",
        "{Plato}",
    ]
    fields = {key: found.fields[key] for key in ("year", "version", "doi", "url")}
    assert fields == {
        "year": "2026",
        "version": "1.1.0",
        "doi": "10.5281/zenodo.1234567",
        "url": "https://example.org/ferry%20facts?a=1&b=2",
    }


def test_the_citation_without_authors_has_a_key_to_sort_by(built: Path) -> None:
    """BibTeX warns of an entry that has neither."""
    entry = entry_of(built)
    assert compiled(entry)
    assert entry == (
        "@misc{ferry-factcheck,\n  key = {ferry-factcheck},\n  title = {{Ferry Fact-Check}},\n  version = {1.1.0}\n}"
    )


@pytest.mark.parametrize(
    "name", ["A {B", "A} B", "\\textbf{x}", "50% & more_#$~^", "Rock and Roll", "a, b, c, d", "«é» 𝕏"]
)
def test_any_name_and_title_compile(name: str) -> None:
    about = dataset(title=name, authors=(Author(name=name), Author(name=f"X {name}", family_name=name)))
    assert compiled(bibtex(about))


def test_citation_cff_is_valid_and_says_what_is_known(known: Path) -> None:
    found = yaml.safe_load(read(known, "CITATION.cff"))
    jsonschema.Draft7Validator(
        get_builtin_schema("vendor.citation-file-format"), format_checker=jsonschema.FormatChecker()
    ).validate(found)
    assert found["authors"] == [
        {
            "family-names": "Lovelace",
            "given-names": "Ada",
            "affiliation": "Analytical Engines, Ltd.",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
        },
        {"family-names": "Yamada", "given-names": "Tarō"},
        {"name": "Ferries & Ports and Co., Inc."},
        {"given-names": "Plato", "orcid": "https://orcid.org/0000-0002-1694-233X"},
    ]
    assert found["contact"] == [{"email": "ferries@example.org"}]
    assert (found["type"], found["version"], found["date-released"]) == ("dataset", "1.1.0", "2026-02-28")
    assert (found["doi"], found["url"]) == ("10.5281/zenodo.1234567", "https://example.org/ferry%20facts?a=1&b=2")
    assert found["license-url"] == "https://creativecommons.org/licenses/by/4.0/"


def test_citation_cff_with_as_little_as_there_can_be() -> None:
    found = yaml.safe_load(citation_cff(dataset(authors=(Author(name="Plato"),))))
    jsonschema.Draft7Validator(get_builtin_schema("vendor.citation-file-format")).validate(found)
    assert not found.keys() & {"date-released", "doi", "url", "contact"}


def test_the_croissant_file_says_it_too_and_nothing_is_missing(known: Path) -> None:
    croissant = mlcroissant.Dataset(jsonld=known / "croissant.json")
    assert (croissant.metadata.ctx.issues.errors, croissant.metadata.ctx.issues.warnings) == (set(), set())
    document = json.loads(read(known, "croissant.json"))
    assert {key: value for key, value in document.items() if key.startswith("rai:")} == RAI
    assert document["creator"][0] == {
        "@type": "sc:Person",
        "name": "Ada Lovelace",
        "familyName": "Lovelace",
        "givenName": "Ada",
        "url": "https://orcid.org/0000-0002-1825-0097",
        "affiliation": {"@type": "sc:Organization", "name": "Analytical Engines, Ltd."},
    }
    assert [each["@type"] for each in document["creator"]] == ["sc:Person", "sc:Person", "sc:Organization", "sc:Person"]
    assert [each.name for each in croissant.metadata.creators] == [each["name"] for each in document["creator"]]
    assert document["datePublished"] == "2026-02-28"
    assert document["url"] == "https://example.org/ferry%20facts?a=1&b=2"
    assert document["sameAs"] == "https://doi.org/10.5281/zenodo.1234567"
    assert document["citeAs"] == entry_of(known)
    assert document["funding"] == [
        {"@type": "sc:Grant", "funder": paid("The Harbour Fund"), "identifier": "HF-12"},
        {"@type": "sc:Grant", "funder": paid("Ines Dahl")},
    ]


def paid(name: str) -> dict[str, str]:
    return {"@type": "sc:Organization", "name": name}


def test_the_card_says_it_or_that_it_is_not_said(known: Path, built: Path) -> None:
    words = " ".join(read(known, "README.md").split())
    for part in ("ferries@example.org", "The Harbour Fund (HF-12)", "A text editor.", "Nobody maintains it."):
        assert part in words
    assert "does not state" not in words
    words = " ".join(read(built, "README.md").split())
    assert (
        "The dataset does not state its authors, contact, homepage, DOI, date of publication, funding, annotation "
        "protocol, annotation platform, description of the annotators, biases, uses, sensitive content, maintenance."
    ) in words


def test_nothing_is_made_up(built: Path) -> None:
    """Without authors there is no CITATION.cff, which would have to name some."""
    assert not (built / "CITATION.cff").exists()
    document = json.loads(read(built, "croissant.json"))
    assert not document.keys() & {"creator", "datePublished", "url", "sameAs", "funding"}
    assert {key for key in document if key.startswith("rai:")} == {
        "rai:dataCollection",
        "rai:dataLimitations",
        "rai:dataBiases",
    }


def test_the_citation_is_derived_again(known: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(known, tmp_path / "changed"))
    assert verify(changed) == ""
    path = changed / "CITATION.cff"
    path.write_text(path.read_text(encoding="utf-8").replace("Ada", "Eve"), encoding="utf-8")
    resum(changed)
    with pytest.raises(
        BrokenReleaseError, match=r"^CITATION.cff: it does not follow from the tables and release.json$"
    ):
        verify(changed)
    path.unlink()
    resum(changed)
    with pytest.raises(BrokenReleaseError, match=r"^CITATION.cff: missing, but it follows from the tables$"):
        verify(changed)


@pytest.mark.parametrize(
    "line",
    [
        "contact: somebody",
        "doi: https://doi.org/10.5281/zenodo.1",
        "homepage: example.org",
        "published: 28.2.2026",
        "authors: [{name: A, orcid: https://orcid.org/0000-0002-1825-0097}]",
        "authors: [{name: ''}]",
        "authors: [{orcid: 0000-0002-1825-0097}]",
        "funding: [{grant: HF-12}]",
    ],
)
def test_what_has_another_form_is_refused(project_folder: Path, run: Run, line: str) -> None:
    with (project_folder / "annotations/dataset.yaml").open("a", encoding="utf-8") as stream:
        stream.write(f"{line}\n")
    result = run("check", project_folder)
    assert result.exit_code == 1
    assert re.match(r"annotations/dataset\.yaml:18:\d+: error\[", result.stdout)
