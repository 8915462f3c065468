"""Rules on the dataset as a whole."""

from collections.abc import Iterator
from itertools import pairwise

from semver import Version

from factpack.corpus import Released, Totals
from factpack.history import History
from factpack.model import Dataset
from factpack.project import RELEASED
from factpack.records import Record, Spot
from factpack.rules.registry import Finding, rule
from factpack.vocabulary import advice

#: The next step for anything that released.jsonl says.
NOBODY_EDITS = "Nobody edits this file. Take it whole from the commit of the last release."


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
    last = _parse(released.history.last.version) if released.history.last else None
    version = _parse(released.dataset.value.version)
    if version and last and version < last:
        hint = "Write a later version; `factpack release` says which one if it is too small for the changes."
        spot = released.dataset.at("version")
        yield Finding(spot, f"{version} is older than {last}, which is released", hint)


@rule("error")
def damaged_history(released: Released) -> Iterator[Finding]:
    """``annotations/released.jsonl`` is whole, as ``factpack release`` wrote it: every release, each after the one
    before it, and every row of the last one. Otherwise the rows would tell wrong versions.

    Bad: lines that a merge has put together from two branches

    Good: the whole file, as it was committed with the last release
    """
    fault = next(_damage(released.history), None)
    if fault:
        yield Finding(Spot(RELEASED, 1, 1), fault, NOBODY_EDITS)


def _damage(history: History) -> Iterator[str]:
    versions = {release.version: _parse(release.version) for release in history.releases}
    if history.rows and not versions:
        yield "it has rows, and no release that they are of"
    if None in versions.values():
        yield "it names a release that has no semantic version"
        return
    numbers = [versions[release.version] for release in history.releases]
    for before, after in pairwise(numbers):
        if before and after and after <= before:
            yield f"the release {after} does not come after {before}, which stands before it"
    if history.last and history.last.tables.keys() != history.rows.keys():
        others = ", ".join(sorted(history.last.tables.keys() ^ history.rows.keys()))
        yield f"the tables of {history.last.version} and those of the rows are not the same: {others}"
    for config, rows in history.rows.items():
        for stamp, row in rows.stamps.items():
            added, changed = map(versions.get, stamp)
            if not added or not changed or changed < added:
                yield f"added_in {stamp[0]} and changed_in {stamp[1]} of `{row}` in {config} do not fit the releases"
                return


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
