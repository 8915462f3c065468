"""YAML files as records."""

from typing import Any

import msgspec
import pytest

from conftest import PROJECT
from factpack.formats.format import ArticleRecords
from factpack.formats.locations import SourceFile
from factpack.formats.yaml import YamlFormat
from factpack.formats.yaml_parser import read_yaml


def test_a_clean_file_is_converted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not each record again."""
    convert, calls = msgspec.convert, 0

    def counted(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return convert(*args)

    monkeypatch.setattr(msgspec, "convert", counted)
    path = PROJECT / "annotations/a1.yaml"
    (article,) = YamlFormat().read(SourceFile("x", path, YamlFormat()))
    assert calls == 1
    assert isinstance(article, ArticleRecords)
    plain, _ = read_yaml(path.read_text(encoding="utf-8"))
    lists = {name: getattr(article, name) for name in ("claims", "unverified", "not_checkable")}
    assert sum(map(len, lists.values())) == sum(len(plain.get(name, ())) for name in lists) > 8
    for name, records in lists.items():
        for index, record in enumerate(records):
            assert convert(plain[name][index], type(record.value)) == record.value
            assert record.at("quote").resolve().line > record.at().resolve().line - 1
