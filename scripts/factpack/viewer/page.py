"""Make the page to read a dataset: one HTML file that needs no network and no server.

The data are in the page as one JSON text; the script in it draws from them what is in view. Everything that the page
may do is fixed by its Content-Security-Policy: run that one script, use that one style sheet, load nothing.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from markupsafe import Markup

from factpack.agreement.alignment import Comparison
from factpack.corpus.counts import Counts
from factpack.corpus.file_subjects import CopiedFile
from factpack.corpus.types import AnchoredArticle, AnchoredFact, ArticleText
from factpack.limits import MAX_PAGE_BYTES, TooLargeError, read_within
from factpack.project.history import History
from factpack.project.models import Dataset
from factpack.project.scheme import DEFAULT, Scheme
from factpack.project.vocabulary import NO_VOTE
from factpack.text.sentences import Span
from factpack.viewer.charts import ENVIRONMENT, draw_svg, make_charts
from factpack.viewer.excerpts import cited, excerpts
from factpack.viewer.page_data import (
    PageArticle,
    PageData,
    PageFact,
    PageLabel,
    PageMark,
    encode_article,
    encode_claims,
    encode_fact,
    encode_problem,
    with_excerpts,
)
from factpack.viewer.page_parts import policy_hash, script, style
from factpack.viewer.page_scheme import page_scheme
from factpack.viewer.problem_spans import ProblemSpan
from factpack.viewer.tones import tones

# Of a corpus with more, no page is made: a browser could hardly show it.
MAX_CLAIMS = 50_000
MAX_PASSAGES = 500_000

ReadTexts = Callable[[Collection[str]], Iterable[ArticleText]]  # yields the texts of articles with these ids


@dataclass(frozen=True, slots=True)
class Figure:
    """Show a number in the overview."""

    name: str
    value: str


def overview(counts: Counts) -> tuple[Figure, ...]:
    """Return the numbers of the overview; what only some schemes can be without is left out if there is none of it."""
    numbers = {
        "articles": len(counts.sentences_by_article.rows),
        **({"of them only sources": len(counts.sources)} if counts.sources else {}),
        "labelled claims": counts.claims,
        "passages of evidence": counts.evidence_by_label.total,
        "facts that claims answer": counts.facts,
        "sentences accounted for": counts.sentences_by_article.total,
    }
    figures = [
        Figure(name, f"{counts.accounted:,} of {number:,}" if name == "sentences accounted for" else f"{number:,}")
        for name, number in numbers.items()
        if number or counts.scheme == DEFAULT
    ]
    if counts.votes:
        from factpack.agreement.figures import show  # noqa: PLC0415 - with pandas
        from factpack.agreement.metrics import kappa  # noqa: PLC0415 - most projects have one reading, and scipy loads slowly

        same = sum(number for votes, number in counts.votes.items() if len({*votes} - {NO_VOTE}) == 1)
        all_readings, of = ("both", "Cohen") if len(next(iter(counts.votes))) == 2 else ("all", "Fleiss")  # noqa: PLR2004 - a pair
        figures.append(Figure(f"same vote in {all_readings} readings", f"{same:,} of {counts.votes.total():,}"))
        figures.append(Figure(f"{of}’s κ of the readings", show(kappa(list(counts.votes.elements())))))
    return tuple(figures)


def fits(counts: Counts, max_claims: int = MAX_CLAIMS) -> bool:
    """Tell whether a browser can show a corpus."""
    return counts.claims <= max_claims and counts.evidence_by_label.total <= MAX_PASSAGES


class Page:
    """Make the page of a corpus while its articles pass by; of each only what the script needs is kept, encoded.

    Args:
        max_claims: With more claims than that, nothing is kept but the counts; with -1 nothing else is kept at all.
        scheme: The annotation scheme, until the dataset gives it.
    """

    def __init__(self, max_claims: int = MAX_CLAIMS, scheme: Scheme = DEFAULT) -> None:
        self.max_claims = max_claims
        self.dataset: Dataset | None = None
        self.counts = Counts(scheme)
        self.articles: list[msgspec.Raw] = []
        self.has_sources = False  # whether some of them are only sources
        self.claims: list[msgspec.Raw] = []  # what is annotated without an article
        self.facts: list[msgspec.Raw] = []
        self.ids: set[str] = set()  # of the claims and unverified passages

    @property
    def fits(self) -> bool:
        """Tell whether a browser can show the corpus."""
        return fits(self.counts, self.max_claims)

    def merge(self, later: "Page") -> None:
        """Take the articles of the page of a later part of the corpus."""
        self.counts.merge(later.counts)
        if self.fits:
            self.ids |= later.ids
            self.has_sources = self.has_sources or later.has_sources
            self.articles += later.articles
            self.claims += later.claims
        else:
            self._drop()

    def add(self, item: Dataset | CopiedFile | History | Comparison | AnchoredArticle | AnchoredFact) -> None:
        """Take the next part of the corpus, in the order in which it is built."""
        match item:
            case Dataset():
                self.dataset = item
                self.counts = Counts(item.scheme)
            case Comparison():
                self.counts.add_votes(item.units)
            case AnchoredArticle():
                self.counts.add(item)
                if self.fits:
                    self.ids.update(value.id for value in item.claims.records.values)
                    self.ids.update(value.id for value in item.unverified.records.values)
                    self._encode(item)
                else:
                    self._drop()
            case AnchoredFact():
                self.counts.add(item)
                if self.fits:
                    self.facts.append(encode_fact(item))

    def _with_excerpts(self, texts: ReadTexts, problems: Sequence[ProblemSpan]) -> list[msgspec.Raw]:
        """Return the articles; those that are only sources with what is cited, or has a problem."""
        if not self.has_sources:
            return self.articles
        marks = [msgspec.json.decode(each, type=PageMark) for each in self.claims]
        sources: dict[str, int] = {}
        own: dict[str, list[Span]] = {}  # what is annotated in a source, which is an error
        for number, each in enumerate(self.articles):
            article = msgspec.json.decode(each, type=PageArticle)
            marks += article.marks
            if article.only_source:
                sources[article.id] = number
                own[article.id] = [Span(mark.start, mark.end) for mark in article.marks]
        passages = cited(marks, (msgspec.json.decode(each, type=PageFact) for each in self.facts), sources)
        for name in sources:
            passages[name].update(own[name])
        for problem in problems:
            if problem.article in sources:
                passages[problem.article].update(problem.spans)
        articles = list(self.articles)
        for text in texts({name for name, spans in passages.items() if spans}):
            number = sources[text.article]
            shown = excerpts(text.text, text.bounds, passages[text.article])
            articles[number] = with_excerpts(articles[number], shown)
        return articles

    def _encode(self, article: AnchoredArticle) -> None:
        if article.is_registered:
            self.has_sources = self.has_sources or article.only_source
            self.articles.append(encode_article(article, self.counts.scheme))
        else:
            self.claims += encode_claims(article, self.counts.scheme)

    def _drop(self) -> None:
        self.articles.clear()
        self.claims.clear()
        self.ids.clear()

    def html(self, texts: ReadTexts) -> str:
        """Return the page; see :meth:`html_and_build`."""
        return self.html_and_build(texts)[0]

    def html_and_build(
        self, texts: ReadTexts, problems: Sequence[ProblemSpan] = (), *, live: bool = False
    ) -> tuple[str, str]:
        """Return the page, and what tells it from others.

        Args:
            texts: Reads the texts of articles that are only sources, of which the page itself keeps none.
            problems: The problems that it shows.
            live: Whether it saves, and looks for the next build of itself; else nothing tells it from others.
        """
        scheme = self.counts.scheme
        labels = [PageLabel(name, tone, "against" in scheme.labels[name].needs) for name, tone in tones(scheme).items()]
        described = page_scheme(scheme, self.dataset)
        data = {
            "labels": labels,
            "stances": tuple(scheme.stances.items()),
            "scheme": described,
            "articles": self._with_excerpts(texts, problems),
            "claims": self.claims,
            "facts": self.facts,
            "problems": [encode_problem(found, marked=found.note in self.ids) for found in problems],
        }
        json = msgspec.json.encode(data).decode()
        drawings = [draw_svg(chart, standalone=False) for chart in make_charts(self.counts)]
        build = hashlib.sha256(f"{json}{self.dataset}".encode()).hexdigest() if live else ""
        html = ENVIRONMENT.get_template("view.html.jinja").render(
            dataset=self.dataset,
            data=Markup(_escaped(json)),  # noqa: S704 - nothing in it can end the element
            drawings=[Markup(drawing) for drawing in drawings],  # noqa: S704 - escaped there
            script=Markup(script()),  # noqa: S704 - files of this package
            style=Markup(style()),  # noqa: S704 - files of this package
            script_hash=policy_hash(script()),
            style_hash=policy_hash(style()),
            build=build,
            figures=overview(self.counts),
            labels=labels,
            described=described,
            tones=tones(scheme),
            articles=len(self.articles) - len(self.counts.sources),
            claims=len(self.claims),
            facts=len(self.facts),
            problems=len(problems),
        )
        return html, build


_DATA = re.compile(r'(?<=<script type="application/json" id="data">)[^<]*(?=</script>)')  # it is escaped


def is_page(path: Path) -> bool:
    """Tell whether a file is a page that was made here; one that is too large to be read is none."""
    try:
        return _DATA.search(read_within(path, MAX_PAGE_BYTES).decode(errors="replace")) is not None
    except (IsADirectoryError, TooLargeError):
        return False


def data_of(html: str) -> PageData:
    """Return the data of a page that was made here.

    Raises:
        ValueError: It is none.
    """
    found = _DATA.search(html)
    if not found:
        message = "it has no data"
        raise ValueError(message)
    return msgspec.json.decode(found[0], type=PageData)


def with_data(data: PageData, dataset: Dataset, counts: Counts) -> str:
    """Return the page with these data."""
    page = Page()
    page.dataset, page.counts = dataset, counts
    page.articles = [msgspec.Raw(msgspec.json.encode(article)) for article in data.articles]
    page.claims = [msgspec.Raw(msgspec.json.encode(claim)) for claim in data.claims]
    page.facts = [msgspec.Raw(msgspec.json.encode(fact)) for fact in data.facts]
    return page.html(lambda _: ())  # the excerpts are there


def with_texts(html: str, text_of: Callable[[str], str]) -> str:
    """Return a page with other texts in it.

    Args:
        html: The page.
        text_of: Gives the text of an article by its id.
    """

    def change(found: re.Match[str]) -> str:
        data = msgspec.json.decode(found[0])
        for article in data["articles"]:
            text = text_of(article["id"])
            for excerpt in article.get("excerpts", ()):
                start, end = excerpt[:2]
                excerpt[2] = text[start:end]
            if not article.get("only_source"):
                article["text"] = text
        return _escaped(msgspec.json.encode(data).decode())

    return _DATA.sub(change, html, count=1)


#: HTML ends a script element at ``</script`` and changes how it reads on at ``<!--``, whatever the JSON around it.
_ESCAPES = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def _escaped(json: str) -> str:
    for sign, escape in _ESCAPES.items():
        json = json.replace(sign, escape)  # str.translate takes ten times as long
    return json
