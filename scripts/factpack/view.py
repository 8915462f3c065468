"""The page to read a dataset: one HTML file that needs no network and no server.

The data stand in the page as one JSON text; the script in it draws from them what is in view. Everything that the page
may do is fixed by its Content-Security-Policy: run that one script, use that one style sheet, load nothing.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
from markupsafe import Markup
from msgspec import Struct

from factpack.charts import ENVIRONMENT, Counts, svg
from factpack.corpus import UNACCOUNTED, AnchoredArticle, AnchoredFact, AnchoredPassage, Guidelines, RegisteredText
from factpack.folder import scratch_folder
from factpack.history import History
from factpack.model import LABELS, Dataset
from factpack.places import Place, place
from factpack.problems import Problem, Problems
from factpack.project import NotAProjectError, Project, open_project
from factpack.readings import Comparison, examine

PAGE = "view.html"
MAX_CLAIMS = 50_000  # of a corpus with more, no page is made: a browser could hardly hold it


class NotAPageError(Exception):
    """Where the page should be written is another file."""


class _Data(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the script is given. Offsets are code points, as everywhere; the script makes UTF-16 units of them."""


class _Words(Struct, frozen=True, array_like=True, gc=False):
    """A passage of an article, without names, because there are many; ``quote`` is given only if it was not found."""

    article: str
    start: int
    end: int
    stance: str
    quote: str = ""


class _Mark(_Data, frozen=True, kw_only=True):
    """Something noted about words of an article."""

    start: int
    end: int
    kind: Literal["claim", "unverified", "not_checkable", "unaccounted"] = "claim"
    id: str = ""
    claim: str = ""
    speaker: str = ""
    fact: str = ""
    value: str = ""
    label: str = ""
    basis: str = ""
    correction: str = ""
    rationale: str = ""
    reason: str = ""
    evidence: tuple[_Words, ...] = ()


class _Article(_Data, frozen=True, kw_only=True):
    """An article; its marks are sorted by place, the longer before what it holds."""

    id: str
    language: str
    file: str
    text: str
    title: str = ""
    publisher: str = ""
    date: str = ""
    marks: tuple[_Mark, ...] = ()


class _Fact(_Data, frozen=True, kw_only=True):
    id: str
    question: str
    settled: str = ""
    passages: tuple[_Words, ...] = ()


class _Problem(_Data, frozen=True, kw_only=True):
    """A problem: ``note`` is the id of what it is about, ``spans`` the words if that has no id or could not be read."""

    severity: str
    rule: str
    message: str
    hint: str
    where: str
    article: str = ""
    note: str = ""
    fact: str = ""
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that the overview states, as it is shown."""

    name: str
    value: str


class Page:
    """The page of a corpus, made while its articles pass by; of each only what the script needs is kept, encoded.

    One that is not ``drawn`` only counts.
    """

    def __init__(self, *, drawn: bool = True) -> None:
        self.drawn = drawn
        self.dataset: Dataset | None = None
        self.counts = Counts()
        self.claims = self.evidence = 0
        self.articles: list[msgspec.Raw] = []
        self.facts: list[msgspec.Raw] = []
        self.notes: set[str] = set()
        self.votes: list[tuple[str, str]] = []

    def figures(self) -> tuple[Figure, ...]:
        """What the overview states in numbers."""
        statuses = self.counts.statuses
        accounted = sum(statuses) - statuses[UNACCOUNTED]
        figures = [
            Figure("articles", f"{len(self.counts.articles):,}"),
            Figure("labelled claims", f"{self.claims:,}"),
            Figure("passages of evidence", f"{self.evidence:,}"),
            Figure("facts that claims answer", f"{len(self.facts):,}"),
            Figure("sentences accounted for", f"{accounted:,} of {sum(statuses):,}"),
        ]
        if self.votes:
            from factpack.agreement import kappa  # noqa: PLC0415 - most projects have one reading, and scipy loads slowly

            same = sum(first == second for first, second in self.votes)
            figures.append(Figure("same vote in both readings", f"{same:,} of {len(self.votes):,}"))
            figures.append(Figure("Cohen’s κ of the readings", f"{kappa(self.votes):.3f}"))
        return tuple(figures)

    @property
    def fits(self) -> bool:
        """Whether a browser can hold the corpus."""
        return self.drawn and self.claims <= MAX_CLAIMS

    def merge(self, later: "Page") -> None:
        """Takes the articles of another page."""
        self.counts.merge(later.counts)
        self.claims += later.claims
        self.evidence += later.evidence
        if self.fits:
            self.notes |= later.notes
            self.articles += later.articles
        else:
            self.articles.clear()
            self.notes.clear()

    def add(self, item: Dataset | Guidelines | History | Comparison | AnchoredArticle | AnchoredFact) -> None:
        """Takes the next part of the corpus, in the order of the join."""
        match item:
            case Dataset():
                self.dataset = item
            case Comparison():
                self.votes += [unit.votes for unit in item.units if unit.first and unit.second]
            case AnchoredArticle():
                self.counts.add(item)
                self.claims += len(item.claims)
                self.evidence += sum(map(len, item.claims.evidence))
                if self.fits:
                    self.notes.update(value.id for value in item.claims.records.values)
                    self.notes.update(value.id for value in item.unverified.records.values)
                    self.articles.append(_encoded(_article(item)))
                else:
                    self.articles.clear()
                    self.notes.clear()
            case AnchoredFact():
                if self.fits:
                    self.facts.append(_encoded(_fact(item)))

    def html(self, places: Sequence[Place] = (), *, live: bool = False) -> str:
        """The page, with the problems that it shows; ``live`` if it looks for the next build of itself."""
        data = {
            "labels": LABELS,
            "articles": self.articles,
            "facts": self.facts,
            "problems": [_problem(place, known=place.note in self.notes) for place in places],
        }
        json = msgspec.json.encode(data).decode()
        script = _template("view.js")
        style = _template("chart.css") + _template("view.css")
        return ENVIRONMENT.get_template("view.html.jinja").render(
            dataset=self.dataset,
            data=Markup(json.translate(_ESCAPES)),  # noqa: S704 - nothing in it can end the element
            drawings=[Markup(svg(chart, alone=False)) for chart in self.counts.charts()],  # noqa: S704 - escaped there
            script=Markup(script),  # noqa: S704 - a file of this package
            style=Markup(style),  # noqa: S704 - a file of this package
            script_sum=_sum(script),
            style_sum=_sum(style),
            build=hashlib.sha256(json.encode()).hexdigest() if live else "",
            figures=self.figures(),
            problems=len(places),
        )


def write(project: Project, path: Path, *, live: bool = False) -> Problems:
    """Writes the page of a project as it is; returns its problems.

    What cannot be joined is missing from the page; the problem is shown at the words instead.

    Raises NotAPageError if ``path`` is another file.
    """
    if path.exists() and not _is_page(path):
        message = f"{path} exists and is not a page of factpack; move it away, or choose another file"
        raise NotAPageError(message)
    page = Page()
    problems = Problems()
    articles: dict[str, RegisteredText] = {}
    for item in examine(project):
        if isinstance(item, Problem | Problems):
            problems.add(item)
            continue
        page.add(item)
        if isinstance(item, AnchoredArticle):
            articles[item.text.article] = RegisteredText(item.record, item.text)
    html = page.html(tuple(place(problems, project, articles)), live=live)
    with scratch_folder(path.parent) as scratch:
        (scratch / PAGE).write_bytes(html.encode())
        (scratch / PAGE).replace(path)  # in one step: a page that looks for its next build never finds half of one
    return problems


def _is_page(path: Path) -> bool:
    return path.is_file() and _DATA.search(path.read_bytes().decode(errors="replace")) is not None


_DATA = re.compile(r'(?<=<script type="application/json" id="data">).*?(?=</script>)', re.DOTALL)


def with_texts(html: str, text_of: Callable[[str], str]) -> str:
    """A page with other texts in it: ``text_of`` gives that of an article by its id."""

    def change(found: re.Match[str]) -> str:
        data = msgspec.json.decode(found[0])
        for article in data["articles"]:
            article["text"] = text_of(article["id"])
        return msgspec.json.encode(data).decode().translate(_ESCAPES)

    return _DATA.sub(change, html, count=1)


def rebuilds(project: Project, path: Path) -> Iterator[Problems]:
    """Writes the page now and whenever a file of the project changes, until interrupted."""
    from watchfiles import watch  # noqa: PLC0415 - only --watch needs it

    folders = [folder for folder in (project.dataset.parent, project.root / "seeds") if folder.is_dir()]
    # The first round comes from the timeout, when the watch has begun: no change during the first build is lost.
    started = False
    for changes in watch(*folders, yield_on_timeout=True, rust_timeout=200):
        if started and not changes:
            continue
        started = True
        try:
            problems = write(open_project(project.root), path, live=True)
        except (NotAProjectError, FileNotFoundError):  # in the middle of a save; the next change is near
            continue
        yield problems


#: HTML ends a script element at ``</script`` and changes how it reads on at ``<!--``, whatever the JSON around it.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def _template(name: str) -> str:
    return (files("factpack") / "templates" / name).read_text(encoding="utf-8")


def _sum(text: str) -> str:
    """The sum of an inline script or style sheet, as a Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _encoded(data: _Data) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(data))


def _words(anchored: AnchoredPassage, stance: str = "") -> _Words:
    passage = anchored.passage
    if anchored.span is None:
        return _Words(passage.article, 0, 0, stance, passage.quote)
    return _Words(passage.article, anchored.span.start, anchored.span.end, stance)


def _article(article: AnchoredArticle) -> _Article:
    value = article.record.value
    marks = sorted(_marks(article), key=lambda mark: (mark.start, -mark.end))
    return _Article(
        id=value.id,
        language=value.language,
        file=value.file,
        text=article.text.text,
        title=value.title,
        publisher=value.publisher.name if value.publisher else "",
        date=value.date.value if value.date else "",
        marks=tuple(marks),
    )


def _marks(article: AnchoredArticle) -> Iterator[_Mark]:
    for claim in article.claims:
        value = claim.record.value
        yield _Mark(
            start=claim.span.start,
            end=claim.span.end,
            id=value.id,
            claim=value.claim,
            speaker=value.speaker,
            fact=value.fact,
            value=value.value,
            label=value.label,
            basis=value.basis,
            correction=value.correction,
            rationale=value.rationale,
            evidence=tuple([_words(a, e.stance) for a, e in zip(claim.evidence, value.evidence, strict=True)]),
        )
    for passage in article.unverified:
        note = passage.record.value
        yield _Mark(
            kind="unverified",
            start=passage.span.start,
            end=passage.span.end,
            id=note.id,
            claim=note.claim,
            speaker=note.speaker,
            fact=note.fact,
            value=note.value,
        )
    for remark in article.not_checkable:
        yield _Mark(
            kind="not_checkable", start=remark.span.start, end=remark.span.end, reason=remark.record.value.reason
        )
    for number, status in enumerate(article.accounts.statuses):
        if status == UNACCOUNTED:
            start, end = article.text.bounds[2 * number : 2 * number + 2]
            yield _Mark(kind="unaccounted", start=start, end=end)


def _fact(fact: AnchoredFact) -> _Fact:
    value = fact.record.value
    return _Fact(
        id=value.id,
        question=value.question,
        settled=value.settled.value if value.settled else "",
        passages=tuple(_words(passage) for passage in fact.settled),
    )


def _problem(place: Place, *, known: bool) -> _Problem:
    problem = place.problem
    return _Problem(
        severity=problem.severity,
        rule=problem.rule,
        message=problem.message,
        hint=problem.hint,
        where=f"{problem.path}:{problem.line}:{problem.column}",
        article=place.article,
        note=place.note if known else "",
        fact=place.fact,
        spans=() if known else place.spans,
    )
