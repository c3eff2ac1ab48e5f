"""What the hidden sheet holds, and the signature that tells when somebody has changed it.

It names the area, the version of the format, whose actions they are, the moment, and of each action the number of the
report that was seen and a digest of each locked cell. The signature needs the site's own secret, so nobody else makes one.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.core.signing import BadSignature, Signer
from django.utils.dateparse import parse_datetime

from board.round_trip.columns import FORMAT, LOCKED
from common.workbooks import NotAWorkbook, Sheet

SALT = "board.round_trip"
NOTE = "This sheet says which actions the workbook holds. Leave it as it is: a changed one is refused."
FACTS = ("format", "id", "area", "area_name", "made_for", "made_for_name", "made_at", "made_by")
ANEW = "Get a new workbook, and fill that in."
CHANGED = f"The hidden part of the workbook was changed, so it is not clear which actions it speaks of. {ANEW}"


@dataclass(frozen=True, slots=True)
class SealedAction:
    seen: int
    digests: dict[str, str]  # by the name of the locked column


@dataclass(frozen=True, slots=True)
class Sealed:
    id: str
    area: str
    area_name: str
    made_for: str
    made_for_name: str
    made_at: datetime
    made_by: str
    actions: dict[str, SealedAction] = field(default_factory=dict)

    def rows(self) -> list[list[str]]:
        """As they stand in the sheet: text alone, which no program converts."""
        said = {"format": str(FORMAT), **{name: str(getattr(self, name)) for name in FACTS[1:]}}
        said["made_at"] = self.made_at.isoformat()
        facts = [[name, said[name]] for name in FACTS]
        actions = [
            ["action", key, str(one.seen), *(one.digests[column.name] for column in LOCKED)]
            for key, one in self.actions.items()
        ]
        return [*facts, *actions]


def digest(text: str) -> str:
    """Of the words alone: programs differ in how they keep the space between them."""
    return sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def signed(rows: list[list[str]]) -> list[list[str]]:
    """The rows with their signature below."""
    return [*rows, ["signature", Signer(salt=SALT).signature(json.dumps(rows))]]


def read_seal(sheet: Sheet) -> Sealed:
    """What the hidden sheet says, once it is known to be untouched."""
    rows = [[cell.text for cell in sheet.line(number)] for number in sorted(sheet.rows)][1:]  # without the note
    if not rows or not rows[0] or rows[0][0] != "format":
        raise NotAWorkbook(CHANGED)
    _refuse_other_format(rows[0][-1])
    *said, last = rows
    try:
        Signer(salt=SALT).unsign(f"{json.dumps(said)}:{last[1]}")
        return _sealed(said)
    except (BadSignature, IndexError, ValueError, KeyError, TypeError):
        raise NotAWorkbook(CHANGED) from None


def _refuse_other_format(said: str) -> None:
    if said == str(FORMAT):
        return
    if said.isascii() and said.isdigit() and 0 < len(said) < 6:
        which = "an older" if int(said) < FORMAT else "a newer"
        raise NotAWorkbook(
            f"The workbook was made by {which} version of this product (format {said}, now {FORMAT}), which asked other things. {ANEW}"
        )
    raise NotAWorkbook(CHANGED)


def _sealed(rows: list[list[str]]) -> Sealed:
    count = len(FACTS)
    facts = dict(rows[:count])
    made_at = parse_datetime(facts["made_at"])
    if made_at is None or list(facts) != list(FACTS):
        raise ValueError("No moment.")
    actions = {
        key: SealedAction(int(seen), dict(zip((column.name for column in LOCKED), digests, strict=True)))
        for _, key, seen, *digests in rows[count:]
    }
    said = {name: facts[name] for name in FACTS[1:] if name != "made_at"}
    return Sealed(**said, made_at=made_at, actions=actions)
