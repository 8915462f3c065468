"""The rules that a project must keep.

Every rule is one small function in a module of this package, registered by :func:`factpack.rules.registry.rule`. Its
docstring is its manual page, printed by ``factpack rules``: what it wants and why, a bad example after ``Bad:`` and a
good one after ``Good:``.
"""

from factpack.rules import coverage, dataset, facts, labels, names, quotes, readings, seeds, shape, text
from factpack.rules.registry import RULES, Rule, count, judge

__all__ = [
    "RULES",
    "Rule",
    "count",
    "coverage",
    "dataset",
    "facts",
    "judge",
    "labels",
    "names",
    "quotes",
    "readings",
    "seeds",
    "shape",
    "text",
]
