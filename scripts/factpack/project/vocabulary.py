"""Define the words that a project may use: labels, stances, bases, reasons and votes."""

from typing import Literal, get_args

Label = Literal["supported", "disputed", "erroneous"]
Stance = Literal["supports", "refutes"]

Basis = Literal[
    "corroborated", "corroborated_within", "contradicted", "doubted", "corrected", "outweighed", "magnitude"
]
Reason = Literal["opinion", "prediction", "question", "heading", "boilerplate", "tone", "unclear"]

Status = Literal["complete", "partial", "none"]
# Whether texts have to be free of control characters and in normalization form C, or are taken as they were found.
TextState = Literal["clean", "as-found"]
# Whether records that say the same may contradict each other, or be in two splits.
DuplicateState = Literal["refused", "as-found"]
# What a reading can make of a passage; `none` where it has no record of it.
Vote = Literal[Label, "unverified", "not_checkable"]

# The Hub's vocabulary for who made the annotations.
Creators = Literal["crowdsourced", "expert-generated", "found", "machine-generated", "other"]

# The order is the order of the label ids in the dataset: append, never reorder.
LABELS: tuple[str, ...] = get_args(Label)
STANCES: tuple[str, ...] = get_args(Stance)

BASES: tuple[str, ...] = get_args(Basis)
REASONS: tuple[str, ...] = get_args(Reason)

VOTES: tuple[str, ...] = get_args(Vote)

NO_VOTE = "none"
NOT_ENOUGH_INFO = "not_enough_info"  # the verdict on what no passage decides

#: The bases that each label can rest on.
GROUNDS: dict[str, tuple[str, ...]] = {
    "supported": ("corroborated", "corroborated_within"),
    "disputed": ("contradicted", "doubted"),
    "erroneous": ("corrected", "outweighed", "magnitude"),
}

#: ``full``: a release with the texts of the articles. ``none``: quotes, offsets and digests only.
Texts = Literal["full", "none"]

#: The ``speaker`` of what an article states in its own voice.
ARTICLE_VOICE = "article"

#: What can account for a sentence; the tables have its index: append, never reorder.
STATUSES = ("claim", "unverified", "not_checkable", "unaccounted")

#: The columns of the tables that a project can extend, and the keys of their records: no column that is added has
#: such a name.
RESERVED: dict[str, frozenset[str]] = {
    "claims": frozenset(
        [
            "kind",
            "id",
            "article",
            "claim",
            "quote",
            "prefix",
            "suffix",
            "start",
            "end",
            "context",
            "speaker",
            "fact",
            "value",
            "label",
            "basis",
            "correction",
            "rationale",
            "evidence",
            "votes",
            "near",
            "fold",
            "split",
            "added_in",
            "changed_in",
        ]
    ),
    "evidence": frozenset(
        [
            "id",
            "claim_id",
            "claim",
            "context",
            "article",
            "quote",
            "prefix",
            "suffix",
            "start",
            "end",
            "stance",
            "source",
            "groups",
            "votes",
            "label",
            "fact",
            "fold",
            "split",
            "sentence",
            "sentence_id",
            "added_in",
            "changed_in",
        ]
    ),
    "articles": frozenset(
        [
            "id",
            "file",
            "sha256",
            "language",
            "title",
            "publisher",
            "publisher_quote",
            "date",
            "date_origin",
            "date_quote",
            "text",
            "sentences",
            "annotation",
            "url",
            "archived_url",
            "retrieved",
            "license",
            "licence",
            "split",
            "added_in",
            "changed_in",
        ]
    ),
}
