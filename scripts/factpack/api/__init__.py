"""The library: load a project, check and build it, open a release, compare two, score predictions, publish one.

Nothing here prints, exits or changes a setting of the process.
"""

from factpack.api.corpus import Corpus
from factpack.api.project import Project, create_project, load_project, rules
from factpack.api.release import Progress, Release
from factpack.api.releases import diff, open_release, publish, score

__all__ = [
    "Corpus",
    "Progress",
    "Project",
    "Release",
    "create_project",
    "diff",
    "load_project",
    "open_release",
    "publish",
    "rules",
    "score",
]
