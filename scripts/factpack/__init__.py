"""Package annotated articles into a checked, versioned fact-check dataset.

The names below are the library; :mod:`factpack.api` and :mod:`factpack.errors` document them. All their errors
derive from `FactpackError`. In the folder of a project::

    import factpack

    project = factpack.load_project(".")
    print(project.check().counts, [claim.span for claim in project.load().claims][:3])
    release = project.build("dist/from-python")
    print(release.version, release.table("claims").num_rows, release.load("evidence").features["stance"].names)
    print(factpack.diff("dist/x-interview-factcheck-3.0.0", release).required_step.name)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from factpack.api import (
        Corpus,
        Project,
        Release,
        create_project,
        diff,
        load_project,
        open_release,
        publish,
        rules,
        score,
    )
    from factpack.checks.report import CheckFailedError, CheckReport
    from factpack.errors import FactpackError, ProjectNotFoundError
    from factpack.evaluation.scores import Scores

__version__ = "0.2.0"

__all__ = [
    "CheckFailedError",
    "CheckReport",
    "Corpus",
    "FactpackError",
    "Project",
    "ProjectNotFoundError",
    "Release",
    "Scores",
    "__version__",
    "create_project",
    "diff",
    "load_project",
    "open_release",
    "publish",
    "rules",
    "score",
]

_ELSEWHERE = {
    "CheckFailedError": "checks.report",
    "CheckReport": "checks.report",
    "FactpackError": "errors",
    "ProjectNotFoundError": "errors",
    "Scores": "evaluation.scores",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for, so that the command line starts at once."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"factpack.{_ELSEWHERE.get(name, 'api')}"), name)
