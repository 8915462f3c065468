"""Model ``annotations/dataset.yaml``: what a release says about itself."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from factpack.project.models.records import CALENDAR_DAY, WEB_ADDRESS, Slug, Text
from factpack.project.scheme import ExtraColumns, Scheme, Splits, Vocabulary, scheme_of
from factpack.project.vocabulary import Creators, DuplicateState, TextState

Version = Annotated[str, Meta(min_length=1, description="semantic version of the dataset, such as 1.0.0")]

_ORCID = r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X](?!\n)$"
# The form that the schema of CITATION.cff takes too.
_DOI = r"^10\.[0-9]{4,9}(\.[0-9]+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+(?!\n)$"
_CONTACT = r"^([^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]{2,}|https?://[^\s<>\"\\^`{|}]+)(?!\n)$"


class Author(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who made the dataset: a person or a group."""

    name: Annotated[Text, Meta(description="the name in full, as printed: Ada Lovelace, or that of a group")]
    family_name: Annotated[
        str, Meta(description="of a person: the part of the name, at its beginning or end, that a citation sorts by")
    ] = ""
    orcid: Annotated[str, Meta(pattern=_ORCID, description="ORCID iD of a person, such as 0000-0002-1825-0097")] = ""
    affiliation: Annotated[str, Meta(description="the organization that a person works for")] = ""

    @property
    def given_names(self) -> str:
        """Give what the name has besides the family name; all of it if that is not told."""
        name = self.name
        family = self.family_name
        return (name.removesuffix(family) if name.endswith(family) else name.removeprefix(family)).strip()

    @property
    def is_person(self) -> bool:
        """Tell whether this is a person, as far as is known."""
        return bool(self.family_name or self.orcid or self.affiliation)


class Funding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who paid for the dataset."""

    funder: Annotated[Text, Meta(description="the name of the organization")]
    grant: Annotated[str, Meta(description="the number of the grant")] = ""


class Dataset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
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
    authors: Annotated[tuple[Author, ...], Meta(description="who made the dataset, in the order of the citation")] = ()
    contact: Annotated[
        str, Meta(pattern=_CONTACT, description="where questions go: a mail address, or a web address")
    ] = ""
    homepage: Annotated[str, Meta(pattern=WEB_ADDRESS, description="address of the dataset's own page")] = ""
    doi: Annotated[str, Meta(pattern=_DOI, description="DOI of the dataset, without https://doi.org/")] = ""
    published: Annotated[
        str, Meta(pattern=CALENDAR_DAY, description="day on which this version is published: YYYY-MM-DD")
    ] = ""
    funding: Annotated[tuple[Funding, ...], Meta(description="who paid for it")] = ()
    annotation_protocol: Annotated[str, Meta(description="how the annotators worked, step by step")] = ""
    annotation_platform: Annotated[str, Meta(description="the tool in which they annotated")] = ""
    annotators: Annotated[str, Meta(description="who annotated: how many, chosen how, with which background")] = ""
    biases: Annotated[str, Meta(description="which views, people or topics are over- or underrepresented")] = ""
    uses: Annotated[str, Meta(description="what the dataset is for, and what it is not for")] = ""
    sensitive_content: Annotated[str, Meta(description="what it says of living people, and what may offend")] = ""
    maintenance: Annotated[str, Meta(description="who corrects errors, how they are reported, and until when")] = ""
    vocabulary: Vocabulary | UnsetType = UNSET
    columns: ExtraColumns | UnsetType = UNSET
    splits: Splits | UnsetType = UNSET
    text: Annotated[
        TextState,
        Meta(
            description="as-found: control characters, byte order marks and other Unicode normalization in articles "
            "and annotations are warnings, for a corpus that has to stay true to the byte"
        ),
    ] = "clean"
    duplicates: Annotated[
        DuplicateState,
        Meta(
            description="as-found: equal claims with other labels or in two splits, and articles with the same text, "
            "are warnings, for data that are published already or where a label rests on the evidence of its own claim"
        ),
    ] = "refused"

    @property
    def scheme(self) -> Scheme:
        """Give the annotation scheme of the dataset."""
        return scheme_of(self.vocabulary, self.columns, self.splits)
