"""Write what a card is made of in Markdown: tables of columns, of counts and of sources."""

import re
from collections.abc import Sequence

from factpack.corpus.counts import Counts, CountTable
from factpack.dataset.schema import ClassLabel, Column, ListOf, value_type

MAX_TABLE_ROWS = 50  # of a corpus with more articles than that, only the totals are shown


def escape(text: str) -> str:
    """Make harmless what HTML would read as a tag or an entity; paragraphs stay."""
    return text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(names: Sequence[str]) -> str:
    """Return names as code, with commas between them."""
    return ", ".join(f"`{name}`" for name in names)


def column_table(columns: Sequence[Column]) -> str:
    """Return a Markdown table of columns, nested ones after their list."""
    lines = ["| column | type | meaning |", "|---|---|---|"]

    def add(column: Column, prefix: str) -> None:
        kind = "list of string" if column.type == "texts" else value_type(column.type)
        if isinstance(column.type, ClassLabel):
            kind = "ClassLabel: " + ", ".join(f"`{name}`" for name in column.type.names)
        elif isinstance(column.type, ListOf):
            kind = "list of struct"
        lines.append(f"| `{prefix}{column.name}` | {kind} | {column.description} |")
        for sub in column.type.columns if isinstance(column.type, ListOf) else ():
            add(sub, f"{prefix}{column.name}[].")

    for column in columns:
        add(column, "")
    return "\n".join(lines)


def source_table(counts: Counts) -> str:
    """Return where the articles come from as a Markdown table, or how many addresses there are; nothing if none."""
    if len(counts.origins) > MAX_TABLE_ROWS:
        return f"Of {len(counts.origins):,} articles `articles` says where they come from."
    lines = ["| article | title | address | archived copy | retrieved | licence |", "|---|---|---|---|---|---|"]
    for article, origin in sorted(counts.origins.items()):
        addresses = (f"<{address}>" if address else "" for address in (origin.url, origin.archived_url))
        name, title, terms = map(cell, (article, origin.title, origin.license))
        lines.append("| " + " | ".join([name, title, *addresses, origin.retrieved, terms]) + " |")
    return "\n".join(lines) if counts.origins else ""


def count_table(table: CountTable) -> str:
    """Return a Markdown table of counts; of very many rows, their sum alone."""
    rows = table.with_totals()
    rows = rows[-1:] if len(rows) > MAX_TABLE_ROWS else rows[:-1]
    lines = ["| " + " | ".join(["", *table.columns, "all"]) + " |", "|---" + "|---:" * (len(table.columns) + 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join([cell(name), *map(str, row)]) + " |" for name, row in rows])


#: What Markdown would read; an underscore only where it is not within a word.
_SIGNS = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")


def cell(text: str) -> str:
    """Return a text as a cell of a Markdown table, or as the words that take the place of a picture."""
    return _SIGNS.sub(r"\\\g<0>", escape(" ".join(text.split())))
