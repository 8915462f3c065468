"""What says the same in a corpus is found whatever its order, as by comparing everything with everything."""

import time
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from factpack.corpus.types import AnchoredPassage
from factpack.corpus.wordings import SamePassage, SameWording, Wordings
from factpack.project.models import Evidence
from factpack.project.scheme import DEFAULT
from factpack.project.vocabulary import Stance
from factpack.text.sentences import Span

ARTICLES = {"x": 0, "y": 1, "z": 2}
SIDES = DEFAULT.stances
TEXTS = ("It rained.", "it  rained", "It snowed.")


class Said(NamedTuple):
    """A claim: its article, what it says, who says so, its quote, whether it is labelled, and its evidence."""

    article: str
    text: str
    speaker: str
    span: Span | None
    is_claim: bool
    evidence: tuple[tuple[str, str, Stance], ...]  # the article, the sentence and the stance of each


EVIDENCE = st.tuples(
    st.sampled_from(list(ARTICLES)), st.sampled_from(["One.", "Two.", ""]), st.sampled_from(["supports", "refutes"])
)
SAID = st.builds(
    Said,
    st.sampled_from(list(ARTICLES)),
    st.sampled_from(TEXTS),
    st.sampled_from(["article", "Ann"]),
    st.sampled_from([Span(0, 4), Span(5, 9), None]),
    st.booleans(),
    st.lists(EVIDENCE, max_size=2).map(tuple),
)
CORPUS = st.lists(SAID, max_size=7).map(lambda some: sorted(some, key=lambda said: said.article))


def sentence(said: Said) -> str:
    return f"Sentence {said.span.start}." if said.span else ""


def passage(article: str, context: str, stance: Stance) -> AnchoredPassage:
    evidence = Evidence(article=article, quote="words", stance=stance)
    return AnchoredPassage(evidence, Span(0, 5) if context else None, context, -1)


def entered(corpus: Sequence[Said]) -> Wordings:
    """Each claim in a part of its own, put together."""
    whole = Wordings()
    for said in corpus:
        part = Wordings()
        part.add([said.text], [said.speaker], [said.span])
        part.add_evidence(0, [sentence(said)], [((), [passage(*each) for each in said.evidence])], ARTICLES, SIDES)
        whole.merge(part)
    return whole


def words(text: str) -> str:
    return text.lower().replace("  ", " ").strip(".")


@given(CORPUS)
@settings(deadline=None)
def test_what_says_the_same(corpus: list[Said]) -> None:
    numbers = [ARTICLES[said.article] for said in corpus]
    found = list(entered(corpus).same_claims(numbers, [said.is_claim for said in corpus]))
    expected = []
    for number, said in enumerate(corpus):
        alike = [at for at, other in enumerate(corpus) if words(other.text) == words(said.text)]
        first = next((at for at in alike if corpus[at].is_claim), alike[0])
        here = [at for at in alike if at < number and corpus[at].article == said.article]
        quoted = next((at for at in here if said.span and corpus[at].span == said.span), None)
        voice = next((at for at in here if corpus[at].speaker == said.speaker), None)
        same_place = (said.article, said.span) == corpus[first][0::3][:2] and said.span
        if quoted is not None:
            expected.append(SameWording(number, quoted, None, None, written_alike=True))
        elif not same_place and (first != number or voice is not None):
            alike_written = corpus[first].text == said.text
            expected.append(SameWording(number, None, voice, None if first == number else first, alike_written))
    assert found == expected


@given(CORPUS)
@settings(deadline=None)
def test_a_passage_for_and_against_the_same(corpus: list[Said]) -> None:
    flat = [(number, place, *each) for number, said in enumerate(corpus) for place, each in enumerate(said.evidence)]
    expected = []
    for number, place, article, context, stance in flat:
        same = [
            one
            for one in flat
            if context and one[3] == context and words(corpus[one[0]].text) == words(corpus[number].text)
        ]
        if same and same[0][4] != stance and same[0][0] != number:
            expected.append(SamePassage(number, place, same[0][0], ARTICLES[article], ARTICLES[same[0][2]]))
    assert list(entered(corpus).contradictory()) == expected


@given(CORPUS)
@settings(deadline=None)
def test_a_sentence_that_is_in_two_articles(corpus: list[Said]) -> None:
    """Each sentence is told once for two articles; of each it is the first passage of evidence."""
    own = [(sentence(said), said.article) for said in corpus]
    pairs = set()
    for said in corpus:
        for article, context, _ in said.evidence:
            others = {where for what, where in own if what == context}
            others |= {each[0] for other in corpus for each in other.evidence if each[1] == context}
            pairs |= {(context, frozenset((article, other))) for other in others - {article} if context}
    names = list(ARTICLES)
    found = list(entered(corpus).copied([ARTICLES[said.article] for said in corpus]))
    told = [(corpus[one.number].evidence[one.entry], one) for one in found]
    listed = [(each[1], frozenset((names[one.article], names[one.first_article]))) for each, one in told]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= pairs
    assert {context for context, _ in listed} == {context for context, _ in pairs}
    assert all(each[0] == names[one.article] for each, one in told)


def test_equal_claims_take_time_in_proportion() -> None:
    """200,000 claims that all say the same, with evidence that is all the same: the worst that there can be."""

    def seconds(count: int) -> float:
        wordings = Wordings()
        wordings.add(["It rained."] * count, ["article"] * count, [Span(number, number + 4) for number in range(count)])
        passages = [
            ((), [passage("xyz"[number % 3], "One.", ("supports", "refutes")[number % 2])]) for number in range(count)
        ]
        begin = time.process_time()
        wordings.add_evidence(0, ["Sentence."] * count, passages, ARTICLES, SIDES)
        assert len(list(wordings.same_claims([number // 20 for number in range(count)], [True] * count))) == count - 1
        assert len(list(wordings.contradictory())) == count // 2
        assert len(list(wordings.copied([0] * count))) == 2
        return time.process_time() - begin

    assert seconds(200_000) < 40 * seconds(20_000)  # squared it would be 100 times as long


def test_nothing_to_compare() -> None:
    wordings = Wordings()
    assert not list(wordings.same_claims([], []))
    wordings.add(["!?", "…", "?"], ["article"] * 3, [Span(0, 2)] * 3)
    wordings.skip()
    assert len(wordings) == 4
    assert not list(wordings.same_claims([0] * 4, [True] * 4))
    assert not list(wordings.copied([0] * 4))
    for one, other in product(TEXTS[:2], repeat=2):
        pair = Wordings()
        pair.add([one, other], ["article", "Ann"], [None, None])
        assert [same.written_alike for same in pair.same_claims([0, 1], [True, True])] == [one == other]
