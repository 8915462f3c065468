"""Describe claims and passages of a corpus that say the same."""

from array import array
from collections.abc import Iterator, Sequence

from msgspec import Struct

from factpack.corpus.folds import CorpusFolds
from factpack.corpus.id_index import NO_FACT, IdIndex
from factpack.corpus.wordings import NO_ARTICLE, WHOLE_VALUE, SamePassage, Wordings
from factpack.formats.locations import Record


class Said(Struct, frozen=True, gc=False):
    """Give what is compared of a claim or an unverified passage.

    Attributes:
        record: Its place.
        id: Its id.
        label: Its label; ``None`` for an unverified passage.
        fact: The fact that it answers; empty if there is none.
        value: The answer that it gives.
        folds: The folds of the corpus.
        split: The split that it is in; empty if there are none.
    """

    record: Record[None]
    id: str
    label: str | None
    fact: str
    value: str
    folds: CorpusFolds
    split: str

    @property
    def fold(self) -> int:
        """Give the fold that it is in."""
        return int(self.folds.of([self.fact or self.id])[0])

    @property
    def answer(self) -> tuple[str, str]:
        """Give its fact and its value."""
        return self.fact, self.value


class SaidAgain(Struct, frozen=True, gc=False):
    """Put a claim or an unverified passage beside others that say the same, but for case, punctuation and spaces.

    Attributes:
        this: The one in question.
        words: An earlier one that quotes the same words. Nothing else is given then.
        voice: An earlier one of the same speaker in the same article.
        first: The first claim of all that say so, or the first unverified passage, if it is another one.
        written_alike: Whether its sentence and that of the first are equal to the character.
    """

    this: Said
    words: Said | None
    voice: Said | None
    first: Said | None
    written_alike: bool


class ContradictoryStances(Struct, frozen=True, gc=False):
    """Put a passage of evidence beside an equal one, of a claim that says the same, that has the other stance.

    Attributes:
        this: The claim.
        path: The path of what stands for the passage in the claim.
        first: The other claim.
    """

    this: Said
    path: tuple[str | int, ...]
    first: Said


class CopiedPassage(Struct, frozen=True, gc=False):
    """Report a passage of evidence whose sentences are in another article, word for word.

    Attributes:
        record: The place of the claim.
        path: The path of what stands for the passage in the claim.
        article: The article that the passage is in.
        other: The other article.
        first: The claim in that article, or the claim that has the other passage as evidence.
    """

    record: Record[None]
    path: tuple[str | int, ...]
    article: str
    other: str
    first: Said


def alike(
    index: IdIndex, wordings: Wordings, facts: Sequence[str], articles: Sequence[str], folds: CorpusFolds
) -> Iterator[SaidAgain | ContradictoryStances | CopiedPassage]:
    """Yield everything in a corpus that says the same.

    Args:
        index: The ids and answers of its claims and unverified passages.
        wordings: What they say.
        facts: The ids of the facts, by their numbers.
        articles: The ids of the articles, by their numbers.
        folds: Its folds.
    """

    def said(number: int) -> Said:
        fact = index.facts[number]
        return Said(
            index.locations.record(number, None),
            index.ids[number],
            index.label_names[index.labels[number]],
            "" if fact == NO_FACT else facts[fact],
            index.values[number],
            folds,
            index.split(number),
        )

    def maybe(number: int | None) -> Said | None:
        return None if number is None else said(number)

    for same in wordings.same_claims(index.articles, [index.label_names[label] is not None for label in index.labels]):
        yield SaidAgain(said(same.number), maybe(same.words), maybe(same.voice), maybe(same.first), same.written_alike)
    for pair in wordings.contradictory():
        yield ContradictoryStances(said(pair.number), _path(pair), said(pair.first))
    numbers = {name: number for number, name in enumerate(articles)}
    registered = [numbers.get(index.article_ids[number], NO_ARTICLE) for number in range(len(index.article_ids))]
    for pair in wordings.copied(array("I", map(registered.__getitem__, index.articles))):
        record = index.locations.record(pair.number, None)
        yield CopiedPassage(record, _path(pair), articles[pair.article], articles[pair.first_article], said(pair.first))


def _path(pair: SamePassage) -> tuple[str | int, ...]:
    """Return the path of what stands for a passage in its claim."""
    return ("evidence",) if pair.entry == WHOLE_VALUE else ("evidence", pair.entry)
