"""The counts that `factpack stats` prints."""

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from conftest import edit


def test_stats_count_the_project(run: Callable[..., Result], project_folder: Path) -> None:
    result = run("stats", str(project_folder))
    assert result.exit_code == 0
    titles = ("article", "speaker", "basis", "fact")
    assert all(f"Claims by {title}\n" in result.stdout for title in titles)
    assert "Coverage: sentences by what accounts for them" in result.stdout


def test_open_facts_show_every_value(run: Callable[..., Result], project_folder: Path) -> None:
    """With its label, be it erroneous or none; a fact that is settled is not open."""
    edit(project_folder, "b2.yaml", lambda data: data["unverified"][1].update(fact="ticket-price", value="free"))
    printed = run("stats", project_folder).stdout.split("Open: facts with several values of which none is settled\n")[1]
    assert [line.split() for line in printed.splitlines() if line] == [
        ["articles"],
        ["fact", "value", "label"],
        ["ticket-price", "4", "kr", "erroneous", "a1"],
        ["40", "kr", "disputed", "b2"],
        ["free", "unverified", "b2"],
        ["45", "kr", "disputed", "c3"],
    ]
