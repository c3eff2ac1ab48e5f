"""An area that was never here before brings its plan in from files, and is running the same afternoon.

Testshire, its plan and its figures are made up for this test. What an administrator of the installation does (the area,
its first officer, a sign-in for a lead) is done as they would; everything else is done by an officer and a lead in the
browser. How long each step took is logged: `pytest --log-cli-level=INFO`.
"""

import io
import json
import logging
import time
from contextlib import contextmanager
from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from kpis.models import Kpi, Measurement
from people.models import Lead, Membership, User
from strategies.models import Area, Strategy
from tests.browser.pressing import follow
from tests.browser.test_board_cycle import FORMATS, Play, rows_of
from tests.browser.third_area import figures, plan
from tests.browser.third_area.filled import filled_in, references
from workstrands.models import Action

AREA = "testshire"
MEETING = "2026-11-11"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A_PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"

BY_FORM = "The first of three test settings has begun."
BY_WORKBOOK = "Two of three test settings have begun."
OFFLINE = "The test map is drawn."
REWORDED = "Map how early years checks work today, and where families wait longest"

log = logging.getLogger(__name__)


class Third(Play):
    """As in the Board's cycle, in Testshire."""

    def at(self, moment: str, who: str) -> None:
        self.clock(moment)
        self.signed_in(User.objects.get(email=f"{who}@{AREA}.example"))

    def go(self, name: str, *args, query: str = "") -> None:
        self.open(self.live_server.url + reverse(name, args=[AREA, *args]) + query)

    def choose_file(self, name: str, content: bytes, kind: str = XLSX) -> None:
        self.page.locator('input[type="file"]').first.set_input_files(
            {"name": name, "mimeType": kind, "buffer": content}
        )

    def download(self, press) -> bytes:
        with self.page.expect_download() as coming:
            press()
        return coming.value.path().read_bytes()

    def fits(self, name: str) -> None:
        """Nothing of the page lies beside the screen, on a desk or on a telephone."""
        for width in (1280, 390):
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
        self.page.set_viewport_size({"width": 1280, "height": 900})


@contextmanager
def step(name: str):
    began = time.perf_counter()
    yield
    log.info("%s: %.1f s", name, time.perf_counter() - began)


@pytest.fixture
def third(transactional_db, page, live_server, signed_in, clock, settings):
    """The two areas that are here, and a third one of which nothing is known but its officer."""
    settings.SITE_ADDRESS = live_server.url
    clock("2026-09-21 09:00")
    call_command("seed", verbosity=0)
    area = Area.objects.create(name="Testshire", slug=AREA, ons_code=figures.ONS_CODE, dfe_code=figures.DFE_CODE)
    a_sign_in("officer", area, Membership.Role.OFFICER)
    page.set_viewport_size({"width": 1280, "height": 900})
    return Third(page, live_server, signed_in, clock)


def a_sign_in(who: str, area: Area, role: str) -> User:
    """As an administrator of the installation makes one: there is no page for it."""
    user = User.objects.create_user(f"{who}@{AREA}.example", None, name=who.replace("-", " ").capitalize())
    Membership.objects.create(user=user, area=area, role=role)
    return user


def test_a_third_area_is_brought_in_from_files_and_runs_its_first_round(third):
    third.at("2026-09-21 10:00", "officer")
    finds_its_way(third)
    bring_the_plan_in(third)
    bring_the_figures_in(third)
    baseline(third)
    first_board_page(third)
    plan_and_open_a_round(third)
    report_by_form_and_workbook(third)
    attach_evidence(third)
    keep_the_plan(third)
    search(third)
    read_by_token(third)
    close_and_freeze(third)


def finds_its_way(third):
    """An area without a plan leads its officer to where one is brought in."""
    with step("empty area"):
        third.go("board:area")
        third.told("No strategy yet")
        third.fits("empty area")
        follow(third.page.get_by_role("link", name="Bring your plan in"))
        third.told("Bring in a plan")


# The plan and its leads


def bring_the_plan_in(third):
    with step("plan: upload"):
        third.fits("plan upload")
        third.choose_file("testshire-action-plan.xlsx", plan.workbook())
        third.press("Look at the file")
        third.told("What do the columns mean?")
    with step("plan: columns"):
        third.fits("plan columns")
        third.press("Continue")
        third.told("Which plan is it?")
    with step("plan: which plan"):
        third.fill(into="new", title=plan.TITLE, starts_on=date(2026, 9, 1), ends_on=date(2029, 8, 31))
        third.page.get_by_label("Bring in statuses").check()
        third.fits("plan which")
        third.press("Continue")
        third.told("Who is meant?")
    with step("plan: names"):
        third.fits("plan names")
        settle_names(third)
        third.press("See what would be added")
        third.told("What would be added")
    with step("plan: rehearsal"):
        third.told("80 actions")
        third.told("TBC")
        third.told("8 actions have words instead of a date: “Ongoing” (8)")
        third.fits("plan rehearsal")
    with step("plan: confirm"):
        third.page.get_by_label("Bring in the rest without").check()
        third.press("Bring the plan in")
        third.told("was brought into")
        third.fits("plan brought in")
    assert Action.objects.filter(area__slug=AREA).count() == 80
    leads = dict(Lead.objects.filter(area__slug=AREA).values_list("name", "email"))
    assert leads == {name: plan.address_of(name) for name in plan.LEADS}
    assert Action.objects.get(area__slug=AREA, partner__name=plan.FORUM).placements.get().lead is None
    shared = Action.objects.get(area__slug=AREA, placements__is_lead_joint=True)
    assert (
        " / ".join([shared.placements.get().lead.name, *(lead.name for lead in shared.supporting_leads.all())])
        == plan.SHARED
    )


def settle_names(third):
    """No lead is known yet, so each is proposed as new, and the forum as a body; a word for a status means on track."""
    for row in third.page.locator("tbody tr").all():
        box = row.locator("select")
        if box.get_attribute("name").startswith("statuses"):
            box.select_option("G")
        else:
            assert box.input_value() in ("new", "body-parent_carer_forum")


# The figures


def bring_the_figures_in(third):
    """Ten KPIs with their owners, targets and priorities, and twelve months of each: one file, one rehearsal."""
    with step("figures: file with ten KPIs and 120 figures looked at"):
        third.go("board:figures")
        third.fits("figures upload")
        third.choose_file("testshire-figures.xlsx", figures.workbook())
        third.press("Look at the file")
        third.told("10 KPIs would be tracked")
        third.told("120 figures would be written")
        third.told("0 rows refused")
        third.fits("figures rehearsal")
    with step("figures: confirmed"):
        are_right = third.page.get_by_label("Yes, the figures that are asked about are right")
        if are_right.count():
            are_right.check()
        third.press("Bring in 120 figures and track 10 KPIs")
        third.told("120 figures brought in and 10 KPIs tracked")
        third.fits("figures brought in")
    with step("figures: the same file again"):
        third.go("board:figures")
        third.choose_file("testshire-figures.xlsx", figures.workbook())
        third.press("Look at the file")
        third.told("it changes nothing")
    kpis = Kpi.objects.filter(area__slug=AREA)
    assert kpis.count() == 10
    assert kpis.filter(owner__name=figures.OWNER, priorities__isnull=False, targets__isnull=False).count() == 10
    assert Measurement.objects.filter(area__slug=AREA).count() == 120


# The plan is held to


def baseline(third):
    slug = Strategy.objects.get(area__slug=AREA).slug
    with step("set-up: leads and dates that the file left out"):
        third.go("workstrands:set-up", slug)
        third.fits("set-up actions")
        for box in third.page.locator('input[name$="due_on"]').all():
            if not box.input_value():
                box.fill("31 8 2029")
        third.press("Save these rows")
        third.told("set up.")
    with step("set-up: no KPI lacks an owner or a target"):
        third.go("workstrands:set-up", slug, query="?part=kpis")
        third.fits("set-up kpis")
    with step("set-up: baseline"):
        third.go("workstrands:set-up", slug, query="?part=baseline")
        third.fill(baselined_on=date(2026, 9, 1))
        third.page.locator('[name="is_confirmed"]').check()
        third.press("Baseline this plan")
        third.told("held to its leads and dates from")


def first_board_page(third):
    with step("first board page"):
        third.go("board:area")
        third.told(plan.TITLE)
        third.fits("board page")
    main = third.page.locator("main")
    for name in plan.PRIORITIES:
        expect(main).to_contain_text(name.partition(": ")[2])
    expect(main).to_contain_text(figures.KPIS[0].title)


def plan_and_open_a_round(third):
    with step("round: meeting planned"):
        third.go("board:round-plan")
        third.fill(rhythm="six_weekly", first_on=date.fromisoformat(MEETING), count="1")
        third.press("Show the days")
        third.told("The days, before anything is planned")
        third.fits("round plan")
        third.press("Plan these meetings")
        third.told("planned")
    with step("round: opened"):
        third.at("2026-10-07 09:00", "officer")
        third.go("board:round", MEETING)
        third.press("Open this round")
        third.told("The round is open")
        third.fits("round")


# The lead


def report_by_form_and_workbook(third):
    """The workbook is taken away first; what the form says meanwhile is put beside what comes back."""
    lead = Lead.objects.get(area__slug=AREA, name="Head of SEND")
    user = a_sign_in("lead", lead.area, Membership.Role.LEAD)
    with step("lead: linked to a sign-in"):
        third.go("board:lead-edit", lead.pk)
        third.fits("lead edit")
        third.fill(user=str(user.pk))
        third.press("Save the changes")
        third.told("Changed: Head of SEND.")
    third.at("2026-10-08 10:00", "lead")
    with step("lead: workbook taken"):
        third.go("board:my-workbook")
        third.fits("workbook page")
        sent = third.download(third.page.get_by_role("link", name="Send me my actions as a workbook").click)
    one, two, three = references(sent)[:3]
    with step("lead: update by form"):
        third.open(f"{third.live_server.url}{reverse('board:my')}")
        third.fits("my work")
        follow(third.page.get_by_role("link", name=f"Update action {one}", exact=True))
        third.fits("update form")
        third.report(one, status="G", narrative=BY_FORM)
    third.at("2026-10-12 10:00", "lead")
    filled = filled_in(sent, {
        one: {"status": "G On track", "narrative": BY_WORKBOOK},
        two: {"status": "G On track", "narrative": OFFLINE},
        three: {"status": "A At risk", "narrative": OFFLINE, "cause": "Workforce", "next_steps": "Ask the test school."},
    })  # fmt: skip
    bring_back(third, filled, meanwhile=one)
    assert [newest(ref).narrative for ref in (one, two, three)] == [BY_WORKBOOK, OFFLINE, OFFLINE]


def bring_back(third, filled: bytes, *, meanwhile: str):
    with step("lead: workbook rehearsed"):
        third.go("board:my-workbook")
        third.choose_file("my-actions.xlsx", filled)
        third.press("Look at the workbook")
        third.told("Reported on meanwhile: 1 action")
        third.told(BY_FORM)
        third.fits("workbook rehearsed")
    with step("lead: workbook confirmed"):
        third.page.get_by_label("Report mine too, as the next report").check()
        third.press("Report what is chosen")
        third.told("3 actions reported from my-actions.xlsx")
        third.fits("workbook reported")


def of_ref(ref: str) -> Action:
    return Action.objects.get(area__slug=AREA, ref=ref)


def newest(ref: str):
    return of_ref(ref).updates.latest("number")


def attach_evidence(third):
    update = Action.objects.filter(area__slug=AREA, updates__narrative=OFFLINE).first().updates.latest("number")
    with step("evidence: file attached"):
        third.go("board:evidence-add", update.action.key, update.number)
        third.fits("evidence add")
        third.fill(title="The test map", kind="document", dated_on=date(2026, 10, 1))
        third.choose_file("test-map.pdf", A_PDF, "application/pdf")
        third.press("Add this evidence")
        third.told("Evidence is added")
    with step("evidence: found"):
        third.go("board:evidence")
        third.fits("evidence")
        got = third.page.request.get(
            third.live_server.url + third.page.get_by_role("link", name="The test map").get_attribute("href")
        )
        assert got.body() == A_PDF


# The officer


def keep_the_plan(third):
    """A wording is changed, its history read, and the change undone."""
    third.at("2026-10-13 10:00", "officer")
    action = of_ref("1.1.1")
    with step("upkeep: edited"):
        third.go("board:action-edit", action.key)
        third.fits("action edit")
        third.fill(title=REWORDED)
        third.press("Save the changes")
        third.told(REWORDED)
    with step("upkeep: undone"):
        third.go("board:action-history", action.key)
        third.fits("action history")
        third.press("Undo this change")
        third.told(action.title)
    action.refresh_from_db()
    assert action.title == "Map how early years checks work today and where families wait"


def search(third):
    with step("search"):
        third.go("board:search", query="?q=speech+language+test+settings")
        third.fits("search")
        follow(third.page.get_by_role("link", name="Try the new way of speech and language help").first)
        third.told("1.2.3")


def read_by_token(third):
    with step("API: token made"):
        third.open(f"{third.live_server.url}{reverse('board:my-access')}")
        third.fill(name="Test dashboard")
        third.press("Make the token")
        secret = third.page.get_by_label("Token", exact=True).input_value()
    with step("API: 80 actions read"):
        address = f"{third.live_server.url}{reverse('board:api', args=[AREA, 'actions/'])}"
        got = third.page.request.get(address, headers={"Authorization": f"Bearer {secret}"})
        assert got.status == 200, got.text()
        assert len(json.loads(got.body())["rows"]) == 80


# The pack


def close_and_freeze(third):
    with step("round: checked and closed"):
        third.at("2026-11-02 17:00", "officer")
        third.go("board:round", MEETING)
        third.press("Accept all")
        third.told("accepted into the round")
        third.press("Close this round")
        third.told("The round is closed")
    with step("pack: six formats frozen"):
        third.at("2026-11-04 10:00", "officer")
        third.freeze(MEETING, "full", 1)
        third.fits("papers")
    with step("pack: given out"):
        files = third.papers(MEETING, 1)
    assert list(files) == FORMATS
    pages = PdfReader(io.BytesIO(files["pdf"])).pages
    printed = " ".join(" ".join(page.extract_text() for page in pages).split())
    for words in (plan.TITLE, BY_WORKBOOK, figures.KPIS[0].title, *(row.ref for row in plan.rows())):
        assert words in printed, words
    book = load_workbook(io.BytesIO(files["xlsx"]), read_only=True)
    assert len(rows_of(book, "Actions")) == 80
    assert {row["KPI"] for row in rows_of(book, "KPIs")} == {kpi.title for kpi in figures.KPIS}
    assert len(rows_of(book, "Measurements")) == 120
