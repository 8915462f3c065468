"""Carry evidence that refers to other claims, written out, together with what each passage is written as."""

from collections.abc import Iterable
from typing import Any, Literal, Self

#: Stands for every claim that other articles make on the same fact.
SAME_FACT = "same-fact"
SameFact = Literal["same-fact"]


class WrittenOut(tuple[Any, ...]):  # noqa: SLOT001 - a tuple of any length has no slots
    """List passages of evidence, some of which other claims stand for.

    Attributes:
        entries: For each passage, the index of the entry that stands for it; ``None`` if it is the whole value.
        cited: For each passage, whether it is that of another claim.
    """

    entries: tuple[int | None, ...]
    cited: tuple[bool, ...]

    def __new__(cls, passages: Iterable[Any], entries: Iterable[int | None], cited: Iterable[bool]) -> Self:
        """Make it of the passages, and of what is known of each."""
        made = super().__new__(cls, passages)
        made.entries, made.cited = tuple(entries), tuple(cited)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes the same in another process."""
        return WrittenOut, (tuple(self), self.entries, self.cited)
