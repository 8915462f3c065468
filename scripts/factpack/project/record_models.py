"""Make the models of a project's records from its annotation scheme.

The models of :mod:`models` are those of the default scheme. For another one each is a subclass of them with
other words, other required keys and more fields. So whoever reads a record knows its type, and its JSON Schema follows.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import FieldInfo, fields

from factpack.project import models
from factpack.project.models import SCHEMA_FILES, VOTE_OF
from factpack.project.models.struct_fields import Field, described, list_of, one_of, present, required, subclass
from factpack.project.scheme import DEFAULT, ColumnSpec, ColumnType, Scheme
from factpack.project.vocabulary import NO_VOTE
from factpack.project.written_out import SameFact

_WHOLE = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]  # what fits in a column
#: The types of the values of extra columns. In YAML every value is text, which then has the form of a value.
_COLUMN_TYPES: dict[ColumnType, Any] = {
    "text": models.Text,
    "integer": _WHOLE | Annotated[str, Meta(pattern=r"^-?[0-9]{1,18}(?!\n)$")],
    "number": Annotated[float, Meta(ge=-1e308, le=1e308)]
    | Annotated[str, Meta(pattern=r"^-?([0-9]{1,100}(\.[0-9]*)?|\.[0-9]+)([eE](\+?[0-9]{1,2}|-[0-9]{1,3}))?(?!\n)$")],
    "boolean": bool | Literal["true", "false"],
    "date": dt.date,
    "list of text": tuple[models.Text, ...],
}
_VALUES: dict[ColumnType, Callable[[Any], Any]] = {
    "integer": int,
    "number": float,
    "boolean": lambda value: value in (True, "true"),
    "list of text": list,
}

GROUPS = "passages of one group are needed together, and one group suffices; a passage in no group suffices alone"
SPLIT = "the split that it is in; a claim is in that of its article, if the register gives one"
SOURCE = "where the passage is from, if it is given without its article: a title, an address"


@dataclass(frozen=True, eq=False)
class RecordModels:
    """Give the models of the records of a project.

    Attributes:
        scheme: The scheme that they follow.
        readings: The names of the readings.
        article_file: The model of a file with the annotations of an article.
        lines: The models of the lines of JSON Lines, by their ``kind``.
        articles_file: The model of the register of articles.
        facts_file: The model of the file of facts.
        adjudications_file: The model of the file of decisions.
    """

    scheme: Scheme
    readings: tuple[str, ...]
    article_file: type[models.ArticleFile]
    lines: Mapping[str, type[Struct]]
    articles_file: type[models.ArticlesFile]
    facts_file: type[models.FactsFile]
    adjudications_file: type[models.AdjudicationsFile]

    @cached_property
    def article(self) -> type[models.Article]:
        """Give the model of an entry in the register of articles."""
        (entries,) = fields(self.articles_file)
        made: type[models.Article] = get_args(entries.type)[0]
        return made

    @property
    def schema_files(self) -> dict[str, type[Struct]]:
        """Give the file name of each published schema, and the model that it is generated from."""
        own = (self.article_file, self.articles_file, self.facts_file, self.adjudications_file)
        return {
            name: next((each for each in own if issubclass(each, model)), model) for name, model in SCHEMA_FILES.items()
        }

    def __reduce__(self) -> tuple[Callable[[bytes, tuple[str, ...]], "RecordModels"], tuple[bytes, tuple[str, ...]]]:
        """Return what makes the same models in another process."""
        return _models_of, (self.scheme.key, self.readings)


def models_of(scheme: Scheme, readings: tuple[str, ...] = ()) -> RecordModels:
    """Return the models of the records that follow a scheme; the same ones for the same scheme.

    Args:
        scheme: The scheme.
        readings: The names of the readings; while there are none, a schema has those of two.
    """
    return _models_of(scheme.key, readings or ("first", "second"))


@lru_cache
def evidence_model(claim: type[models.Claim]) -> type[models.Evidence]:
    """Return the model of the evidence of a model of claims."""
    (written,) = (each for each in fields(claim) if each.name == "written")
    return next(found for found in _structs(written.type) if issubclass(found, models.Evidence))


def _structs(kind: Any) -> Iterator[type[Struct]]:
    """Yield the models within a type."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield kind
    for part in get_args(kind):
        yield from _structs(part)


def extra_values(records: Iterable[Struct], name: str, spec: ColumnSpec) -> list[Any]:
    """Return what records have in a column that the project adds; ``None``, or no texts, for one that has nothing."""
    attribute, convert = _attribute(name), _VALUES.get(spec.type)
    nothing: list[str] | None = [] if spec.type == "list of text" else None
    values = [getattr(record, attribute, msgspec.UNSET) for record in records]
    return [nothing if value is msgspec.UNSET else convert(value) if convert else value for value in values]


def _attribute(column: str) -> str:
    """Name the field of a column that the project adds, unlike any field of a model and any word of Python."""
    return f"column_{column}"


@lru_cache
def _models_of(key: bytes, readings: tuple[str, ...]) -> RecordModels:
    scheme = msgspec.msgpack.decode(key, type=Scheme)
    maker = _Maker(scheme, readings)
    if scheme == DEFAULT:
        lines: dict[str, type[Struct]] = {
            "claim": models.ClaimLine,
            "unverified": models.UnverifiedLine,
            "not_checkable": models.NotCheckableLine,
        }
        return RecordModels(
            scheme,
            readings,
            models.ArticleFile,
            lines,
            models.ArticlesFile,
            models.FactsFile,
            maker.adjudications_file(),
        )
    return maker.make()


class _Maker:
    """Make the models of a scheme."""

    def __init__(self, scheme: Scheme, readings: tuple[str, ...]) -> None:
        self.scheme = scheme
        self.readings = readings
        any_id = scheme.ids == "any"
        any_form = Meta(pattern=models.ANY_ID, description=f"{models.ANY_SIGNS}; also :")
        self.id: Any = Annotated[str, any_form] if any_id else models.Slug
        self.vote = one_of(scheme.vote_names)

    def make(self) -> RecordModels:
        """Make all models."""
        claim, unverified = self.claim(), self.unverified()
        article = ("article", models.ArticleName, "" if "article" in self.scheme.optional else msgspec.NODEFAULT)
        lists = [
            ("claims", list_of(subclass(models.Claim, claim)), ()),
            ("unverified", list_of(subclass(models.Unverified, unverified)), ()),
        ]
        return RecordModels(
            self.scheme,
            self.readings,
            subclass(models.ArticleFile, [article, *lists]),
            {
                "claim": subclass(models.ClaimLine, [*claim, article]),
                "unverified": subclass(models.UnverifiedLine, [*unverified, article]),
                "not_checkable": models.NotCheckableLine,
            },
            self.articles_file(),
            subclass(models.FactsFile, [("facts", list_of(subclass(models.Fact, [required("id", self.id)])), ())]),
            self.adjudications_file(),
        )

    def claim(self) -> list[Field]:
        """Return the fields of a claim that differ from those of the default scheme."""
        scheme = self.scheme
        stance = one_of(scheme.stances)
        votes = subclass(models.PassageVote, [required("vote", stance)])
        passage = [
            described(models.Evidence, "stance", stance),
            *present("votes", scheme.votes, list_of(votes), "what single annotators say of the passage"),
            *present("groups", scheme.groups, tuple[models.Text, ...], GROUPS),
            *_extra(scheme.columns.evidence),
        ]
        without_article = "article" in scheme.optional
        if without_article:
            passage.append(("source", Annotated[str, Meta(description=SOURCE)], ""))
        of_evidence: Any = subclass(models.Evidence, passage, without_article=without_article)
        evidence: Any = tuple[of_evidence | SameFact, ...] | SameFact
        label = one_of(scheme.labels)
        without_basis = scheme.basis_optional
        basis = one_of(("",) * without_basis + scheme.bases)
        claim_vote = subclass(models.ClaimVote, [required("vote", self.vote)])
        bare = any(not spec.needs and spec.evidence != "required" for spec in scheme.labels.values())
        return [
            required("id", self.id),
            described(models.Claim, "label", label),
            described(models.Claim, "basis", basis, "" if without_basis else msgspec.NODEFAULT),
            described(
                models.Claim,
                "written",
                evidence,
                field(name="evidence", default=()) if bare else field(name="evidence"),
            ),
            *present("votes", scheme.votes, list_of(claim_vote), "what single annotators say of the claim"),
            *self.optional(models.Claim, "quote", "speaker", "fact", "value", "rationale"),
            *self.split(),
            *_extra(scheme.columns.claims),
        ]

    def split(self) -> list[Field]:
        """Return the field of the split, if the project has splits."""
        named = Annotated[one_of(self.scheme.splits), Meta(description=SPLIT)] if self.scheme.splits else None
        return [("split", named, "")] if named else []

    def unverified(self) -> list[Field]:
        """Return the fields of an unverified passage that differ from those of the default scheme."""
        return [
            required("id", self.id),
            *self.optional(models.Unverified, "quote", "speaker"),
            *self.split(),
            *_extra(self.scheme.columns.claims),
        ]

    def optional(self, model: type[Struct], *names: str) -> list[Field]:
        """Return the fields with these names that the scheme makes optional."""
        known: dict[str, FieldInfo] = {each.name: each for each in fields(model)}
        return [(name, known[name].type, "") for name in names if name in self.scheme.optional and known[name].required]

    def articles_file(self) -> type[models.ArticlesFile]:
        """Make the model of the register of articles."""
        article = [*self.split(), *_extra(self.scheme.columns.articles)]
        if self.scheme.ids == "any":
            what = f"id of the article, the leading part of its file name: {models.ANY_SIGNS}"
            article.append(required("id", Annotated[str, Meta(pattern=models.ANY_ARTICLE, description=what)]))
        key, readings = self.scheme.key, self.readings

        def reduce(entry: models.Article) -> tuple[Callable[..., models.Article], tuple[bytes, tuple[str, ...], bytes]]:
            return _article, (key, readings, msgspec.msgpack.encode(entry))

        # Another process gets the entry as a value, because it makes the class by itself.
        made = subclass(models.Article, article, __reduce__=reduce)
        return subclass(models.ArticlesFile, [required("articles", list_of(made))])

    def adjudications_file(self) -> type[models.AdjudicationsFile]:
        """Make the model of the file of decisions."""
        word: Any = one_of((*self.scheme.vote_names, NO_VOTE))
        votes: list[Field] = []
        for number, name in enumerate(self.readings):
            kind = Annotated[word, Meta(description=f"what the {name} reading makes of it")]
            votes.append((f"{VOTE_OF}{number}", kind, field(name=name)))
        decision = subclass(models.Adjudication, [*votes, described(models.Adjudication, "released", word)])
        return subclass(models.AdjudicationsFile, [required("adjudications", list_of(decision))])


def _extra(columns: Mapping[str, ColumnSpec]) -> list[Field]:
    made = []
    for name, spec in columns.items():
        kind: Any = Annotated[_COLUMN_TYPES[spec.type], Meta(description=spec.description)]
        if spec.presence == "required":
            made.append((_attribute(name), kind, field(name=name)))
        else:
            made.append((_attribute(name), kind | msgspec.UnsetType, field(name=name, default=msgspec.UNSET)))
    return made


def _article(key: bytes, readings: tuple[str, ...], entry: bytes) -> models.Article:
    """Make an entry of the register of articles again."""
    return msgspec.msgpack.decode(entry, type=_models_of(key, readings).article)


DEFAULT_MODELS = models_of(DEFAULT)
