"""Model the releases that were made, and the rows of the last one, which ``factpack release`` notes."""

from typing import Annotated

from msgspec import Meta, Struct, field

from factpack.project.models.records import Text

# The expression that https://semver.org suggests, without its groups.
_SEMVER = (
    r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?(?!\n)$"
)
ReleasedVersion = Annotated[str, Meta(pattern=_SEMVER, description="semantic version of a release")]


class Release(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="release"):
    """Record a release that was made, as a line of ``annotations/released.jsonl``."""

    version: ReleasedVersion
    tables: Annotated[dict[str, str], Meta(description="the digest of the rows of each table, by its config")]
    columns: Annotated[
        dict[str, tuple[str, ...]], Meta(description="the columns that the digests of rows cover, by config")
    ]


class ReleasedRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="row"):
    """Record a row of the last release, as a line of ``annotations/released.jsonl``."""

    config: Text
    id: Text
    added_in: ReleasedVersion
    changed_in: ReleasedVersion
    digest: Annotated[Text, Meta(description="the digest of the values of the row")] = field(name="sum")


class PlainRow(ReleasedRow, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="row"):
    """Read the same without a look at the form of its versions, which takes long for millions of rows."""

    added_in: Text
    changed_in: Text
