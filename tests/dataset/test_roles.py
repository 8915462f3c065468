"""Every column has a role, and every role is that of a column."""

from factpack.dataset.columns import DEFAULT_TABLES, tables_of
from factpack.dataset.roles import ROLES, paths, with_role
from factpack.project.scheme import Scheme

#: With all columns that a scheme can lead to.
FULL = tables_of(Scheme(optional=("article", "quote"), groups="optional", votes="optional")).configs


def test_every_column_has_one_role() -> None:
    given = [(config, path) for config, roles in ROLES.items() for part in roles.values() for path in part.split()]
    assert sorted(given) == sorted((config.name, path) for config in FULL for path in paths(config.columns))


def test_every_config_has_an_id_and_a_list_stands_for_what_is_in_it() -> None:
    configs = {config.name: config for config in DEFAULT_TABLES.configs}
    assert all(config.key in with_role(name, config.columns, "id") for name, config in configs.items())
    assert with_role("claims", configs["claims"].columns, "target") == ("label", "evidence")
    assert with_role("facts", configs["facts"].columns, "leaks") == ("answers[].label",)
