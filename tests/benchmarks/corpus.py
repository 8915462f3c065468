"""Makes projects of any size to measure with: the same arguments give the same bytes, on any machine.

The words are invented. All of them come from SHAKE-128 over a number, so that the quote of any claim can be made
without the article that it stands in, and a corpus larger than memory is written article by article.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product
from math import gcd
from pathlib import Path
from typing import Any

import click
import msgspec

from factpack.project.vocabulary import Label

CLAIMS_PER_ARTICLE = 20
ARTICLE_BYTES = 5_000
ANSWERS = 5  # claims that answer one fact
LONG_EVIDENCE = 1_000  # passages of the one claim with many
ARTICLES_PER_FILE = 2_500  # in one file of JSON Lines, about 40 MB
MAX_YAML_REGISTER = 200_000  # claims; with more, a register in YAML would be larger than a YAML file may be

SYLLABLES = 64
WORDS = 4_096  # the syllables, and pairs of them
QUOTE_WORDS = 6
FILLERS = 3  # sentences of an article that state nothing
OUTSIDE_CLAIMS = FILLERS + 1  # and the one that is unverified

SHAPES = ("even", "one-article", "long-evidence", "bad")

Record = dict[str, Any]  # what stands in a file, before it is JSON or YAML


@dataclass(frozen=True)  # no slots: what is computed once is kept in the instance
class Script:
    """A way of writing: ``onsets`` and ``endings`` make the syllables, ``stop`` ends a sentence."""

    language: str
    onsets: str
    endings: tuple[str, ...]
    digits: str = "0123456789"
    space: str = " "
    stop: str = ". "

    @cached_property
    def vocabulary(self) -> list[str]:
        """Words, the frequent ones first."""
        syllables = [onset + ending for onset, ending in product(self.onsets, self.endings)]
        assert len(syllables) == SYLLABLES
        return (syllables + ["".join(pair) for pair in product(syllables, repeat=2)])[:WORDS]

    @cached_property
    def bytes_per_word(self) -> float:
        """The mean length of a word in UTF-8, with the space after it."""
        return len(self.space.join(self.words("length", 10_000)).encode()) / 10_000

    def words(self, seed: str, count: int) -> list[str]:
        """Words for a seed. The square makes some of them frequent, as in any language."""
        numbers = struct.unpack(f"<{count}H", hashlib.shake_128(seed.encode()).digest(2 * count))
        vocabulary = self.vocabulary
        return [vocabulary[number * number >> 20] for number in numbers]

    def number(self, number: int) -> str:
        """A number in the digits of the script."""
        return str(number).translate({ord("0") + value: digit for value, digit in enumerate(self.digits)})

    def sentence(self, words: Iterable[str]) -> str:
        """Words as a sentence, without its stop."""
        text = self.space.join(words)
        return text[0].upper() + text[1:]


SCRIPTS = {
    "latin": Script("en", "bdfghjklmnprstvz", ("a", "en", "i", "or")),
    "greek": Script("el", "βγδζθκλμνξπρστφχ", ("α", "ει", "ίν", "ος")),
    "arabic": Script("ar", "بتجحدرزسشصطعفقكل", ("", "ا", "و", "ين"), digits="٠١٢٣٤٥٦٧٨٩"),
    "devanagari": Script("hi", "कखगचजटडतदनपबमलवस", ("", "ा", "ि", "ें"), digits="०१२३४५६७८९", stop="। "),
    "han": Script(
        "zh",
        "山水火木金土日月天地人口手足目耳心言行走車舟風雨雪雲花草魚鳥馬牛羊門戸家市町村国王公正直高低長短大小中外内東西南北左右上下前後古",
        ("",),
        digits="〇一二三四五六七八九",
        space="",
        stop="。",
    ),
    # Gothic letters, a Han character beyond U+FFFF, and emoji, one of them a sequence: two units each in UTF-16.
    "astral": Script("got", "𐌱𐌲𐌳𐌶𐌷𐌺𐌻𐌼𐌽𐍀𐍂𐍃𐍄𐍆𠮷🚢", ("𐌰", "𐌴𐌽", "𐍉", "👩‍🚒")),
}


@dataclass(frozen=True, slots=True)
class Article:
    """An article of a corpus: its number, its text, and the annotations of the whole of it."""

    number: int
    text: str = field(repr=False)
    title: str
    byline: str
    unverified: str
    filler: str = field(repr=False)


@dataclass(frozen=True)  # no slots: what is computed once is kept in the instance
class Corpus:
    """A corpus of ``claims`` claims, a multiple of 20, at least 40.

    ``script`` is one of SCRIPTS, or ``mixed``: the articles take turns. ``shape`` is ``even`` (20 claims an article),
    ``one-article`` (all in one), ``long-evidence`` (the first claim has 1,000 passages of evidence) or ``bad`` (every
    claim has just one error).
    """

    claims: int
    script: str = "latin"
    shape: str = "even"

    def __post_init__(self) -> None:
        if self.claims % CLAIMS_PER_ARTICLE or self.claims < 2 * CLAIMS_PER_ARTICLE:
            message = f"claims: {self.claims} is not a multiple of {CLAIMS_PER_ARTICLE}, or too few"
            raise ValueError(message)

    # Where everything is

    @cached_property
    def articles(self) -> int:
        """How many articles there are."""
        return 1 if self.shape == "one-article" else self.claims // CLAIMS_PER_ARTICLE

    @cached_property
    def per_article(self) -> int:
        """How many claims an article has."""
        return self.claims // self.articles

    @cached_property
    def step(self) -> int:
        """From a claim to the next that answers the same fact: by the golden ratio, which goes all over the corpus."""
        step = round(self.claims * 0.618)
        while gcd(step, self.claims) != 1:
            step += 1
        return step

    @cached_property
    def _back(self) -> int:
        return pow(self.step, -1, self.claims)

    def answer(self, fact: int, place: int) -> int:
        """The claim that is the answer at ``place`` to a fact."""
        return (ANSWERS * fact + place) * self.step % self.claims

    def fact(self, claim: int) -> tuple[int, int]:
        """The fact that a claim answers, and at which place."""
        return divmod(claim * self._back % self.claims, ANSWERS)

    def script_of(self, article: int) -> Script:
        """The script of an article."""
        scripts = list(SCRIPTS.values())
        return scripts[article % len(scripts)] if self.script == "mixed" else SCRIPTS[self.script]

    # Texts

    def quote(self, claim: int) -> tuple[str, str]:
        """The words of a claim: those before its number, with the space, and the rest.

        The number stands nowhere else in the article, so the rest is unique there by itself.
        """
        script = self.script_of(claim // self.per_article)
        words = script.words(f"quote {claim}", QUOTE_WORDS)
        rest = script.space.join((script.number(claim), *words[2:]))
        return script.space.join(words[:2]) + script.space, rest

    def article(self, number: int) -> Article:
        """An article with its text."""
        script = self.script_of(number)
        # The shape with one article has short sentences, to stay below what an article may have.
        wanted = ARTICLE_BYTES / (CLAIMS_PER_ARTICLE + OUTSIDE_CLAIMS) if self.articles > 1 else 0
        length = max(round(wanted / script.bytes_per_word), QUOTE_WORDS + 2)
        padding = length - QUOTE_WORDS - 1
        words = script.words(f"text {number}", (self.per_article + OUTSIDE_CLAIMS + 1) * length)
        first = number * self.per_article
        sentences = []
        for place in range(self.per_article):
            mine = words[place * length : place * length + padding]
            quote = "".join(self.quote(first + place))
            sentences.append(script.sentence((*mine[:2], quote, *mine[2:])))
        rest = words[self.per_article * length :]
        title = script.sentence((*rest[:5], script.number(number)))
        byline = f"{publisher(number)} · {date(number)}"
        unverified = script.sentence((*rest[5:7], script.number(self.claims + number), *rest[7:length]))
        fillers = [script.sentence(rest[place * length : (place + 1) * length]) for place in range(1, FILLERS + 1)]
        filler = script.stop.join(fillers) + script.stop.strip()
        paragraphs = [script.stop.join((*sentences[at : at + 5], "")).strip() for at in range(0, len(sentences), 5)]
        text = "\n".join((title, byline, *paragraphs, unverified + script.stop.strip(), filler, ""))
        return Article(number, text, title, byline, unverified, filler)

    # Records

    def dataset(self) -> Record:
        """What stands in dataset.yaml."""
        scripts = [self.script_of(number) for number in range(min(self.articles, len(SCRIPTS)))]
        return {
            "name": f"benchmark-{self.script}-{self.shape}",
            "title": "Invented articles to measure with",
            "version": "1.0.0",
            "license": "cc0-1.0",
            "license_link": "https://creativecommons.org/publicdomain/zero/1.0/",
            "languages": list(dict.fromkeys(script.language for script in scripts)),
            "description": f"{self.claims} claims in {self.articles} articles of invented words.",
            "annotations_creators": ["machine-generated"],
            "curation": "The words were drawn, and the annotations with them.",
            "rights": "Nobody holds any.",
            "limitations": "Nothing here means anything.",
            "speakers": [speaker(number) for number in range(1, 50)],
        }

    def article_record(self, article: Article) -> Record:
        """The entry of an article in the register."""
        return {
            "id": article_id(article.number),
            "file": file_name(article.number),
            "sha256": hashlib.sha256(article.text.encode()).hexdigest(),
            "language": self.script_of(article.number).language,
            "title": article.title,
            "publisher": {"name": publisher(article.number), "quote": publisher(article.number)},
            "date": {"value": date(article.number), "stated": date(article.number)},
            "annotation": "complete",
        }

    def fact_record(self, fact: int) -> Record:
        """The entry of a fact: every third one is settled."""
        question = SCRIPTS["latin"].sentence(SCRIPTS["latin"].words(f"fact {fact}", 8))
        record: Record = {"id": fact_id(fact), "question": f"{question}?"}
        if fact % 3 == 0:
            claim = self.answer(fact, 0)
            passage = {"article": article_id(claim // self.per_article), "quote": "".join(self.quote(claim))}
            record["settled"] = {"value": str(2 * fact), "passages": [passage]}
        return record

    def claim_record(self, claim: int) -> Record:
        """A claim with its evidence: a passage of its own article, and one of another that answers the same fact."""
        fact, place = self.fact(claim)
        article, at = divmod(claim, self.per_article)
        beside = article * self.per_article + (at + 1) % self.per_article
        partner = self.answer(fact, (place + 1) % ANSWERS)
        label = label_of(fact, place)
        basis = {
            "supported": "corroborated_within" if partner // self.per_article == article else "corroborated",
            "disputed": "contradicted",
            "erroneous": "corrected",
        }[label]
        own, other = {
            "supported": ("supports", "supports"),
            "disputed": ("supports", "refutes"),
            "erroneous": ("refutes", "refutes"),
        }[label]
        evidence = [self.passage(beside, own), self.passage(partner, other)]
        if self.shape == "long-evidence" and claim == 0:
            evidence = [self.passage(number, own) for number in range(1, min(LONG_EVIDENCE + 1, self.claims))]
        script = self.script_of(article)
        words = script.words(f"claim {claim}", 12)
        before, rest = self.quote(claim)
        record: Record = {"id": f"claim-{claim}"}
        # Most quotes are unique by themselves; every tenth is given by the words before it too.
        record |= {"quote": before + rest} if claim % 10 else {"quote": rest, "prefix": before}
        record |= {
            "claim": script.sentence((*words[:6], script.number(claim), *words[6:])) + script.stop.strip(),
            "speaker": speaker(claim % 50),
            "fact": fact_id(fact),
            "value": str(2 * fact + (label == "erroneous" or (label == "disputed" and place > 2))),
            "label": label,
            "basis": basis,
        }
        if label == "erroneous":
            record["correction"] = f"It is {2 * fact}, as {article_id(partner // self.per_article)} says."
        record["rationale"] = f"{article_id(partner // self.per_article)} has a passage on the same question."
        record["evidence"] = evidence
        return spoilt(record, claim) if self.shape == "bad" else record

    def passage(self, claim: int, stance: str) -> Record:
        """The words of a claim, as evidence for another one."""
        article = article_id(claim // self.per_article)
        return {"article": article, "quote": "".join(self.quote(claim)), "stance": stance}

    def annotations(self, article: Article) -> Record:
        """Everything annotated in an article."""
        fact = article.number % (self.claims // ANSWERS)
        unverified: Record = {
            "id": f"unverified-{article.number}",
            "quote": article.unverified,
            "claim": f"{article.unverified}.",
            "speaker": "article",
        }
        if article.number % 2:
            unverified |= {"fact": fact_id(fact), "value": str(2 * fact)}
        first = article.number * self.per_article
        return {
            "article": article_id(article.number),
            "claims": [self.claim_record(claim) for claim in range(first, first + self.per_article)],
            "unverified": [unverified],
            "not_checkable": [
                {"quote": article.title, "reason": "heading"},
                {"quote": article.byline, "reason": "boilerplate"},
                {"quote": article.filler, "reason": "opinion"},
            ],
        }

    # Files

    def write(self, folder: Path, form: str = "jsonl") -> None:
        """Writes the project into a new or empty folder, with annotations in JSON Lines or in YAML.

        Raises FileExistsError if the folder holds something.
        """
        if folder.is_dir() and any(folder.iterdir()):
            message = f"{folder} is not empty"
            raise FileExistsError(message)
        annotations, seeds = folder / "annotations", folder / "seeds"
        annotations.mkdir(parents=True)
        seeds.mkdir()
        (annotations / "dataset.yaml").write_bytes("".join(yaml_lines(self.dataset())).encode())
        register = form if self.claims <= MAX_YAML_REGISTER else "jsonl"
        facts = (self.fact_record(fact) for fact in range(self.claims // ANSWERS))
        write_register(annotations / f"facts.{register}", "facts", facts)
        write_register(annotations / f"articles.{register}", "articles", self._write_articles(annotations, seeds, form))

    def _write_articles(self, annotations: Path, seeds: Path, form: str) -> Iterator[Record]:
        """Writes the texts and the annotations, and yields the entries for the register meanwhile."""
        for number in range(self.articles):
            article = self.article(number)
            (seeds / file_name(number)).write_bytes(article.text.encode())
            whole = self.annotations(article)
            if form == "yaml":
                (annotations / f"{article_id(number)}.yaml").write_bytes("".join(yaml_lines(whole)).encode())
            else:
                path = annotations / f"claims-{number // ARTICLES_PER_FILE:04}.jsonl"
                with path.open("ab") as stream:
                    stream.writelines(json_line(line) for line in lines_of(whole))
            yield self.article_record(article)


def article_id(article: int) -> str:
    """The id of an article."""
    return f"{article:06}"


def file_name(article: int) -> str:
    """The name of an article's file."""
    return f"{article_id(article)}_invented.txt"


def fact_id(fact: int) -> str:
    """The id of a fact."""
    return f"fact-{fact}"


def publisher(article: int) -> str:
    """The publisher of an article: one of 40."""
    return " ".join(word.title() for word in SCRIPTS["latin"].words(f"publisher {article % 40}", 2))


def date(article: int) -> str:
    """The date of an article."""
    return f"2024-{article % 12 + 1:02}-{article % 28 + 1:02}"


def speaker(number: int) -> str:
    """A speaker: 0 is the article."""
    return " ".join((f"Speaker{number}", *SCRIPTS["latin"].words(f"speaker {number}", 1))) if number else "article"


def label_of(fact: int, place: int) -> Label:
    """The label of an answer: of ten facts two are disputed, and two have an answer that is erroneous."""
    if fact % 10 in (2, 7):
        return "disputed"
    return "erroneous" if fact % 10 in (4, 5) and place == ANSWERS - 1 else "supported"


def spoilt(record: Record, claim: int) -> Record:
    """A claim with just one error: one of five, in turn."""
    match claim % 5:
        case 0:
            return record | {"quote": record["quote"] + "x"}
        case 1:
            return record | {"fact": record["fact"] + "-x"}
        case 2:
            return record | {"speaker": "Somebody"}
        case 3:
            return record | {"label": record["label"][:-1]}
        case _:
            wrong = "corroborated" if record["label"] != "supported" else "doubted"
            return record | {"basis": wrong}


def lines_of(annotations: Record) -> Iterator[Record]:
    """The annotations of an article, a record for a line each."""
    for kind, key in (("claim", "claims"), ("unverified", "unverified"), ("not_checkable", "not_checkable")):
        for record in annotations[key]:
            yield {"kind": kind, "article": annotations["article"], **record}


def write_register(path: Path, key: str, records: Iterable[Record]) -> None:
    """Writes records while they come: a line of JSON each, or an item each of a list in YAML."""
    with path.open("wb") as stream:
        if path.suffix == ".jsonl":
            stream.writelines(map(json_line, records))
        else:
            stream.write(f"{key}:\n".encode())
            stream.writelines("".join(yaml_item(record, 1)).encode() for record in records)


def json_line(record: Record) -> bytes:
    """A record as a line of JSON."""
    return msgspec.json.encode(record) + b"\n"


def yaml_lines(record: Record, depth: int = 0) -> Iterator[str]:
    """A record in YAML as people write it: blocks, and text without quotation marks unless it ends with a space."""
    for key, value in record.items():
        indent = "  " * depth
        if isinstance(value, str):
            yield f"{indent}{key}: {value}\n" if value == value.rstrip() else f'{indent}{key}: "{value}"\n'
        else:
            yield f"{indent}{key}:\n"
            if isinstance(value, dict):
                yield from yaml_lines(value, depth + 1)
            else:
                yield from chain.from_iterable(yaml_item(item, depth + 1) for item in value)


def yaml_item(item: Record | str, depth: int) -> Iterator[str]:
    """An item of a list in YAML."""
    indent = "  " * depth
    if isinstance(item, str):
        yield f"{indent}- {item}\n"
        return
    lines = yaml_lines(item, depth + 1)
    yield f"{indent}- {next(lines).lstrip()}"
    yield from lines


@click.command()
@click.argument("folder", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--claims", default=10_000, show_default=True, help="How many, a multiple of 20.")
@click.option("--format", "form", type=click.Choice(["jsonl", "yaml"]), default="jsonl", show_default=True)
@click.option("--script", type=click.Choice([*SCRIPTS, "mixed"]), default="latin", show_default=True)
@click.option(
    "--shape",
    type=click.Choice(SHAPES),
    default="even",
    show_default=True,
    help="20 claims an article; all claims in one; 1,000 passages of evidence for the first; an error in each.",
)
def main(folder: Path, claims: int, form: str, script: str, shape: str) -> None:
    """Makes a project of invented articles in OUT."""
    try:
        Corpus(claims, script, shape).write(folder, form)
    except (ValueError, FileExistsError) as error:
        raise click.UsageError(str(error)) from error


if __name__ == "__main__":
    main()
