"""Model the annotations, the register and the facts that a curator writes: one typed, frozen value per kind.

Every value is text, because text is what the author wrote: ``no``, ``12:30``, ``2023`` and ``1e3`` stay as the file has
them. The docstring of a model is also its description in the schema, which editors show.
"""

from typing import Annotated, ClassVar, cast

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import fields

from factpack.project.characters import IN_NO_NAME
from factpack.project.vocabulary import Basis, Label, Reason, Stance, Vote
from factpack.project.written_out import SameFact, WrittenOut

# `$` alone also matches before a last line end.
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*(?!\n)$"

# What a segment of an address can hold (RFC 3986, section 3.3, and RFC 3987, section 2.2) without percent-encoding, and
# a file name on every system. Left out besides: `~`, which begins directives behind `#` and ends names of backups; and
# what cannot be seen: blanks, controls, marks of direction, private use.
_UNSAFE = rf"\x00-\x20\"#%*/{IN_NO_NAME}"
#: An id as other datasets have them: safe in an address and, but for the colon, in the name of a file.
ANY_ID = rf"^[^.{_UNSAFE}][^{_UNSAFE}]{{0,199}}(?!\n)$"
ANY_ARTICLE = rf"^[^.:{_UNSAFE}][^:{_UNSAFE}]{{0,199}}(?!\n)$"
#: What they can be made of, for people.
ANY_SIGNS = "up to 200 letters and digits of any script, and _ - . , ; ! $ & ' ( ) + = @, but no dot at the start"

Text = Annotated[str, Meta(min_length=1)]
Slug = Annotated[str, Meta(pattern=SLUG, description="lower-case words and digits joined by single hyphens")]
_ARTICLE = r"^[0-9A-Za-z]+(?!\n)$"
_ARTICLE_ID = "id of an article, as registered: the leading part of its file name"
ArticleId = Annotated[str, Meta(pattern=_ARTICLE, description=_ARTICLE_ID)]
# The name of something registered is looked up. The schema gives editors its form; to match the pattern here as well
# would take as long as everything else that reading a record takes.
# It has the form that the ids of any scheme can have.
ArticleName = Annotated[str, Meta(description=_ARTICLE_ID, extra_json_schema={"pattern": ANY_ARTICLE})]
Quote = Annotated[str, Meta(min_length=1, description="the exact words of the article, to the character")]
Prefix = Annotated[str, Meta(description="the exact words right before the quote, if the quote occurs more than once")]
Suffix = Annotated[str, Meta(description="the exact words right after the quote, if the quote occurs more than once")]
Start = Annotated[
    int,
    Meta(
        ge=0,
        description="offset of the quote in the article, in Unicode code points, if it occurs more than once",
    ),
]
Speaker = Annotated[
    str, Meta(min_length=1, description="`article` for the article's own voice, else a speaker listed in dataset.yaml")
]
FactName = Annotated[
    str,
    Meta(
        description="id of the shared question that it answers, from the file of facts",
        extra_json_schema={"pattern": ANY_ID},
    ),
]
Value = Annotated[
    str, Meta(min_length=1, description="the answer it gives, written the same way wherever it is the same")
]
CALENDAR_DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(?!\n)$"
# Without what would end a link in HTML or Markdown; parentheses occur in addresses.
WEB_ADDRESS = r"^https?://[^\s<>\"\\^`{|}]+(?!\n)$"


class Passage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """Words of an article."""

    article: ArticleName
    quote: Quote
    prefix: Prefix = ""
    suffix: Suffix = ""
    start: Start | UnsetType = UNSET


class PassageVote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What one annotator says of a passage."""

    by: Annotated[Text, Meta(description="name of the annotator, which need not be that of a person")]
    vote: Annotated[Stance, Meta(description="the stance that the passage takes, by this annotator")]


class ClaimVote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What one annotator says of a claim."""

    by: Annotated[Text, Meta(description="name of the annotator, which need not be that of a person")]
    vote: Annotated[Vote, Meta(description="the label of the claim, by this annotator")]


class Evidence(Passage, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of an article that speak for or against a claim: an article and a quote, or a claim that has them."""

    article: ArticleName = ""
    quote: Quote = ""
    claim: Annotated[
        str,
        Meta(
            description="id of another claim, or of an unverified passage: its article and its quote, instead of both",
            extra_json_schema={"pattern": ANY_ID},
        ),
    ] = ""
    stance: Annotated[Stance, Meta(description="whether the passage supports or refutes the claim")]

    # What only some schemes allow; record_models makes fields of these.
    source: ClassVar[str] = ""
    groups: ClassVar[tuple[str, ...]] = ()
    votes: ClassVar[tuple[PassageVote, ...]] = ()
    without_article: ClassVar[bool] = False  # whether a passage can be given without its article

    def __post_init__(self) -> None:
        """Refuse a passage that neither words nor a claim give; the schema says what is missing."""
        if not self.claim and not (self.quote and (self.article or self.without_article)):
            message = "words or a claim have to be given"
            raise ValueError(message)


class Claim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """One atomic proposition of an article, with its label and the evidence for it."""

    id: Slug
    quote: Quote
    prefix: Prefix = ""
    suffix: Suffix = ""
    start: Start | UnsetType = UNSET
    claim: Annotated[Text, Meta(description="the proposition restated so that it stands alone")]
    speaker: Speaker
    fact: FactName
    value: Value
    label: Annotated[Label, Meta(description="what the corpus says of the claim, by the label rules")]
    basis: Annotated[Basis, Meta(description="the ground on which the label was reached")]
    correction: Annotated[str, Meta(description="what the articles say instead; for erroneous claims only")] = ""
    rationale: Annotated[Text, Meta(description="which passages decide, and by which rule")]
    written: Annotated[
        tuple[Evidence | SameFact, ...] | SameFact,
        Meta(
            description="every passage of the corpus that supports or refutes the claim; `same-fact` stands for the "
            "claims on the same fact in other articles"
        ),
    ] = field(name="evidence")

    # What only some schemes allow.
    votes: ClassVar[tuple[ClaimVote, ...]] = ()
    split: ClassVar[str] = ""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Give the passages, once claims that stand for some are written out."""
        return cast("tuple[Evidence, ...]", self.written)

    def evidence_path(self, number: int) -> tuple[str | int, ...]:
        """Return the path of what stands for a passage of evidence, by its number from 0."""
        entry = self.written.entries[number] if isinstance(self.written, WrittenOut) else number
        return ("evidence",) if entry is None else ("evidence", entry)

    def is_cited(self, number: int) -> bool:
        """Tell whether a passage of evidence is that of another claim, which is judged where that is."""
        return isinstance(self.written, WrittenOut) and self.written.cited[number]


class Unverified(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """A checkable passage on which no other passage of the corpus bears."""

    id: Slug
    quote: Quote
    prefix: Prefix = ""
    suffix: Suffix = ""
    start: Start | UnsetType = UNSET
    claim: Annotated[Text, Meta(description="the proposition restated so that it stands alone")]
    speaker: Speaker
    fact: Annotated[str, Meta(description="a fact that it answers, if there is one")] = ""
    value: Annotated[str, Meta(description="the answer it gives to that fact")] = ""
    rationale: Annotated[str, Meta(description="why the passages that come near decide nothing")] = ""
    near: Annotated[
        tuple[Passage, ...], Meta(description="passages that come near the proposition and decide nothing")
    ] = ()

    split: ClassVar[str] = ""  # which only some schemes allow


class NotCheckable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """Sentences that state nothing checkable."""

    quote: Quote
    prefix: Prefix = ""
    suffix: Suffix = ""
    start: Start | UnsetType = UNSET
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


#: The keys of all kinds of record in annotation files, in the order in which they are written there.
RECORD_KEYS = tuple(
    dict.fromkeys(each.encode_name for model in (Claim, Unverified, NotCheckable) for each in fields(model))
)


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


VOTE_OF = "vote_of_"  # begins the name of the field of a reading, which has the key that is its name


class Adjudication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was decided where readings differ, or against all of them; it has a key for each of them."""

    article: ArticleName
    quote: Annotated[
        str, Meta(min_length=1, description="the words of the first reading that has any, in the order of their names")
    ]
    prefix: Prefix = ""
    suffix: Suffix = ""
    start: Start | UnsetType = UNSET
    released: Annotated[str, Meta(description="what is released")]
    why: Annotated[Text, Meta(description="the reason, by the guidelines")]

    @property
    def votes(self) -> tuple[str, ...]:
        """Give what each reading makes of it; record_models makes a field of each."""
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name.startswith(VOTE_OF))


class AdjudicationsFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``annotations/adjudications.yaml``: the decisions on the differences between the readings."""

    adjudications: tuple[Adjudication, ...]
