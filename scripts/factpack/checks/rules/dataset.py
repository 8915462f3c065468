"""Rules on the dataset as a whole, and on the words and columns that dataset.yaml gives it."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from msgspec import UNSET
from semver import Version

from factpack.checks.hub_vocabulary import advice
from factpack.checks.messages.similar import listed
from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.subjects import Released, Totals
from factpack.formats.locations import Location, Record
from factpack.project.history import History
from factpack.project.layout import RELEASED
from factpack.project.models import Dataset
from factpack.project.placeholders import is_unwritten
from factpack.project.scheme import EXTENDED, LabelSpec, Scheme, scheme_of
from factpack.project.vocabulary import NO_VOTE, RESERVED

#: The next step for anything that released.jsonl says.
NOBODY_EDITS = "Nobody edits this file. Take it whole from the commit of the last release."


def _parse(version: str) -> Version | None:
    return Version.parse(version) if version.isascii() and Version.is_valid(version) else None


@rule("error")
def version_not_semver(dataset: Record[Dataset]) -> Iterator[Problem]:
    """Versions are semantic versions (https://semver.org): MAJOR.MINOR.PATCH.

    Bad: ``version: v1.0``

    Good: ``version: 1.0.0``
    """
    if _parse(dataset.value.version) is None:
        hint = "Write MAJOR.MINOR.PATCH, such as 1.0.0, without a leading v."
        yield Problem(dataset.at("version"), f"`{dataset.value.version}` is not a semantic version", hint)


@rule("error")
def no_claims(totals: Totals) -> Iterator[Problem]:
    """A dataset has at least one claim; without rows there is nothing that `datasets` could load.

    Bad: articles, and no annotation file

    Good: ``annotations/000.yaml`` with one claim
    """
    if not totals.claims:
        where = "under `claims:` in the file " if totals.file.endswith(".yaml") else "to "
        hint = f"Add one {where}{totals.file}."
        if not totals.articles:
            hint = "Begin with an article: `factpack add-article FILE --language en`."
        yield Problem(totals.dataset.at("name"), "the dataset has no claim", hint)


@rule("error")
def version_of_the_past(released: Released) -> Iterator[Problem]:
    """The version is not older than the last release, which ``annotations/released.jsonl`` names.

    Bad: ``version: 1.0.1`` after the release of 1.1.0

    Good: ``version: 1.1.1``
    """
    last = _parse(released.history.last.version) if released.history.last else None
    version = _parse(released.dataset.value.version)
    if version and last and version < last:
        hint = "Write a later version; `factpack release` says which one if it is too small for the changes."
        spot = released.dataset.at("version")
        yield Problem(spot, f"{version} is older than {last}, which is released", hint)


@rule("error")
def damaged_history(released: Released) -> Iterator[Problem]:
    """``annotations/released.jsonl`` is whole, as ``factpack release`` wrote it: every release, each after the one
    before it, and every row of the last one. Otherwise the rows would tell wrong versions.

    Bad: lines that a merge has put together from two branches

    Good: the whole file, as it was committed with the last release
    """
    problem = next(_damage(released.history), None)
    if problem:
        yield Problem(Location(RELEASED, 1, 1), problem, NOBODY_EDITS)


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
        for pair, row in rows.versions.items():
            added, changed = map(versions.get, pair)
            if not added or not changed or changed < added:
                yield f"added_in {pair[0]} and changed_in {pair[1]} of `{row}` in {config} do not fit the releases"
                return


@rule("error")
def listed_twice(dataset: Record[Dataset]) -> Iterator[Problem]:
    """Nothing is twice in a list of ``dataset.yaml``: no language, no tag, no speaker.

    Bad: ``languages: [en, ja, en]``

    Good: ``languages: [en, ja]``
    """
    for key in ("languages", "tags", "annotations_creators", "speakers"):
        seen: set[str] = set()
        for index, name in enumerate(getattr(dataset.value, key)):
            if name in seen:
                yield Problem(dataset.at(key, index), f"`{name}` is twice among the {key}", "Delete one of the two.")
            seen.add(name)


@rule("error")
def unnamed_licence(dataset: Record[Dataset]) -> Iterator[Problem]:
    """A licence that the Hub has no id for is named.

    Bad: ``license: other`` alone

    Good: ``license: other`` and ``license_name: cc-by-4.0-annotations``
    """
    if dataset.value.license == "other" and not dataset.value.license_name:
        yield Problem(dataset.at("license"), "the licence `other` needs a name", "Add `license_name:`.")


@rule("error")
def unknown_licence(dataset: Record[Dataset]) -> Iterator[Problem]:
    """The licence has an id that the Hub knows (https://huggingface.co/docs/hub/repositories-licenses), or is ``other``
    with a name; the Hub refuses a card with any other.

    Bad: ``license: CC BY 4.0``

    Good: ``license: cc-by-4.0``
    """
    advised = advice("license", dataset.value.license)
    if advised and not is_unwritten(dataset.value.license):
        yield Problem(dataset.at("license"), f"the Hub has no licence `{dataset.value.license}`", advised)


@rule("error")
def wrong_orcid(dataset: Record[Dataset]) -> Iterator[Problem]:
    """The ORCID iD of an author has the check digit that follows from the others (ISO 7064, MOD 11-2).

    Bad: ``orcid: 0000-0002-1825-0098``

    Good: ``orcid: 0000-0002-1825-0097``
    """
    for index, author in enumerate(dataset.value.authors):
        if author.orcid and author.orcid[-1] != (digit := _check_digit(author.orcid)):
            message = f"there is no ORCID iD {author.orcid}: with these digits the last one would be {digit}"
            yield Problem(
                dataset.at("authors", index, "orcid"), message, "Copy it from the author's page on orcid.org."
            )


def _check_digit(orcid: str) -> str:
    total = 0
    for digit in orcid[:-1].replace("-", ""):
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11]


@rule("error")
def family_name_elsewhere(dataset: Record[Dataset]) -> Iterator[Problem]:
    """The family name of an author begins or ends the name, so that the rest are the given names.

    Bad: ``name: A. Lovelace`` and ``family_name: King``

    Good: ``name: Ada Lovelace`` and ``family_name: Lovelace``
    """
    for index, author in enumerate(dataset.value.authors):
        name, family = author.name, author.family_name
        if family and name != family and not (name.startswith(f"{family} ") or name.endswith(f" {family}")):
            message = f"`{name}` does not begin or end with the family name `{family}`"
            yield Problem(dataset.at("authors", index, "family_name"), message, "Correct the name or the family name.")


@rule("error")
def no_such_publication_date(dataset: Record[Dataset]) -> Iterator[Problem]:
    """The date of publication is in the calendar.

    Bad: ``published: 2026-11-31``

    Good: ``published: 2026-11-30``
    """
    try:
        date.fromisoformat(dataset.value.published or "2000-01-01")
    except ValueError:
        message = f"there is no {dataset.value.published} in the calendar"
        yield Problem(dataset.at("published"), message, "Correct the date.")


_TAKEN = ("unverified", "not_checkable", NO_VOTE)


@rule("error")
def label_name_taken(dataset: Record[Dataset]) -> Iterator[Problem]:
    """A label has a name of its own: a reading can make a label of a passage, or one of these words.

    Bad: ``labels: {unverified: {}}``

    Good: ``labels: {not_enough_info: {}}``; or the passages listed under ``unverified``, without a label
    """
    words = dataset.value.vocabulary
    for name in words.labels if words is not UNSET and words.labels is not UNSET else ():
        if name in _TAKEN:
            place = dataset.at_key("vocabulary", "labels", name)
            yield Problem(place, f"`{name}` cannot be a label", f"Choose another name than {listed(_TAKEN)}.")


@rule("error")
def label_nobody_can_give(dataset: Record[Dataset]) -> Iterator[Problem]:
    """What a label needs can be given: a stance counts on each side, and nothing is needed and excluded at once.

    Bad: ``supported: {needs: [for], never: [for]}``

    Good: ``supported: {needs: [for], never: [against]}``
    """
    words = dataset.value.vocabulary
    scheme = scheme_of(words, UNSET, UNSET)
    if words is UNSET or words.labels is UNSET:
        return
    for name, spec in scheme.labels.items():
        if wrong := _impossible(spec, scheme):
            place = dataset.at("vocabulary", "labels", name)
            yield Problem(place, f"no claim can be `{name}`: {wrong}", "Correct what the label needs.")


def _impossible(spec: LabelSpec, scheme: Scheme) -> str:
    for side in spec.needs:
        if side in spec.never:
            return f"it needs evidence that counts `{side}`, and excludes it"
        if not scheme.stances_on(side):
            return f"it needs evidence that counts `{side}`, and no stance does"
    return "it needs evidence, and `evidence` is forbidden" if spec.needs and spec.evidence == "forbidden" else ""


@rule("error")
def column_name_taken(dataset: Record[Dataset]) -> Iterator[Problem]:
    """A column that a project adds has a name that nothing else has in its table or in its records.

    Bad: ``columns: {claims: {label: {type: text, description: …}}}``

    Good: ``columns: {claims: {original_label: {type: text, description: …}}}``
    """
    columns = dataset.value.columns
    for table in EXTENDED if columns is not UNSET else ():
        for name in getattr(columns, table):
            if name in RESERVED[table]:
                place = dataset.at_key("columns", table, name)
                yield Problem(place, f"`{table}` has a column or a key `{name}` already", "Choose another name.")
