"""Add an article to a project: its text, its entry in the register, and a stub for each of its sentences."""

import hashlib
import json
import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from factpack.checks.hub_vocabulary import advice
from factpack.curation.additions import with_entry, yaml_entry
from factpack.curation.decoding import DecodedText, decode_article
from factpack.curation.files import FileChanges
from factpack.errors import CurationError
from factpack.formats.format import InvalidRecord
from factpack.formats.locations import Record
from factpack.formats.registry import read_register
from factpack.formats.yaml_nodes import yaml_nodes
from factpack.limits import MAX_ARTICLE_BYTES, MAX_YAML_BYTES, read_within
from factpack.project.layout import SEEDS, ProjectFiles
from factpack.project.models import Article, Dataset
from factpack.project.placeholders import TO_STATE
from factpack.project.record_models import RecordModels, models_of
from factpack.text.locate import locate
from factpack.text.sentences import Span, divide_long, sentence_bounds

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SCHEMA = "# yaml-language-server: $schema=schemas/article.schema.json\n"
_ID = re.compile(r"(?P<id>[0-9A-Za-z]+)_(?P<rest>.+)")
_MAX_NAME = 60  # characters of a file name that are kept


@dataclass(frozen=True, slots=True)
class ArticlePlan:
    """Say what is done to add an article; nothing is, before :meth:`carry_out`.

    Attributes:
        article: The id that it gets.
        seed: Where its text comes to be, relative to the project folder.
        annotations: The file that gets the stubs, relative to the project folder.
        sentences: How many sentences have a stub.
        decoded: The text, and what changes in it.
    """

    article: str
    seed: str
    annotations: str
    sentences: int
    decoded: DecodedText
    changes: FileChanges

    def carry_out(self) -> None:
        """Put all files in their places, or none.

        Raises:
            CurationError: A file was changed meanwhile.
        """
        self.changes.carry_out()


def plan_article(
    project: ProjectFiles, file: str | Path, language: str, *, article: str = "", title: str = ""
) -> ArticlePlan:
    """Plan to add an article.

    Args:
        project: The files of the project.
        file: The file with its text.
        language: The ISO 639 code of its language.
        article: Its id; the next number, or what the name of the file begins with, if it is empty.
        title: Its title, as printed in the text; none, if it is empty.

    Raises:
        CurationError: It cannot be added; the message says why, and the next step.
    """
    if _ADDRESS.match(str(file)):
        message = (
            f"{file} is a URL, and factpack downloads nothing. Save the text of the page in a file, and add that file."
        )
        raise CurationError(message)
    path = Path(file)
    dataset, registered = _registers(project)
    models = models_of(dataset.scheme, project.reading_names)
    data = read_within(path, MAX_ARTICLE_BYTES)
    decoded = decode_article(path, data, as_found=dataset.text == "as-found")
    text = decoded.text.encode()
    digest = hashlib.sha256(text).hexdigest()
    same = next((each.id for each in registered if each.sha256 == digest), "")
    if same:
        message = f"{path} is already registered as article {same}"
        raise CurationError(message)
    if title and title not in decoded.text:
        message = f"{path} does not contain the title ‘{title}’; give it as it is printed in the text, or leave it out"
        raise CurationError(message)
    article = article or _free_id(path.stem, [each.id for each in registered])
    place, name = _seed(project, path, article)
    entry = {"id": article, "file": name, "sha256": digest, "language": language}
    entry |= ({"title": title} if title else {}) | {"annotation": "partial"}
    _validate(entry, models, registered)
    annotations = project.annotations_of(article, [each.id for each in registered])
    stubs = list(_stubs(article, decoded.text, language))
    changes = FileChanges(project.root)
    changes.put(place, text, replaces=data if place.exists() else None)
    _add_annotations(changes, project.root / annotations, article, stubs, models)
    _add_language(changes, project, dataset, language, first=not registered)
    _add_entry(changes, project.root / project.register_of("articles"), entry)
    return ArticlePlan(article, f"{SEEDS}/{name}", annotations, len(stubs), decoded, changes)


def _registers(project: ProjectFiles) -> tuple[Dataset, list[Article]]:
    """Return the dataset and the registered articles, as far as nothing is wrong with them."""
    found = list(read_register(project.name(project.dataset), project.dataset, Dataset))
    dataset = next((each.value for each in found if isinstance(each, Record)), None)
    if not isinstance(dataset, Dataset):
        message = f"{project.name(project.dataset)} has errors; correct what `factpack check` reports first"
        raise CurationError(message)
    articles: list[Article] = []
    model = models_of(dataset.scheme).articles_file
    for path in project.articles:
        for each in read_register(project.name(path), path, model):
            if isinstance(each, InvalidRecord):
                message = f"{project.name(path)} has errors; correct what `factpack check` reports first"
                raise CurationError(message)
            if isinstance(each, Record):
                articles.append(each.value)
    return dataset, articles


def _free_id(stem: str, taken: list[str]) -> str:
    """Return what the name of a file begins with, if it can be an id; else the next number."""
    begins = _ID.fullmatch(stem)
    if begins and begins["id"] not in taken and any(c.isdigit() for c in begins["id"]):
        return begins["id"]
    numbers = [each for each in taken if each.isascii() and each.isdigit()]
    width = max(map(len, numbers), default=3)
    return str(max(map(int, numbers), default=-1) + 1).zfill(width)


def _seed(project: ProjectFiles, path: Path, article: str) -> tuple[Path, str]:
    """Return where the text comes to be, and its name there."""
    seeds = project.root / SEEDS
    if path.resolve().parent == seeds.resolve():
        return seeds / path.name, path.name
    begins = _ID.fullmatch(path.stem)
    rest = begins["rest"] if begins and begins["id"] == article else path.stem
    plain = unicodedata.normalize("NFKD", rest).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall("[a-z0-9]+", plain))[:_MAX_NAME].strip("-")
    name = f"{article}_{words}.txt" if words else f"{article}.txt"
    if name in project.seeds:
        message = f"seeds/{name} already exists; give the article another id with --id"
        raise CurationError(message)
    return seeds / name, name


def _validate(entry: Mapping[str, str], models: RecordModels, registered: list[Article]) -> None:
    """Refuse an entry that the register cannot have."""
    try:
        msgspec.convert(entry, models.article)
    except msgspec.ValidationError as error:
        key = str(error).rpartition("$.")[2].rstrip("`") or "id"
        forms = {
            "language": "an ISO 639 code of two or three lower-case letters, such as de",
            "id": "letters and digits",
        }
        message = f"`{entry.get(key, '')}` cannot be the {key} of an article; write {forms.get(key, 'another value')}"
        raise CurationError(message) from error
    if advised := advice("language", entry["language"]):
        message = f"the Hub does not know the language `{entry['language']}`. {advised}"
        raise CurationError(message)
    if any(each.id.lower() == entry["id"].lower() for each in registered):
        message = f"article {entry['id']} already exists; give this one another id with --id"
        raise CurationError(message)


def _stubs(article: str, text: str, language: str) -> Iterator[dict[str, Any]]:
    """Yield an unverified passage for every sentence, with a proposition that is still to be written."""
    bounds = divide_long(text, sentence_bounds(text, language))
    for number, (start, end) in enumerate(zip(bounds[::2], bounds[1::2], strict=True), 1):
        quote = text[start:end]
        at = {} if locate(text, quote) == Span(start, end) else {"start": start}
        name = re.sub("[^a-z0-9]+", "-", article.lower()).strip("-")
        sentence = " ".join(quote.split())
        claim = f"{TO_STATE}: {sentence}"
        yield {"id": f"s{number}-{name}", "quote": quote, **at, "claim": claim, "speaker": "article"}


def _add_annotations(
    changes: FileChanges, path: Path, article: str, stubs: list[dict[str, Any]], models: RecordModels
) -> None:
    try:
        for stub in stubs:
            msgspec.convert({"kind": "unverified", "article": article, **stub}, models.lines["unverified"])
    except msgspec.ValidationError:  # a project with columns of its own that a passage has to have
        stubs = []
    if path.suffix == ".yaml":
        if path.exists():
            message = f"{path.name} already exists; move it away, or give the article another id with --id"
            raise CurationError(message)
        entries = "".join(f"  {yaml_entry(stub, 2)}\n\n" for stub in stubs).rstrip("\n")
        head = f'{_SCHEMA}article: "{article}"\n\nclaims: []\n\n'
        changes.put(path, f"{head}unverified:{f'{chr(10)}{entries}' if entries else ' []'}\n".encode())
        return
    lines = [json.dumps({"kind": "unverified", "article": article, **stub}, ensure_ascii=False) for stub in stubs]
    before = path.read_bytes() if path.exists() else b""
    added = _ended(before) + "".join(f"{line}\n" for line in lines).encode()
    changes.put(path, added, replaces=before if path.exists() else None)


def _add_entry(changes: FileChanges, path: Path, entry: dict[str, str]) -> None:
    before = read_within(path, MAX_YAML_BYTES * 16) if path.exists() else b""
    if path.suffix == ".yaml":
        mark = BOM_UTF8 if before.startswith(BOM_UTF8) else b""
        added = mark + with_entry(before.removeprefix(BOM_UTF8).decode(), "articles", entry).encode()
    else:
        added = _ended(before) + f"{json.dumps(entry, ensure_ascii=False)}\n".encode()
    changes.put(path, added, replaces=before if path.exists() else None)


def _ended(data: bytes) -> bytes:
    return data if not data or data.endswith(b"\n") else data + b"\n"


def _add_language(changes: FileChanges, project: ProjectFiles, dataset: Dataset, language: str, *, first: bool) -> None:
    """Have dataset.yaml list the language; that of the template goes with the first article."""
    if language in dataset.languages and not first:
        return
    data = project.dataset.read_bytes()
    text = data.removeprefix(BOM_UTF8).decode()
    nodes = yaml_nodes(text)
    listed = nodes["languages",]
    wanted = [language] if first else [*dataset.languages, language]
    if list(dataset.languages) == wanted:
        return
    if text[listed.start] == "[":
        new = f"[{', '.join(wanted)}]"
        made = text[: listed.start] + new + text[listed.end :]
    else:
        last = nodes["languages", len(dataset.languages) - 1]
        dash = text.rindex("-", 0, last.start)
        line = text[text.rfind("\n", 0, dash) + 1 : dash]
        made = text[: last.end] + f"\n{line}- {language}" + text[last.end :]
    mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
    changes.put(project.dataset, mark + made.encode(), replaces=data)
