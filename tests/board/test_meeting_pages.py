"""The pages of the Board's meetings: what they show, as known by a moment, and what officers record on them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from board.attending import Came, note_attendance
from board.closing import close_decision
from board.deciding import record_decision
from board.forward import Planned, plan_forward
from board.minuting import add_to_log, note_challenge
from board.models import Attendance, Challenge, Decision, ForwardItem, MeetingAction, Pack
from board.one_meeting import meeting_page
from kpis.models import Kpi
from people.models import Membership, Partner, User
from strategies.models import Meeting
from tests.board.test_deciding import UNTIL, off_track, propose, report
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Deadline, Placement

HELD = date(2026, 3, 18)


@pytest.fixture
def world(db, monkeypatch):
    """It is 20 March 2026: the Board met two days ago, and meets again in June."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 3, 20))
    world = build_world()
    Meeting.objects.create(area=world.area, held_on=date(2026, 6, 17), papers_due_on=date(2026, 6, 10))
    return world


@pytest.fixture
def meeting(world) -> Meeting:
    return Meeting.objects.get(area=world.area, held_on=HELD)


@pytest.fixture
def as_(client, world):
    client.raise_request_exception = False

    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def officer(as_):
    return as_("officer")


def words_of(response) -> str:
    return " ".join(strip_tags(response.text).split())


def page(name: str, *args) -> str:
    return reverse(name, args=["northvale", *args])


def decided(world, meeting, kind="other", *, when=None, **said) -> Decision:
    said = {"text": "Write to the integrated care board.", "by": world.people["officer"], **said}
    return record_decision(meeting, kind=kind, at=when or at(2026, 3, 18), **said)


def sent(**fields) -> dict:
    return {"kind": "other", "text": "Write to the board.", "seen_number": "0", **fields}


def dated(name: str, day: date) -> dict:
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


DECIDE = ("board:decision-add", "2026-03-18")


# The list


def test_the_list_says_of_each_meeting_its_round_papers_and_what_is_open(as_, world, meeting):
    decided(world, meeting)
    add_to_log(meeting, text="Write", by=world.people["officer"], at=at(2026, 3, 18))
    text = words_of(as_("board").get(page("board:meetings")))
    assert "18 March 2026 Closed 1 March 2026 None frozen 1, 1 open 1 open" in text
    assert "17 June 2026 No round is planned Due 10 June 2026" in text
    assert text.index("17 June 2026") < text.index("18 March 2026")


def test_the_list_as_at_a_day_knows_what_was_known_then(as_, world, meeting):
    decision = decided(world, meeting)
    close_decision(decision, outcome="done", by=world.people["officer"], at=at(2026, 3, 19))
    client = as_("board")
    assert "1, none open" in words_of(client.get(page("board:meetings")))
    assert "1, 1 open" in words_of(client.get(page("board:meetings"), {"as_at": "2026-03-18"}))
    assert "Opens 1 February 2026" in words_of(client.get(page("board:meetings"), {"as_at": "2026-01-20"}))


def test_an_area_without_meetings_says_what_comes_next(as_, world):
    client = as_("other_officer")
    text = words_of(client.get(reverse("board:meetings", args=["southmoor"])))
    assert "No meeting is planned" in text
    assert "No meeting was held before this day." in text


def test_the_forward_plan_stands_in_the_order_of_its_meetings_the_undated_last(as_, world, meeting):
    june = Meeting.objects.get(held_on=date(2026, 6, 17))
    lines = [Planned("Transport"), Planned("Annual reviews", meeting=june, lead=world.lead)]
    plan_forward(world.area, lines, by=world.people["officer"], at=at(2026, 3, 18))
    text = words_of(as_("board").get(page("board:meetings")))
    assert "Annual reviews 17 June 2026 Head of SEND Transport Some day Nobody yet" in text


# One meeting


def test_a_meeting_shows_who_came_what_was_decided_questioned_and_asked_for(as_, world, meeting):
    officer, moment = world.people["officer"], at(2026, 3, 18)
    partner = Partner.objects.get(area=world.area)
    note_attendance(
        meeting, [Came("Director", "present", partner=partner), Came("Chair", "apologies")], by=officer, at=moment
    )
    decided(world, meeting, owner=world.lead, due_on=date(2026, 3, 19), action=world.action)
    note_challenge(meeting, text="Why so late?", raised_by="Parent carer forum", kpi=world.kpi, by=officer, at=moment)
    add_to_log(meeting, text="Bring the figures.", owner_text="Clerk", by=officer, at=moment)

    text = words_of(as_("board").get(page("board:meeting", "2026-03-18")))

    assert "Northvale Council Director None –" in text
    assert "For no partner Nobody Chair –" in text
    assert "About action 1.1 Publish the pathway" in text
    assert "Head of SEND 19 March 2026 Overdue" in text
    assert "Parent carer forum · about EHC plans issued within 20 weeks Why so late? No answer is noted." in text
    assert "Bring the figures.Entry 1 Clerk No day set Open" in text


def test_asks_are_those_that_stood_when_the_papers_were_due(as_, world, meeting):
    meeting.papers_due_on = date(2026, 3, 11)
    meeting.save()
    off_track(world.action, at(2026, 3, 1))
    report(world.action, 3, "G", at(2026, 3, 15))
    text = words_of(as_("board").get(page("board:meeting", "2026-03-18")))
    assert "Asked of the Board, as at 11 March 2026" in text
    assert (
        "Release the money. 1.1 Publish the pathway · Head of SEND · asked 10 days before · needed by 1 April 2026"
        in text
    )
    assert "No lead asked anything" in words_of(as_("board").get(page("board:meeting", "2026-06-17")))


def test_what_is_open_is_carried_to_the_next_meetings_until_it_is_done(as_, world, meeting):
    decision = decided(world, meeting)
    add_to_log(meeting, text="Bring the figures.", by=world.people["officer"], at=at(2026, 3, 18))
    client, june = as_("board"), page("board:meeting", "2026-06-17")
    text = words_of(client.get(june))
    assert "Decision 1 of the Board of 18 March 2026" in text
    assert "Entry 1 of the Board of 18 March 2026" in text

    close_decision(decision, outcome="done", by=world.people["officer"], at=at(2026, 3, 19))
    assert "Decision 1 of the Board" not in words_of(client.get(june))
    assert "Decision 1 of the Board" in words_of(client.get(june, {"as_at": "2026-03-18"}))


def test_a_past_meeting_keeps_what_was_carried_into_it_with_what_became_of_it(world, meeting):
    earlier = Meeting.objects.create(area=world.area, held_on=date(2026, 2, 4))
    decision = decided(world, earlier, when=at(2026, 2, 4))
    done_before = decided(world, earlier, when=at(2026, 2, 4), text="Done before.")
    officer = world.people["officer"]
    close_decision(done_before, outcome="done", by=officer, at=at(2026, 3, 1))
    close_decision(decision, outcome="done", by=officer, at=at(2026, 3, 18))
    meeting.area = world.area
    [item] = meeting_page(meeting, at(2026, 3, 20)).carried_decisions
    assert (item.row, item.state) == (decision, "Done")


def test_what_was_put_on_hold_comes_back_by_itself(as_, world, meeting):
    decided(world, meeting, "put_on_hold", action=world.action, reason="No money.", until=date(2026, 6, 1))
    text = words_of(as_("board").get(page("board:meeting", "2026-06-17")))
    assert "On hold until 1 June 2026, before this meeting. No money." in text
    assert "comes back at this meeting" in words_of(as_("board").get(page("board:meeting", "2026-03-18")))


def test_what_has_passed_is_said_so(as_, world, meeting, monkeypatch):
    off_track(world.action)
    decided(world, meeting, "accept_red", action=world.action, reason="Vacant.", until=date(2026, 6, 1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 6, 18))
    text = words_of(as_("officer").get(page("board:meeting", "2026-06-17")))
    assert "Accepted by the Board until 1 June 2026, which has passed. Vacant." in text


def test_what_changed_since_the_meeting_before_leads_to_the_board_page_of_that_day(as_, world, meeting):
    Meeting.objects.create(area=world.area, held_on=date(2026, 2, 4))
    off_track(world.action, at(2026, 3, 1))
    response = as_("board").get(page("board:meeting", "2026-03-18"))
    assert "1 change: 1 first report." in words_of(response)
    assert "/northvale/send-strategy/?compare=2026-02-04&amp;as_at=2026-03-18" in response.text


def test_papers_are_listed_as_known_by_the_moment(as_, world, meeting):
    Pack.objects.create(
        meeting=meeting, strategy=world.strategy, number=1, recorded_at=at(2026, 3, 11), as_at=at(2026, 3, 11)
    )
    client, address = as_("board"), page("board:meeting", "2026-03-18")
    assert "No. 1: full, SEND Strategy, as at 11 March 2026" in words_of(client.get(address))
    assert "No papers are frozen" in words_of(client.get(address, {"as_at": "2026-03-10"}))


def test_the_past_offers_no_recording(as_, world):
    client = as_("officer")
    assert "Record a decision" in words_of(client.get(page("board:meeting", "2026-03-18")))
    past = words_of(client.get(page("board:meeting", "2026-03-18"), {"as_at": "2026-03-19"}))
    assert "Record a decision" not in past
    assert "Record a decision" not in words_of(as_("board").get(page("board:meeting", "2026-03-18")))


@pytest.mark.parametrize("day", ["2026-03-19", "2026-02-31", "soon", "0000-00-00", "99999-01-01"])
def test_a_day_without_a_meeting_is_a_plain_404(as_, day):
    assert as_("officer").get(page("board:meeting", day)).status_code == 404


def test_a_meeting_of_another_area_is_a_404(as_, world):
    Meeting.objects.create(area=world.other_area, held_on=date(2026, 4, 1))
    assert as_("officer").get(page("board:meeting", "2026-04-01")).status_code == 404
    assert as_("officer").post(page("board:decision-add", "2026-04-01"), sent()).status_code == 404


@pytest.mark.parametrize("name", ["board:meeting", "board:meetings"])
def test_queries_do_not_grow_with_what_a_meeting_holds(as_, world, meeting, name, django_assert_max_num_queries):
    earlier = Meeting.objects.create(area=world.area, held_on=date(2026, 2, 4))
    client = as_("officer")
    address = page(name, "2026-03-18") if name == "board:meeting" else page(name)

    def fill(first: int, last: int) -> None:
        officer = world.people["officer"]
        for number in range(first, last):
            action = Action.objects.create(
                area=world.area, strategy=world.strategy, key=f"b-{number}", ref=f"2.{number}", title="More",
                position=number,
            )  # fmt: skip
            Placement.objects.create(
                action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=world.lead
            )
            off_track(action)
            decided(world, meeting, action=action, owner=world.lead, kpi=world.kpi, text=f"No. {number}")
            decided(
                world, earlier, "accept_red", when=at(2026, 3, 2), action=action, reason="x", until=date(2026, 3, 3)
            )
            for held, moment in ((meeting, at(2026, 3, 18)), (earlier, at(2026, 2, 4))):
                add_to_log(held, text=f"No. {number}", owner=world.lead, by=officer, at=moment)
            note_challenge(meeting, text=f"No. {number}", action=action, kpi=world.kpi, by=officer, at=at(2026, 3, 18))
            note_attendance(meeting, [Came(f"Member {number}", "present")], by=officer, at=at(2026, 3, 18))
            plan_forward(world.area, [Planned(f"No. {number}", meeting=meeting)], by=officer, at=at(2026, 3, 18))

    fill(1, 2)
    with django_assert_max_num_queries(45) as few:
        client.get(address)
    fill(2, 8)
    with django_assert_max_num_queries(45) as many:
        assert "No. 7" in client.get(address).text
    assert len(many) == len(few)


# Recording a decision


def test_one_press_on_an_ask_starts_a_decision_with_its_words(officer, world):
    off_track(world.action)
    response = officer.get(page("board:meeting", "2026-03-18"))
    assert "decisions/add/?action=a-1&amp;asked=2" in response.text
    form = officer.get(page(*DECIDE), {"action": "a-1", "asked": "2"}).context["form"]
    assert (form["text"].value(), form["action"].value()) == ("Release the money.", "a-1")


@pytest.mark.parametrize("asked", ["1", "9", "x", "", "²", "99999999999999999999"])
def test_an_ask_that_is_not_there_leaves_the_form_empty(officer, asked):
    form = officer.get(page(*DECIDE), {"action": "a-1", "asked": asked, "kind": "abolish"}).context["form"]
    assert (form["text"].value(), form["kind"].value()) == ("", "other")


def test_a_recorded_decision_stands_on_its_meeting(officer, world):
    response = officer.post(page(*DECIDE), sent(owner=world.lead.pk, action="a-1", **dated("due_on", date(2026, 5, 1))))
    assert response["Location"] == page("board:meeting", "2026-03-18")
    decision = Decision.objects.get()
    assert (decision.owner, decision.due_on, decision.action) == (world.lead, date(2026, 5, 1), world.action)
    assert decision.recorded_by == world.people["officer"]


def test_stopping_an_action_keeps_the_kind_of_reason_with_the_words(officer, world):
    officer.post(page(*DECIDE), sent(kind="stop", action="a-1", stop_reason="superseded", reason="See 2.1."))
    assert Decision.objects.get().reason == "Superseded. See 2.1."
    assert world.action.updates.order_by("-number").first().status == "S"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "abolish"}, "kind"),
        ({"text": ""}, "text"),
        ({"text": "before\x00after"}, "text"),
        ({"text": "x" * 100_000}, "text"),
        ({"action": "nobody"}, "action"),
        ({"kpi": "nothing"}, "kpi"),
        ({"owner": "99999999999999999999"}, "owner"),
        ({"owner_text": "x" * 200}, "owner_text"),
        ({"kind": "stop", "action": "a-1"}, "stop_reason"),
        ({"kind": "stop", "stop_reason": "merged"}, "action"),
        ({"stop_reason": "merged"}, "stop_reason"),
        ({"kind": "put_on_hold", "action": "a-1", "reason": "x"}, "day"),
        ({"kind": "put_on_hold", "action": "a-1", "day_0": "31", "day_1": "2", "day_2": "2027", "reason": "x"}, "day"),
        ({"kind": "put_on_hold", "action": "a-1", **dated("day", UNTIL)}, "reason"),
        ({"kind": "agree_date", "action": "a-1", **dated("day", date(2026, 6, 1))}, "day"),
        ({"kind": "refuse_date", "action": "a-1"}, "action"),
        ({"kind": "accept_red", "action": "a-1", "reason": "x", **dated("day", UNTIL)}, "action"),
        (dated("day", UNTIL), "day"),
        (dated("due_on", date(2026, 3, 1)), "due_on"),
        ({"seen_number": "many"}, "seen_number"),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_nothing_is_lost_or_half_saved(officer, world, fields, field):
    response = officer.post(page(*DECIDE), sent(**{"text": "Keep this.", **fields}))
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert "Error:" in response.text
    assert not Decision.objects.exists()
    assert world.action.updates.count() == 1
    if "text" not in fields:
        assert "Keep this." in response.text


def test_a_retired_action_or_one_of_an_ended_plan_is_not_offered(officer, world):
    world.action.retired_at = at(2026, 3, 19, 0)
    world.action.save()
    assert "a-1" in officer.post(page(*DECIDE), sent(action="a-1")).context["form"]["action"].value()
    assert not Decision.objects.exists()


def test_the_second_officer_reads_the_first_ones_decision_and_loses_nothing(officer, world, meeting):
    decided(world, meeting, text="Theirs came first.", by=world.people["administrator"])
    response = officer.post(page(*DECIDE), sent(text="Mine."))
    assert response.status_code == 409
    assert "Theirs came first." in response.text
    assert "Mine." in response.text
    typed = {"kind": "other", "text": "Mine.", "seen_number": response.context["form"]["seen_number"].value()}
    assert officer.post(page(*DECIDE), typed).status_code == 302
    assert list(Decision.objects.order_by("number").values_list("text", flat=True)) == ["Theirs came first.", "Mine."]


def test_nothing_is_recorded_of_a_meeting_to_come(officer):
    response = officer.post(page("board:decision-add", "2026-06-17"), sent())
    assert "This meeting is held on 17 June 2026" in words_of(response)
    assert not Decision.objects.exists()


def test_agreeing_a_proposed_date_moves_the_agreed_one(officer, world):
    propose(world.action)
    officer.post(page(*DECIDE), sent(kind="agree_date", action="a-1", **dated("day", date(2026, 12, 31))))
    assert Deadline.objects.filter(state="agreed").order_by("-number").first().due_on == date(2026, 12, 31)


# Closing, challenge, log


def test_closing_a_decision_leads_back_to_the_meeting_one_came_from(officer, world, meeting):
    decided(world, meeting)
    close = page("board:decision-close", "2026-03-18", "1")
    response = officer.post(f"{close}?for=2026-06-17", {"outcome": "done", "text": "Sent.", "seen_number": "0"})
    assert response["Location"] == page("board:meeting", "2026-06-17")
    assert "Sent." in words_of(officer.get(page("board:meeting", "2026-03-18")))
    assert list(officer.get(close).context["form"].fields["outcome"].choices) == [("reopened", "Open again")]


def test_somebody_who_closes_what_was_closed_meanwhile_sees_it(officer, world, meeting):
    decision = decided(world, meeting)
    close_decision(
        decision, outcome="done", text="Done by another.", by=world.people["administrator"], at=at(2026, 3, 19)
    )
    close = page("board:decision-close", "2026-03-18", "1")
    response = officer.post(close, {"outcome": "dropped", "text": "Mine.", "seen_number": "0"})
    assert response.status_code == 409
    assert "Done by another." in response.text
    assert "Mine." in response.text


@pytest.mark.parametrize("number", ["2", "0", "one", "999999999999", "1-1"])
@pytest.mark.parametrize("name", ["board:decision-close", "board:log-close"])
def test_a_row_that_is_not_there_is_a_plain_404(officer, world, meeting, name, number):
    decided(world, meeting)
    assert officer.get(page(name, "2026-03-18", number)).status_code == 404
    assert officer.post(page(name, "2026-03-18", number), {"outcome": "done"}).status_code == 404


def test_dropping_asks_why(officer, world, meeting):
    add_to_log(meeting, text="Write", by=world.people["officer"], at=at(2026, 3, 18))
    close = page("board:log-close", "2026-03-18", "1")
    response = officer.post(close, {"outcome": "dropped", "text": "", "seen_number": "0"})
    assert "Say why it is dropped." in response.text
    assert officer.post(close, {"outcome": "dropped", "text": "Not needed.", "seen_number": "0"}).status_code == 302
    assert MeetingAction.objects.get().outcomes.get().text == "Not needed."


def test_a_challenge_and_an_entry_of_the_log_are_added(officer, world):
    challenge = {"text": "Why so late?", "raised_by": "Parent carer forum", "kpi": world.kpi.indicator.code}
    officer.post(page("board:challenge-add", "2026-03-18"), {**challenge, "seen_number": "0"})
    assert Challenge.objects.get().kpi == Kpi.objects.get()
    officer.post(page("board:log-add", "2026-03-18"), {"text": "Write.", "owner_text": "Clerk", "seen_number": "0"})
    assert MeetingAction.objects.get().owner_text == "Clerk"


@pytest.mark.parametrize("name", ["board:challenge-add", "board:log-add"])
@pytest.mark.parametrize("text", ["", "before\x1bafter", "x" * 100_000])
def test_a_challenge_or_entry_that_cannot_be_kept_is_refused_by_its_field(officer, name, text):
    response = officer.post(page(name, "2026-03-18"), {"text": text, "seen_number": "0"})
    assert response.status_code == 200
    assert "text" in response.context["form"].errors


# Who came


def line(number: int, **fields) -> dict:
    return {f"line-{number}-{name}": value for name, value in fields.items()}


def attend(officer, *lines: dict, day="2026-03-18"):
    fields = {"lines": str(len(lines))}
    for number, fields_of in enumerate(lines):
        fields |= line(number, **fields_of)
    return officer.post(page("board:attendance", day), fields)


def test_the_attendance_offers_members_and_partners_who_are_not_noted_yet(officer, world):
    lines = officer.get(page("board:attendance", "2026-03-18")).context["lines"]
    board, partner = world.people["board"], Partner.objects.get(area=world.area)
    assert (str(board), str(board.pk)) in [(each["name"].value(), each["user"].value()) for each in lines]
    assert str(partner.pk) in [each["partner"].value() for each in lines]


def test_attendance_is_saved_and_lines_left_alone_are_not(officer, world):
    board = world.people["board"]
    attend(officer, {"name": "Member", "user": board.pk, "presence": "present"}, {"name": "Chair", "presence": ""}, {})
    row = Attendance.objects.get()
    assert (row.name, row.user, row.is_present) == ("Member", board, True)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"presence": "present"}, "Line 1: give a name or post."),
        ({"name": "x" * 200, "presence": "present"}, "Name or post has 200 characters"),
        ({"name": "Chair", "presence": "asleep"}, "Choose one of the list."),
        ({"name": "Chair", "presence": "present", "partner": "999999"}, "Choose one of the list."),
        ({"name": "Chair", "presence": "present", "user": "me"}, "Choose one of the list."),
    ],
)
def test_a_line_that_cannot_be_kept_is_said_and_none_is_saved(officer, fields, message):
    response = attend(officer, fields, {"name": "Clerk", "presence": "present"})
    assert response.status_code == 200
    assert message in words_of(response)
    assert 'value="Clerk"' in response.text
    assert not Attendance.objects.exists()


def test_somebody_of_another_area_cannot_be_noted(officer, world):
    stranger = world.people["other_officer"]
    assert attend(officer, {"name": "X", "presence": "present", "user": stranger.pk}).status_code == 200
    assert not Attendance.objects.exists()


def test_two_officers_who_note_the_same_person_both_see_it(officer, world, meeting):
    note_attendance(meeting, [Came("Clerk", "present")], by=world.people["administrator"], at=at(2026, 3, 19))
    mine = {"name": "Clerk", "presence": "absent"}
    response = attend(officer, mine)
    assert response.status_code == 409
    assert "Somebody else changed “Clerk”" in response.text
    again = response.context["lines"][0]
    sent_again = {name: again[name].value() for name in ("name", "presence", "was", "seen")}
    assert attend(officer, sent_again).status_code == 302
    assert Attendance.objects.get().is_present is False


def test_a_member_who_has_left_stays_noted(officer, world, meeting):
    gone = User.objects.create(email="gone@example.test")
    membership = Membership.objects.create(user=gone, area=world.area, role="board")
    note_attendance(meeting, [Came("Gone", "present", user=gone)], by=world.people["officer"], at=at(2026, 3, 19))
    membership.delete()
    lines = officer.get(page("board:attendance", "2026-03-18")).context["lines"]
    fields = [{name: each[name].value() or "" for name in each.fields} for each in lines]
    assert attend(officer, *fields).status_code == 302
    assert Attendance.objects.get().user == gone


@pytest.mark.parametrize("count", ["", "many", "-1", "999999", "٣"])
def test_a_senseless_number_of_lines_does_no_harm(officer, count):
    response = officer.post(page("board:attendance", "2026-03-18"), {"lines": count})
    assert response.status_code == 302


# The forward plan


def test_the_forward_plan_is_changed_on_one_page(officer, world):
    june = Meeting.objects.get(held_on=date(2026, 6, 17))
    fields = {"lines": "2", **line(0, title="Transport", meeting=june.pk), **line(1)}
    assert officer.post(page("board:forward"), fields).status_code == 302
    item = ForwardItem.objects.get()
    assert (item.title, item.meeting) == ("Transport", june)
    shown = officer.get(page("board:forward")).context["lines"][0]
    stays = {name: shown[name].value() or "" for name in ("item", "seen", "title", "meeting", "lead")}
    officer.post(page("board:forward"), {"lines": "1", **line(0, **stays, is_done="on")})
    item.refresh_from_db()
    assert item.done_on == date(2026, 3, 20)
    assert "Transport" not in words_of(officer.get(page("board:meetings")))
    assert "Transport (done 20 March 2026)" in words_of(officer.get(page("board:meeting", "2026-06-17")))


@pytest.mark.parametrize(
    "fields", [{"item": "999", "title": "X"}, {"meeting": "7777", "title": "X"}, {"is_done": "on"}, {"item": "x"}]
)
def test_a_forward_line_that_cannot_be_kept_is_said(officer, fields):
    response = officer.post(page("board:forward"), {"lines": "1", **line(0, **fields)})
    assert response.status_code == 200
    assert "There is a problem" in response.text
    assert not ForwardItem.objects.exists()


def test_a_forward_line_changed_by_somebody_else_is_not_overwritten_unseen(officer, world):
    plan_forward(world.area, [Planned("Transport")], by=world.people["officer"], at=at(2026, 3, 1))
    item = ForwardItem.objects.get()
    mine = {"lines": "1", **line(0, item=item.pk, seen="Buses///", title="Trains")}
    response = officer.post(page("board:forward"), mine)
    assert response.status_code == 409
    assert 'value="Trains"' in response.text
    item.refresh_from_db()
    assert item.title == "Transport"
    again = response.context["lines"][0]
    officer.post(
        page("board:forward"), {"lines": "1", **line(0, **{n: again[n].value() for n in ("item", "seen", "title")})}
    )
    item.refresh_from_db()
    assert item.title == "Trains"


# Asks that were decided


def test_an_ask_that_was_decided_says_what_and_is_no_longer_offered_as_open(as_, world, meeting):
    off_track(world.action)
    decided(world, meeting, text="Nothing about it.")
    client = as_("officer")
    before = words_of(client.get(page("board:meeting", HELD)))
    assert "Decide about this ask of action 1.1" in before
    assert "Decided: no." not in before

    decided(world, meeting, action=world.action, text="The money is released.", when=at(2026, 3, 19))

    after = client.get(page("board:meeting", HELD))
    assert "Decided: no. 2 . The money is released.".replace(" .", ".") in words_of(after)
    assert '<a href="#decision-2">no. 2</a>' in after.text
    assert 'id="decision-2"' in after.text
    assert "Decide about this ask" not in words_of(after)
    assert "Decide further about it of action 1.1" in words_of(after)


def test_the_next_meeting_leads_to_the_meeting_that_decided(as_, world, meeting, monkeypatch):
    off_track(world.action)
    decided(world, meeting, action=world.action, text="The money is released.")
    text = as_("board").get(page("board:meeting", "2026-06-17")).text
    assert f'<a href="{page("board:meeting", HELD)}#decision-1">no. 1 of the Board of 18 March 2026</a>' in text


def test_what_was_decided_before_it_was_asked_is_no_answer(as_, world, meeting):
    decided(world, meeting, action=world.action, text="Go on.", when=at(2026, 3, 18))
    off_track(world.action, when=at(2026, 3, 18, 15))
    assert "Decide about this ask of action 1.1" in words_of(as_("officer").get(page("board:meeting", HELD)))


def test_the_queries_of_the_page_do_not_grow_with_asks_and_answers(as_, world, meeting, django_assert_num_queries):
    def ask_and_answer(number: int) -> None:
        action = Action.objects.create(
            area=world.area, strategy=world.strategy, key=f"asks-{number}", ref=f"7.{number}", title="Asks",
            position=70 + number,
        )  # fmt: skip
        Placement.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority)
        off_track(action)
        decided(world, meeting, action=action, text="Released.")

    ask_and_answer(1)
    client = as_("officer")
    client.get(page("board:meeting", HELD))
    with CaptureQueriesContext(connection) as few:
        client.get(page("board:meeting", HELD))
    for number in range(2, 8):
        ask_and_answer(number)
    with django_assert_num_queries(len(few)):
        client.get(page("board:meeting", HELD))
