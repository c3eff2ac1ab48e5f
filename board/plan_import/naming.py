"""Whom the file names beside its actions: leads and bodies who are known, and those whom the officer chose."""

from board.plan_import.drafts import Draft, Said
from board.plan_import.lines import shortened
from board.plan_import.matching import (
    ADDRESS,
    BODY,
    FORUM,
    NEW,
    NONE_SAID,
    SAME,
    Directory,
    Found,
    Named,
    address_in,
    key_of,
    name_and_role,
    settled_as,
)
from board.plan_import.outcome import Body, Intended, Outcome, Person, Wishes
from people.models import Partner


class Naming:
    def __init__(self, found: Outcome, directory: Directory, wishes: Wishes, drafts: list[Draft]):
        self.found, self.directory, self.wishes = found, directory, wishes
        cells = [said for draft in drafts for said in lead_cells(draft)]
        self.alone = {key_of(said.text) for said in cells} - NONE_SAID
        self.named = {text: self.names_in(text) for text in {said.text for said in cells}}
        self.first = self.first_said(cells)

    def names_in(self, text: str) -> list[Named]:
        return self.directory.names_in(text, alone=self.alone, said=self.wishes.joint)

    def first_said(self, cells: list[Said]) -> dict[str, Said]:
        """Each name as it is written first: so is a new lead called, whichever row makes it."""
        found: dict[str, Said] = {}
        for said in cells:
            for name in self.named[said.text]:
                if not name.within or key_of(name.text) not in self.alone:
                    found.setdefault(key_of(name.text), Said(name.text, said.place))
        return found

    def lead(self, intended: Intended) -> None:
        """The first is lead; leads named jointly support."""
        draft = intended.draft
        emails = [address for said in draft.said.get("email", []) for address in ADDRESS.findall(said.text)]
        names = [(name, said) for said in lead_cells(draft) for name in self.named[said.text]]
        for at, (name, said) in enumerate(names):
            # An address is of the one name beside it, or of each in turn; else it cannot be told whose it is.
            email = emails[at] if len(emails) == len(names) else emails[0] if emails and len(names) == 1 else ""
            self.name(intended, name, said, email or address_in(name.text))
        known = {person.key: person for person in intended.leads}
        intended.leads = list(known.values())
        intended.is_joint = len(intended.leads) > 1
        for within in dict.fromkeys(name.within for name, _ in names if name.within):
            note = f"“{shortened(within)}” is read as several: the first is lead, the rest support."
            if note not in self.found.notes:
                self.found.notes.append(note)

    def name(self, intended: Intended, name: Named, said: Said, email: str) -> None:
        fit = self.directory.lead(email) if email else Found()
        fit = fit if fit.is_sure else self.directory.lead(name.text)
        chosen, key = fit.chosen, key_of(name.text)
        if not fit.is_sure:
            self.found.questions.append(("people", name.text, Found(fit.chosen or self.proposal(name)), name.within))
            chosen, key = settled_as(key, self.wishes.people)
        if chosen.startswith(("partner-", BODY)):
            self.lead_body(intended, self.body_of(chosen, self.first.get(key, Said(name.text, said.place))))
        elif chosen == NEW or chosen in self.directory.leads:
            intended.leads.append(self.person_of(chosen, key, said, email))

    def proposal(self, name: Named) -> str:
        """A name with its post is the lead who stands alone elsewhere; a parent carer forum is a body."""
        person = key_of(name_and_role(name.text)[0])
        if person != key_of(name.text) and person in self.alone:
            return f"{SAME}{person}"
        return f"{BODY}{Partner.Sector.PARENT_CARER_FORUM}" if FORUM.search(name.text.strip()) else ""

    def lead_body(self, intended: Intended, body: Body) -> None:
        """A body in the column of leads owns the work; nobody of it is named."""
        if intended.partner not in (None, body):
            self.found.notes.append(
                f"{body.place}: an action has one body, so “{shortened(body.text)}” is left out beside “{intended.partner.text}”."
            )
        intended.partner = intended.partner or body

    def person_of(self, chosen: str, name: str, said: Said, email: str) -> Person:
        key = chosen if chosen != NEW else f"new {name}"
        if key not in self.found.people:
            lead, first = self.directory.leads.get(chosen), self.first.get(name, said)
            self.found.people[key] = Person(key, first.text, lead, email, lead is None, first.place)
        person = self.found.people[key]
        person.email = person.email or (email if person.is_new else "")
        return person

    def body_of(self, chosen: str, said: Said) -> Body:
        partner = self.directory.partners.get(chosen)
        key = chosen if partner else f"new {key_of(said.text)}"
        if key not in self.found.bodies:
            sector = chosen.removeprefix(BODY) if chosen.startswith(BODY) else Partner.Sector.OTHER.value
            self.found.bodies[key] = Body(key, said.text, partner, partner is None, said.place, sector)
        return self.found.bodies[key]

    def partner(self, intended: Intended) -> None:
        for said in intended.draft.said.get("partner", []):
            if key_of(said.text) in ("", "n a", "none") or intended.partner:
                continue
            fit = self.directory.body(said.text)
            chosen = fit.chosen if fit.is_sure else self.wishes.bodies.get(key_of(said.text), "")
            if not fit.is_sure:
                self.found.questions.append(("bodies", said.text, fit, ""))
            if chosen == NEW or chosen.startswith(BODY) or chosen in self.directory.partners:
                intended.partner = self.body_of(chosen, said)


def lead_cells(draft: Draft) -> list[Said]:
    return draft.said.get("lead", []) or draft.said.get("email", [])
