"""The modules of the page's script by themselves, in Node, and the one script that they become."""

import re
import subprocess
from pathlib import Path

from conftest import TESTS


def test_modules_by_themselves(node: str) -> None:
    files = sorted((TESTS / "page").glob("*.test.mjs"))
    assert files
    result = subprocess.run([node, "--test", *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_modules_share_a_scope_but_no_name(node: str, dataset_page: Path, tmp_path: Path) -> None:
    """Node takes the joined script for a module, where no two functions may have the same name."""
    (script,) = re.findall(r"<script>(.*?)</script>", dataset_page.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "page.mjs"
    for more, message in (("", ""), ("function unit() {}\n", "'unit' has already been declared")):
        file.write_text(script + more, encoding="utf-8")
        result = subprocess.run([node, "--check", file], capture_output=True, text=True, check=False)
        assert (result.returncode == 0) == (not message), result.stderr
        assert message in result.stderr
