"""One way to search over both databases: what is found, in which order, and what never is."""

from datetime import date

import pytest

from board.models import Decision
from board.search import postgres
from board.search.asking import ref_of, terms_of
from board.search.finding import MOST, find, safely_marked
from people.models import Lead
from priorities.models import Priority, SuccessMeasure
from strategies.models import GlossaryTerm, Meeting, Strategy
from tests.world import at
from workstrands.models import Action, Objective, ProgressUpdate

NOW = at(2026, 3, 1)


def look(world, words: str, **asked):
    return find(world.area, words, limit=asked.pop("limit", 5), at=asked.pop("at", NOW), **asked)


def hits(world, words: str, **asked):
    return [hit for group in look(world, words, **asked).groups for hit in group.hits]


def test_words_are_found_in_any_form_and_without_their_accents(world):
    Priority.objects.filter(pk=world.priority.pk).update(title="Planning cafés for families")

    for said in ("plan", "plans families", "cafe", "CAFÉ", '"cafes for families"'):
        assert [hit.kind for hit in hits(world, said, kinds=("priority",))] == ["priority"], said
    assert hits(world, '"families cafes"', kinds=("priority",)) == hits(world, "zebra") == []


def test_all_words_must_be_in_one_record_or_else_what_has_some_of_them_is_said_to_be_so(world):
    assert not look(world, "publish pathway").is_loose
    loose = look(world, "zebra pathway")

    assert loose.is_loose
    assert [count.kind for count in loose.counts] == ["action"]
    assert not look(world, "zebra giraffe").counts


def test_the_exact_reference_comes_before_those_that_begin_with_it(world):
    for n, ref in enumerate(["4.5", "4.50", "4.5.1", "14.5", "4.6"]):
        Action.objects.create(
            area=world.area, strategy=world.strategy, key=f"k{n}", ref=ref, title="Say 4.5 twice", position=n
        )
    refs = [hit.ref for hit in hits(world, "4.5", kinds=("action",))]

    assert refs[0] == "4.5"
    assert set(refs[1:]) == {"4.50", "4.5.1", "14.5", "4.6"}  # the last two say it in their title


def test_a_reference_is_found_by_how_it_begins(world):
    Objective.objects.filter(pk=world.objective.pk).update(ref="W2.19")

    for said in ("w2", "W2.19", "w2.1"):
        assert [hit.ref for hit in hits(world, said)] == ["W2.19"], said
    assert hits(world, "2.19") == []


def test_a_reference_is_found_whatever_its_letters_and_beside_other_words_in_the_texts(world):
    Lead.objects.create(area=world.area, name="Head of transport", initials="ÉB", role="Routes")
    Objective.objects.filter(pk=world.objective.pk).update(ref="Éb-4", text="Routes")

    assert [(hit.kind, hit.ref) for hit in hits(world, "éb")] == [("objective", "Éb-4"), ("lead", "ÉB")]
    assert [hit.ref for hit in hits(world, "ÉB-4")] == ["Éb-4"]
    assert hits(world, "b-4") == hits(world, "4") == []


def test_what_was_found_by_its_reference_alone_shows_how_it_begins(world):
    Priority.objects.filter(pk=world.priority.pk).update(
        ref="QX9", title="Early help", statement="Before it is late. " * 20
    )

    (hit,) = hits(world, "qx9")

    assert (hit.ref, hit.heading) == ("QX9", "Early help")
    assert hit.excerpt.startswith("Before it is late.")
    assert len(hit.excerpt) < 300


def test_of_a_long_text_one_place_is_shown(world):
    Priority.objects.filter(pk=world.priority.pk).update(title="Travel", statement=f"{'a ' * 9_000}{'bats ' * 9_000}")

    (hit,) = hits(world, "bats")

    assert "<mark>bats</mark> <mark>bats" in hit.excerpt
    assert len(hit.excerpt.replace("<mark>", "").replace("</mark>", "")) < 400


def test_the_reference_of_a_draft_and_of_what_came_later_stays_hidden_too(world):
    draft = Strategy.objects.create(
        area=world.area, title="Next", slug="next", starts_on=date(2031, 1, 1), ends_on=date(2035, 12, 31),
        state=Strategy.State.DRAFT,
    )  # fmt: skip
    Priority.objects.create(strategy=draft, ref="QX9", title="Early help")
    Priority.objects.create(strategy=world.strategy, ref="QX8", title="Early help", added_at=at(2026, 2, 20))

    assert [hit.ref for hit in hits(world, "qx")] == ["QX8"]
    assert {hit.ref for hit in hits(world, "qx", drafts=True)} == {"QX8", "QX9"}
    assert not look(world, "qx8", known_by=at(2026, 2, 19)).counts
    assert look(world, "qx8", known_by=at(2026, 2, 21)).total == 1


def test_people_are_found_by_name_initials_and_role(world):
    Lead.objects.create(area=world.area, name="Lead of the north", initials="XQ", role="Virtual school head")

    for said in ("north", "XQ", "xq", "virtual head"):
        assert [hit.kind for hit in hits(world, said)] == ["lead"], said


def test_who_has_left_and_what_is_retired_is_marked(world):
    Lead.objects.filter(pk=world.lead.pk).update(left_on=date(2026, 2, 1))
    Action.objects.filter(pk=world.action.pk).update(retired_at=at(2026, 2, 1), retired_because="Done elsewhere")

    assert [hit.marks for hit in hits(world, "head")] == [("Has left",)]
    assert [hit.marks for hit in hits(world, "pathway")] == [("Retired",)]
    assert [hit.marks for hit in hits(world, "pathway", at=at(2026, 1, 20))] == [()]


def test_what_says_it_in_the_title_comes_first_and_then_the_newest(world):
    said = {"area": world.area, "strategy": world.strategy}
    Action.objects.create(**said, key="t", ref="7", title="Lighthouse", position=2)
    for n in range(3):
        Action.objects.create(
            **said, key=f"b{n}", ref=f"8.{n}", title="More", intended_impact="A lighthouse", position=n
        )

    assert [hit.ref for hit in hits(world, "lighthouse")] == ["7", "8.2", "8.1", "8.0"]
    assert [hit.ref for hit in hits(world, "lighthouse", limit=2)] == ["7", "8.2"]
    assert [hit.ref for hit in hits(world, "lighthouse", limit=2, skip=2)] == ["8.1", "8.0"]


def test_nothing_of_another_area_is_ever_found(world):
    other = Strategy.objects.get(area=world.other_area)
    Priority.objects.create(strategy=other, ref="9", title="Lighthouse of the south")
    Action.objects.create(area=world.other_area, strategy=other, key="x", ref="9.9", title="Lighthouse", position=1)
    Lead.objects.create(area=world.other_area, name="Keeper of the lighthouse", initials="KL")

    for said in ("lighthouse", "9.9", "KL", "keeper", f"s{world.other_area.pk}action0", f"plan{other.pk}0"):
        assert not look(world, said).counts, said
    assert find(world.other_area, "lighthouse", limit=5, at=NOW).total == 3


def test_drafts_are_found_by_those_who_keep_the_plan_alone(world):
    draft = Strategy.objects.create(
        area=world.area, title="Lighthouse plan", slug="next", starts_on=date(2031, 1, 1), ends_on=date(2035, 12, 31),
        state=Strategy.State.DRAFT,
    )  # fmt: skip
    priority = Priority.objects.create(strategy=draft, ref="1", title="Lighthouses")
    SuccessMeasure.objects.create(priority=priority, ref="1.1", text="More lighthouses")

    assert not look(world, "lighthouse").counts
    found = hits(world, "lighthouse", drafts=True)
    assert {hit.kind for hit in found} == {"plan", "priority", "measure"}
    assert {hit.marks for hit in found} == {("Draft plan",)}
    assert {hit.address for hit in found} == {""}  # its pages are not there before it is published


def test_each_hit_leads_to_its_page_and_says_where_it_belongs(world):
    meeting = Meeting.objects.get(area=world.area)
    Decision.objects.create(meeting=meeting, number=1, recorded_at=NOW, text="Write to the lighthouse")

    (decision,) = hits(world, "lighthouse")
    (update,) = hits(world, "going well")
    (finding,) = hits(world, "reflective")

    assert decision.address == "/northvale/meetings/2026-03-18/"
    assert decision.belongs == "Meeting of 18 March 2026"
    assert update.address == "/northvale/actions/a-1/"
    assert update.heading == "1.1 Publish the pathway"
    assert update.excerpt == "<mark>Going</mark> <mark>well</mark>." or update.excerpt == "<mark>Going well</mark>."
    assert update.belongs == "SEND Strategy · 10 February 2026"
    assert finding.address == "/northvale/inspection/#finding-2024-09-27-S1"


def test_the_past_holds_what_was_recorded_by_then(world):
    said = {"area": world.area, "action": world.action, "status": "G"}
    ProgressUpdate.objects.create(**said, number=2, recorded_at=at(2026, 2, 20), narrative="Lighthouse open")

    assert look(world, "lighthouse", known_by=at(2026, 2, 19)).total == 0
    assert look(world, "lighthouse", known_by=at(2026, 2, 21)).total == 1
    assert look(world, "pathway", known_by=at(2026, 2, 19)).total == 1


def test_markup_in_a_record_is_shown_and_not_run(world):
    Action.objects.filter(pk=world.action.pk).update(title="<script>alert('pathway')</script> & \ue000more")

    (hit,) = hits(world, "pathway")

    assert "<script" not in hit.heading
    assert "&lt;script&gt;" in hit.heading
    assert hit.heading.count("<mark>") == hit.heading.count("</mark>") == 1


def test_a_mark_without_its_other_half_is_dropped():
    assert safely_marked("a \ue000b\ue001 \ue000c <i>") == "a <mark>b</mark> c &lt;i&gt;"


WEIRD = ['"', '""', "'", "NEAR(a b)", "*", "auti*", "a AND b", "OR", "NOT x", "(", "a:b", "^pathway", "{heading}: x", "-pathway",
         "🎉", "\\", "%", "%s", "';--", "a'b", ":*", "& | !", "<->", "x" * 500, "\u200b", "１.１", "𝔘𝔫𝔦", "ß", "شيء", "plan" * 60,
         "\ue000a\ue001", "a\x07b", "_", "1e5", "$1", "{}", "s1action0 OR s2action0"]  # fmt: skip


@pytest.mark.parametrize("words", WEIRD)
def test_whatever_is_typed_finds_records_or_nothing(world, words):
    for asked in ({}, {"drafts": True}, {"known_by": NOW}):
        assert look(world, words, **asked).total >= 0


def test_signs_of_a_query_are_read_as_words(world):
    assert look(world, "-pathway").total == 1
    assert look(world, "pathway*").total == 1
    assert not look(world, "publish NOT pathway").is_loose  # "not" is in every sentence
    assert terms_of('say "short breaks" for the NEAR(x) "" 🎉') == ("say", "short breaks", "NEAR(x)")
    assert (ref_of(" 4.5 "), ref_of("R1"), ref_of("two words"), ref_of("🎉")) == ("4.5", "r1", "", "")


def test_of_what_is_frequent_so_many_are_counted_and_the_newest_are_shown(world):
    GlossaryTerm.objects.bulk_create(
        [GlossaryTerm(area=world.area, abbreviation=f"L{n}", meaning="Lighthouse") for n in range(MOST + 50)]
    )

    found = look(world, "lighthouse", limit=2)

    assert found.counts[0].in_words == "more than 200"
    assert found.counts[0].shown == MOST
    assert [hit.ref for hit in found.groups[0].hits] == [f"L{MOST + 49}", f"L{MOST + 48}"]
    assert len(look(world, "lighthouse", limit=20, skip=MOST - 20).groups[0].hits) == 20


def test_what_is_frequent_but_old_is_found_all_the_same_the_newest_first(world, monkeypatch):
    monkeypatch.setattr(postgres, "WINDOW", 20)
    monkeypatch.setattr(postgres, "AT_FIRST", 5)
    GlossaryTerm.objects.bulk_create(
        [GlossaryTerm(area=world.area, abbreviation=f"L{n}", meaning="Lighthouse") for n in range(MOST + 10)]
        + [GlossaryTerm(area=world.area, abbreviation=f"B{n}", meaning="Bats") for n in range(15)]
    )

    found = look(world, "lighthouse", limit=20)

    assert found.counts[0].in_words == "more than 200"
    assert [hit.ref for hit in found.groups[0].hits] == [f"L{MOST + 9 - n}" for n in range(20)]


def test_titles_come_first_however_many_texts_say_it(world):
    said = {"area": world.area, "strategy": world.strategy}
    Action.objects.create(**said, key="t", ref="7", title="Lighthouse", position=0)
    Action.objects.bulk_create(
        [Action(**said, key=f"b{n}", ref=f"8.{n}", title="More", intended_impact="A lighthouse", position=n)
         for n in range(MOST + 10)]
    )  # fmt: skip

    assert [hit.ref for hit in hits(world, "lighthouse", limit=3)] == ["7", f"8.{MOST + 9}", f"8.{MOST + 8}"]
