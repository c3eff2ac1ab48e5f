"""Pages that are kept, in two areas: what is written in one leaves the other's as they are, and what both share throws both away."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from board import round_links
from board.api.resources import RESOURCES
from kpis.models import Indicator, Kpi, Measurement
from people.access_tokens import make_token
from people.models import Membership
from strategies.models import Area, DataVersion, ReportingRound
from tests.board.keeping.typed import figure
from tests.board.test_import_pages import choose, confirm, upload
from tests.board.test_remembering import main_of
from tests.hostile.forms import forms_of
from tests.kpis.dfe_files import the_places
from tests.world import BACKEND, at, build_world
from workstrands.models import Action

pytestmark = pytest.mark.usefixtures("remembered")
REPORT = {
    "seen_number": 1, "status": "G", "narrative": "The pathway is printed.", "next_steps": "", "cause": "", "escalate_to": "",
    "ask": "", "impact": "",
}  # fmt: skip
MOST_QUERIES_OF_A_KEPT_PAGE = 4


@pytest.fixture
def world(transactional_db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    world = build_world()
    the_places()
    indicator = world.kpi.indicator
    Kpi.objects.create(area=world.other_area, indicator=indicator, is_headline=True)
    Membership.objects.create(user=world.people["administrator"], area=world.other_area, role="board")
    return world


def signed_in(world, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name], backend=BACKEND)
    return client


class Looked:
    """The pages of both areas that were looked at, and so are kept; asked later, which of them still are."""

    def __init__(self, world):
        code = world.kpi.indicator.code
        self.here, self.there = signed_in(world, "officer"), signed_in(world, "other_officer")
        self.pages = {
            (client, f"/{area.slug}/{page}")
            for client, area in ((self.here, world.area), (self.there, world.other_area))
            for page in ("", "send-strategy/actions/", "kpis/", f"kpis/{code}/compare/", "evidence/", "meetings/")
        }
        self.kept_ones()
        assert self.kept() == {"northvale", "southmoor"}

    def kept(self) -> set[str]:
        """The areas all of whose pages are as they were; an area has either all or none."""
        kept = self.kept_ones()
        slugs = {address.split("/")[1] for address in kept}
        for slug in slugs:
            assert {address for _, address in self.pages if address.startswith(f"/{slug}/")} <= kept
        return slugs

    def kept_ones(self) -> set[str]:
        found = set()
        for client, address in self.pages:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200, address
            if len(asked) <= MOST_QUERIES_OF_A_KEPT_PAGE + address.endswith(
                "/meetings/"
            ):  # which meeting they attended
                found.add(address)
        return found


@pytest.fixture
def looked(world):
    return Looked(world)


# What one area writes


def test_a_report_throws_away_the_pages_of_its_area_alone(world, looked):
    assert signed_in(world, "lead").post(world.address("workstrands:update"), REPORT).status_code == 302
    assert looked.kept() == {"southmoor"}


def test_a_report_through_the_link_of_a_letter_too(world):
    ReportingRound.objects.filter(meeting__area=world.area).update(closed_at=None)
    Area.objects.filter(pk=world.area.pk).update(sends_round_links=True)
    token = round_links.make_link(ReportingRound.objects.get(meeting__area=world.area), world.lead, at=at(2026, 7, 1))
    looked, browser = Looked(world), Client()
    form = browser.get(f"/updates/{token}/a-1/")["Location"]
    assert looked.kept() == {"northvale", "southmoor"}, "coming in writes nothing that pages show"
    assert browser.post(form, REPORT).status_code == 302
    assert world.action.updates.count() == 2
    assert looked.kept() == {"southmoor"}


def test_a_figure_typed_by_hand_too_for_it_stands_in_no_publication(world, looked):
    typed = figure(period="2026-01-01/2026-12-31", value="71.2%", answer="")
    page = signed_in(world, "officer")
    address = world.address("board:measurement-add")
    asked = page.post(address, typed).context["answer"]  # whether a figure for a year that runs still is right
    assert page.post(address, {**typed, "answer": asked, "commentary": "As at July."}).status_code == 302
    assert Measurement.objects.filter(area=world.area, is_published=False).count() == 3
    assert looked.kept() == {"southmoor"}


@pytest.mark.parametrize(
    "kind", ["priority", "strand", "objective", "lead", "partner", "measure", "finding", "inspection"]
)
def test_each_kind_of_record_that_officers_keep_too(world, looked, kind):
    page, address = signed_in(world, "officer"), world.address(f"board:{kind}-edit")
    form = next(form for form in forms_of(page.get(address).text, address) if form.method == "post" and form.typed)
    words = next(name for name in form.typed if name in ("title", "name", "text", "outcome", "summary", "note"))
    sent = [(name, f"{value} anew" if name == words else value) for name, value in form.sent]
    fields: dict[str, list[str]] = {}
    for name, value in sent:
        fields.setdefault(name, []).append(value)
    assert page.post(form.address, fields).status_code == 302
    assert looked.kept() == {"southmoor"}


# What all areas share


def test_a_changed_indicator_throws_all_pages_away(world, looked):
    Indicator.objects.filter(pk=world.kpi.indicator_id).update(title="Plans in time")
    assert looked.kept() == set()
    assert "Plans in time" in looked.there.get("/southmoor/kpis/").text


def test_published_figures_that_one_area_brings_in_throw_all_pages_away(world):
    officer = signed_in(world, "officer")
    rehearsal = choose(officer, upload(officer)["Location"])
    looked = Looked(world)
    confirm(officer, rehearsal)
    assert Measurement.objects.filter(area=world.other_area, is_published=True).exists()
    assert looked.kept() == set()


def test_who_belongs_where_throws_all_pages_away(world, looked):
    address = f"/northvale/people/sign-ins/{world.people['board'].pk}/"
    answer = signed_in(world, "administrator").post(address, {"do": "role", "role": "officer"})
    assert answer.status_code == 302
    assert Membership.objects.get(user=world.people["board"]).role == "officer"
    assert looked.kept() == set()


def test_a_write_of_nobody_knows_which_area_throws_all_pages_away(world, looked):
    """As commands and shells make it."""
    Action.objects.filter(pk=world.action.pk).update(title="Publish the guide")
    assert looked.kept() == set()


def test_a_new_user_who_is_illustrative_is_said_in_all_areas(world, looked):
    person = world.people["board"]
    person.is_illustrative = True
    person.save()
    assert looked.kept() == set()


def test_an_address_that_passes_to_another_area_shows_nothing_of_the_one_before(world):
    """Even where the numbers of both happen to add up to the same."""
    both = signed_in(world, "administrator")
    Membership.objects.filter(user=world.people["administrator"]).update(role="board")
    world.other_area.strategies.update(slug="another-plan")
    DataVersion.objects.create(area=world.area.pk, number=10)
    assert "SEND Strategy" in both.get("/northvale/").text
    before = DataVersion.of([world.area.pk])[world.area.pk]
    Area.objects.filter(pk=world.area.pk).update(slug="northvale-before")
    Area.objects.filter(pk=world.other_area.pk).update(slug="northvale")
    DataVersion.objects.create(area=world.other_area.pk, number=8)
    assert DataVersion.of([world.other_area.pk])[world.other_area.pk] == before
    assert "SEND Strategy" not in main_of(both.get("/northvale/"))


# Whoever belongs to two areas, and programs


def test_whoever_belongs_to_both_sees_each_as_it_is(world):
    both = signed_in(world, "administrator")
    addresses = [world.address("board:actions"), "/southmoor/"]
    for address in addresses:
        both.get(address)
    assert "Off track" not in rows_of(both.get(addresses[0]))
    off_track = {**REPORT, "status": "R", "cause": "funding", "escalate_to": "lead", "next_steps": "Print it again."}
    assert signed_in(world, "lead").post(world.address("workstrands:update"), off_track).status_code == 302
    assert "Off track" in rows_of(both.get(addresses[0]))
    with CaptureQueriesContext(connection) as asked:
        both.get(addresses[1])
    assert len(asked) <= MOST_QUERIES_OF_A_KEPT_PAGE


def rows_of(response) -> str:
    return response.text.split("<tbody")[1].split("</tbody>")[0]


@pytest.mark.parametrize("resource", list(RESOURCES))
def test_a_program_asks_anew_after_a_write_in_its_own_area_alone(world, resource):
    tokens = {
        area.slug: make_token(area, "Dashboard", by=world.people[name], at=at(2026, 7, 1))
        for area, name in ((world.area, "officer"), (world.other_area, "other_officer"))
    }

    def get(slug: str, etag: str = ""):
        headers = {"Authorization": f"Bearer {tokens[slug]}", "If-None-Match": etag}
        return Client().get(f"/{slug}/api/v1/{resource}/", headers=headers)

    etags = {slug: get(slug)["ETag"] for slug in tokens}
    assert signed_in(world, "lead").post(world.address("workstrands:update"), REPORT).status_code == 302
    assert get("northvale", etags["northvale"]).status_code == 200
    assert get("southmoor", etags["southmoor"]).status_code == 304
