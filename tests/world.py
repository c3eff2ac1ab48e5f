"""A small whole world: one area with one of everything, a second area beside it, and a person of each kind."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from board.feeds import make_feed
from board.models import Decision, MeetingAction, Pack, PackFile, PublicPage, Risk, RiskScore
from board.own_figures.bringing_in import receive as receive_figures
from board.plan_import import bringing_in as plan_files
from board.round_links import make_link
from board.round_trip.bringing_in import receive as receive_workbook
from board.round_trip.making import make_workbook
from board.round_trip.sending import send
from board.upkeep.kinds import KINDS
from board.views.upkeep.addresses import upkeep_addresses
from kpis.dfe.arriving import Origin, choose, receive
from kpis.dfe.bringing_in import rehearse_import
from kpis.dfe.series import Series
from kpis.models import FigureImport, Indicator, Kpi, Measurement, Target
from people.models import Lead, Membership, Partner, User
from priorities.models import Finding, Inspection, Priority, SuccessMeasure
from strategies.models import Area, Meeting, Passage, ReportingRound, SourceDocument, Strategy
from tests.rows_again import made_once
from workstrands.evidence import attach_file, key_of
from workstrands.models import Action, Deadline, Evidence, Objective, Placement, PlanFile, ProgressUpdate, WorkStrand

BACKEND = "people.backends.MemberBackend"


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


OF_ACTION = [
    "board:action", "board:action-edit", "board:action-move", "board:action-split", "board:action-merge",
    "board:action-retire", "board:action-milestones", "board:action-history", "board:action-undo", "board:action-propose-date", "board:families-action", "workstrands:update", "workstrands:no-change", "workstrands:impact", "workstrands:confirm-impact",
]  # fmt: skip


OF_MEETING = [
    "board:meeting", "board:attendance", "board:decision-add", "board:decision-close", "board:challenge-add",
    "board:log-add", "board:log-close",
]  # fmt: skip


# Adding, changing, moving and retiring records, and their history.
OF_UPKEEP = [f"board:{pattern.name}" for pattern in upkeep_addresses()]


OF_SIGNING_IN = {
    "join": ["no-such-secret"],
    "mfa_remove_webauthn": [1],
    "mfa_edit_webauthn": [1],
    "openid_connect_login": ["organisation"],
    "openid_connect_callback": ["organisation"],
    "openid_signed_out": ["organisation"],
    "openid_signed_out_frame": ["organisation"],
}


# Whose address holds a secret: a calendar, and the links of a round that has closed.
BY_SECRET = ["board:feed", "board:link", "board:link-to-action"]


@dataclass
class World:
    area: Area
    other_area: Area
    strategy: Strategy
    priority: Priority
    strand: WorkStrand
    objective: Objective
    action: Action
    kpi: Kpi
    document: SourceDocument
    lead: Lead
    people: dict[str, User] = field(default_factory=dict)

    def address(self, name: str) -> str:
        area, strategy = self.area.slug, self.strategy.slug
        if name in OF_SIGNING_IN:
            return reverse(name, args=OF_SIGNING_IN[name])
        if name == "account_reset_password_from_key":
            return reverse(name, args=["1", "not-a-key"])
        if name in OF_UPKEEP:
            return reverse(name, args=of_upkeep(self, name))
        if name in OF_ACTION:
            return reverse(name, args=[area, self.action.key])
        if name in OF_MEETING:
            return reverse(name, args=[area, *of_a_meeting(self.area, name)])
        if name == "board:pack-file":
            frozen = frozen_papers(self.area, self.strategy)
            return reverse(name, args=[area, "2026-03-18", frozen.pack.number, frozen.format])
        if name == "board:evidence-file":
            return reverse(name, args=[area, key_of(a_file_of_evidence(self))])
        if name == "board:evidence-add":
            return reverse(name, args=[area, self.action.key, "1"])
        if name in ("board:evidence-withhold", "board:evidence-give-again", "board:evidence-erase"):
            return reverse(name, args=[area, str(a_file_of_evidence(self).pk)])
        if name.startswith("board:import-"):
            return reverse(name, args=[area, a_file_that_waits(self.area, self.kpi).key])
        if name == "board:figures-one":
            return reverse(name, args=[area, a_table_of_figures(self).key])
        if name.startswith("board:plan-import-"):
            return reverse(name, args=[area, a_plan_that_waits(self.area, self.strategy).key])
        if name == "board:succession-promise":
            return reverse(name, args=[area, an_earlier_plan(self.area).slug, "objectives", "e1"])
        if name == "board:public":
            a_public_page(self.area)
        if name == "board:my-workbook-one":
            return reverse(name, args=[area, a_workbook_that_waits(self).key])
        if name.startswith("board:risk"):
            risk = a_risk(self.strategy)
            return reverse(
                name, args=[area, strategy] if name in ("board:risks", "board:risk-add") else [area, strategy, risk.ref]
            )
        if name in BY_SECRET:
            return reverse(name, args=[a_secret(self, name), *([self.action.key] if "action" in name else [])])
        rest = {
            "board:round": ["2026-03-18"],
            "board:round-plan": [],
            "board:round-open": ["2026-03-18"],
            "board:round-close": ["2026-03-18"],
            "board:round-check": ["2026-03-18"],
            "board:round-reopen": ["2026-03-18"],
            "board:meeting-move": ["2026-03-18"],
            "board:meeting-call-off": ["2026-03-18"],
            "board:round-grid": ["2026-03-18"],
            "board:round-review": ["2026-03-18", self.action.key],
            "board:flag-reply": [self.action.key, "overdue"],
            "board:reminders": ["2026-03-18"],
            "board:reminders-again": ["2026-03-18"],
            "board:reminder-letter": ["2026-03-18", "opened", self.lead.pk],
            "board:area": [],
            "board:current-actions": [],
            "board:kpis": [],
            "board:inspection": [],
            "board:evidence": [],
            "board:inspection-annex": [],
            "board:succession": [],
            "board:meetings": [],
            "board:forward": [],
            "board:documents": [],
            "board:people": [],
            "board:search": [],
            "board:area-access": [],
            "board:audit": [],
            "board:sign-ins": [],
            "board:invite": [],
            "board:invitation": ["1"],
            "board:member": [str(self.people["board"].pk)],
            "board:api-docs": [],
            "board:api-description": [],
            "board:api": ["actions/"],
            "board:kpi": [self.kpi.indicator.code],
            "board:kpi-compare": [self.kpi.indicator.code],
            "board:kpi-add": [],
            "board:kpi-edit": [self.kpi.indicator.code],
            "board:measurement-add": [self.kpi.indicator.code],
            "board:target-add": [self.kpi.indicator.code],
            "board:commentary-add": [self.kpi.indicator.code],
            "board:rebase": [self.kpi.indicator.code],
            "board:import": [],
            "board:figures": [],
            "board:figures-template": [],
            "board:plan-template": [],
            "board:plan-import": [],
            "board:my-workbook": [],
            "board:document": [self.document.slug],
            "board:strategy": [strategy],
            "board:papers": [strategy],
            "board:meeting-papers": ["2026-03-18"],
            "board:actions": [strategy],
            "board:action-add": [strategy],
            "board:actions-bulk": [strategy],
            "workstrands:answers": ["2024-09-27", "S1"],
            "workstrands:set-up": [strategy],
            "board:priority": [strategy, self.priority.ref],
            "board:families": [strategy],
            "board:public": [],
            "board:public-edit": [],
            "board:families-priority": [strategy, self.priority.ref],
            "board:owners-view": [strategy, self.priority.ref],
            "board:strand": [strategy, self.strand.slug],
            "board:objective": [strategy, self.objective.key],
        }
        if name in ("board:link-list", "board:link-update", "board:link-no-change"):
            return reverse(name, args=[1, self.action.key][: 1 + ("list" not in name)])
        return reverse(name, args=[area, *rest[name]]) if name in rest else reverse(name)


def of_upkeep(world: "World", name: str) -> list:
    """Of a record of each kind; to add one, of what it is added to."""
    kind, _, deed = name.removeprefix("board:").partition("-")
    area, strategy = world.area, world.strategy
    if deed == "add":
        whole = {"plan": [], "lead": [], "partner": [], "inspection": [], "finding": [area.inspections.first().pk]}
        more = {"measure": [strategy.slug, world.priority.ref]}
        return [area.slug, *(whole | more).get(kind, [strategy.slug])]
    if kind in ("upkeep", "words"):
        return [area.slug]
    if kind == "outline":
        return [area.slug, strategy.slug]
    records = {
        "plan": strategy, "thresholds": strategy, "priority": world.priority, "strand": world.strand, "objective": world.objective,
        "measure": world.priority.success_measures.first(), "lead": world.lead, "partner": area.partners.first(),
        "inspection": area.inspections.first(), "finding": Finding.objects.get(inspection__area=area), "kpi": world.kpi,
    }  # fmt: skip
    return KINDS[kind].named(records[kind])


def frozen_papers(area: Area, strategy: Strategy) -> PackFile:
    """One file of the papers of the meeting of March 2026."""
    found = PackFile.objects.filter(pack__meeting__area=area).first()
    if found is None:
        pack = Pack.objects.create(
            meeting=area.meetings.get(held_on=date(2026, 3, 18)), strategy=strategy, number=1, as_at=at(2026, 2, 20),
            recorded_at=at(2026, 2, 20),
        )  # fmt: skip
        content = b"As at 20 February 2026, for those who look at 1 March 2026."
        found = PackFile.objects.create(
            pack=pack, format="pdf", name="papers.pdf", content=content, sha256=sha256(content).hexdigest(),
            size=len(content),
        )  # fmt: skip
    return found


def of_a_meeting(area: Area, name: str) -> list[str]:
    """The day of the meeting of March 2026, and the number of a decision or an entry of its log, both open."""
    meeting = Meeting.objects.get(area=area, held_on=date(2026, 3, 18))
    said = {"number": 1, "recorded_at": at(2026, 3, 18), "text": "Write to the integrated care board"}
    if name == "board:decision-close":
        Decision.objects.get_or_create(meeting=meeting, number=1, defaults=said)
    if name == "board:log-close":
        MeetingAction.objects.get_or_create(meeting=meeting, number=1, defaults=said)
    return ["2026-03-18", "1"] if name.endswith("-close") else ["2026-03-18"]


def an_earlier_plan(area: Area) -> Strategy:
    """The plan of 2021 to 2024, with one objective: what became of it is asked."""
    plan, is_new = Strategy.objects.get_or_create(
        area=area, slug="earlier-plan", defaults={"title": "The earlier plan", "starts_on": date(2021, 1, 1), "ends_on": date(2024, 12, 31)}
    )  # fmt: skip
    if is_new:
        priority = Priority.objects.create(strategy=plan, ref="1", title="Plans in time")
        Objective.objects.create(strategy=plan, priority=priority, key="e1", ref="E1", text="Plans are issued on time")
    return plan


A_PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def a_file_of_evidence(world: "World", *, name: str = "waiting-times.pdf", content: bytes = A_PDF) -> Evidence:
    """A file that the lead added on 20 February 2026 to the update of the 10th."""
    said = {"title": "Waiting times, first quarter", "kind": "data", "dated_on": date(2026, 1, 31)}
    upload = SimpleUploadedFile(name, content)
    return attach_file(world.action.updates.get(number=1), upload, by=world.people["lead"], at=at(2026, 2, 20), **said)


A_FILE = b"""time_period,time_identifier,geographic_level,country_code,country_name,new_la_code,old_la_code,la_name,sex,rate
2024,Calendar year,National,E92000001,England,,,,Total,50.1
2024,Calendar year,National,E92000001,England,,,,Girls,51.2
"""


def a_file_that_waits(area: Area, kpi: Kpi) -> FigureImport:
    """A small file of published figures, rehearsed for the KPI, its column chosen anew."""
    waiting = FigureImport.objects.filter(area=area).exclude(mapping__has_key="own").first()
    if waiting is None:
        origin = Origin("Plans", "2025", date(2025, 6, 26))
        waiting = receive(lambda: [A_FILE], file_name="plans.csv", origin=origin, area=area, by=None, at=at(2026, 1, 1))
        series = Series(kpi.indicator_id, "rate", {"sex": "Total"})
        choose(waiting, [series])
        rehearse_import(waiting)
        waiting.mapping = {**waiting.mapping, "draft": series.as_dict()}
        waiting.save()
    return waiting


def a_table_of_figures(world: "World") -> FigureImport:
    """A row without a figure, brought by the officer."""
    waiting = FigureImport.objects.filter(area=world.area, mapping__own=True).first()
    said = {"file_name": "figures.csv", "area": world.area, "by": world.people["officer"], "at": at(2026, 2, 20)}
    return waiting or receive_figures(b"KPI,Period,Figure\nPlans within 20 weeks,2025,\n", **said)


def a_plan_that_waits(area: Area, strategy: Strategy) -> PlanFile:
    """A small table of a plan, to be added to the plan that is here."""
    waiting = PlanFile.objects.filter(area=area, kind=PlanFile.Kind.PLAN).first()
    if waiting is None:
        content = b"Priority,Action,Lead,By when\nTimely plans,Train every caseworker,Head of SEND,March 2027\n"
        waiting = plan_files.receive(content, file_name="plan.csv", area=area, by=None, at=at(2026, 2, 20))
        plan_files.choose(waiting, target={"strategy": strategy.pk})
    return waiting


def a_workbook_that_waits(world: "World") -> PlanFile:
    """The lead's actions as a workbook, brought back by the lead as it was sent."""
    waiting = PlanFile.objects.filter(area=world.area, kind=PlanFile.Kind.UPDATES).first()
    if waiting is None:
        lead, moment = world.people["lead"], at(2026, 2, 20)
        content = make_workbook(send(world.lead, area=world.area, by=lead, at=moment))
        said = {"file_name": "actions.xlsx", "area": world.area, "by": lead, "at": moment, "is_officer": False}
        waiting = receive_workbook(content, **said)
    return waiting


def a_risk(strategy: Strategy) -> Risk:
    """A risk raised in January 2026 and scored once: likelihood 3, impact 4."""
    said = {"title": "Too few educational psychologists", "cause": "Posts are empty.", "event": "Advice comes late.",
            "effect": "Children wait longer.", "raised_on": date(2026, 1, 15)}  # fmt: skip
    risk, is_new = Risk.objects.get_or_create(strategy=strategy, ref="R1", defaults=said)
    if is_new:
        RiskScore.objects.create(
            risk=risk,
            number=1,
            recorded_at=at(2026, 1, 15),
            likelihood=3,
            impact=4,
            reason="Two posts of six are empty.",
        )
    return risk


def a_secret(world: "World", name: str) -> str:
    if name == "board:feed":
        return make_feed(world.people["lead"], at=at(2026, 1, 15))
    return make_link(ReportingRound.objects.get(meeting__area=world.area), world.lead, at=at(2026, 2, 1))


def a_public_page(area: Area) -> PublicPage:
    """The page for families, published on 20 February 2026."""
    content = {"intro": "For families.", "promised": ["Plans come on time."], "done": ["The pathway is there."],
               "next": ["By June 2026: a guide."], "said": [["We wait too long.", "We took on two more people."]],
               "plan": "SEND Strategy", "is_illustrative": False}  # fmt: skip
    moment = at(2026, 2, 20)
    said = {"content": content, "as_at": moment, "recorded_at": moment}
    return PublicPage.objects.get_or_create(area=area, number=1, defaults=said)[0]


@made_once
def build_world() -> World:
    area = Area.objects.create(name="Northvale", slug="northvale")
    other_area = Area.objects.create(name="Southmoor", slug="southmoor")
    strategy = Strategy.objects.create(
        area=area, title="SEND Strategy", slug="send-strategy", starts_on=date(2026, 1, 1), ends_on=date(2030, 12, 31),
        baselined_on=date(2026, 1, 1),
    )  # fmt: skip
    Strategy.objects.create(
        area=other_area, title="Other", slug="send-strategy", starts_on=date(2026, 1, 1), ends_on=date(2030, 12, 31)
    )
    people = _people(area, other_area)
    partner = Partner.objects.create(area=area, name="Northvale Council", sector=Partner.Sector.COUNCIL)
    lead = Lead.objects.create(
        area=area, name="Head of SEND", role="Head of SEND", partner=partner, user=people["lead"]
    )
    priority = Priority.objects.create(strategy=strategy, ref="1", title="Timely plans", position=1)
    strand = WorkStrand.objects.create(strategy=strategy, slug="early-years", name="Early years", position=1)
    objective = Objective.objects.create(
        strategy=strategy, priority=priority, workstrand=strand, key="o1", ref="O1", text="Plans on time"
    )
    action = Action.objects.create(
        area=area, strategy=strategy, key="a-1", ref="1.1", title="Publish the pathway", position=1, partner=partner
    )
    Placement.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), objective=objective, lead=lead)
    Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2026, 6, 30))
    ProgressUpdate.objects.create(
        action=action, area=area, number=1, recorded_at=at(2026, 2, 10), status="G", narrative="Going well.",
        author=people["lead"],
    )  # fmt: skip
    kpi = _kpi(area, lead)
    document = SourceDocument.objects.create(
        area=area, slug="plan", title="The published plan", published_on=date(2026, 1, 1), file_name="plan.pdf"
    )
    Passage.objects.create(document=document, source=document, kind=Passage.Kind.VISION, text="Every child belongs.")
    SuccessMeasure.objects.create(priority=priority, ref="1.1", text="More plans on time")
    inspection = Inspection.objects.create(area=area, inspected_from=date(2024, 9, 23), inspected_to=date(2024, 9, 27))
    Finding.objects.create(inspection=inspection, kind=Finding.Kind.STRENGTH, ref="S1", text="Leaders are reflective.")
    meeting = Meeting.objects.create(area=area, held_on=date(2026, 3, 18))
    ReportingRound.objects.create(
        meeting=meeting,
        opens_on=date(2026, 2, 1),
        closes_on=date(2026, 3, 1),
        opened_at=at(2026, 2, 1),
        closed_at=at(2026, 3, 1),
    )
    return World(area, other_area, strategy, priority, strand, objective, action, kpi, document, lead, people)


def _people(area: Area, other_area: Area) -> dict[str, User]:
    roles = {
        "board": (area, Membership.Role.BOARD),
        "lead": (area, Membership.Role.LEAD),
        "other_lead": (area, Membership.Role.LEAD),
        "officer": (area, Membership.Role.OFFICER),
        "administrator": (area, Membership.Role.ADMINISTRATOR),
        "families": (area, Membership.Role.FAMILIES),
        "other_officer": (other_area, Membership.Role.OFFICER),
    }
    people = {}
    for name, (where, role) in roles.items():
        people[name] = User.objects.create(email=f"{name}@example.test")
        Membership.objects.create(user=people[name], area=where, role=role)
    Lead.objects.create(area=area, name="Another lead", user=people["other_lead"])
    return people


def _kpi(area: Area, lead: Lead) -> Kpi:
    indicator = Indicator.objects.create(
        code="plans-within-20-weeks", title="EHC plans issued within 20 weeks", unit="percent", decimals=1,
        polarity="higher", frequency="annual",
    )  # fmt: skip
    kpi = Kpi.objects.create(area=area, indicator=indicator, owner=lead, is_headline=True, tolerance=Decimal(5))
    for year, value in ((2024, "61.2"), (2025, "64.8")):
        Measurement.objects.create(
            indicator=indicator, area=area, number=1, recorded_at=at(2026, 1, 15), period_start=date(year, 1, 1),
            period_end=date(year, 12, 31), period_label=str(year), value=Decimal(value),
        )  # fmt: skip
    Target.objects.create(
        kpi=kpi, number=1, recorded_at=at(2026, 1, 15), period_start=date(2025, 1, 1), value=Decimal(70)
    )
    return kpi
