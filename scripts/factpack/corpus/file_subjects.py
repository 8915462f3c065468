"""What rules judge of the files of a project and of its register: names, texts, and what is not read."""

from dataclasses import dataclass, field
from typing import Literal

from factpack.formats.locations import LazyLocation, Location, Record
from factpack.project.checkout import Mishap
from factpack.project.models import Article


@dataclass(frozen=True, slots=True)
class ArticleFileError:
    """Report a registered article whose file is missing or has other bytes.

    Attributes:
        record: The entry in the register.
        found: The SHA-256 of the file; empty if there is no file.
        mishap: What Git did to the file, if that is all.
        other_form: Whether there is a file with this name in another Unicode normalization form.
    """

    record: Record[Article]
    found: str
    mishap: Mishap | None = None
    other_form: bool = False

    @property
    def kind(self) -> Literal["missing", "changed"]:
        """Tell which of the two it is."""
        return "changed" if self.found else "missing"


@dataclass(frozen=True, slots=True)
class RepeatedText:
    """Report an article with the text of another one, but for blanks and line ends.

    Attributes:
        record: The entry in the register.
        first: The entry of the other one, which was before it.
    """

    record: Record[Article]
    first: Record[Article]


@dataclass(frozen=True, slots=True)
class FileName:
    """Name a file of the project.

    Attributes:
        name: The name, without its folder.
        place: Where a problem of it is shown.
    """

    name: str
    place: LazyLocation | Location


@dataclass(frozen=True, slots=True)
class AlikeIds:
    """Report an id of an article that differs from another one in case only, or in its Unicode form.

    Attributes:
        name: The id.
        place: Where it is.
        first: The other one, which was before it.
    """

    name: str
    place: LazyLocation
    first: str


@dataclass(frozen=True, slots=True)
class AlikeTexts:
    """Report an article whose text says the same as that of an article in another split, but is written otherwise.

    Attributes:
        record: Its entry in the register.
        first: The entry of the other one, which was before it.
        splits: The splits of both.
    """

    record: Record[Article]
    first: Record[Article]
    splits: tuple[str, str]


@dataclass(frozen=True, slots=True)
class NotAnnotated:
    """Report an article that is registered as completely annotated, and is not annotated at all.

    Attributes:
        record: The entry in the register.
        file: The file where its annotations would be.
    """

    record: Record[Article]
    file: str


@dataclass(frozen=True, slots=True)
class AnnotatedSource:
    """Report annotations of an article that is registered as only a source.

    Attributes:
        article: The id of the article.
        place: Where the annotations name it.
    """

    article: str
    place: LazyLocation


@dataclass(frozen=True, slots=True)
class MisnamedFile:
    """Report a file with the annotations of an article that it is not named after.

    Attributes:
        name: The name of the file.
        article: The id of the article.
    """

    name: str
    article: str


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """Carry a file of the project that the release has a copy of.

    Attributes:
        name: Its name: that of the guidelines, the changelog or the licence.
        data: Its bytes, but for the line ends.
    """

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StrayFile:
    """Report a file or folder that is not read, though it looks as if it were.

    Attributes:
        name: The name of the file.
        reason: Why it is not read, and what to do; of a file in ``seeds/`` the register where it is missing.
        sha256: The SHA-256 of a file in ``seeds/`` that is not registered, which is the reason then.
        is_folder: Whether it is a folder.
    """

    name: str
    reason: str = ""
    sha256: str = ""
    is_folder: bool = False
