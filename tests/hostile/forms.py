"""The forms of a page as a browser would send them, read from its HTML."""

import random
from dataclasses import dataclass, field
from urllib.parse import urljoin

from lxml import html

TYPED = ("text", "search", "email", "url", "number", "tel", "password", None)
FOREVER = {"csrfmiddlewaretoken"}


@dataclass
class Form:
    method: str
    address: str
    sent: list[tuple[str, str]] = field(default_factory=list)  # as the page has it
    chosen: dict[str, list[str]] = field(default_factory=dict)  # what may be chosen, by field
    typed: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    is_file: bool = False

    @property
    def is_for(self) -> tuple:
        """Forms of one address and one set of fields are the same form."""
        names = {name for name, _ in self.sent} | set(self.chosen) | set(self.typed)
        return self.method, self.address, tuple(sorted(names)), tuple(self.buttons)


def forms_of(text: str, address: str) -> list[Form]:
    page = html.document_fromstring(text)
    return [_read(form, address) for form in page.iter("form")]


def _read(element, address: str) -> Form:
    found = Form((element.get("method") or "get").lower(), urljoin(address, element.get("action") or ""))
    outside = element.xpath("//*[@form=$id]", id=element.get("id") or "\x00".replace("\x00", "no id"))
    controls = [*element.iter("input", "select", "textarea", "button"), *outside]
    for control in controls:
        name, kind = control.get("name"), control.get("type")
        if not name or name in FOREVER or control.get("disabled") is not None:
            continue
        _take(found, control, name, kind)
    return found


def _take(found: Form, control, name: str, kind: str | None) -> None:
    if control.tag == "select":
        values = [option.get("value", option.text or "") for option in control.iter("option")]
        found.chosen.setdefault(name, []).extend(values)
        picked = [o.get("value", "") for o in control.iter("option") if o.get("selected") is not None]
        found.sent += [(name, value) for value in picked or values[:1]]
    elif control.tag == "textarea":
        found.typed.append(name)
        found.sent.append((name, (control.text or "").removeprefix("\n")))
    elif control.tag == "button" or kind == "submit":
        found.buttons.append((name, control.get("value", "")))
    elif kind in ("radio", "checkbox"):
        found.chosen.setdefault(name, []).append(control.get("value", "on"))
        if control.get("checked") is not None:
            found.sent.append((name, control.get("value", "on")))
    elif kind == "file":
        found.is_file = True
    elif kind in TYPED:
        found.typed.append(name)
        found.sent.append((name, control.get("value", "")))
    else:
        found.sent.append((name, control.get("value", "")))


def filled_in(form: Form, dice: random.Random, *, day: tuple[str, str, str], text: str) -> list[tuple[str, str]]:
    """The form with something in every empty field: a day, a number or a text; and a choice where none is made."""
    sent = [(name, value or _typed(name, day, text) if name in form.typed else value) for name, value in form.sent]
    names = {name for name, value in sent if value}
    for name, values in form.chosen.items():
        real = [value for value in values if value]
        if name not in names and real and dice.random() < 0.9:
            sent = [pair for pair in sent if pair[0] != name] + [(name, dice.choice(real))]
    return sent + ([dice.choice(form.buttons)] if form.buttons else [])


def _typed(name: str, day: tuple[str, str, str], text: str) -> str:
    last = name.rpartition("_")[2]
    if last in ("0", "1", "2"):
        return day[int(last)]
    if name.endswith(("_on", "starts_on", "until", "due_on", "from")):
        return " ".join(day)
    if any(
        word in name for word in ("number", "value", "percent", "count", "target", "tolerance", "position", "floor")
    ):
        return "5"
    if "email" in name:
        return "somebody@example.test"
    if "url" in name:
        return "https://www.example.org/paper"
    return text
