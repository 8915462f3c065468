"""The dataset card of a release."""

from factpack.release.card.tables import column_table
from factpack.release.card.text import DEFAULT_CONFIG, Content, card

__all__ = ["DEFAULT_CONFIG", "Content", "card", "column_table"]
