"""The worked-out outcome written: plan, people, priorities, objectives, actions and reports, inside one transaction.

A first placement and a first date are made here, with their place in the file; what changes an action that exists goes
through `workstrands.planning`, as by hand.
"""

from datetime import datetime
from pathlib import PurePath

from django.utils.text import slugify

from board.plan_import.colours import BY_COLOUR
from board.plan_import.drafts import Said
from board.plan_import.lines import shortened
from board.plan_import.matching import name_and_role
from board.plan_import.outcome import Body, Holder, Intended, Outcome, Person, Target
from common.dates import london_day
from people.models import Lead, Partner, User
from priorities.models import Priority, SuccessMeasure
from strategies.models import SourceDocument, Strategy
from strategies.models.plans import RESERVED_STRATEGY_SLUGS
from workstrands.illustration import refuse_real
from workstrands.models import (
    Action,
    Deadline,
    Evidence,
    Milestone,
    Objective,
    Placement,
    PlanFile,
    ProgressUpdate,
    WorkStrand,
)
from workstrands.planning import place_action, save_statement, set_deadline
from workstrands.status import DeadlineState, EvidenceKind

LONGEST_LOCATOR = 40


def write(outcome: Outcome, plan_file: PlanFile, *, by: User | None, at: datetime) -> Strategy:
    return Writing(outcome, plan_file, by=by, at=at).write()


class Writing:
    def __init__(self, outcome: Outcome, plan_file: PlanFile, *, by: User | None, at: datetime):
        self.outcome, self.file, self.by, self.at = outcome, plan_file, by, at
        self.area = plan_file.area
        self.tag = {"is_illustrative": bool(by and by.is_illustrative)}
        self.records: dict[int, object] = {}
        self.leads: dict[str, Lead] = {}
        self.partners: dict[str, Partner] = {}

    def write(self) -> Strategy:
        self.document = self.make_document()
        self.strategy = self.outcome.target.strategy or self.make_strategy(self.outcome.target)
        # What joins a plan that exists joins it now; the statements of a new plan are there with the plan itself.
        self.added = {"added_at": self.at if self.outcome.target.strategy else None}
        for body in self.outcome.bodies.values():
            self.partners[body.key] = body.partner or self.make_partner(body)
        for person in self.outcome.people.values():
            self.leads[person.key] = person.lead or self.make_lead(person)
        for position, holder in enumerate(self.outcome.holders, start=1):
            self.records[id(holder)] = holder.record or self.make_holder(holder, position)
        for position, measure in enumerate(self.outcome.measures, start=1):
            self.save(
                SuccessMeasure(priority=self.records[id(measure.priority)], ref=measure.ref, text=measure.text,
                               position=position, **self.sourced(measure.said), **self.added)
            )  # fmt: skip
        self.keys, self.position = self.known_keys(), self.last_position()
        for intended in self.outcome.actions:
            self.write_action(intended)
        return self.strategy

    # What stands around the actions

    def make_document(self) -> SourceDocument:
        """The file as a source. One that was brought in before is the same document."""
        known = PlanFile.objects.filter(area=self.area, sha256=self.file.sha256, state=PlanFile.State.CONFIRMED)
        slug = known.exclude(pk=self.file.pk).values_list("mapping__document", flat=True).first()
        found = SourceDocument.objects.filter(area=self.area, slug=slug or "").first()
        if found is None:
            taken = set(SourceDocument.objects.filter(area=self.area).values_list("slug", flat=True))
            stem = PurePath(self.file.file_name).stem
            found = SourceDocument(
                area=self.area, slug=free_slug(stem or "plan", taken, 60), title=self.file.file_name[:200],
                published_on=london_day(self.at), precision=SourceDocument.Precision.ASSUMED,
                file_name=self.file.file_name[:120], note="Brought in from a file; the day is that of bringing it in.", **self.tag,
            )  # fmt: skip
            found.full_clean()
            found.save()
        self.file.mapping = {**self.file.mapping, "document": found.slug}
        return found

    def make_strategy(self, target: Target) -> Strategy:
        taken = {*Strategy.objects.filter(area=self.area).values_list("slug", flat=True), *RESERVED_STRATEGY_SLUGS}
        return self.save(
            Strategy(area=self.area, title=target.title, slug=free_slug(target.title, taken, 60), kind=target.kind,
                     starts_on=target.starts_on, ends_on=target.ends_on, **self.sourced(None))
        )  # fmt: skip

    def make_partner(self, body: Body) -> Partner:
        return self.save(
            Partner(
                area=self.area,
                name=body.text[:160],
                sector=body.sector,
                **self.sourced(Said(body.text, body.place)),
            )
        )

    def make_lead(self, person: Person) -> Lead:
        name, role = name_and_role(person.text)
        return self.save(
            Lead(
                area=self.area,
                name=name[:120],
                role=role[:160],
                email=person.email,
                **self.sourced(Said(person.text, person.place)),
            )
        )

    def make_holder(self, holder: Holder, position: int):
        shared = {"strategy": self.strategy, "position": position, **self.sourced(holder.said), **self.added}
        if holder.kind == "priority":
            title, statement = title_and_rest(holder.text, 250)
            return self.save(
                Priority(
                    ref=holder.ref[:20], title=title, statement=statement, is_title_ours=holder.is_title_ours, **shared
                )
            )
        if holder.kind == "strand":
            taken = set(WorkStrand.objects.filter(strategy=self.strategy).values_list("slug", flat=True))
            return self.save(
                WorkStrand(name=title_and_rest(holder.text, 160)[0], slug=free_slug(holder.text, taken, 80), **shared)
            )
        taken = set(Objective.objects.filter(strategy=self.strategy).values_list("key", flat=True))
        return self.save(
            Objective(ref=holder.ref, is_ref_ours=holder.is_ref_ours, text=holder.text, key=free_slug(holder.ref, taken, 60),
                      priority=self.record(holder.priority), workstrand=self.record(holder.strand), **shared)
        )  # fmt: skip

    def record(self, holder: Holder | None):
        return self.records[id(holder)] if holder else None

    # Actions

    def write_action(self, intended: Intended) -> None:
        if intended.left_because:
            return
        action = self.make_action(intended) if intended.is_new else self.change(intended)
        after = action.milestones.count() if not intended.is_new else 0
        for position, step in enumerate(intended.steps, start=after + 1):
            self.save(
                Milestone(
                    action=action,
                    text=step.text.text[:250],
                    due_on=step.due_on,
                    position=position,
                    **self.sourced(step.text),
                    **self.added,
                )
            )
        if intended.reports:
            self.report(action, intended)

    def make_action(self, intended: Intended) -> Action:
        self.position += 1
        action = self.save(
            Action(area=self.area, strategy=self.strategy, key=self.free_key(intended.ref), ref=intended.ref,
                   is_ref_ours=intended.is_ref_ours, document_refs=intended.document_refs, position=self.position,
                   title=intended.draft.action.text, partner=self.partner_of(intended), starts_on=intended.starts_on,
                   intended_impact=intended.impact,
                   **self.sourced(intended.draft.action, intended.draft.whole, note=undated_note(intended)), **self.added)
        )  # fmt: skip
        self.place(action, intended)
        if intended.kpis:
            action.kpis.set(intended.kpis)
        for number, due in enumerate(intended.dues, start=1):
            self.append(
                Deadline(action=action, number=number, due_on=due.day, as_written=due.as_written, applies_to=due.applies_to,
                         state=DeadlineState.AGREED, certainty="likely" if due.is_likely else "certain",
                         **self.sourced(Said(due.as_written, due.place), note=due.note))
            )  # fmt: skip
        return action

    def place(self, action: Action, intended: Intended) -> None:
        leads = [self.leads[person.key] for person in intended.leads]
        refuse_real(self.by, *leads, what=f"Action {action.ref}")
        said = intended.draft.one("lead") or intended.draft.one("email") or intended.draft.action
        self.append(
            Placement(action=action, number=1, objective=self.record(intended.objective), priority=self.record(intended.priority),
                      workstrand=self.record(intended.strand), lead=leads[0] if leads else None, is_lead_joint=intended.is_joint,
                      **self.sourced(said))
        )  # fmt: skip
        if leads[1:]:
            action.supporting_leads.set(leads[1:])

    def change(self, intended: Intended) -> Action:
        """What the file gives and the plan has otherwise. The plan's earlier leads and dates stay to be read."""
        action, changes = intended.record, intended.changes
        stated = {"title": intended.draft.action.text, "starts_on": intended.starts_on, "intended_impact": intended.impact,
                  "partner": self.partner_of(intended)}  # fmt: skip
        edited = [name for name in stated if name in changes]
        if edited:
            for name in edited:
                setattr(action, name, stated[name])
            self.save(action)
        if "lead" in changes:
            place_action(action, lead=self.leads[intended.leads[0].key], by=self.by, at=self.at)
        if "due" in changes:
            due = intended.dues[-1]
            set_deadline(action, due_on=due.day, as_written=due.as_written, applies_to=due.applies_to, by=self.by, at=self.at,
                         reason=f"As in {self.file.file_name}, {due.place}"[:400])  # fmt: skip
        return action

    def partner_of(self, intended: Intended) -> Partner | None:
        return self.partners[intended.partner.key] if intended.partner else None

    def report(self, action: Action, intended: Intended) -> None:
        last = action.updates.order_by("-number").values_list("number", flat=True).first() or 0
        said = intended.draft.one("progress") or intended.draft.one("status")
        update = self.append(
            ProgressUpdate(area=self.area, action=action, number=last + 1, status=intended.status, narrative=intended.narrative,
                           is_imported=True, brought_in=self.file, author=self.by,
                           **self.sourced(Said(said.text if said else "", intended.status_place), note=colour_note(intended)))
        )  # fmt: skip
        for title in intended.evidence:
            evidence = Evidence(
                update=update, title=title, kind=EvidenceKind.DOCUMENT, added_at=self.at, added_by=self.by, **self.tag
            )
            self.save(evidence)

    def known_keys(self) -> set[str]:
        """Also those of actions that are gone: an address never leads to another action."""
        return {
            *Action.objects.filter(area=self.area).values_list("key", flat=True),
            *Action.history.filter(area_id=self.area.pk).values_list("key", flat=True),
        }

    def last_position(self) -> int:
        return self.strategy.actions.order_by("-position").values_list("position", flat=True).first() or 0

    def free_key(self, ref: str) -> str:
        key = free_slug(f"{self.strategy.slug[:50]}-{ref.replace('.', '-')}", self.keys, 80)
        self.keys.add(key)
        return key

    # Saving

    def sourced(self, said: Said | None, whole: str = "", note: str = "") -> dict:
        place = said.place[:LONGEST_LOCATOR] if said else ""
        return {"source": self.document, "source_locator": place, "source_text": whole or (said.text if said else ""),
                "source_note": note, **self.tag}  # fmt: skip

    def save(self, record):
        record._history_date = self.at
        record.full_clean(exclude=links_of(record))
        save_statement(record, self.by)
        return record

    def append(self, row):
        row.recorded_at, row.recorded_by = self.at, self.by
        row.full_clean(exclude=links_of(row))
        row.save()
        return row


def undated_note(intended: Intended) -> str:
    """A due date needs a day; words that name none are kept with the action."""
    said = intended.how_often
    if said is None or intended.dues:
        return ""
    return f"Its due date as written is “{shortened(said.text)}” ({said.place}), which names no day."


def colour_note(intended: Intended) -> str:
    """A status without a word in the file says where it comes from."""
    return f"Its status is {BY_COLOUR}: {intended.status_colour}." if intended.status_colour else ""


def links_of(record) -> list[str]:
    """What it points at was made or read in this very transaction: to look each up again would double the queries."""
    return [each.name for each in record._meta.concrete_fields if each.is_relation]


def free_slug(text: str, taken: set[str], most: int) -> str:
    stem = slugify(text)[: most - 5].strip("-") or "plan"
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def title_and_rest(text: str, most: int) -> tuple[str, str]:
    """The first line as the title; the rest, and a title that is too long, as the statement."""
    first, _, rest = text.partition("\n")
    if len(first) <= most:
        return first.strip(), rest.strip()
    cut = first[: most - 1].rsplit(" ", 1)[0]
    return f"{cut}…", text
