"""Check the YAML header of a dataset card without the Hub, by the words that the Hub knows.

The Hub publishes no list as a whole. ``hub_vocabulary.json`` is a copy, with the source of each part and the date; a
package that ships some of it (`datasets`) keeps it in no public place, lacks codes that the Hub takes, and is slow to
import.
"""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import msgspec
import yaml

#: A word of the header that is listed may stand alone or in a list, except under these keys: the Hub wants a list.
_LISTS = {"tags", "task_categories", "task_ids"}
_TEXTS = {"license_details", "license_link", "license_name", "pretty_name"}

_LICENCES = "https://huggingface.co/docs/hub/repositories-licenses"
_TASKS = "https://github.com/huggingface/huggingface.js/blob/main/packages/tasks/src/pipelines.ts"
_OTHERWISE = {
    "license": f"Choose one from {_LICENCES}, or write `other` and `license_name`.",
    "language": "Write an ISO 639 code of two or three lower-case letters, such as en.",
    "task_categories": f"Choose one from {_TASKS}.",
    "task_ids": f"Choose one from {_TASKS}.",
}
#: Codes of countries, and former codes of languages, that are written for a language and are the code of no other.
_LANGUAGE_MEANT = {
    "cn": "zh",
    "cz": "cs",
    "dk": "da",
    "gb": "en",
    "gr": "el",
    "il": "he",
    "iw": "he",
    "ji": "yi",
    "jp": "ja",
    "sp": "es",
    "ua": "uk",
    "us": "en",
    "vn": "vi",
}
_KINDS = {"bool": "true or false", "int": "a number", "float": "a number", "timestamp": "a date"}


class _Vocabulary(msgspec.Struct, frozen=True):
    """Read ``hub_vocabulary.json``: `language` has several codes a line, `task_ids` the ids of each category."""

    license: tuple[str, ...]
    language: tuple[str, ...]
    annotations_creators: tuple[str, ...]
    language_creators: tuple[str, ...]
    multilinguality: tuple[str, ...]
    size_categories: tuple[str, ...]
    task_ids: dict[str, tuple[str, ...]]
    keys: tuple[str, ...]


@cache
def _vocabulary() -> _Vocabulary:
    # importlib.resources would take longer to import than the file to read, and `factpack check` needs this.
    return msgspec.json.decode(Path(__file__).with_name("hub_vocabulary.json").read_bytes(), type=_Vocabulary)


@cache
def _words() -> dict[str, Collection[str]]:
    """Return the words that each key takes."""
    known = _vocabulary()
    return {
        "license": known.license,
        "language": frozenset(" ".join(known.language).split()),
        "annotations_creators": known.annotations_creators,
        "language_creators": known.language_creators,
        "multilinguality": known.multilinguality,
        "size_categories": known.size_categories,
        "task_categories": tuple(known.task_ids),
        "task_ids": tuple(dict.fromkeys(name for names in known.task_ids.values() for name in names)),
    }


def advice(key: str, word: str) -> str | None:
    """Say what to write under a key of the header instead of a word.

    Args:
        key: A key that has a fixed list of words, such as ``license``.
        word: What is written there.

    Returns:
        A sentence; ``None`` if the Hub knows the word.
    """
    words = _words()[key]
    if word in words:
        return None
    if key == "language" and word.lower() in _LANGUAGE_MEANT:
        return f"Did you mean `{_LANGUAGE_MEANT[word.lower()]}`?"
    near = _nearest(key, word, words)
    if near:
        return f"Did you mean `{near}`?"
    return _OTHERWISE.get(key) or f"Write one of {_listed(words)}."


def _nearest(key: str, word: str, words: Collection[str]) -> str | None:
    plain = re.sub(r"[\s_]+", "-", word.strip()).lower()
    if key == "language":  # codes that look alike are other languages, but `en-US` and `EN` mean `en`
        plain = plain.partition("-")[0]
        return plain if plain in words else None
    near = get_close_matches(plain, [known.lower() for known in words], 1, cutoff=0.75)
    return next((known for known in words if known.lower() in near), None)


def check_header(card: str) -> list[str]:
    """Say what the Hub would refuse or not understand in the YAML header of a dataset card.

    Words that the Hub has a list for are checked against it: `license`, `language`, `size_categories`,
    `task_categories`, `task_ids` (which belong to a category that is listed), `multilinguality`,
    `annotations_creators` and `language_creators`. Keys are checked for being near to one that the
    Hub knows, because it ignores others silently; values for being text. `configs` and `dataset_info` are left to
    `datasets`, which loads by them.

    What the Hub refuses is in part known from its refusals: https://github.com/huggingface/datasets/issues/5137

    Args:
        card: The text of ``README.md``.

    Returns:
        One sentence or two for each problem.
    """
    # huggingface_hub is slow to import, and the rules need the words alone.
    from huggingface_hub.repocard import REGEX_YAML_BLOCK  # noqa: PLC0415

    block = REGEX_YAML_BLOCK.search(card)
    if not block:
        return ["the card has no YAML header between two lines `---`"]
    try:
        header = yaml.compose(block[2], yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return [f"the YAML header cannot be read, line {line}: {error.problem}"]
    except yaml.YAMLError as error:
        return [f"the YAML header cannot be read: {error}"]
    if not isinstance(header, yaml.MappingNode):
        return ["the YAML header is not a mapping of keys to values"]
    return list(_check(header))


def _check(header: yaml.MappingNode) -> Iterator[str]:
    values: dict[str, list[str]] = {}
    for key_node, node in header.value:
        key = str(key_node.value)
        if key in values:
            yield f"{key}: duplicate key"
            continue
        values[key] = []
        if key not in _vocabulary().keys:
            near = get_close_matches(key, _vocabulary().keys, 1, cutoff=0.8)
            if near:
                yield f"{key}: the Hub does not know this key; did you mean `{near[0]}`?"
        elif key in _words() or key in _LISTS | _TEXTS:
            yield from _form(key, node)
            values[key] = _texts(node)
            for word in values[key] if key in _words() else ():
                advised = advice(key, word)
                if advised:
                    yield f"{key}: the Hub does not know `{word}`. {advised}"
    yield from _belonging(values)


def _form(key: str, node: yaml.Node) -> Iterator[str]:
    """Check that the value is text, or a list of text, as the key takes it."""
    listed = isinstance(node, yaml.SequenceNode)
    if isinstance(node, yaml.MappingNode) or (listed and key in _TEXTS):
        yield f"{key}: must be text, not a {'mapping' if isinstance(node, yaml.MappingNode) else 'list'}"
        return
    if not listed and key in _LISTS:
        yield f"{key}: must be a list, even with one entry"
    for item in node.value if listed else [node]:
        kind = item.tag.rpartition(":")[2]
        if kind == "null":
            yield f"{key}: no value; write one, or leave the key out"
        elif not isinstance(item, yaml.ScalarNode):
            yield f"{key}: must be text, not a list or a mapping"
        elif kind != "str":
            written = f'"{item.value}"'
            yield f"{key}: YAML reads `{item.value}` as {_KINDS.get(kind, kind)}; write {written}, quoted"


def _texts(node: yaml.Node) -> list[str]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return [item.value for item in items if isinstance(item, yaml.ScalarNode) and item.tag.endswith(":str")]


def _belonging(values: dict[str, list[str]]) -> Iterator[str]:
    """Check what one key asks of another."""
    if "other" in values.get("license", ()):
        for key in ("license_name", "license_link"):
            if not values.get(key):
                yield f"license: `other` needs `{key}` as well"
    categories = _vocabulary().task_ids
    for task in values.get("task_ids", ()):
        homes = [category for category, tasks in categories.items() if task in tasks]
        if homes and not set(homes) & set(values.get("task_categories", ())):
            yield f"task_ids: `{task}` belongs to {_listed(homes, ' or ')}, which `task_categories` does not list"


def _listed(words: Collection[str], joint: str = ", ") -> str:
    return joint.join(f"`{word}`" for word in words)
