"""The references that a plan's records have, and the next that is free."""

from collections.abc import Iterable

LONGEST_REF = 20


class Refs(set):
    """References that are taken, in lower case, and from which number on the next free one of a lead is looked for: numbers
    never become free again, and thousands of rows may ask.
    """

    def __init__(self, taken: Iterable[str] = ()):
        super().__init__(taken)
        self.from_number: dict[str, int] = {}

    def free(self, lead: str) -> str:
        lead = lead[: LONGEST_REF - 5]
        number = self.from_number.get(lead, 1)
        while f"{lead}{number}".casefold() in self:
            number += 1
        self.from_number[lead] = number
        return f"{lead}{number}"
