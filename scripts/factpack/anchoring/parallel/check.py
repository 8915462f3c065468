"""Find what is wrong with a corpus in several processes."""

import gc
from collections.abc import Callable, Iterator

from factpack.anchoring.parallel.division import USUAL_PARTS, Part, PartSizes, anchor_in_parallel
from factpack.anchoring.parallel.workers import processes
from factpack.atomic import temporary_folder
from factpack.checks.problem import Problem, Problems
from factpack.corpus.types import AnchoredArticle
from factpack.limits import DEFAULT_LIMITS, Limits
from factpack.project.layout import ProjectFiles
from factpack.project.scheme import Scheme


def check_in_processes(
    project: ProjectFiles,
    jobs: int,
    on_article: Callable[[], object],
    limits: Limits = DEFAULT_LIMITS,
    sizes: PartSizes = USUAL_PARTS,
) -> Iterator[Problem | Problems]:
    """Yield what is wrong with a project without readings.

    Args:
        project: The project.
        jobs: How many processes anchor the articles.
        on_article: Called after every article.
        limits: Bounds of the problems and texts in memory.
        sizes: How much a process gets at a time.

    Raises:
        WorkerError: A process failed; the message names the part of the annotations.
    """
    with temporary_folder() as scratch, processes(jobs, _begin_process, scratch) as workers:
        for item in anchor_in_parallel(project, workers, lambda: _make_nothing, sizes=sizes, limits=limits):
            if isinstance(item, Problem | Problems):
                yield item
            for _ in range(item.articles if isinstance(item, Part) else isinstance(item, AnchoredArticle)):
                on_article()


def _make_nothing(_: Scheme, __: list[AnchoredArticle], ___: int) -> None:
    """Leave the articles: a check is done with them once they are anchored."""


def _begin_process() -> None:
    """Tune a process that does nothing else, as the command line tunes its own."""
    gc.disable()
