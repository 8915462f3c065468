"""Say what each column is to an evaluation: what goes in, what is predicted, and what gives it away."""

from collections.abc import Iterator
from typing import Literal

from factpack.dataset.schema import Column, ListOf

#: ``id`` names a row, ``input`` is shown to the model, ``target`` is predicted, ``leaks`` tells the target or is made
#: from it, and ``about`` is everything else.
Role = Literal["id", "input", "target", "leaks", "about"]

#: The columns of each config by their role in its task, nested ones by their paths. What a project adds is about a row.
ROLES: dict[str, dict[Role, str]] = {
    "claims": {
        "id": "id",
        "input": "claim quote context speaker",
        "target": (
            "label evidence evidence[].article evidence[].quote evidence[].start evidence[].end evidence[].stance "
            "evidence[].source evidence[].groups"
        ),
        "leaks": "value basis correction rationale votes votes[].reading votes[].vote",
        "about": "article start end fact fold added_in changed_in",
    },
    "propositions": {
        "id": "id",
        "input": "claim quote context speaker",
        "target": "verdict",
        "leaks": "value rationale near near[].article near[].quote near[].start near[].end",
        "about": "article start end fact fold added_in changed_in",
    },
    "evidence": {
        "id": "id claim_id",
        "input": "claim context quote",
        "target": "stance",
        "leaks": "label",
        "about": "article start end sentence_id source groups fact fold added_in changed_in",
    },
    "articles": {
        "id": "id",
        "input": "text",
        "about": (
            "file sha256 language title publisher publisher_quote date date_origin date_quote url archived_url "
            "retrieved license added_in changed_in"
        ),
    },
    "sentences": {
        "id": "id",
        "input": "text",
        "target": "status",
        "leaks": (
            "claims reason unverified unverified[].id unverified[].claim unverified[].quote unverified[].start "
            "unverified[].end unverified[].speaker unverified[].fact unverified[].value"
        ),
        "about": "article start end added_in changed_in",
    },
    "facts": {
        "id": "id",
        "input": "question answers answers[].article answers[].value answers[].claim_id",
        "target": (
            "settled_value settled_by settled_by[].article settled_by[].quote settled_by[].start settled_by[].end"
        ),
        "leaks": "answers[].label",
        "about": "fold added_in changed_in",
    },
    "votes": {
        "id": "id",
        "input": "quote",
        "target": "released",
        "leaks": "vote stance claim_id evidence_id why",
        "about": "unit reading article start end added_in changed_in",
    },
}
_BY_PATH = {
    (config, path): role for config, roles in ROLES.items() for role, paths in roles.items() for path in paths.split()
}


def paths(columns: tuple[Column, ...], prefix: str = "") -> Iterator[str]:
    """Yield the paths of columns, nested ones after their list: ``evidence[].stance``."""
    for column in columns:
        yield f"{prefix}{column.name}"
        if isinstance(column.type, ListOf):
            yield from paths(column.type.columns, f"{prefix}{column.name}[].")


def role(config: str, path: str) -> Role:
    """Return the role of a column, by its path in its config."""
    return _BY_PATH.get((config, path), "about")


def with_role(config: str, columns: tuple[Column, ...], wanted: Role) -> tuple[str, ...]:
    """Return the paths of the columns with a role; those within a list of the same role are left out."""
    found = [path for path in paths(columns) if role(config, path) == wanted]
    return tuple(path for path in found if path.partition("[]")[0] == path or path.partition("[]")[0] not in found)
