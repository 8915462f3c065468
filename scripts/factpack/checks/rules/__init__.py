"""Rules that decide whether something is wrong.

Every rule is one small function in a module of this package, made a rule by :func:`factpack.checks.rule.rule`.
"""

from factpack.checks.rules import (
    articles,
    claims,
    dataset,
    duplicates,
    evidence,
    facts,
    keys,
    labels,
    languages,
    readings,
    splits,
)

RULES = (
    articles,
    claims,
    dataset,
    duplicates,
    evidence,
    facts,
    keys,
    labels,
    languages,
    readings,
    splits,
)
