"""Make a Label Studio task of a project, and the configuration to annotate it with; what is annotated is in it already.

Every article is a text of one task, because relations do not lead out of a task. Read back by
:mod:`factpack.formats.exports.label_studio`, the task has the same claims.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from msgspec import UNSET

from factpack.anchoring.corpus_builder import build_corpus
from factpack.atomic import new_folder
from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.corpus.types import NO_SPAN, AnchoredArticle, AnchoredPassage
from factpack.errors import CurationError
from factpack.project.layout import ProjectFiles
from factpack.project.models import Dataset
from factpack.project.scheme import Scheme
from factpack.project.vocabulary import ARTICLE_VOICE, REASONS
from factpack.text.sentences import Span

TASKS, CONFIG = "tasks.json", "config.xml"
_COLOURS = {"claim": "#1565c0", "unverified": "#6d4c41", "not_checkable": "#757575", "evidence": "#2e7d32"}
_TEXTS = ("id", "proposition", "fact", "value", "rationale", "correction")
_NEAR = "near"  # relates a passage to an unverified one


def export_label_studio(project: ProjectFiles, out: Path) -> tuple[Path, Path]:
    """Write the task of a project and its labelling configuration.

    Args:
        project: The files of the project.
        out: A new or an empty folder.

    Returns:
        The file of the task, and that of the configuration.

    Raises:
        CheckFailedError: The project has errors.
        CurationError: The project says what Label Studio cannot hold.
        FolderInUseError: The folder is not empty.
    """
    articles, dataset = _read(project)
    names = {article.text.article: f"a{number}" for number, article in enumerate(articles)}
    task = {
        "data": {
            **{names[article.text.article]: article.text.text for article in articles},
            "articles": {name: article for article, name in names.items()},
        },
        "annotations": [{"result": list(_results(articles, names))}],
    }
    if not task["annotations"][0]["result"]:  # type: ignore[index]
        task["annotations"] = []
    with new_folder(out) as made:
        (made / TASKS).write_bytes(json.dumps([task], ensure_ascii=False, indent=1).encode() + b"\n")
        (made / CONFIG).write_bytes(_configuration(articles, names, dataset).encode())
    return out / TASKS, out / CONFIG


def _read(project: ProjectFiles) -> tuple[list[AnchoredArticle], Dataset]:
    """Return the articles of a project, and what the release says of itself."""
    problems = Problems()
    articles: list[AnchoredArticle] = []
    dataset: Dataset | None = None
    for item in build_corpus(replace(project, readings=())):
        match item:
            case Problem() | Problems():
                problems.add(item)
            case Dataset():
                dataset = item
            case AnchoredArticle() if item.is_registered:
                articles.append(item)
            case AnchoredArticle() if len(item.claims):
                message = "claims without an article cannot be marked in a text; leave them out"
                raise CurationError(message)
    report = CheckReport.of(problems, project.root)
    if dataset:
        _refuse_more(dataset.scheme)
    if dataset is None or any(problem.rule != "no-claims" for problem in report.problems if problem.failed):
        raise CheckFailedError(report)
    return articles, dataset


def _refuse_more(scheme: Scheme) -> None:
    """Refuse a scheme with more than regions and relations can say."""
    more = [name for name in ("groups", "votes") if getattr(scheme, name) != "forbidden"]
    more += [*scheme.columns.claims, *scheme.columns.evidence, *(["splits"] if scheme.splits else [])]
    if more:
        message = f"Label Studio cannot show `{more[0]}`, which dataset.yaml allows"
        raise CurationError(message)


def _results(articles: Sequence[AnchoredArticle], names: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield regions, what is said of each, and relations, in the order of the corpus."""
    relations: list[dict[str, Any]] = []
    for article in articles:
        name, text = names[article.text.article], article.text.text
        for claim in article.claims:
            value = claim.record.value
            keys = {"proposition": value.claim, "id": value.id, "speaker": value.speaker, "fact": value.fact}
            keys |= {"value": value.value, "verdict": value.label, "basis": value.basis, "rationale": value.rationale}
            region = f"claim-{value.id}"
            yield from _region(region, name, text, claim.span, "claim", keys | {"correction": value.correction})
            yield from _evidence(region, claim.evidence, articles, names, relations)
        for note, near in zip(article.unverified, article.unverified.near, strict=True):
            passage = note.record.value
            keys = {"proposition": passage.claim, "id": passage.id, "speaker": passage.speaker, "fact": passage.fact}
            keys |= {"value": passage.value, "rationale": passage.rationale}
            region = f"claim-{passage.id}"
            yield from _region(region, name, text, note.span, "unverified", keys)
            yield from _evidence(region, near, articles, names, relations)
        for number, remark in enumerate(article.not_checkable):
            keys = {"reason": remark.record.value.reason}
            yield from _region(f"{name}-{number}", name, text, remark.span, "not_checkable", keys)
    yield from relations


def _region(  # noqa: PLR0913, PLR0917 - what a region has
    region: str, name: str, text: str, span: Span, label: str, keys: dict[str, str]
) -> Iterator[dict[str, Any]]:
    if span == NO_SPAN:
        message = f"`{region.removeprefix('claim-')}` has no quote, so it cannot be marked in a text"
        raise CurationError(message)
    place = {"start": span.start, "end": span.end}
    value = place | {"text": text[span.start : span.end], "labels": [label]}
    yield {"id": region, "from_name": f"mark_{name}", "to_name": name, "type": "labels", "value": value}
    for key, given in keys.items():
        if given:
            kind = "textarea" if key in _TEXTS else "choices"
            said = {"text": [given]} if key in _TEXTS else {"choices": [given]}
            yield {"id": region, "from_name": f"{key}_{name}", "to_name": name, "type": kind, "value": place | said}


def _evidence(
    region: str,
    passages: Sequence[AnchoredPassage],
    articles: Sequence[AnchoredArticle],
    names: dict[str, str],
    relations: list[dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    texts = {article.text.article: article.text.text for article in articles}
    for number, passage in enumerate(passages):
        article, span = passage.passage.article, passage.span
        if span is None:
            message = (
                f"`{region.removeprefix('claim-')}` has evidence without its document, which cannot be marked in a text"
            )
            raise CurationError(message)
        name = f"{region}-{number}"
        yield from _region(name, names[article], texts[article], span, "evidence", {})
        stance = getattr(passage.passage, "stance", UNSET)
        label = _NEAR if stance is UNSET else stance
        ends = {"from_id": name, "to_id": region, "direction": "right"}
        relations.append({"type": "relation", **ends, "labels": [label]})


def _configuration(articles: Sequence[AnchoredArticle], names: dict[str, str], dataset: Dataset) -> str:
    """Return the labelling configuration: a text for each article, and what can be said of a region in it."""
    scheme = dataset.scheme
    choices = {"verdict": list(scheme.labels), "basis": list(scheme.bases), "reason": list(REASONS)}
    choices |= {"speaker": [ARTICLE_VOICE, *dataset.speakers]}
    lines = ["<View>", "  <Relations>"]
    lines += [f"    <Relation value={quoteattr(stance)}/>" for stance in (*scheme.stances, _NEAR)]
    lines.append("  </Relations>")
    for article in articles:
        name, title = names[article.text.article], article.record.value.title
        heading = f"{article.text.article} {title}".strip()
        lines += [f"  <Header value={quoteattr(heading)}/>", f'  <Labels name="mark_{name}" toName="{name}">']
        lines += [f'    <Label value="{label}" background="{colour}"/>' for label, colour in _COLOURS.items()]
        lines += ["  </Labels>", f'  <Text name="{name}" value="${name}" granularity="symbol"/>']
        for key, words in choices.items():
            attributes = f'name="{key}_{name}" toName="{name}" perRegion="true" choice="single" showInline="true"'
            lines += [f'  <Header size="6" value="{key}"/>', f"  <Choices {attributes}>"]
            lines += [f"    <Choice value={quoteattr(word)}/>" for word in words]
            lines.append("  </Choices>")
        for key in _TEXTS:
            attributes = f'name="{key}_{name}" toName="{name}" perRegion="true" editable="true" maxSubmissions="1"'
            lines.append(f'  <TextArea {attributes} placeholder="{key}"/>')
    return "\n".join([*lines, "</View>"]) + "\n"
