"""The header of a card against the Hub's vocabulary: the exact sentences, and that the copied lists have not fallen
behind what the installed packages know.
"""

import inspect
import json
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from huggingface_hub import DatasetCardData

from conftest import PROJECT, Run
from factpack.checks.hub_vocabulary import advice, check_header
from factpack.project.vocabulary import Creators

PIPELINES = "https://github.com/huggingface/huggingface.js/blob/main/packages/tasks/src/pipelines.ts"
SIZES = "`n<1K`, `1K<n<10K`, `10K<n<100K`, `100K<n<1M`, `1M<n<10M`, `10M<n<100M`, `100M<n<1B`, `1B<n<10B`, "

PROBLEMS = {
    "licence: mit": "licence: the Hub does not know this key; did you mean `license`?",
    "languages: [en]": "languages: the Hub does not know this key; did you mean `language`?",
    "task_category: [other]": "task_category: the Hub does not know this key; did you mean `task_categories`?",
    "license: CC BY 4.0": "license: the Hub does not know `CC BY 4.0`. Did you mean `cc-by-4.0`?",
    "license: agpl-3.0-or-later": (
        "license: the Hub does not know `agpl-3.0-or-later`. Choose one from"
        " https://huggingface.co/docs/hub/repositories-licenses, or write `other` and `license_name`."
    ),
    "license: [mit, mti]": (
        "license: the Hub does not know `mti`. Choose one from"
        " https://huggingface.co/docs/hub/repositories-licenses, or write `other` and `license_name`."
    ),
    "license: other": ("license: `other` needs `license_name` as well\nlicense: `other` needs `license_link` as well"),
    "license: 4.0": 'license: YAML reads `4.0` as a number; write "4.0", quoted',
    "license: mit\nlicense: isc": "license: duplicate key",
    "size_categories: huge": (
        f"size_categories: the Hub does not know `huge`. Write one of {SIZES}"
        "`10B<n<100B`, `100B<n<1T`, `n>1T`, `unknown`, `other`."
    ),
    "size_categories: [1k<n<10k]": ("size_categories: the Hub does not know `1k<n<10k`. Did you mean `1K<n<10K`?"),
    "task_categories: [text-classification]\ntask_ids: [claim-busting]": (
        f"task_ids: the Hub does not know `claim-busting`. Choose one from {PIPELINES}."
    ),
    "task_categories: [text-classification]\ntask_ids: [fact_checking]": (
        "task_ids: the Hub does not know `fact_checking`. Did you mean `fact-checking`?"
    ),
    "task_categories: [text-generation]\ntask_ids: [fact-checking]": (
        "task_ids: `fact-checking` belongs to `text-classification`, which `task_categories` does not list"
    ),
    "task_ids: [closed-domain-qa]": (
        "task_ids: `closed-domain-qa` belongs to `question-answering` or `text-generation`,"
        " which `task_categories` does not list"
    ),
    "task_categories: [fact-checking]": (
        f"task_categories: the Hub does not know `fact-checking`. Choose one from {PIPELINES}."
    ),
    "task_categories: text-classification": "task_categories: must be a list, even with one entry",
    "tags: news": "tags: must be a list, even with one entry",
    "tags: [2024]": 'tags: YAML reads `2024` as a number; write "2024", quoted',
    "tags: [[news]]": "tags: must be text, not a list or a mapping",
    "language: no": 'language: YAML reads `no` as true or false; write "no", quoted',
    "language: [da, no]": 'language: YAML reads `no` as true or false; write "no", quoted',
    "language: en-US": "language: the Hub does not know `en-US`. Did you mean `en`?",
    "language: English": (
        "language: the Hub does not know `English`."
        " Write an ISO 639 code of two or three lower-case letters, such as en."
    ),
    "language:": "language: no value; write one, or leave the key out",
    "language: {en: fr}": "language: must be text, not a mapping",
    "pretty_name: [A, B]": "pretty_name: must be text, not a list",
    "pretty_name: 2024-08-12": 'pretty_name: YAML reads `2024-08-12` as a date; write "2024-08-12", quoted',
    "multilinguality: bilingual": ("multilinguality: the Hub does not know `bilingual`. Did you mean `multilingual`?"),
    "annotations_creators: [llm]": (
        "annotations_creators: the Hub does not know `llm`. Write one of `found`, `crowdsourced`, `expert-generated`,"
        " `machine-generated`, `no-annotation`, `other`."
    ),
    "language_creators: [no-annotation]": (
        "language_creators: the Hub does not know `no-annotation`. Write one of `found`, `crowdsourced`,"
        " `expert-generated`, `machine-generated`, `other`."
    ),
    "license: [mit": "the YAML header cannot be read, line 2: expected ',' or ']', but got '<stream end>'",
    "just text": "the YAML header is not a mapping of keys to values",
}


@pytest.mark.parametrize("header", PROBLEMS)
def test_a_fault_has_its_sentence(header: str) -> None:
    assert "\n".join(check_header(f"---\n{header}\n---\n# Title\n")) == PROBLEMS[header]


def test_every_fault_is_reported_at_once() -> None:
    card = "---\nlicence: mit\nsize_categories: huge\ntask_ids: [made-up]\nlanguage: no\n---\n"
    assert [message.partition(":")[0] for message in check_header(card)] == [
        "licence",
        "size_categories",
        "task_ids",
        "language",
    ]


def test_a_card_without_a_header() -> None:
    assert check_header("# Title\n") == ["the card has no YAML header between two lines `---`"]


@pytest.mark.parametrize(
    "header",
    [
        "license: mit",
        "license: [mit, cc-by-4.0]",
        "license: other\nlicense_name: my-own-1.0\nlicense_link: LICENSE",
        'language: "no"',
        "language: [en, deu, zxx, code, multilingual]",
        "paperswithcode_id: null",
        "viewer: false",
        "a_key_of_our_own: 1",
        "task_categories: [text-retrieval, text-classification]\ntask_ids: [fact-checking-retrieval, fact-checking]",
    ],
)
def test_what_the_hub_takes_is_left_alone(header: str) -> None:
    assert check_header(f"---\n{header}\n---\n") == []


def test_the_hub_understands_the_card_of_a_release(run: Run, tmp_path: Path) -> None:
    release = tmp_path / "release"
    assert run("build", PROJECT, "--out", release).exit_code == 0
    card = (release / "README.md").read_text(encoding="utf-8")
    assert check_header(card) == []
    assert check_header(card.replace("\nlicense: other\n", "\nlicense: others\n")) != []


def test_the_copied_lists_hold_what_datasets_ships() -> None:
    """A new version of `datasets` that knows more makes this fail: then copy the lists anew."""

    def shipped(name: str) -> set[str]:
        found = json.loads(files("datasets").joinpath("utils", "resources", name).read_text(encoding="utf-8"))
        return set(found)

    creators = json.loads(files("datasets").joinpath("utils/resources/creators.json").read_text(encoding="utf-8"))
    for key, words in {
        "language": shipped("languages.json"),
        "size_categories": shipped("size_categories.json"),
        "multilinguality": shipped("multilingualities.json"),
        "annotations_creators": set(creators["annotations"]),
        "language_creators": set(creators["language"]),
    }.items():
        assert words, key
        assert {word for word in words if advice(key, word)} == set(), key


def test_the_keys_are_those_of_huggingface_hub() -> None:
    """A key that it knows is never reported as a slip of another."""
    known = set(inspect.signature(DatasetCardData).parameters) - {"ignore_metadata_errors", "kwargs"}
    keys = {name.replace("train_eval_index", "train-eval-index") for name in known}
    assert "task_ids" in keys
    problems = check_header("---\n" + "".join(f"{key}: [x]\n" for key in sorted(keys)) + "---\n")
    assert [problem for problem in problems if "know this key" in problem] == []


def test_a_curator_can_say_only_what_the_hub_knows_of_creators() -> None:
    assert [word for word in get_args(Creators) if advice("annotations_creators", word)] == []
