"""Define every config of the dataset with its columns, their types and their meaning.

The Arrow schemas, the features of `datasets`, the dataset card, the Croissant file and the README all follow from this
table. To add a column, add a line here and its value in :mod:`article_rows`, :mod:`fact_rows` or :mod:`vote_rows`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import msgspec

from factpack.corpus.folds import FOLDS
from factpack.dataset.rows.vote_columns import votes_config
from factpack.dataset.schema import Column, Config, ListOf
from factpack.dataset.words import END, PASSAGE, QUOTE, REASON, START, STATUS, VERSIONS, Words, extra_columns
from factpack.project.scheme import DEFAULT, Scheme

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The columns of where an article comes from, named as in the register.
SOURCE_COLUMNS = ("url", "archived_url", "retrieved", "license")

#: The names of the columns that every table has, which a row gets when it is written.
VERSION_COLUMNS = tuple(column.name for column in VERSIONS)

#: The names of all tables, in their order.
CONFIG_NAMES = ("claims", "propositions", "evidence", "articles", "sentences", "facts", "votes")


class Tables(Words):
    """Give the configs of a dataset, as the scheme of its project makes them."""

    def config(self, name: str) -> Config:
        """Return the config with this name."""
        return next(config for config in self.configs if config.name == name)

    def withheld(self) -> Iterator[tuple[str, Column]]:
        """Yield the columns that are null in a release without the texts, each with the name of its config."""
        for config in self.configs:
            yield from ((config.name, column) for column in config.columns if column.reads != "nothing")

    @property
    def _stated(self) -> tuple[Column, ...]:
        """Return the columns of a proposition, and of the words that state it."""
        placeless = self.optional("article", "quote")
        where = "the sentence or sentences of the article that contain the quote"
        return (
            Column("claim", "text", "the proposition, restated so that it can be understood alone"),
            self.own("quote", "the exact words of the article that state it"),
            replace(START, nullable=placeless),
            replace(END, nullable=placeless),
            Column("context", "text", where, nullable=placeless, reads="context"),
        )

    @cached_property
    def configs(self) -> tuple[Config, ...]:
        """Give the configs in their order."""
        return (
            Config(
                "claims",
                "one row per labelled claim",
                (
                    Column("id", "text", "stable, readable id of the claim"),
                    self.own("article", "id of the article that makes the claim"),
                    *self._stated,
                    self.own(
                        "speaker",
                        "who states it: `article` if the article does, also where it reports words of somebody that "
                        "cannot be checked themselves; else the person who is quoted",
                    ),
                    self.own("fact", "id of the shared question that the claim answers"),
                    self.own("value", "the answer that it gives"),
                    Column("label", self.label, "what the corpus says of the claim"),
                    Column(
                        "basis",
                        self.basis,
                        "the ground for the label",
                        nullable=self.scheme.basis_optional,
                    ),
                    Column("correction", "text", "what the articles say instead; null unless erroneous", nullable=True),
                    self.own("rationale", "which passages decide, and by which rule"),
                    Column(
                        "evidence",
                        ListOf((*self.passage_columns, self.stance_column, *self.given_columns)),
                        "the passages of the corpus that support or refute the claim",
                    ),
                    Column(
                        "votes",
                        ListOf(
                            (
                                Column("reading", "text", "name of the reading, or of the annotator"),
                                Column(
                                    "vote",
                                    self.vote,
                                    "the vote; null if the reading has no record of these words",
                                    nullable=True,
                                ),
                            )
                        ),
                        "votes of independent readings, or of single annotators, from before the label was decided; "
                        "empty if there are none",
                    ),
                    *self.split_column,
                    self.fold_column(
                        f"0 to {FOLDS - 1}, for cross-validation: claims on one fact share a fold, and so do claims "
                        "whose labels rest on the same passage"
                    ),
                    *extra_columns(self.scheme.columns.claims),
                    *VERSIONS,
                ),
            ),
            Config(
                "propositions",
                "one row per checkable proposition: the claims and the unverified passages",
                (
                    Column("id", "text", "id of the claim, or of the unverified passage"),
                    self.own("article", "id of the article that states it"),
                    *self._stated,
                    self.own("speaker", "who states it"),
                    Column("fact", "text", "id of the shared question that it answers; null if none", nullable=True),
                    Column("value", "text", "the answer that it gives; null if none", nullable=True),
                    Column("verdict", self.verdict, "the label of a claim; `not_enough_info` if unverified"),
                    Column("rationale", "text", "which passages decide, or why none does; null if none", nullable=True),
                    Column("near", ListOf(PASSAGE), "passages that come close to an unverified one but decide nothing"),
                    *self.split_column,
                    self.fold_column("fold of its fact; of its own id if it answers none"),
                    *extra_columns(self.scheme.columns.claims),
                    *VERSIONS,
                ),
            ),
            Config(
                "evidence",
                "one row per pair of claim and passage, for entailment models",
                (
                    Column("id", "text", "id of the pair: claim, article and offsets of the passage"),
                    Column("claim_id", "text", "id of the claim"),
                    Column("claim", "text", "the claim, restated so that it can be understood alone (the hypothesis)"),
                    Column(
                        "context",
                        "text",
                        "the sentence or sentences that contain the passage (the premise)",
                        reads="context",
                    ),
                    *self.passage_columns,
                    Column(
                        "sentence_id",
                        "text",
                        "id of the sentence in `sentences` that contains the passage; null if none does, or if the "
                        "passage is in no article",
                        nullable=True,
                    ),
                    self.stance_column,
                    *self.given_columns,
                    Column("label", self.label, "label of the claim"),
                    Column("fact", "text", "id of the fact that the claim answers", nullable=self.optional("fact")),
                    *self.split_column,
                    self.fold_column("fold of the claim"),
                    *VERSIONS,
                ),
            ),
            Config(
                "articles",
                "one row per article, with its full text if the release has the texts",
                (
                    Column("id", "text", "id of the article"),
                    Column("file", "text", "name of its file"),
                    Column("sha256", "text", "SHA-256 of the UTF-8 bytes of the text"),
                    Column("language", "text", "ISO 639 code"),
                    Column("title", "text", "title as printed; null if the text has none", nullable=True),
                    Column("publisher", "text", "publisher, where the text names it", nullable=True),
                    Column("publisher_quote", "text", "the passage that names the publisher", nullable=True),
                    Column("date", "text", "date of publication, YYYY-MM-DD, where the text gives it", nullable=True),
                    Column("date_origin", "text", "`stated` or `inferred`", nullable=True),
                    Column(
                        "date_quote",
                        "text",
                        "the passage that states the date, or from which it is inferred",
                        nullable=True,
                    ),
                    Column("url", "text", "address of the text; null if none is known", nullable=True),
                    Column("archived_url", "text", "address of an archived copy; null if none is known", nullable=True),
                    Column("retrieved", "text", "day on which the text was retrieved, YYYY-MM-DD", nullable=True),
                    Column("license", "text", "licence of the text, where one is stated", nullable=True),
                    Column("text", "text", "the text, as the offsets count it", reads="text"),
                    *extra_columns(self.scheme.columns.articles),
                    *VERSIONS,
                ),
            ),
            Config(
                "sentences",
                "one row per sentence of every article, and what accounts for it",
                (
                    Column("id", "text", "id of the sentence: article and offsets"),
                    Column("article", "text", "id of the article"),
                    Column(
                        "start",
                        "integer",
                        "offset of its first character in the article's text, in Unicode code points",
                    ),
                    Column("end", "integer", "offset after its last character"),
                    Column("text", "text", "the sentence", reads="span"),
                    Column(
                        "status",
                        STATUS,
                        "what accounts for it; `claim` if it has both a claim and an unverified passage; null in an "
                        "article that is only a source of evidence, in which nothing is annotated",
                        nullable=True,
                    ),
                    Column("claims", "texts", "ids of the claims in it"),
                    Column(
                        "unverified",
                        ListOf(
                            (
                                Column("id", "text", "stable, readable id"),
                                Column("claim", "text", "the proposition, restated so that it can be understood alone"),
                                *QUOTE,
                                self.own("speaker", "who states it"),
                                Column(
                                    "fact",
                                    "text",
                                    "id of the fact that it answers, if claims answer it too",
                                    nullable=True,
                                ),
                                Column("value", "text", "the answer that it gives", nullable=True),
                            )
                        ),
                        "checkable passages in it on which no other passage of the corpus bears",
                    ),
                    Column("reason", REASON, "why it is not checkable; null if it is", nullable=True),
                    *VERSIONS,
                ),
            ),
            Config(
                "facts",
                "one row per fact: a question, and the answer that each article gives",
                (
                    Column("id", "text", "id of the fact"),
                    Column("question", "text", "the question"),
                    Column(
                        "settled_value",
                        "text",
                        "the answer that the articles settle on; null if there is none",
                        nullable=True,
                    ),
                    Column("settled_by", ListOf(PASSAGE), "the passages that settle it"),
                    Column(
                        "answers",
                        ListOf(
                            (
                                self.own("article", "id of the article"),
                                self.own("value", "the answer that it gives"),
                                Column("claim_id", "text", "id of the claim, or of the unverified passage"),
                                Column("label", self.label, "label of the claim; null if unverified", nullable=True),
                            )
                        ),
                        "every answer, in the order of the articles",
                    ),
                    Column("fold", "integer", "fold of the claims that answer it"),
                    *VERSIONS,
                ),
            ),
            votes_config(self),
        )


def tables_of(scheme: Scheme) -> Tables:
    """Return the configs that a scheme leads to."""
    return _tables_of(scheme.key)


@lru_cache
def _tables_of(key: bytes) -> Tables:
    return Tables(msgspec.msgpack.decode(key, type=Scheme))


DEFAULT_TABLES = tables_of(DEFAULT)
