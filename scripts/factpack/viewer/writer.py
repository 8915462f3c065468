"""Make the page of a project, and write it."""

from dataclasses import dataclass
from pathlib import Path

from factpack.agreement.alignment import examine
from factpack.atomic import scratch_folder
from factpack.checks.problem import Problem, Problems
from factpack.corpus.folds import CorpusFolds
from factpack.corpus.types import AnchoredArticle, RegisteredText
from factpack.errors import NotAPageError
from factpack.project.layout import ProjectFiles
from factpack.viewer.page import Page, is_page
from factpack.viewer.problem_spans import locate_problems


@dataclass(frozen=True, slots=True)
class MadePage:
    """Give the page of a project.

    Attributes:
        html: The page.
        build: Tells it from others; empty if it does not look for its next build.
        problems: The problems of the project.
        articles: The articles that could be read, by their ids.
    """

    html: str
    build: str
    problems: Problems
    articles: dict[str, RegisteredText]


def make_page(project: ProjectFiles, *, live: bool = False) -> MadePage:
    """Make the page of a project as it is.

    What cannot be read or found is missing from the page; the problem is shown at the words instead.

    Args:
        project: The project.
        live: Whether the page saves, and looks for the next build of itself.
    """
    page = Page()
    problems = Problems()
    articles: dict[str, RegisteredText] = {}
    for item in examine(project):
        if isinstance(item, Problem | Problems):
            problems.add(item)
            continue
        if not isinstance(item, CorpusFolds):
            page.add(item)
        if isinstance(item, AnchoredArticle) and item.is_registered:
            articles[item.text.article] = RegisteredText(item.record, item.text)
    html, build = page.html_and_build(
        lambda names: (articles[name].text for name in names),
        tuple(locate_problems(problems.shown, project, articles)),
        live=live,
    )
    return MadePage(html, build, problems, articles)


def write(project: ProjectFiles, path: Path) -> Problems:
    """Write the page of a project as it is.

    Args:
        project: The project.
        path: The file to write.

    Returns:
        The problems of the project.

    Raises:
        NotAPageError: ``path`` is another file.
    """
    if path.exists() and not is_page(path):
        message = f"{path} exists and is not a page of factpack; move it away, or choose another file"
        raise NotAPageError(message)
    made = make_page(project)
    with scratch_folder(path.parent) as scratch:
        (scratch / path.name).write_bytes(made.html.encode())
        (scratch / path.name).replace(path)  # in one step: nobody ever finds half a page
    return made.problems
