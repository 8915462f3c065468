"""Describe what anchoring and comparing find wrong; the rules put it into words."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from factpack.formats.locations import LazyLocation, Location, Record
from factpack.project.history import History
from factpack.project.models import Dataset
from factpack.text.locate import Ambiguous, Misplaced, Missing
from factpack.text.sentences import Span


@dataclass(frozen=True, slots=True)
class Totals:
    """Count what a whole project has.

    Attributes:
        dataset: The dataset.
        claims: The number of its claims.
        articles: The number of its articles.
        file: The file where claims are added.
    """

    dataset: Record[Dataset]
    claims: int
    articles: int
    file: str


@dataclass(frozen=True, slots=True)
class Released:
    """Put the dataset beside the releases that were made of it."""

    dataset: Record[Dataset]
    history: History


@dataclass(frozen=True, slots=True)
class UnknownName:
    """Report the name of something that does not exist.

    Attributes:
        kind: What the name should name.
        name: The name.
        place: Where it is.
        known: All names of the kind.
        register: The file where a name of the kind is added.
    """

    kind: Literal["article", "fact", "speaker"]
    name: str
    place: LazyLocation
    known: Collection[str] = field(repr=False)
    register: str


@dataclass(frozen=True, slots=True)
class DuplicateId:
    """Report an id that something else has already.

    Attributes:
        kind: What has the id.
        name: The id.
        place: Where it is.
        first: Where it was before.
    """

    kind: Literal["claim", "article", "fact", "speaker", "annotation"]
    name: str
    place: LazyLocation
    first: LazyLocation


@dataclass(frozen=True, slots=True)
class QuoteNotLocated:
    """Report a quote that does not occur in its article, occurs more than once, or not where it is said to.

    The result of the search has no place of its own: a quote is also searched for where nothing is reported.

    Attributes:
        place: Where the quote is, or the offset that it should be at.
        article: The id of the article.
        result: Why the quote has no span.
        elsewhere: Returns the id of another article that has the words, or nothing; it can take long.
    """

    place: LazyLocation
    article: str
    result: Missing | Ambiguous | Misplaced
    elsewhere: Callable[[str], str] = field(default=lambda _: "", repr=False)

    @property
    def kind(self) -> Literal["missing", "ambiguous", "misplaced"]:
        """Tell which of them it is."""
        match self.result:
            case Missing():
                return "missing"
            case Ambiguous():
                return "ambiguous"
        return "misplaced"


@dataclass(frozen=True, slots=True)
class PlaceWithoutArticle:
    """Report a key that says where words are in an article, where no article is given.

    Attributes:
        place: Where the key is.
        key: The key.
    """

    place: LazyLocation
    key: str


@dataclass(frozen=True, slots=True)
class CutQuote:
    """Report a quote that does not begin or end where words do.

    Attributes:
        place: Where the quote is.
        span: Its span in the text of the article.
        text: That text.
    """

    place: LazyLocation
    span: Span
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdleSentenceWords:
    """Report words of the register that join or split no sentence of the article.

    Attributes:
        article: The id of the article.
        key: What they are to do.
        place: Where they are.
    """

    article: str
    key: Literal["join", "split"]
    place: LazyLocation


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Report a text of a template that is still in its place.

    Attributes:
        key: The key of dataset.yaml; ``claim`` in a stub; empty in the guidelines.
        place: Where the text is.
    """

    key: str
    place: LazyLocation | Location


@dataclass(frozen=True, slots=True)
class LanguageCode:
    """Name the language of an article or of the dataset.

    Attributes:
        code: The code of the language.
        place: Where the code is.
    """

    code: str
    place: LazyLocation


@dataclass(frozen=True, slots=True)
class Languages:
    """Put the dataset beside the languages of its articles.

    Attributes:
        dataset: The dataset.
        articles: The languages, each with the id of the first article in it.
    """

    dataset: Record[Dataset]
    articles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EmptySplit:
    """Report a split that no claim is in.

    Attributes:
        place: Where it is named.
        split: Its name.
    """

    place: LazyLocation
    split: str
