"""Tell how many processes pay for a project."""

import os

from factpack.project.layout import ProjectFiles

PAYS_FROM = 32 * 2**20  # bytes of annotations, some 50,000 claims, from which on more processes take less time
MAX_JOBS = 61  # on Windows, a pool has no more
MAX_USUAL = 8  # processes, each of which takes some 300 MB


def jobs_for(project: ProjectFiles, jobs: int | None) -> int:
    """Return how many processes work on a project.

    Args:
        project: The project. One with readings is worked on by one.
        jobs: How many are asked for, or ``None`` for as many as pay.
    """
    if project.readings:
        return 1
    return usual_jobs(project) if jobs is None else min(jobs, MAX_JOBS)


def usual_jobs(project: ProjectFiles) -> int:
    """Return how many processes pay for a project: one if it is small, else one for each processor, at most 8."""
    size = sum(path.stat().st_size for path in project.annotations)
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, MAX_USUAL) if size >= PAYS_FROM else 1
