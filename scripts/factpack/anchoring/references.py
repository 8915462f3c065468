"""Collect what annotations refer to: the texts, and the names that they may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from factpack.anchoring.cited.claim_store import ClaimStore
from factpack.anchoring.text_store import TextStore
from factpack.project.layout import ProjectFiles
from factpack.project.record_models import RecordModels

Kind = Literal["article", "fact", "speaker"]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Number the ids of one kind.

    Attributes:
        kind: The kind.
        numbers: The number of each id, from 0, in their order.
        complete: Whether there can be no others.
        register: The file where others are added.
    """

    kind: Kind
    numbers: Mapping[str, int]
    complete: bool
    register: str


@dataclass(frozen=True, slots=True)
class References:
    """Give the texts and names that annotations refer to.

    Attributes:
        project: The project.
        articles: The registered articles.
        facts: The facts.
        speakers: The speakers.
        settled: The value on which a fact is settled, by the id of the fact.
        texts: The texts of the articles.
        models: The models of the records, and the scheme that they follow.
        splits: The split of each article in the register that has one.
        claims: The claims that evidence refers to.
    """

    project: ProjectFiles
    articles: KnownNames
    facts: KnownNames
    speakers: KnownNames
    settled: Mapping[str, str]
    texts: TextStore
    models: RecordModels
    splits: Mapping[str, str]
    claims: ClaimStore
