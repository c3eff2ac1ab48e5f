"""What was chosen for the words that nobody fits: whether anything was, and how it is told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from board.plan_import.matching import BODY, NEW, NOBODY, Asked, Directory, settled_as
from people.models import Partner
from workstrands.status import Status

KINDS = ("people", "bodies", "statuses")
EVERY_KIND = (*KINDS, "joint")
LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Settled:
    text: str
    means: str
    count: int

    def as_dict(self) -> dict:
        return asdict(self)


def open_in(questions: Mapping[str, list[Asked]], mapping: Mapping) -> int:
    """How many words nothing is chosen for. To leave a status word out is a choice, once the page was sent; and a colour
    counts as it is proposed."""
    return sum(
        each.key not in mapping.get(kind, {}) and not each.proposed
        if kind == "statuses"
        else not mapping.get(kind, {}).get(each.key)
        for kind in KINDS
        for each in questions[kind]
    )


def settled(questions: Mapping[str, list[Asked]], mapping: Mapping, directory: Directory) -> list[Settled]:
    found = []
    for kind in KINDS:
        chosen = mapping.get(kind, {})
        texts = {each.key: each.text for each in questions[kind]}
        found += [
            Settled(each.text[:160], means(kind, each.key, chosen, texts, directory), each.count)
            for each in questions[kind]
            if each.key in chosen and not is_as_read(kind, each, chosen)
        ]
    return found


def is_as_read(kind: str, each: Asked, chosen: Mapping[str, str]) -> bool:
    """A colour that stayed what it was proposed to be was not chosen."""
    return kind == "statuses" and bool(each.proposed) and chosen[each.key] == each.proposed


def means(kind: str, key: str, chosen: Mapping[str, str], texts: Mapping[str, str], directory: Directory) -> str:
    if kind == "statuses":
        status = chosen[key]
        return f"{status}: {Status(status).label}" if status in Status.reportable() else LEFT_OUT
    choice, other = settled_as(key, chosen)
    same = f"the same as “{texts.get(other, other)[:120]}”: " if other != key else ""
    return same + one_choice(kind, choice, directory)


def one_choice(kind: str, choice: str, directory: Directory) -> str:
    known = directory.leads.get(choice) or directory.partners.get(choice)
    if known:
        return str(known)
    if choice.startswith(BODY):
        return f"a new body ({Partner.Sector(choice.removeprefix(BODY)).label})"
    if choice == NEW:
        return "a new lead" if kind == "people" else "a new body"
    return LEFT_OUT if choice == NOBODY else "nothing as yet: left out"
