"""Rules on the dataset as a whole."""

from collections.abc import Iterator

from semver import Version

from factpack.corpus import Released, Totals
from factpack.model import Dataset
from factpack.rules.registry import Finding, rule
from factpack.sources import Record
from factpack.vocabulary import advice


def _parse(version: str) -> Version | None:
    return Version.parse(version) if version.isascii() and Version.is_valid(version) else None


@rule("error")
def version_not_semver(dataset: Record[Dataset]) -> Iterator[Finding]:
    """Versions are semantic versions (https://semver.org): MAJOR.MINOR.PATCH.

    Bad: ``version: v1.0``

    Good: ``version: 1.0.0``
    """
    if _parse(dataset.value.version) is None:
        hint = "Write MAJOR.MINOR.PATCH, such as 1.0.0, without a leading v."
        yield Finding(dataset.at("version"), f"`{dataset.value.version}` is not a semantic version", hint)


@rule("error")
def no_claims(totals: Totals) -> Iterator[Finding]:
    """A dataset has at least one claim; without rows there is nothing that `datasets` could load.

    Bad: articles, and no annotation file

    Good: ``annotations/000.yaml`` with one claim
    """
    if not totals.claims:
        hint = "Add one under `claims:` in the file annotations/<article>.yaml."
        yield Finding(totals.dataset.at("name"), "the dataset has no claim", hint)


@rule("error")
def version_of_the_past(released: Released) -> Iterator[Finding]:
    """The version is not older than the last release, which ``annotations/released.jsonl`` names.

    Bad: ``version: 1.0.1`` after the release of 1.1.0

    Good: ``version: 1.1.1``
    """
    version, last = _parse(released.dataset.value.version), released.history.last
    if version and last and version < last.version:
        hint = "Write a later version; `factpack diff` says which one the changes ask for."
        spot = released.dataset.at("version")
        yield Finding(spot, f"{version} is older than {last.version}, which is released", hint)


@rule("error")
def unnamed_licence(dataset: Record[Dataset]) -> Iterator[Finding]:
    """A licence that the Hub has no id for is named.

    Bad: ``license: other`` alone

    Good: ``license: other`` and ``license_name: cc-by-4.0-annotations``
    """
    if dataset.value.license == "other" and not dataset.value.license_name:
        yield Finding(dataset.at("license"), "the licence `other` needs a name", "Add `license_name:`.")


@rule("error")
def unknown_licence(dataset: Record[Dataset]) -> Iterator[Finding]:
    """The licence has an id that the Hub knows (https://huggingface.co/docs/hub/repositories-licenses), or is ``other``
    with a name; the Hub refuses a card with any other.

    Bad: ``license: CC BY 4.0``

    Good: ``license: cc-by-4.0``
    """
    advised = advice("license", dataset.value.license)
    if advised:
        yield Finding(dataset.at("license"), f"the Hub has no licence `{dataset.value.license}`", advised)


@rule("error")
def unknown_language(dataset: Record[Dataset]) -> Iterator[Finding]:
    """A language has its ISO 639 code, because the Hub refuses a card with anything else.

    Bad: ``languages: [English]``

    Good: ``languages: [en]``
    """
    for index, language in enumerate(dataset.value.languages):
        advised = advice("language", language)
        if advised:
            yield Finding(dataset.at("languages", index), f"the Hub has no language `{language}`", advised)
