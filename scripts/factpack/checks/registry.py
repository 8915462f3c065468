"""Keep the rules that a project must keep: those of factpack, and those that other packages add.

A package adds rules by an entry point of the group ``factpack.rules`` that names a module of rules, or one rule, made
by :func:`~factpack.checks.rule.rule`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

from factpack.checks.messages import MESSAGES
from factpack.checks.problem import Problem
from factpack.checks.rule import Rule
from factpack.checks.rules import RULES
from factpack.formats.locations import Record
from factpack.plugins import load_plugins


@cache
def rules() -> Mapping[str, Rule]:
    """Return the rules by their ids.

    Raises:
        PluginError: A rule of another package cannot be used.
    """
    found = {each.id: each for module in (*MESSAGES, *RULES) for each in _rules_of(module)}

    def add(plugin: object) -> None:
        added = [plugin] if isinstance(plugin, Rule) else _rules_of(plugin) if isinstance(plugin, ModuleType) else []
        if not added:
            message = "it is neither a rule nor a module with rules"
            raise TypeError(message)
        for each in added:
            if found.setdefault(each.id, each) is not each:
                message = f"rule `{each.id}` already exists"
                raise ValueError(message)

    for _ in load_plugins("factpack.rules", add):
        pass
    return MappingProxyType(found)


def _rules_of(module: ModuleType) -> list[Rule]:
    return [value for value in vars(module).values() if isinstance(value, Rule)]


@cache
def _by_subject() -> dict[type, list[Rule]]:
    found: dict[type, list[Rule]] = {}
    for each in rules().values():
        found.setdefault(each.subject, []).append(each)
    return found


def judge(subject: object) -> Iterator[Problem]:
    """Yield every problem that the rules find in a value."""
    kind = type(subject.value) if isinstance(subject, Record) else type(subject)
    for each in _by_subject().get(kind, ()):
        yield from each.judge(subject)
