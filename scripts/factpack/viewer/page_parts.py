"""Put the script and the style sheet of the page together from the files that they are kept in."""

import base64
import hashlib
import re
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files

_TEMPLATES = files("factpack.viewer") / "templates"


def template(name: str) -> str:
    """Return the text of a file of the page."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


#: Where a module of the page imports or exports. In any other form it stays, and no browser runs the script.
_IMPORT = re.compile(
    r'^import \{ [\w$]+(?:, [\w$]+)* \} from "\.{1,2}/(?:(?:model|annotate)/)?(\w+\.mjs)";\n+', re.MULTILINE
)
#: Comments on lines of their own, blank lines and indentation, which every page would carry; no text has such lines.
_ASIDE = re.compile(r"^\s*/\*\*(?:[^*]|\*(?!/))*\*/\n|^\s*//.*\n|^\s+", re.MULTILINE)
_ASIDE_OF_STYLE = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/|^\s+", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|let|function|async function)", re.MULTILINE)


@cache
def script() -> str:
    """Join the modules of the page into one script, each after those that it imports; they share one scope there."""
    folders = ("page", "page/model", "page/annotate")  # what draws, what needs no browser, and what annotates
    paths = [f"{name}/{file.name}" for name in folders for file in (_TEMPLATES / name).iterdir() if file.is_file()]
    modules = {path.rpartition("/")[2]: template(path) for path in sorted(paths)}
    order = TopologicalSorter({name: _IMPORT.findall(text) for name, text in modules.items()}).static_order()
    joined = "\n".join(_EXPORT.sub("", _IMPORT.sub("", modules[name])) for name in order)
    return '"use strict";\n' + _ASIDE.sub("", joined)


def policy_hash(text: str) -> str:
    """Return the hash of an inline script or style sheet, as a Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def style() -> str:
    """Join the style sheets of the page."""
    joined = "".join(map(template, ("chart.css", "view.css", "annotate.css", "tones.css", "marks.css")))
    return _ASIDE_OF_STYLE.sub("", joined)
