"""Make the rows of facts."""

from array import array
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from factpack.corpus.types import AnchoredFact
from factpack.dataset.arrays import found_span, label_numbers, lists, schema, table, texts
from factpack.dataset.columns import Tables


def fact_rows(tables: Tables, facts: Sequence[AnchoredFact]) -> pa.Table:
    """Make the rows of facts of one corpus."""
    values = [fact.record.value for fact in facts]
    types = schema(tables, "facts")
    settled = [passage for fact in facts for passage in fact.settled]
    spans = [found_span(passage) for passage in settled]
    return table(
        tables,
        "facts",
        {
            "id": [value.id for value in values],
            "question": [value.question for value in values],
            "settled_value": [None if value.settled is UNSET else value.settled.value for value in values],
            "settled_by": lists(
                [len(fact.settled) for fact in facts],
                {
                    "article": [passage.passage.article for passage in settled],
                    "quote": [passage.passage.quote for passage in settled],
                    "start": [span.start for span in spans],
                    "end": [span.end for span in spans],
                },
                types.field("settled_by").type,
            ),
            "answers": lists(
                [len(fact.answers) for fact in facts], _answers(tables, facts), types.field("answers").type
            ),
            "fold": [None] * len(values),  # until all of the corpus is known
        },
    )


def _answers(tables: Tables, facts: Sequence[AnchoredFact]) -> dict[str, pa.Array]:
    """Return the answers to facts by column."""
    index = facts[0].answers.index
    chosen = array("I")
    for fact in facts:
        chosen.extend(fact.answers.numbers)
    # Through numpy they become Arrow's without a copy.
    numbers, articles, labels = (pa.array(np.asarray(each)) for each in (chosen, index.articles, index.labels))
    return {
        "article": _or_null(texts(index.article_ids, articles.take(numbers))),
        "value": _or_null(texts(index.values, numbers)),
        "claim_id": texts(index.ids, numbers),
        "label": pa.array([*label_numbers(tables.label).values(), None], pa.int64()).take(labels.take(numbers)),
    }


def _or_null(values: pa.Array) -> pa.Array:
    """Return texts with null in the place of an empty one."""
    return pc.replace_with_mask(values, pc.equal(values, ""), pa.scalar(None, pa.string()))
