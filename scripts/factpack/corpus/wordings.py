"""Find what says the same in a whole corpus, by hashes alone: 28 bytes for a claim, 33 for a passage of evidence."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, repeat
from typing import Any, NamedTuple

from xxhash import xxh3_64_intdigest, xxh32_intdigest

from factpack.corpus.shared_keys import shared
from factpack.corpus.types import AnchoredPassage
from factpack.project.models import Evidence, Passage
from factpack.project.scheme import Side
from factpack.project.written_out import WrittenOut
from factpack.text.sentences import Span
from factpack.text.wording import wording

NO_ARTICLE = 2**32 - 2  # in the place of the number of an article where it is not registered
WHOLE_VALUE = 2**32 - 1  # in the place of the index of an entry: the whole value stands for a passage

_HALF = 2**32 - 1
_SIDES: Mapping[Side, int] = {"neither": 0, "for": 1, "against": 2}
_SIDE, _PLACED = 3, 4  # bits of a flag
_SIDE_OF = bytes(flag & _SIDE for flag in range(256))
_NOTHING = xxh3_64_intdigest(b"")


class Places(NamedTuple):
    """Say where passages of evidence are, by column.

    Attributes:
        holders: The number of the claim that has each.
        articles: The number of its article.
        places: A hash of its span or, without one, of its words and its source.
        sides: The number of the side that it counts on; 0 if it decides nothing.
    """

    holders: Sequence[int]
    articles: Sequence[int]
    places: Sequence[int]
    sides: bytes


class SameWording(NamedTuple):
    """Name the claims or unverified passages that say what another one says, by their numbers in the index.

    Attributes:
        number: The one in question.
        words: An earlier one that quotes the same words, if there is one. Nothing else is given then.
        voice: An earlier one of the same speaker in the same article, if there is one.
        first: The first claim of all that say so, or the first unverified passage; ``None`` for that one itself.
        written_alike: Whether its sentence and that of the first are equal to the character.
    """

    number: int
    words: int | None
    voice: int | None
    first: int | None
    written_alike: bool


class SamePassage(NamedTuple):
    """Pair a passage of evidence with an earlier one.

    Attributes:
        number: The number of the claim that has the passage.
        entry: The index of the entry of the evidence that stands for the passage, or WHOLE_VALUE.
        first: The number of the other claim: it has the other passage as its quote, or in its evidence.
        article: The number of the article that the passage is in.
        first_article: The same of the other one.
    """

    number: int
    entry: int
    first: int
    article: int
    first_article: int


class Wordings:
    """Keep hashes of what claims, unverified passages and passages of evidence say.

    The numbers of claims are those that they have in the index of ids.
    """

    def __init__(self) -> None:
        # Of the sentence of a claim, 64 bits without case and punctuation, and 32 bits as it is.
        self._keys, self._exact = array("Q"), array("I")
        self._speakers, self._spans = array("I"), array("I")
        self._sentences = array("Q")  # that the quote of a claim is in
        self._holders, self._articles = array("I"), array("I")  # of a passage: its claim, and the article that it is in
        self._contexts, self._quotes = array("Q"), array("I")  # of a passage: its sentences, and its words
        self._flags = array("B")  # of a passage: the number of its side, and whether it has a place in its article
        self._entries = array("I")  # what stands for a passage in the evidence of its claim
        self._places = array("q")  # of a passage: a hash of its span or, without one, of its words and its source

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, claims: Iterable[str], speakers: Iterable[str], spans: Sequence[Span | None]) -> None:
        """Add claims or unverified passages: what they say, who says so, and where their quotes are."""
        said = list(claims)
        self._keys.extend(map(xxh3_64_intdigest, map(str.encode, map(wording, said))))
        self._exact.extend(map(xxh32_intdigest, map(str.encode, said)))
        self._speakers.extend(map(xxh32_intdigest, map(str.encode, speakers)))
        self._spans.extend([hash(span) & _HALF | 1 if span else 0 for span in spans])
        self._sentences.extend([_NOTHING] * len(said))

    def skip(self) -> None:
        """Add a record that is not compared."""
        for numbers in (self._exact, self._speakers, self._spans):
            numbers.append(0)
        for texts in (self._keys, self._sentences):
            texts.append(_NOTHING)

    def add_evidence(
        self,
        first: int,
        sentences: Iterable[str],
        evidence: Sequence[tuple[object, Sequence[AnchoredPassage]]],
        articles: Mapping[str, int],
        sides: Mapping[str, Side],
    ) -> None:
        """Add the evidence of claims that follow one another.

        Args:
            first: The number of the first of the claims.
            sentences: The sentences that each quote is in; empty if that was not found.
            evidence: What each has as its evidence, and the passages that it is.
            articles: The number of each article.
            sides: The side that each stance counts on.
        """
        quoted = array("Q", map(xxh3_64_intdigest, map(str.encode, sentences)))
        self._sentences[first : first + len(quoted)] = quoted
        # Column by column, as one passage after another takes longer.
        found = [*chain.from_iterable(its for _, its in evidence)]
        for written, its in evidence:
            if isinstance(written, WrittenOut):
                self._entries.extend([WHOLE_VALUE if entry is None else entry for entry in written.entries])
            else:
                self._entries.extend(range(len(its)))
        words: list[Any] = [each.passage for each in found]
        on = {stance: _SIDES[side] | _PLACED for stance, side in sides.items()}
        self._holders.extend(chain.from_iterable(map(repeat, count(first), [len(its) for _, its in evidence])))
        self._articles.extend([articles.get(each.article, NO_ARTICLE) for each in words])
        self._contexts.extend(map(xxh3_64_intdigest, [each.context.encode() for each in found]))
        self._quotes.extend(map(xxh32_intdigest, [each.quote.encode() for each in words]))
        flags = [on[each.stance] for each in words]
        spans = [each.span for each in found]
        if None in spans:
            flags = [flag if span else flag & ~_PLACED for flag, span in zip(flags, spans, strict=True)]
            self._places.extend([hash(each.span) if each.span else _given(each.passage) for each in found])
        else:
            self._places.extend(map(hash, spans))
        self._flags.extend(flags)

    def merge(self, later: "Wordings") -> None:
        """Add what a later part of the annotations says."""
        self._holders.extend(map(len(self).__add__, later._holders))  # noqa: SLF001 - of its own kind
        for name in vars(self).keys() - {"_holders"}:
            getattr(self, name).extend(getattr(later, name))

    @property
    def places(self) -> Places:
        """Give where the passages of evidence are."""
        return Places(self._holders, self._articles, self._places, self._flags.tobytes().translate(_SIDE_OF))

    def same_claims(self, articles: Sequence[int], is_claim: Sequence[bool]) -> Iterator[SameWording]:
        """Yield the claims and unverified passages that say what another one says.

        Args:
            articles: The number of the article of each.
            is_claim: Whether each is a claim.
        """
        keys, spans = self._keys, self._spans
        numbers = _said(keys, shared(keys))
        firsts = dict[int, int]()
        for number in numbers:
            first = firsts.setdefault(keys[number], number)
            if is_claim[number] and not is_claim[first]:
                firsts[keys[number]] = number
        article, spoken, quoted = -1, dict[tuple[int, int], int](), dict[tuple[int, int], int]()  # in this article
        for number in numbers:
            key = keys[number]
            if articles[number] != article:
                article = articles[number]
                spoken.clear()
                quoted.clear()
            words = quoted.setdefault((key, spans[number]), number) if spans[number] else number
            voice = spoken.setdefault((key, self._speakers[number]), number)
            first = firsts[key]
            if words != number:
                yield SameWording(number, words, None, None, written_alike=True)
            elif articles[first] == article and spans[first] == spans[number] and spans[number]:
                continue  # the first itself, or the one that is compared with this one for its words
            elif first != number or voice != number:
                alike = self._exact[first] == self._exact[number]
                yield SameWording(
                    number, None, voice if voice != number else None, first if first != number else None, alike
                )

    def contradictory(self) -> Iterator[SamePassage]:
        """Yield passages that one claim has as supporting it, and one that says the same as refuting it."""
        sides, alike = self.places.sides, set(_said(self._keys, shared(self._keys)))
        firsts = dict[int, int]()
        for at, holder in enumerate(self._holders):
            if holder not in alike or not sides[at] or self._contexts[at] == _NOTHING:
                continue
            first = firsts.setdefault(hash((self._keys[holder], self._contexts[at], self._quotes[at])), at)
            if sides[first] != sides[at] and self._holders[first] != holder:
                yield self._pair_of(at, first, self._articles[first])

    def copied(self, articles: Sequence[int]) -> Iterator[SamePassage]:
        """Yield passages of evidence whose sentences are in another article too, word for word; each pair once.

        Args:
            articles: The number of the article of each claim.
        """
        count = len(self._sentences)
        keys, where = self._sentences[:], array("I", articles) + self._articles
        keys.extend(
            context if flag & _PLACED else _NOTHING for context, flag in zip(self._contexts, self._flags, strict=True)
        )
        numbers = _said(keys, shared(keys, where))
        firsts, others = dict[int, int](), dict[int, int]()
        for at in numbers:
            first = firsts.setdefault(keys[at], at)
            if where[at] != where[first]:
                others.setdefault(keys[at], at)
        told = set[tuple[int, ...]]()
        for at in numbers:
            if at < count or keys[at] not in others:
                continue
            first = firsts[keys[at]]
            first = others[keys[at]] if where[first] == where[at] else first
            pair = (keys[at], *sorted((where[at], where[first])))
            if pair not in told:
                told.add(pair)
                yield self._pair_of(at - count, first - count, where[first])

    def _pair_of(self, at: int, first: int, first_article: int) -> SamePassage:
        """Return two passages; a negative number is that of a claim, whose quote is meant, counted from the last."""
        other = self._holders[first] if first >= 0 else first + len(self._sentences)
        return SamePassage(self._holders[at], self._entries[at], other, self._articles[at], first_article)


def _given(words: Passage) -> int:
    """Return what stands for words that are given without their article: a hash of them and their source."""
    source = words.source if isinstance(words, Evidence) else ""
    return hash((xxh3_64_intdigest(source.encode()), xxh3_64_intdigest(words.quote.encode())))


def _said(keys: Sequence[int], numbers: Iterable[int]) -> list[int]:
    """Leave out the keys of nothing."""
    return [number for number in numbers if keys[number] != _NOTHING]
