"""Tell how many processes pay for a project."""

import os

from factpack.project.layout import ProjectFiles

PAYS_FROM = 32 * 2**20  # bytes of annotations, some 50,000 claims, from which on more processes take less time
MAX_USUAL = 8  # processes, each of which takes some 200 MB


def usual_jobs(project: ProjectFiles) -> int:
    """Return how many processes pay for a project: one if it is small, else one for each processor."""
    size = sum(path.stat().st_size for path in project.annotations)
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, MAX_USUAL) if size >= PAYS_FROM else 1
