"""Model the register of the articles, ``annotations/articles.yaml``."""

from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from factpack.project.models.records import CALENDAR_DAY, WEB_ADDRESS, ArticleId, Quote, Text
from factpack.project.vocabulary import Status


class Publisher(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who published an article, by the article's own words."""

    name: Text
    quote: Annotated[Quote, Meta(description="the passage that names the publisher")]


class Date(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When an article was published: stated in the text, or inferred from it."""

    value: Annotated[str, Meta(pattern=CALENDAR_DAY, description="YYYY-MM-DD")]
    stated: Annotated[str, Meta(description="the passage that states the date")] = ""
    inferred: Annotated[str, Meta(description="the passage that the date is inferred from")] = ""


class Sentences(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the sentences of an article end, if the program errs."""

    boundaries: Annotated[
        Literal["language", "lines"],
        Meta(description="lines: each line of the text is a sentence, as other datasets cut their texts"),
    ] = "language"
    join: Annotated[
        tuple[Text, ...], Meta(description="exact words within which no sentence ends, wherever they occur: M. Dupont")
    ] = ()
    split: Annotated[
        tuple[Text, ...], Meta(description="exact words behind which a sentence ends, wherever they occur: cost $5 M.")
    ] = ()


class Article(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A registered article."""

    id: ArticleId
    file: Annotated[str, Meta(pattern=r"^[^/\\\x00]+(?!\n)$", description="file name in seeds/")]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$", description="SHA-256 of the file's bytes")]
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(?!\n)$", description="ISO 639 code of the article's language")]
    title: Annotated[str, Meta(description="the title as printed in the text; left out if there is none")] = ""
    publisher: Publisher | UnsetType = UNSET
    date: Date | UnsetType = UNSET
    url: Annotated[str, Meta(pattern=WEB_ADDRESS, description="address that the text comes from")] = ""
    archived_url: Annotated[str, Meta(pattern=WEB_ADDRESS, description="address of an archived copy")] = ""
    retrieved: Annotated[
        str, Meta(pattern=CALENDAR_DAY, description="day on which the text was taken from there: YYYY-MM-DD")
    ] = ""
    license: Annotated[
        Text, Meta(description="licence of the text, if it states one: an id such as cc-by-4.0, or a name")
    ] = ""
    sentences: Sentences | UnsetType = UNSET
    annotation: Annotated[
        Status,
        Meta(
            description="complete: a sentence that is not accounted for is an error, no longer a warning; "
            "none: the article is only a source of evidence, and nothing in it is annotated"
        ),
    ] = "partial"

    split: ClassVar[str] = ""  # which only some schemes allow


class ArticlesFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``annotations/articles.yaml``: the register of the articles in ``seeds/``."""

    articles: tuple[Article, ...]
