"""What comes in broken: always a message, a 404 or a 400; never a 500, and nothing is half-saved."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from people.models import Lead, Partner
from strategies.models import Strategy
from tests.test_permissions import ROWS
from tests.world import BACKEND, World, at
from workstrands.models import Action, Deadline, Evidence, Placement, ProgressUpdate

PAGES = sorted(ROWS)
AREA_PAGES = [name for name in PAGES if name.startswith("board:") and name not in ("board:home", "board:my")]
# 401: rows for programs, without a token; 403: what administrators alone see; 410: a link whose round has closed
FINE = (200, 302, 400, 401, 403, 404, 405, 410)

NAMES = [
    "as_at", "compare", "by", "sort", "page", "all", "part", "next", "_export", "q", "reported", "assessed", "flag",
    "priority", "strand", "lead", "partner", "due", "due_from", "due_to", "cause", "live", "fresh", "flagged", "asked",
    "rating", "headline", "frequency", "owner", "from", "to", "variation", "gap", "neighbours", "place", "period", "new",
    "indicator", "unheard_of",
]  # fmt: skip
BROKEN = {
    "31 February": "2026-02-31",
    "31 February in words": "31 February 2026",
    "a word": "nonsense",
    "NUL": "%00",
    "control characters": "%01%1b%7f",
    "half a surrogate pair": "%ED%A0%80",
    "not UTF-8": "%FF%FE",
    "a script": "%3Cscript%3Ealert(1)%3C/script%3E",
    "a quotation mark": "%27%20OR%201=1--",
    "a huge number": "9" * 400,
    "a huge digit of another script": "%D9%A3" * 30,
    "a superscript": "%C2%B2",
    "minus one": "-1",
    "nothing": "",
    "a far day": "9999-12-31",
    "an early day": "0001-01-01",
    "day zero": "0000-00-00",
    "long": "x" * 6000,
    "a format": "%7B0.__class__%7D%25s",
    "a line end": "a%0D%0ASet-Cookie:b=c",
}
PAIRS = [(name, broken) for name in NAMES for broken in BROKEN if (name, broken) != ("_export", "nothing")]
# The pages that read most of these.
LISTS = {
    "board:actions", "board:kpis", "board:kpi-compare", "board:area", "board:strategy", "board:risks", "board:evidence",
    "board:succession", "board:search", "board:papers",
}  # fmt: skip
TEXTS = {
    "NUL": "before\x00after",
    "a control character": "before\x1bafter",
    "never a character": "before\uffffafter",
    "too long": "x" * 100_000,
}


@pytest.fixture
def world(world_of_module, db, monkeypatch) -> World:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 3, 10))
    return world_of_module


@pytest.fixture
def as_(client, world):
    client.raise_request_exception = False

    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


def everything_kept() -> dict[str, list]:
    """All that a form of the product can write."""
    kept = (ProgressUpdate, Evidence, Placement, Deadline, Lead, Partner, Action, Strategy)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in kept}


def report(**fields) -> dict:
    return {"seen_number": 1, "status": "G", "narrative": "Three pathways are published.", **fields}


# Addresses


@pytest.mark.parametrize("name", PAGES)
def test_no_page_breaks_on_a_broken_query(as_, world, name):
    """A share of all pairs of a parameter and a broken value: of lists every tenth, of other pages every eightieth, each
    page others, and others with each database. All pairs of all pages would take minutes, and every pair is tried on some page.
    """
    client, address = as_("officer"), world.address(name)
    share = 10 if name in LISTS else 80
    first = PAGES.index(name) * 2 + (connection.vendor == "postgresql")
    for parameter, broken in PAIRS[first % share :: share]:
        response = client.get(address, QUERY_STRING=f"{parameter}={BROKEN[broken]}")
        assert response.status_code in FINE, f"{name}?{parameter}={broken}: {response.status_code}"
        assert response.streaming or b"<script>alert(1)" not in response.content


@pytest.mark.parametrize("name", PAGES)
def test_no_page_breaks_on_every_parameter_at_once_and_twice(as_, world, name):
    for value in ("1", "none", "%00", "%FF", "2026-02-31", "x" * 500):
        query = "&".join(f"{parameter}={value}&{parameter}={value}" for parameter in NAMES if parameter != "_export")
        response = as_("officer").get(world.address(name), QUERY_STRING=query)
        assert response.status_code in FINE, f"{name}, {value[:10]}: {response.status_code}"


@pytest.mark.parametrize("piece", ["%00", "%FF", "%ED%A0%80", "x" * 3000, "%3Cscript%3E", "..%2F..", "²", "-", "None"])
@pytest.mark.parametrize(
    "shape",
    [
        "/{}/", "/northvale/actions/{}/", "/northvale/actions/{}/update/", "/northvale/kpis/{}/",
        "/northvale/documents/{}/", "/northvale/{}/", "/northvale/{}/actions/", "/northvale/{}/set-up/",
        "/northvale/send-strategy/priorities/{}/", "/northvale/send-strategy/strands/{}/",
        "/northvale/send-strategy/objectives/{}/", "/accounts/password/reset/key/{}-{}/",
    ],
)  # fmt: skip
def test_an_address_of_nothing_is_a_404(as_, shape, piece):
    response = as_("officer").get(shape.replace("{}", piece))
    assert response.status_code in (200, 404) if shape.startswith("/accounts") else response.status_code == 404


@pytest.mark.parametrize("compare", ["2026-02-31", "soon", "2999-01-01", "2026-03-11", "%00", "%FF"])
def test_a_comparison_with_no_day_is_a_404(as_, world, compare):
    assert as_("board").get(world.address("board:area"), QUERY_STRING=f"compare={compare}").status_code == 404


def test_a_comparison_with_a_later_day_than_the_one_looked_at_is_a_404(as_, world):
    response = as_("board").get(world.address("board:area"), {"as_at": "2026-02-01", "compare": "2026-02-15"})
    assert response.status_code == 404


# Filters


@pytest.mark.parametrize("field", ["due_from", "due_to"])
@pytest.mark.parametrize("day", ["2026-02-31", "31/02/2026", "31 February 2026", "soon", "\x00", "99999-01-01"])
def test_a_window_of_no_day_is_told_and_shows_no_rows(as_, world, field, day):
    response = as_("board").get(world.address("board:actions"), {field: day})

    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert "Publish the pathway" not in response.text


@pytest.mark.parametrize(
    "field", ["reported", "assessed", "flag", "priority", "strand", "lead", "partner", "due", "cause", "fresh"]
)
def test_a_filter_of_what_there_is_not_is_told_and_shows_no_rows(as_, world, field):
    response = as_("board").get(world.address("board:actions"), {field: "<script>alert(1)</script>"})

    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert "&lt;script&gt;" in response.text
    assert "<script>alert(1)" not in response.text
    assert "Publish the pathway" not in response.text


def test_another_areas_lead_and_partner_are_no_filter_here(as_, world):
    lead = Lead.objects.create(area=world.other_area, name="Zenobia of Southmoor")
    partner = Partner.objects.create(area=world.other_area, name="Southmoor Council", sector="council")
    for field, record in (("lead", lead), ("partner", partner)):
        response = as_("board").get(world.address("board:actions"), {field: record.pk})
        assert response.context["form"].errors[field]
        assert record.name not in response.text


@pytest.mark.parametrize("name", ["board:actions", "board:kpis"])
@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "1.5", "²", "٣"])
def test_a_page_that_there_is_not_shows_one_that_there_is(as_, world, name, page):
    assert as_("board").get(world.address(name), {"page": page}).status_code == 200


@pytest.mark.parametrize("name", ["board:actions", "board:kpis"])
@pytest.mark.parametrize("sort", ["unheard", "-", "--ref", "-unheard", "", "pk", "__class__", "ref,due", "\x00"])
def test_an_unknown_order_is_no_fault(as_, world, name, sort):
    assert as_("board").get(world.address(name), {"sort": sort}).status_code == 200
    assert as_("board").get(world.address(name), {"sort": sort, "_export": "csv"}).status_code == 200


@pytest.mark.parametrize("name", ["board:actions", "board:kpis"])
@pytest.mark.parametrize("fmt", ["", "pdf", "CSV", "\x00"])
def test_a_file_of_no_known_kind_is_a_404(as_, world, name, fmt):
    assert as_("board").get(world.address(name), {"_export": fmt}).status_code == 404


# The update


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("field", ["narrative", "next_steps", "ask", "difference_made", "evidence_1_title"])
def test_a_text_that_cannot_be_kept_is_told_by_its_field(as_, world, field, text):
    before = everything_kept()
    sent = report(evidence_1_kind="document", **{field: TEXTS[text]})
    response = as_("lead").post(world.address("workstrands:update"), as_bytes(sent), content_type=FORM)

    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert response.context["form"][field].value().startswith(TEXTS[text][:6])
    assert everything_kept() == before


FORM = "application/x-www-form-urlencoded"


def as_bytes(fields: dict) -> bytes:
    """Sent as a browser would not: halves of surrogate pairs as their three bytes."""
    from urllib.parse import quote_plus

    pairs = [(name, each) for name, value in fields.items() for each in (value if isinstance(value, list) else [value])]
    return "&".join(
        f"{name}={quote_plus(str(value).encode('utf-8', 'surrogatepass'))}" for name, value in pairs
    ).encode()


@pytest.mark.parametrize(
    "day",
    [("31", "2", "2026"), ("0", "1", "2026"), ("1", "13", "2026"), ("", "2", "2026"), ("²", "1", "2026"),
     ("1", "1", "0"), ("1", "1", "99999"), ("9" * 300, "1", "2026"), ("\x00", "1", "2026"), ("a", "b", "c")],
)  # fmt: skip
def test_a_day_that_is_none_is_told_by_its_field(as_, world, day):
    before = everything_kept()
    sent = report(status="R", cause="capacity", next_steps="We hire.", escalate_to="board", ask="Agree to hire.")
    sent |= {f"needed_by_{at}": part for at, part in enumerate(day)}
    response = as_("lead").post(world.address("workstrands:update"), sent)

    assert response.status_code == 200
    assert response.context["form"].errors["needed_by"]
    assert everything_kept() == before


@pytest.mark.parametrize("field", ["status", "cause", "escalate_to", "impact", "evidence_1_kind", "seen_number"])
@pytest.mark.parametrize("value", ["unheard", "\x00", "<script>", "9" * 400, "-1", "S", "²"])
def test_a_choice_that_there_is_not_is_never_kept(as_, world, field, value):
    before = everything_kept()
    response = as_("lead").post(world.address("workstrands:update"), report(**{field: value}))

    assert response.status_code in (200, 409)
    assert everything_kept() == before


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "http://", "//x", "https://x\x00.org", "https://" + "x" * 600],
)
def test_evidence_leads_to_nothing_but_the_web(as_, world, address):
    before = everything_kept()
    sent = report(evidence_1_title="Minutes", evidence_1_kind="document", evidence_1_url=address)
    response = as_("lead").post(world.address("workstrands:update"), sent)

    assert response.status_code == 200
    assert response.context["form"].errors["evidence_1_url"]
    assert everything_kept() == before


def test_a_script_is_shown_as_it_was_written(as_, world):
    script = "<script>alert('x')</script><img src=x onerror=alert(1)>"
    client = as_("lead")
    response = client.post(world.address("workstrands:update"), report(narrative=script))
    assert response.status_code == 302

    for name in ("board:action", "workstrands:update", "board:area", "board:my"):
        text = client.get(world.address(name)).text
        assert "<script>alert(" not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;alert(" in client.get(world.address("board:action")).text


def test_the_same_report_sent_twice_is_kept_once(as_, world):
    client = as_("lead")
    for _ in range(3):
        assert client.post(world.address("workstrands:update"), report()).status_code == 302
    assert world.action.updates.count() == 2


def test_one_press_twice_is_kept_once(as_, world):
    client = as_("lead")
    for _ in range(2):
        assert client.post(world.address("workstrands:no-change"), {"seen_number": 1}).status_code == 302
    assert world.action.updates.count() == 2


@pytest.mark.parametrize("seen", ["", "x", "-5", "9" * 30, "9" * 5000, "\x00", "²", "1.0"])
def test_a_press_that_has_seen_nothing_known_keeps_nothing(as_, world, seen):
    response = as_("lead").post(world.address("workstrands:no-change"), {"seen_number": seen})

    assert response.status_code == 302
    assert world.action.updates.count() == 1


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\x00", "/\\evil"])
def test_a_press_leads_back_to_nowhere_else(as_, world, back):
    response = as_("lead").post(world.address("workstrands:no-change"), {"seen_number": 1, "next": back})
    assert response["Location"] == world.action.get_absolute_url()


@pytest.mark.parametrize("whose", ["another area's lead", "no lead of this action", "nobody"])
def test_nobody_reports_on_behalf_of_whom_it_is_not_for(as_, world, whose):
    before = everything_kept()
    leads = {
        "another area's lead": Lead(area=world.other_area, name="Zenobia"),
        "no lead of this action": Lead(area=world.area, name="Somebody else"),
    }
    number = "999999"
    if whose in leads:
        leads[whose].save()
        number = leads[whose].pk
        before = everything_kept()
    response = as_("officer").post(world.address("workstrands:update"), report(on_behalf_of=number))

    assert response.status_code == 200
    assert response.context["form"].errors["on_behalf_of"]
    assert everything_kept() == before


def test_a_lead_cannot_report_on_anybodys_behalf(as_, world):
    as_("lead").post(world.address("workstrands:update"), report(on_behalf_of=world.lead.pk))
    assert world.action.updates.order_by("-number").first().on_behalf_of is None


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "application/json", "text/plain"])
@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", b"--x\r\n", b"a=%ZZ&b=%FF&status=%00"])
@pytest.mark.parametrize("name", ["workstrands:update", "workstrands:no-change", "workstrands:set-up"])
def test_a_body_that_is_no_form_keeps_nothing(as_, world, name, body, kind):
    before = everything_kept()
    response = as_("officer").post(world.address(name), body, content_type=kind)

    assert response.status_code in (200, 302, 400)
    assert everything_kept() == before


def test_too_many_fields_are_refused(as_, world):
    body = "&".join(f"f{at}=1" for at in range(6000)).encode()
    assert as_("officer").post(world.address("workstrands:update"), body, content_type=FORM).status_code == 400


def test_too_large_a_body_is_refused(as_, world):
    body = b"narrative=" + b"x" * (6 * 1024 * 1024)
    assert as_("lead").post(world.address("workstrands:update"), body, content_type=FORM).status_code in (400, 413)


# Setting up


def row(world: World, **fields) -> dict:
    """The one action's row as the page sends it, with what is typed into it."""
    key, partner = world.action.key, world.action.partner_id
    blank = {"seen": f"1.1.{partner}.", "lead": "", "partner": "", "starts_on": "", "due_on": ""}
    return {"row": key, **{f"a-{key}-{name}": value for name, value in (blank | fields).items()}}


@pytest.mark.parametrize("field", ["starts_on", "due_on"])
@pytest.mark.parametrize(
    "day", ["31 2 2026", "31/02/2026", "2026-02-31", "soon", "1 1", "1 1 99999", "\x00", "9" * 5000, "² 1 2026"]
)
def test_a_row_with_a_day_that_is_none_saves_no_row(as_, world, field, day):
    before = everything_kept()
    second = Lead.objects.get(name="Another lead")
    response = as_("officer").post(world.address("workstrands:set-up"), row(world, lead=second.pk, **{field: day}))

    assert response.status_code == 200
    assert response.context["summary"]
    assert everything_kept() == before


@pytest.mark.parametrize("field", ["lead", "partner"])
@pytest.mark.parametrize("value", ["another area's", "999999", "\x00", "new1", "new9", "x", "9" * 400])
def test_a_row_with_somebody_of_elsewhere_saves_no_row(as_, world, field, value):
    if value == "another area's":
        made = (
            Lead.objects.create(area=world.other_area, name="Zenobia")
            if field == "lead"
            else Partner.objects.create(area=world.other_area, name="Southmoor Council", sector="council")
        )
        value = made.pk
    before = everything_kept()
    response = as_("officer").post(
        world.address("workstrands:set-up"), row(world, due_on="1 12 2026", **{field: value})
    )

    assert response.status_code == 200
    assert response.context["summary"]
    assert everything_kept() == before


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("field", ["name", "role"])
def test_a_new_lead_that_cannot_be_kept_saves_nothing(as_, world, field, text):
    before = everything_kept()
    named = {"actions-new1-name": "Jo", "actions-new1-role": "Officer", f"actions-new1-{field}": TEXTS[text]}
    sent = row(world, lead="new1", due_on="1 12 2026") | named
    response = as_("officer").post(world.address("workstrands:set-up"), as_bytes(sent), content_type=FORM)

    assert response.status_code == 200
    assert response.context["summary"]
    assert everything_kept() == before


@pytest.mark.parametrize("key", ["a-unheard", "\x00", "\x1b", "x" * 5000, ""])
def test_a_row_of_no_action_changes_nothing(as_, world, key):
    before = everything_kept()
    assert as_("officer").post(world.address("workstrands:set-up"), {"row": key}).status_code in (200, 302)
    assert everything_kept() == before


@pytest.mark.parametrize("field", ["target", "tolerance", "target_from", "owner"])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400", "9" * 400, "x", "\x00", "-1", "1e-9", "31 2 2026"])
def test_a_kpi_with_what_is_no_figure_is_told(as_, world, field, value):
    prefix = f"k-{world.kpi.indicator.code}"
    sent = {"row": world.kpi.indicator.code, f"{prefix}-seen": f"{world.kpi.owner_id}.5.1", f"{prefix}-{field}": value}
    response = as_("officer").post(world.address("workstrands:set-up") + "?part=kpis", sent)

    assert response.status_code == 200
    assert response.context["summary"]
    world.kpi.refresh_from_db()
    assert (world.kpi.tolerance, world.kpi.targets.count()) == (5, 1)


@pytest.mark.parametrize(
    "day",
    [("31", "2", "2026"), ("", "", ""), ("1", "1", "2999"), ("31", "12", "2025"), ("11", "3", "2026"), ("²", "1", "1")],
)
def test_a_plan_is_baselined_from_no_day_that_is_none(as_, world, day):
    sent = {f"baselined_on_{at}": part for at, part in enumerate(day)} | {"is_confirmed": "on"}
    response = as_("officer").post(world.address("workstrands:set-up") + "?part=baseline", sent)

    assert response.status_code == 200
    assert response.context["baseline"].errors["baselined_on"]
    world.strategy.refresh_from_db()
    assert world.strategy.baselined_on == date(2026, 1, 1)


# Signing in


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 100_000, "<script>alert(1)</script>", "a@b.example\x00"])
@pytest.mark.parametrize("field", ["login", "password"])
def test_signing_in_with_nonsense_is_told(client, db, field, text):
    client.raise_request_exception = False
    sent = {"login": "a@b.example", "password": "no such password"} | {field: text}
    response = client.post(reverse("account_login"), as_bytes(sent), content_type=FORM)

    assert response.status_code == 200
    assert "<script>alert(1)" not in response.text


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 100_000, "<script>", "a@b.example\x00"])
def test_asking_for_a_password_with_nonsense_is_told(client, db, text):
    client.raise_request_exception = False
    response = client.post(reverse("account_reset_password"), as_bytes({"email": text}), content_type=FORM)
    assert response.status_code == 200


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 100_000, "x" * 600_000])
def test_a_form_of_an_expired_session_leads_to_signing_in_whatever_was_typed(client, world, text):
    client.raise_request_exception = False
    address = world.address("workstrands:update")
    response = client.post(address, as_bytes(report(narrative=text)), content_type=FORM)
    assert response.status_code == 302

    client.force_login(world.people["lead"], backend=BACKEND)
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200
    assert world.action.updates.count() == 1


def test_a_message_above_the_rows_says_which_row_it_is_about(as_, world):
    response = as_("officer").post(world.address("workstrands:set-up"), row(world, due_on="31 2 2026"))
    assert [message for _, message in response.context["summary"]] == [
        "Action 1.1: Due date: there is no 31 February 2026. Choose a real day."
    ]
