"""Read JSON exports of Label Studio (https://labelstud.io/guide/task_format): a task with one text, or with several.

A region is labelled ``claim``, ``unverified``, ``not_checkable`` or ``evidence``; what else is said of it (choices,
text areas) has the id of the region, and is named after the key of a record. A relation leads from evidence to a claim,
and is named after the stance.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, ClassVar

from factpack.formats.exports.record import ExportError, ExportFormat, ExportRecord, begins_with
from factpack.formats.exports.regions import Region, Relation, key_name, to_records
from factpack.formats.json_lines.locations import json_position
from factpack.formats.locations import Path, Position

_TASK = re.compile(rb'"(?:annotations|completions|data|result)"\s*:')
_MIN = "it is JSON_MIN, which lacks relations and the regions of verdicts; export it as JSON"


class LabelStudioFormat(ExportFormat):
    """Read Label Studio JSON."""

    name: ClassVar[str] = "label-studio"
    title: ClassVar[str] = "a JSON export of Label Studio"

    def detect(self, path: FilePath) -> bool:
        """Return whether a JSON file looks like a list of tasks."""
        return path.suffix == ".json" and len(_TASK.findall(begins_with(path, 65_536))) > 1

    def records(self, text: str, stem: str) -> Iterator[ExportRecord | ExportError]:
        """Yield the records in all annotations that were not cancelled."""
        try:
            tasks = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield ExportError("malformed", (), getattr(error, "msg", "nested too deep"))
            return
        for number, task in enumerate(tasks if isinstance(tasks, list) else [tasks]):
            place: Path = (number,) if isinstance(tasks, list) else ()
            annotations = task.get("annotations") if isinstance(task, dict) else None
            if not isinstance(annotations, list) or not isinstance(task.get("data"), dict):
                yield ExportError(
                    "malformed", place, _MIN if _is_minimal(task) else "a task must have `data` and `annotations`"
                )
                continue
            by: Counter[str] = Counter()
            for index, annotation in enumerate(annotations):
                if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
                    continue
                annotator = _annotator(annotation)
                by[annotator] += 1
                if by[annotator] > 1:
                    what = f"{annotator} has annotated this task twice; delete one of the annotations in Label Studio"
                    yield ExportError("malformed", (*place, "annotations", index), what)
                    continue
                for item in _records(task["data"], annotation.get("result"), (*place, "annotations", index), stem):
                    yield replace(item, annotator=annotator) if isinstance(item, ExportRecord) else item

    def position(self, text: str, path: Path) -> Position:
        """Return line and column of a value."""
        offset = json_position(text, path)[1] - 1 if path else 0
        return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _is_minimal(task: Any) -> bool:
    return isinstance(task, dict) and "annotation_id" in task


def _annotator(annotation: dict[str, Any]) -> str:
    """Name who made an annotation, as a reading can be named."""
    by = annotation.get("completed_by")
    by = by.get("email") or by.get("id") if isinstance(by, dict) else by
    words = "-".join(re.findall("[a-z0-9]+", str(by).partition("@")[0].lower())) if by is not None else ""
    return f"annotator-{words}" if words.isdigit() else words or "annotator"


def _records(data: dict[str, Any], result: Any, place: Path, stem: str) -> Iterator[ExportRecord | ExportError]:
    texts, names = _texts(data, stem)
    regions: dict[str, Region] = {}
    relations: list[Relation] = []
    keys: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(result if isinstance(result, list) else ()):
        at = (*place, "result", number)
        value = item.get("value") if isinstance(item, dict) else None
        if not isinstance(item, dict):
            yield ExportError("malformed", at, "a result must be an object")
        elif item.get("type") == "relation":
            stances = item.get("labels") or [""]
            source, target = str(item.get("from_id")), str(item.get("to_id"))
            if item.get("direction") == "left":
                source, target = target, source
            relations.append(Relation(source, target, str(stances[0]), at))
        elif item.get("type") == "labels" and isinstance(value, dict):
            labels = value.get("labels") or [""]
            quoted = value.get("text")
            regions[str(item.get("id"))] = Region(
                str(item.get("id")),
                names.get(str(item.get("to_name")), str(item.get("to_name"))),
                key_name(str(labels[0])),
                value.get("start"),
                value.get("end"),
                quoted if isinstance(quoted, str) else None,
                at,
            )
        elif isinstance(value, dict):
            given = value.get("choices") or value.get("text") or value.get("number")
            given = given[0] if isinstance(given, list) and given else given
            control = re.sub(r"_a[0-9]+$", "", str(item.get("from_name")))  # one for each text, by its name
            keys.setdefault(str(item.get("id")), {})[key_name(control)] = given
    for name in keys.keys() - regions.keys():
        yield ExportError("malformed", place, f"a result refers to the region {name}, which does not exist")
    yield from to_records(texts, [replace(each, keys=keys.get(name, {})) for name, each in regions.items()], relations)


def _texts(data: dict[str, Any], stem: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts of a task by article, and the article of each name in its labelling configuration."""
    given = data.get("articles")
    articles = given if isinstance(given, dict) else {}
    names = {}
    for name, text in data.items():
        if name in articles:
            names[name] = str(articles[name])
        elif name == "text":
            names[name] = str(data.get("article") or stem.partition("_")[0])
        elif isinstance(text, str) and re.fullmatch("a[0-9A-Za-z]+", name) and name != "article":
            names[name] = name[1:]
    return {article: str(data[name]) for name, article in names.items()}, names
