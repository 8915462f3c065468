"""Rules on the dataset as a whole."""

from collections.abc import Iterator

from semver import Version

from factpack.corpus import LabelledClaim, Totals
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
    for key in ("version", "first_version"):
        text = getattr(dataset.value, key)
        if _parse(text) is None:
            hint = "Write MAJOR.MINOR.PATCH, such as 1.0.0, without a leading v."
            yield Finding(dataset.at(key), f"`{text}` is not a semantic version", hint)


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
def version_out_of_range(dataset: Record[Dataset]) -> Iterator[Finding]:
    """The dataset is not older than its first version.

    Bad: ``version: 1.0.0`` with ``first_version: 1.1.0``

    Good: ``version: 1.1.0`` with ``first_version: 1.0.0``
    """
    version, first = _parse(dataset.value.version), _parse(dataset.value.first_version)
    if version and first and version < first:
        yield Finding(
            dataset.at("version"), f"{version} is before the first version, {first}", "Correct one of the two."
        )


@rule("error")
def added_in_out_of_range(claim: LabelledClaim) -> Iterator[Finding]:
    """``added_in`` is a version from the dataset's first to the present one.

    Bad: ``added_in: 2.0.0`` in version 1.1.0 of the dataset

    Good: ``added_in: 1.1.0``
    """
    text = claim.record.value.added_in
    if not text or not claim.dataset:
        return
    added, now, first = _parse(text), _parse(claim.dataset.version), _parse(claim.dataset.first_version)
    if added is None or (now and first and not first <= added <= now):
        hint = (
            f"Write the version that first carries the claim, {claim.dataset.first_version} to {claim.dataset.version}."
        )
        yield Finding(claim.record.at("added_in"), f"`{text}` is no version of this dataset so far", hint)


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
