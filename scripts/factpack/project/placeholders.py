"""Recognize what ``factpack init`` leaves for the curator to write.

The template of ``annotations/dataset.yaml`` is made of these texts. The one of the guidelines marks what is to be
written in the same way.
"""

import re
from collections.abc import Iterator

#: The rule that finds them.
UNWRITTEN = "placeholder-text"

#: Begins the proposition of a stub, which `factpack add-article` makes for every sentence.
TO_STATE = "TODO"

#: What a new ``annotations/dataset.yaml`` has under these keys.
DATASET_TEXTS: dict[str, str] = {
    "title": "TODO: the human-readable name of the dataset",
    "license": "TODO",
    "license_link": "https://TODO",
    "description": "TODO: what the dataset contains, in a paragraph",
    "curation": "TODO: how the articles were chosen and the annotations made",
    "rights": "TODO: who holds the rights to the articles, and what the licence covers",
    "limitations": "TODO: what a user must know before relying on the labels",
}

#: What the template of factpack 0.1.0 had.
_FORMER = (
    "An example",
    "What the dataset holds, in a paragraph.",
    "How the articles were chosen and the annotations made.",
    "Who holds the rights to the articles, and what the licence covers.",
    "What a user must know before relying on the labels.",
)

# A text begins with it, after the signs of Markdown or a key: one that only mentions TODO lists is none.
_PLACEHOLDER = re.compile(
    r"^\W*(?:\w+: \W*)?(?P<text>TODO)(?:[:\]]|\W*$)|(?P<link>https://TODO)\W*$|^[#\s]*(?P<former>{})\s*$".format(
        "|".join(map(re.escape, _FORMER))
    )
)


def placeholders(text: str) -> Iterator[tuple[int, int]]:
    """Yield line and column, from 1, of every place where a text has something that is still to be written."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _PLACEHOLDER.search(line)
        if found and found.lastgroup:
            yield number, found.start(found.lastgroup) + 1


def is_unwritten(value: str) -> bool:
    """Return whether a value, or a line of it, is still to be written."""
    return any(placeholders(value))
