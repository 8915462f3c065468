"""The records that a curator writes: one typed, frozen value per kind, and the JSON Schemas generated from them.

Every value is text, because text is what the author wrote: ``no``, ``12:30``, ``2023`` and ``1e3`` stay as they stand
in the file.
"""

from typing import Annotated, Any, Literal, get_args

from msgspec import UNSET, Meta, Struct, UnsetType, json

Label = Literal["supported", "disputed", "erroneous"]
Stance = Literal["supports", "refutes"]
Basis = Literal[
    "corroborated", "corroborated_within", "contradicted", "doubted", "corrected", "outweighed", "magnitude"
]
Reason = Literal["opinion", "prediction", "question", "heading", "boilerplate", "tone", "unclear"]
Status = Literal["complete", "partial"]
# What a reading can make of a passage; `none` where it has no record of it.
Vote = Literal["supported", "disputed", "erroneous", "unverified", "not_checkable"]
VoteOrNone = Literal["supported", "disputed", "erroneous", "unverified", "not_checkable", "none"]
# The Hub's vocabulary for who made the annotations.
Creators = Literal["crowdsourced", "expert-generated", "found", "machine-generated", "other"]

# The order is the order of the label ids in the dataset: append, never reorder.
LABELS: tuple[str, ...] = get_args(Label)
STANCES: tuple[str, ...] = get_args(Stance)
BASES: tuple[str, ...] = get_args(Basis)
REASONS: tuple[str, ...] = get_args(Reason)
VOTES: tuple[str, ...] = get_args(Vote)
NO_VOTE = "none"

#: Which grounds a label can rest on.
GROUNDS: dict[str, tuple[str, ...]] = {
    "supported": ("corroborated", "corroborated_within"),
    "disputed": ("contradicted", "doubted"),
    "erroneous": ("corrected", "outweighed", "magnitude"),
}

#: The ``speaker`` of what an article states in its own voice.
ARTICLE_VOICE = "article"

# `$` alone also matches before a last line end.
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*(?!\n)$"

Text = Annotated[str, Meta(min_length=1)]
Slug = Annotated[str, Meta(pattern=SLUG, description="lower-case words and digits joined by single hyphens")]
_ARTICLE = r"^[0-9A-Za-z]+(?!\n)$"
_ARTICLE_ID = "id of an article, as registered: the leading part of its file name"
ArticleId = Annotated[str, Meta(pattern=_ARTICLE, description=_ARTICLE_ID)]
# What names something registered is looked up. Editors are told its form; to compare it with a pattern here as well
# would take as long as all else that is done to read a record.
ArticleName = Annotated[str, Meta(description=_ARTICLE_ID, extra_json_schema={"pattern": _ARTICLE})]
Quote = Annotated[str, Meta(min_length=1, description="the exact words of the article, to the character")]
Prefix = Annotated[str, Meta(description="the exact words right before the quote, if the quote occurs more than once")]
Suffix = Annotated[str, Meta(description="the exact words right after the quote, if the quote occurs more than once")]
Speaker = Annotated[
    str, Meta(min_length=1, description="`article` for the article's own voice, else a speaker listed in dataset.yaml")
]
FactName = Annotated[
    str,
    Meta(
        description="id of the shared question that it answers, from the file of facts",
        extra_json_schema={"pattern": SLUG},
    ),
]
Value = Annotated[
    str, Meta(min_length=1, description="the answer it gives, written the same way wherever it is the same")
]
Version = Annotated[str, Meta(min_length=1, description="semantic version of the dataset, such as 1.0.0")]
# The expression that https://semver.org suggests, without its groups.
_SEMVER = (
    r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?(?!\n)$"
)
ReleasedVersion = Annotated[str, Meta(pattern=_SEMVER, description="semantic version of a release")]


class Passage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """Words of an article."""

    article: ArticleName
    quote: Quote
    prefix: Prefix = ""
    suffix: Suffix = ""


class Evidence(Passage, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of an article that speak for or against a claim."""

    stance: Annotated[Stance, Meta(description="whether the passage supports or refutes the claim")]


class Claim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """One atomic proposition of an article, with its label and the evidence for it."""

    id: Slug
    quote: Quote
    prefix: Prefix = ""
    suffix: Suffix = ""
    claim: Annotated[Text, Meta(description="the proposition restated so that it stands alone")]
    speaker: Speaker
    fact: FactName
    value: Value
    label: Annotated[Label, Meta(description="what the corpus says of the claim, by the label rules")]
    basis: Annotated[Basis, Meta(description="the ground on which the label was reached")]
    correction: Annotated[str, Meta(description="what the articles say instead; for erroneous claims only")] = ""
    rationale: Annotated[Text, Meta(description="which passages decide, and by which rule")]
    evidence: Annotated[
        tuple[Evidence, ...], Meta(description="every passage of the corpus that supports or refutes the claim")
    ]


class Unverified(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """A checkable passage on which no other passage of the corpus bears."""

    id: Slug
    quote: Quote
    prefix: Prefix = ""
    suffix: Suffix = ""
    claim: Annotated[Text, Meta(description="the proposition restated so that it stands alone")]
    speaker: Speaker
    fact: Annotated[str, Meta(description="a fact that it answers, if there is one")] = ""
    value: Annotated[str, Meta(description="the answer it gives to that fact")] = ""


class NotCheckable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """Sentences that state nothing checkable."""

    quote: Quote
    prefix: Prefix = ""
    suffix: Suffix = ""
    reason: Annotated[Reason, Meta(description="why there is nothing to check")]


class ArticleFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``annotations/<article>.yaml``: everything annotated in one article."""

    article: ArticleName
    claims: tuple[Claim, ...] = ()
    unverified: tuple[Unverified, ...] = ()
    not_checkable: tuple[NotCheckable, ...] = ()


class ClaimLine(Claim, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="claim"):
    """A claim as one line of a JSON Lines file."""

    article: ArticleName


class UnverifiedLine(
    Unverified, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="unverified"
):
    """An unverified passage as one line of a JSON Lines file."""

    article: ArticleName


class NotCheckableLine(
    NotCheckable, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="not_checkable"
):
    """Sentences that state nothing checkable, as one line of a JSON Lines file."""

    article: ArticleName


class Publisher(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who published an article, by the article's own words."""

    name: Text
    quote: Annotated[Quote, Meta(description="the passage that names the publisher")]


class Date(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When an article was published: stated in the text, or inferred from it."""

    value: Annotated[
        str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(?!\n)$", description="YYYY-MM-DD")
    ]
    stated: Annotated[str, Meta(description="the passage that states the date")] = ""
    inferred: Annotated[str, Meta(description="the passage that the date is inferred from")] = ""


class Article(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A registered article."""

    id: ArticleId
    file: Annotated[str, Meta(pattern=r"^[^/\\\x00]+(?!\n)$", description="file name in seeds/")]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$", description="SHA-256 of the file's bytes")]
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(?!\n)$", description="ISO 639 code of the article's language")]
    title: Annotated[str, Meta(description="the title as printed in the text; left out if there is none")] = ""
    publisher: Publisher | UnsetType = UNSET
    date: Date | UnsetType = UNSET
    annotation: Annotated[
        Status, Meta(description="complete: a sentence that is not accounted for is an error, no longer a warning")
    ] = "partial"


class ArticlesFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``annotations/articles.yaml``: the register of the articles in ``seeds/``."""

    articles: tuple[Article, ...]


class Settled(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer that the articles settle, and where."""

    value: Value
    passages: Annotated[tuple[Passage, ...], Meta(min_length=1, description="the passages that settle it")]


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question that several claims answer."""

    id: Slug
    question: Text
    settled: Settled | UnsetType = UNSET


class FactsFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``annotations/facts.yaml``: the questions that the claims answer."""

    facts: tuple[Fact, ...] = ()


class Adjudication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was decided where two readings differ."""

    article: ArticleName
    quote: Annotated[
        str, Meta(min_length=1, description="the words of the first reading, or of the second if it alone has any")
    ]
    prefix: Prefix = ""
    suffix: Suffix = ""
    first: Annotated[VoteOrNone, Meta(description="what the first reading makes of it")]
    second: Annotated[VoteOrNone, Meta(description="what the second reading makes of it")]
    released: Annotated[VoteOrNone, Meta(description="what is released")]
    why: Annotated[Text, Meta(description="the reason, by the guidelines")]


class AdjudicationsFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``annotations/adjudications.yaml``: the decisions on the differences between two readings."""

    adjudications: tuple[Adjudication, ...]


class Release(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="release"):
    """A release that was made, as a line of ``annotations/released.jsonl``."""

    version: ReleasedVersion
    tables: Annotated[dict[str, str], Meta(description="the sum of the rows of each table, by its config")]
    columns: Annotated[dict[str, tuple[str, ...]], Meta(description="what the sums of the rows of each table cover")]


class ReleasedRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="row"):
    """A row of the last release, as a line of ``annotations/released.jsonl``."""

    config: Text
    id: Text
    added_in: ReleasedVersion
    changed_in: ReleasedVersion
    sum: Annotated[Text, Meta(description="the sum of what the row says")]


class PlainRow(ReleasedRow, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="row"):
    """The same before the form of its versions is looked at, which for millions of rows takes long."""

    added_in: Text
    changed_in: Text


class Dataset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``annotations/dataset.yaml``: what the release says about itself."""

    name: Slug
    title: Annotated[Text, Meta(description="the name for people, heading of the dataset card")]
    version: Version
    license: Annotated[Text, Meta(description="licence id as the Hub knows it, such as cc-by-4.0, or other")]
    license_name: Annotated[str, Meta(description="name of the licence, if its id is other")] = ""
    license_link: Annotated[
        Text, Meta(pattern=r"^https://[^\s<>\"'()\[\]\\^`{|}]+(?!\n)$", description="address of the licence text")
    ]
    languages: Annotated[tuple[Text, ...], Meta(min_length=1, description="ISO 639 codes")]
    description: Annotated[Text, Meta(description="one paragraph: what the dataset holds")]
    annotations_creators: Annotated[
        tuple[Creators, ...], Meta(min_length=1, description="who made the annotations, in the Hub's words")
    ]
    curation: Annotated[Text, Meta(description="how the articles were chosen and the annotations made")]
    rights: Annotated[Text, Meta(description="who holds the rights to the articles, and what the licence covers")]
    limitations: Annotated[Text, Meta(description="limits and biases that a user must know")]
    speakers: Annotated[
        tuple[Text, ...], Meta(description="everybody named as a speaker; `article` is always known")
    ] = ()
    tags: Annotated[tuple[Slug, ...], Meta(description="further tags for the Hub")] = ()


#: File name of each published schema, and the model that it is generated from.
SCHEMA_FILES: dict[str, type[Struct]] = {
    "adjudications.schema.json": AdjudicationsFile,
    "article.schema.json": ArticleFile,
    "articles.schema.json": ArticlesFile,
    "dataset.schema.json": Dataset,
    "facts.schema.json": FactsFile,
}


def schema(model: type[Struct]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | json.schema(model)
