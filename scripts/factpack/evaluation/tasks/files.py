"""Write what harnesses read: ``eval.yaml`` for inspect-ai, a task in YAML and five lines of Python for lm_eval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from factpack.dataset.table_files import SPLIT
from factpack.dataset.table_writer import TableFiles
from factpack.evaluation.tasks.tables import TASK_CONFIGS
from factpack.project.models import Dataset

INSPECT = "eval.yaml"
LM_EVAL = "lm_eval"  # folder
UTILS = f"{LM_EVAL}/utils.py"

#: The names of the tasks, by their configs.
NAMES = dict(zip(TASK_CONFIGS, ("verdict", "verdict_from_articles"), strict=True))

_UTILS = '''"""Load a table of this release, and average F1 over all labels; the f1 of lm_eval takes two."""

from pathlib import Path

import datasets
from sklearn.metrics import f1_score


def load(config, **_):
    {files}


def macro_f1(items):
    right, predicted = zip(*items)
    return f1_score(right, predicted, average="macro")
'''


#: What ``load`` does: with one split, and with several.
_ONE_FILE = f"""table = Path(__file__).parents[1] / config / "{SPLIT}-00000-of-00001.parquet"
    return datasets.load_dataset("parquet", data_files={{"{SPLIT}": str(table)}})"""
_FILES = """tables = (Path(__file__).parents[1] / config).glob("*.parquet")
    files = {table.name.partition("-")[0]: str(table) for table in tables}
    return datasets.load_dataset("parquet", data_files=files)"""


@dataclass(frozen=True, slots=True)
class _Task:
    """Describe a task: a config of prompts, a split, and its name, in which the split is if there are several."""

    config: str
    split: str
    name: str


def _tasks(tables: Sequence[TableFiles]) -> list[_Task]:
    return [
        _Task(
            table.config.name,
            part.split,
            NAMES[table.config.name] + (f"_{part.split}" if len(table.splits) > 1 else ""),
        )
        for table in tables
        for part in table.splits
    ]


def task_names(dataset: Dataset, tables: Sequence[TableFiles]) -> list[tuple[str, str]]:
    """Return the name of each task in inspect-ai and in lm_eval."""
    return [(task.name, _lm_eval_name(dataset, task)) for task in _tasks(tables)]


def _lm_eval_name(dataset: Dataset, task: _Task) -> str:
    return f"{dataset.name.replace('-', '_')}_{task.name}"  # lm_eval has one namespace for all


def is_task_file(path: str) -> bool:
    """Tell whether a file of a release is one of those that are made of its tables for harnesses."""
    folder = path.partition("/")[0]
    return path == INSPECT or folder == LM_EVAL or folder in TASK_CONFIGS


def task_files(dataset: Dataset, tables: Sequence[TableFiles]) -> dict[str, str]:
    """Return the text of each file by its path: a task for each config of prompts and each split for evaluation.

    Args:
        dataset: What the release says of itself.
        tables: The tables of prompts that it has.
    """
    if not tables:
        return {}
    tasks = _tasks(tables)
    names = {task: _lm_eval_name(dataset, task) for task in tasks}
    lm_eval = {f"{LM_EVAL}/{name}.yaml": _lm_eval(dataset, task, name) for task, name in names.items()}
    load = _FILES if dataset.scheme.splits else _ONE_FILE
    return {INSPECT: _inspect(dataset, tasks), UTILS: _UTILS.format(files=load), **lm_eval}


def _inspect(dataset: Dataset, found: Sequence[_Task]) -> str:
    # `field_spec.id` would be ignored, so that the id is metadata; the label becomes the letter of the choice.
    fields: dict[str, object] = {"input": "input", "target": "label", "choices": "choices"}
    tasks: list[dict[str, object]] = [
        {
            "id": task.name,
            "config": task.config,
            "split": task.split,
            "field_spec": {**fields, "metadata": ["id", "fact", "article"]},
            "solvers": [{"name": "multiple_choice"}],
            "scorers": [{"name": "choice"}],
        }
        for task in found
    ]
    document: dict[str, object] = {
        "name": dataset.title,
        "description": "Claims, to be labelled by given passages"
        + (" or by the articles that they are in." if len({task.config for task in found}) > 1 else "."),
        "evaluation_framework": "inspect-ai",
        "tasks": tasks,
    }
    return _dumped(document)


def _lm_eval(dataset: Dataset, task: _Task, name: str) -> str:
    document = {
        "task": name,
        "dataset_kwargs": {"config": task.config},
        "test_split": task.split,
        "output_type": "multiple_choice",
        "doc_to_text": "{{input}}\nAnswer:",
        "doc_to_choice": "choices",
        "doc_to_target": "label",
        "metadata": {"version": dataset.version},
    }
    # What YAML has no type for, lm_eval has a tag for.
    return _dumped(document) + (
        "custom_dataset: !function utils.load\n"
        "metric_list:\n"
        "  - {metric: acc, aggregation: mean, higher_is_better: true}\n"
        "  - {metric: f1, aggregation: !function utils.macro_f1, higher_is_better: true}\n"
        "  - {metric: brier_score, aggregation: brier_score, higher_is_better: false}\n"
    )


def _dumped(document: Mapping[str, object]) -> str:
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120))
