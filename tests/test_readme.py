"""Everything that the README tells a reader to run is run, in the order in which it stands there."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import factpack

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<code>.*?)^ *```$", re.MULTILINE | re.DOTALL)
SETUP = re.compile(r"<!-- setup:(\w+) -->\n```sh\n(.*?)\n```")


def blocks() -> list[tuple[str, str]]:
    """Every code block: its language and its code, without the indent of the list that it stands in."""
    found = []
    for match in FENCE.finditer(README):
        code = "".join(line.removeprefix(match["indent"]) for line in match["code"].splitlines(keepends=True))
        found.append((match["language"], code))
    return found


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository without what was built in it."""
    folder = tmp_path_factory.mktemp("readme") / "clone"
    names = ("README.md", "annotations", "seeds", "requirements.lock", "pyproject.toml")
    folder.mkdir()
    for name in names:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


def run(code: str, language: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-euo", "pipefail", "-c", code] if language == "sh" else [sys.executable, "-c", code]
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "HF_HOME": str(folder / ".hf"),
        "BROWSER": "true",  # `factpack view` opens nothing here
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("hub")
def test_every_block_runs(clone: Path) -> None:
    """The set-up commands make environments of their own, which .ci/run does; here they only build.

    The hub is the one on loopback.
    """
    setups = dict(SETUP.findall(README))
    ran = 0
    for language, code in blocks():
        if code.strip() == setups["test"]:
            continue
        command = "factpack build" if code.strip() == setups["build"] else code
        if language in ("sh", "python"):
            result = run(command, language, clone)
            assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
            ran += 1
    assert ran == sum(language in ("sh", "python") for language, _ in blocks()) - 1


def test_ci_runs_the_set_up_commands() -> None:
    setups = dict(SETUP.findall(README))
    assert setups.keys() == {"build", "test"}
    assert setups["build"].endswith(".venv/bin/factpack build")
    assert setups["test"].endswith(".venv/bin/pytest")
    extract = r"""sed -n "/<!-- setup:$1 -->/,/^\`\`\`\$/p" README.md | sed '1,2d;$d'"""
    assert extract in (ROOT / ".ci/run").read_text(encoding="utf-8")
    for name, command in setups.items():
        script = f"readme_command() {{ {extract}; }}; readme_command {name}"
        result = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
        assert result.stdout.strip() == command


def test_shown_error_is_what_a_typo_gives(clone: Path) -> None:
    shown = next(code for language, code in blocks() if language == "text" and "quote-not-found" in code)
    file = clone / "annotations/002.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("In fact, violent crime in US cities has plummeted\n") == 1
    file.write_text(
        text.replace("violent crime in US cities has plummeted\n", "violent crime in US cities has plumeted\n", 1)
    )
    result = run("factpack check", "sh", clone)
    file.write_text(text, encoding="utf-8")
    assert result.returncode == 1
    assert result.stdout == shown


def test_picture_shows_a_claim_of_the_dataset() -> None:
    picture = README.split("```text\n", 1)[1].split("```", 1)[0]
    article, words = re.findall(r"^(\d{3})  (.*) …$", picture, re.MULTILINE)[0]
    seed = next((ROOT / "seeds").glob(f"{article}_*")).read_text(encoding="utf-8")
    annotations = (ROOT / f"annotations/{article}.yaml").read_text(encoding="utf-8")
    assert words in seed
    assert "The interview between Donald Trump and Elon Musk on X got 60 to 70 million listeners." in picture
    assert "claim: The interview between Donald Trump and Elon Musk on X got 60 to 70 million listeners." in annotations
    assert README.index(picture) < len("\n".join(README.split("\n")[:10]))


def test_links_lead_somewhere() -> None:
    for file in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md"):
        for link in re.findall(r"\]\(([^)]+)\)", (ROOT / file).read_text(encoding="utf-8")):
            target, _, section = link.partition("#")
            if not target.startswith("https://"):
                assert (ROOT / target).exists(), f"{file}: {link}"
                assert not section or section in sections(ROOT / (target or file)), f"{file}: {link}"


def sections(file: Path) -> list[str]:
    """The addresses that a forge gives the headings of a file."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_it_is_short() -> None:
    lines = README.splitlines()
    assert len(lines) < 200
    assert max(map(len, lines)) < 156


def test_the_example_of_the_library_runs(clone: Path) -> None:
    found = re.search(r"::\n\n((?: {4}.*\n|\n)+)", factpack.__doc__ or "")
    assert found
    assert run("factpack build", "sh", clone).returncode == 0
    result = run(textwrap.dedent(found[1]), "python", clone)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "NONE"
