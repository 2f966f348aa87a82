"""重复收集率: how much of a form is asked although sharing can supply it."""

from collections.abc import Iterable

import msgspec


class FieldCounts(msgspec.Struct, frozen=True):
    """The fields of one form.

    Attributes:
        total: fields of the form.
        filled: filled from the archive; personal values that the hub holds and masks count.
        asked: left to the applicant.
        asked_though_shareable: asked although sharing can supply them, because the archive lacks them.
    """

    total: int
    filled: int
    asked: int
    asked_though_shareable: int

    @property
    def recollection_rate(self) -> float | None:
        """重复收集率: the share of the form that is asked though shareable; None for a form without fields."""
        return self.asked_though_shareable / self.total if self.total else None


def counted(fields: Iterable[tuple[bool, bool]]) -> FieldCounts:
    """Count fields, each as (is filled from the archive, is shareable)."""
    known = tuple(fields)
    asked = tuple(shareable for filled, shareable in known if not filled)
    return FieldCounts(len(known), len(known) - len(asked), len(asked), sum(asked))


def summed(counts: Iterable[FieldCounts]) -> FieldCounts:
    """Several forms counted together."""
    known = tuple(counts)
    return FieldCounts(
        sum(each.total for each in known),
        sum(each.filled for each in known),
        sum(each.asked for each in known),
        sum(each.asked_though_shareable for each in known),
    )
