import pytest
from django.urls import reverse

from people.models import Lead, User
from tests.world import at, build_world
from workstrands.models import Evidence, ProgressUpdate

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 3, 10))
    return build_world()


@pytest.fixture
def as_(client, world, settings):
    settings.AUTHENTICATION_BACKENDS = [BACKEND]

    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def page(world):
    return world.address("workstrands:update")


def typed(**fields):
    blank = {
        "seen_number": 1,
        "narrative": "",
        "next_steps": "",
        "cause": "",
        "escalate_to": "",
        "ask": "",
        "impact": "",
    }
    return {**blank, **fields}


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_form_shows_what_was_said_last_beside_it(as_, page):
    text = text_of(as_("lead").get(page))

    assert "What was said last time" in text
    assert "Going well." in text
    assert "10 February 2026" in text
    assert "Due <strong>30 June 2026</strong>" in text


def test_each_status_is_offered_with_letter_shape_and_word_and_stopped_is_not(as_, page):
    text = text_of(as_("lead").get(page))

    for word in ("Not started", "On track", "At risk", "Off track", "Complete"):
        assert word in text
    assert 'value="S"' not in text
    assert 'value="H"' not in text
    assert "<svg" in text


def test_a_lead_says_how_it_is_going_and_comes_back_to_the_action(as_, page, world):
    response = as_("lead").post(
        page, typed(status="A", narrative="One post is empty.", cause="workforce", next_steps="Recruit.")
    )

    assert response.status_code == 302
    assert response.url == world.action.get_absolute_url()
    update = world.action.updates.get(number=2)
    assert (update.status, update.narrative, update.author) == ("A", "One post is empty.", world.people["lead"])


def test_everything_that_is_missing_is_said_at_once_and_the_text_is_kept(as_, page, world):
    response = as_("lead").post(page, typed(status="R", narrative="It will be missed.", escalate_to="board"))
    text = text_of(response)

    assert response.status_code == 200
    for message in ("Choose the main cause.", "Say what happens next.", "Say what the Board is asked to do."):
        assert text.count(message) == 2, message  # in the summary and by the field
    assert 'href="#id_next_steps"' in text
    assert 'href="#id_needed_by_0"' in text
    assert "It will be missed." in text
    assert world.action.updates.count() == 1


def test_a_field_that_cannot_be_read_does_not_hide_what_else_is_missing(as_, page):
    fields = typed(
        status="R", escalate_to="board", ask="Fund it.", needed_by_0="31", needed_by_1="2", needed_by_2="2027"
    )
    text = text_of(as_("lead").post(page, fields))

    assert "Answer needed by: there is no 31 February 2027. Choose a real day." in text
    assert "Choose the main cause." in text
    assert "Give the day by which" not in text


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("31", "", ""), "Answer needed by needs a month and a year."),
        (("x", "2", "2027"), "Answer needed by: write the day in numbers, such as 31 3 2027."),
        (("1", "13", "2027"), "Answer needed by: there is no month 13. Choose a real day."),
        (("1", "2", "27"), "Answer needed by: give the year in four figures, 1990 to 2100."),
        (("99999999999999999999", "2", "2027"), "Answer needed by: write the day in numbers, such as 31 3 2027."),
        (("٣", "2", "2027"), "Answer needed by: write the day in numbers, such as 31 3 2027."),
    ],
)
def test_a_day_that_is_none_is_named(as_, page, parts, message):
    fields = typed(status="G", **{f"needed_by_{at}": part for at, part in enumerate(parts)})
    text = text_of(as_("lead").post(page, fields))

    assert message in text
    assert parts[0] in text


@pytest.mark.parametrize(
    ("narrative", "message"),
    [
        ("x" * 100_000, "What has been done has 100,000 characters. The most is 10,000: shorten it by 90,000."),
        ("Good\x07 work", "What has been done has a character that cannot be kept (U+0007, after “Good”)."),
        ("Good\x00 work", "What has been done has a character that cannot be kept (U+0000, after “Good”)."),
    ],
)
def test_a_text_that_cannot_be_kept_comes_back_whole(as_, page, world, narrative, message):
    response = as_("lead").post(page, typed(status="G", narrative=narrative))

    assert response.status_code == 200
    assert message in text_of(response)
    assert narrative in response.content.decode()
    assert world.action.updates.count() == 1


def test_script_tags_are_text(as_, page, world):
    as_("lead").post(page, typed(status="G", narrative="<script>alert(1)</script>"))

    text = text_of(as_("lead").get(page))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_evidence_is_a_titled_link_of_the_web(as_, page, world):
    fields = {
        "evidence_1_title": "The pathway",
        "evidence_1_kind": "document",
        "evidence_1_url": "https://example.org/p",
    }
    as_("lead").post(page, typed(status="B", **fields))

    evidence = world.action.updates.get(number=2).evidence.get()
    assert (evidence.title, evidence.kind, evidence.url) == ("The pathway", "document", "https://example.org/p")


def test_evidence_that_is_half_given_names_the_other_half(as_, page, world):
    fields = {"evidence_1_title": "The pathway", "evidence_2_kind": "data", "evidence_2_url": "javascript:alert(1)"}
    text = text_of(as_("lead").post(page, typed(status="B", **fields)))

    assert "Choose the kind of evidence 1." in text
    assert "Give evidence 2 a title." in text
    assert "Write the whole address, such as https://www.example.org/report." in text
    assert "at least one piece" not in text
    assert world.action.updates.count() == 1


def test_two_people_at_once_see_both_texts_and_the_second_can_send_again(as_, page, world):
    as_("officer").post(
        page, typed(status="A", narrative="The officer’s words.", cause="data", next_steps="Count again.")
    )
    response = as_("lead").post(page, typed(status="G", narrative="The lead’s words."))
    text = text_of(response)

    assert response.status_code == 409
    assert "The officer’s words." in text
    assert "The lead’s words." in text
    assert "reported on this action while you were writing" in text
    assert 'name="seen_number" value="2"' in text
    assert world.action.updates.count() == 2

    as_("lead").post(page, typed(status="G", narrative="The lead’s words.", seen_number=2))
    assert world.action.updates.count() == 3


@pytest.mark.parametrize("seen", ["", "x", "-4", "99", "99999999999999999999"])
def test_a_form_without_a_true_number_is_answered_with_both_texts_or_a_message(as_, page, world, seen):
    response = as_("lead").post(page, typed(status="G", narrative="Mine.", seen_number=seen))

    assert response.status_code in (200, 409)
    assert "Mine." in text_of(response)
    assert world.action.updates.count() == 1


def test_the_same_form_sent_twice_is_written_once(as_, page, world):
    client = as_("lead")
    fields = typed(status="G", narrative="Sent twice.")

    assert client.post(page, fields).status_code == 302
    assert client.post(page, fields).status_code == 302
    assert world.action.updates.count() == 2


def test_an_officer_reports_on_behalf_of_the_lead_and_the_page_says_so(as_, page, world):
    client = as_("officer")
    assert "On behalf of Head of SEND" in text_of(client.get(page))

    client.post(page, typed(status="G", narrative="By telephone.", on_behalf_of=world.lead.pk))

    assert world.action.updates.get(number=2).on_behalf_of == world.lead
    assert "on behalf of Head of SEND" in text_of(client.get(page))


def test_a_lead_is_not_asked_whose_report_it_is(as_, page):
    assert "Whose report is this?" not in text_of(as_("lead").get(page))


def test_an_officer_cannot_name_a_lead_of_another_action(as_, page, world):
    other = Lead.objects.get(user=world.people["other_lead"])
    response = as_("officer").post(page, typed(status="G", on_behalf_of=other.pk))

    assert "Choose a lead of this action." in text_of(response)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("lead", 200),
        ("officer", 200),
        ("board", 403),
        ("other_lead", 403),
        ("administrator", 403),
        ("other_officer", 404),
    ],
)
def test_who_may_say_how_an_action_is_going(as_, page, who, status):
    client = as_(who)
    refused = {200: 302}.get(status, status)

    assert client.get(page).status_code == status
    assert client.post(page, typed(status="G", narrative="Mine.")).status_code == refused


def test_a_supporting_lead_may(as_, page, world):
    world.action.supporting_leads.add(Lead.objects.get(user=world.people["other_lead"]))

    assert as_("other_lead").get(page).status_code == 200


def test_a_visitor_is_asked_to_sign_in(client, page, world):
    assert client.get(page).url.startswith("/accounts/login/?next=")


def test_the_past_cannot_be_changed(as_, page):
    assert as_("lead").get(f"{page}?as_at=2026-02-01").status_code == 404


def test_an_action_that_is_not_there_or_elsewhere_answers_404(as_, world):
    assert as_("officer").get(reverse("workstrands:update", args=["northvale", "no-such"])).status_code == 404
    assert (
        as_("other_officer").get(reverse("workstrands:update", args=["southmoor", world.action.key])).status_code == 404
    )


def test_a_retired_action_is_not_reported_on_and_the_text_is_kept(as_, page, world):
    world.action.retired_at = at(2026, 3, 1)
    world.action.save()
    client = as_("lead")

    assert "This action was retired on 1 March 2026." in text_of(client.get(page))
    text = text_of(client.post(page, typed(status="G", narrative="Too late.")))
    assert "This action was retired on 1 March 2026." in text
    assert "Too late." in text
    assert world.action.updates.count() == 1


@pytest.mark.parametrize(
    ("by_link", "who"),
    [(False, "Lead, on behalf of Head of SEND"), (True, "Head of SEND, through the round’s link, not signed in")],
)
def test_whoever_reads_what_was_said_last_sees_who_said_it_and_what_backs_it(as_, page, world, by_link, who):
    update = ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 3, 1), status="B",
        author=None if by_link else world.people["lead"], on_behalf_of=world.lead, impact="early_signs",
    )  # fmt: skip
    Evidence.objects.create(update=update, title="The pathway", kind="document", url="https://example.org/pathway")
    Evidence.objects.create(
        update=update, title="What a parent said", kind="lived_experience", url="javascript:alert(1)"
    )
    text = text_of(as_("officer").get(page))

    assert who.replace("Lead", str(world.people["lead"])) in text if not by_link else who in text
    assert '<a href="https://example.org/pathway" rel="noopener noreferrer">The pathway</a>' in text
    assert "What a parent said" in text
    assert "javascript:" not in text


def test_a_second_piece_of_evidence_is_folded_until_something_stands_in_it(as_, page):
    client = as_("lead")
    folded, opened = '<details class="govuk-details">', '<details class="govuk-details" open>'

    assert folded in text_of(client.get(page))
    assert opened in text_of(client.post(page, typed(status="B", evidence_2_title="A survey")))


def test_the_form_takes_as_many_queries_with_one_report_as_with_fifty(as_, page, world, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_("officer")
    client.get(page)
    with CaptureQueriesContext(connection) as one:
        client.get(page)
    for number in range(2, 52):
        ProgressUpdate.objects.create(
            action=world.action,
            area=world.area,
            number=number,
            recorded_at=at(2026, 3, 1),
            status="G",
            author=world.people["lead"],
        )
    with django_assert_num_queries(len(one)):
        client.get(page)


# Nothing has changed


@pytest.fixture
def press(world):
    return world.address("workstrands:no-change")


def test_one_press_says_that_nothing_has_changed(as_, page, press, world):
    client = as_("lead")
    assert "Nothing has changed since 10 February 2026" in text_of(client.get(page))

    response = client.post(press, {"seen_number": 1, "next": "/my/"})

    assert response.url == "/my/"
    update = world.action.updates.get(number=2)
    assert (update.kind, update.status, update.author) == ("no_change", "G", world.people["lead"])


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com/", "javascript:alert(1)", ""])
def test_a_press_leads_back_to_our_own_pages_only(as_, press, world, elsewhere):
    response = as_("lead").post(press, {"seen_number": 1, "next": elsewhere})

    assert response.url == world.action.get_absolute_url()


def test_a_press_that_is_not_enough_leads_to_the_form(as_, press, page, world):
    ProgressUpdate.objects.create(
        action=world.action,
        area=world.area,
        number=2,
        recorded_at=at(2026, 3, 1),
        status="R",
        next_steps="x",
        cause="data",
    )
    response = as_("lead").post(press, {"seen_number": 2}, follow=True)

    assert response.redirect_chain == [(page, 302)]
    assert "is not enough here. Say how the action is going." in text_of(response)
    assert world.action.updates.count() == 2


@pytest.mark.parametrize("seen", ["0", "7", "x", ""])
def test_a_press_on_an_old_page_shows_the_newer_report(as_, press, page, world, seen):
    response = as_("lead").post(press, {"seen_number": seen}, follow=True)

    assert response.redirect_chain == [(page, 302)]
    assert "There is a newer report" in text_of(response)
    assert world.action.updates.count() == 1


def test_whoever_signs_in_anew_after_a_press_lands_on_the_form(as_, press, page):
    assert as_("lead").get(press).url == page


@pytest.mark.parametrize(("who", "status"), [("board", 403), ("other_lead", 403), ("other_officer", 404)])
def test_who_may_not_press(as_, press, who, status):
    assert as_(who).post(press, {"seen_number": 1}).status_code == status


def test_a_lead_who_is_no_member_of_the_area_any_more_is_refused(as_, page, world):
    User.objects.get(pk=world.people["lead"].pk).memberships.all().delete()

    assert as_("lead").get(page).status_code == 404


def test_an_illustrative_officer_does_not_report_for_a_real_lead(as_, page, world):
    world.people["officer"].is_illustrative = True
    world.people["officer"].save()
    officer = as_("officer")

    assert "On behalf of" not in text_of(officer.get(page))
    text = text_of(officer.post(page, typed(status="G", narrative="Made up.")))
    assert "Action 1.1: Head of SEND is no illustrative lead." in text
    assert "Made up." in text
    assert world.action.updates.count() == 1


def test_an_illustrative_officer_is_told_before_it_types_that_a_real_lead_is_not_its_own(as_, page, world):
    world.people["officer"].is_illustrative = True
    world.people["officer"].save()
    text = text_of(as_("officer").get(page))

    assert "Head of SEND is no illustrative lead. An illustrative sign-in acts for illustrative leads only." in text
    assert "Save the update" not in text
    assert "Nothing has changed since" not in text
