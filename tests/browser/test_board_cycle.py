"""Two rounds of Lewisham's Board, played in a browser from the opening of the first to the papers of the second.

The plan is the published one, its leads are the demonstration's: who leads what is dealt from a fixed seed. The server's clock goes from day to day as the rounds do:
planned, opened, reported, checked, closed, papers frozen, met; and in the second papers stands what changed since the first.
"""

import io
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from html import escape, unescape

import pytest
from django.core.management import call_command
from django.urls import reverse
from docx import Document
from docx.table import Table as WordTable
from openpyxl import load_workbook
from playwright.sync_api import expect

from common.words import number as in_words
from people.models import Lead, User
from strategies.models import Meeting
from tests.browser.pressing import PATIENCE, follow
from workstrands.models import Action

PLAN = "send-strategy-2025"
AREA = "lewisham"
BEFORE, FIRST, SECOND = "2026-09-30", "2026-11-04", "2026-12-16"
ANNUAL_REVIEWS = "illustrative-annual-reviews-on-time"
FORMATS = ["pdf", "docx", "pptx", "xlsx", "csv", "html"]

ASK = "Agree by the end of November which partner pays for the second case worker."
ANSWER = "The update waits for the school census, which closes on 9 October."
REMARK = "The evidence is a plan, not a result. What do families have now that they had not?"
HOLD = "The Board puts this on hold until the new commissioner is in post."
OWED = "The integrated care board says in writing what it pays towards the second case worker."
LATER = "The Board agrees the later date that the lead proposed."
CHALLENGE = "How does the Board know that families see a difference?"
TO_BRING = "Bring what families said of annual reviews to the next meeting."
FAMILIES = "We are asked more often than before, and we hear back less often than we would like."
HELD_BECAUSE = "Nobody can sign for it before."
RESTATED = "Two schools had sent their dates late."
BY_LINK = "The third forum met and chose its chair."
OWNER = "Two of the three pathways are agreed; the third waits for the hospital."


@dataclass
class Play:
    """Who sits at the browser, and what they do there. What is sent is filled in by the names of a form's fields."""

    page: object
    live_server: object
    signed_in: object
    clock: object

    def at(self, moment: str, who: str) -> None:
        """Somebody comes on a day; sessions end within hours, so they sign in anew."""
        self.clock(moment)
        self.signed_in(User.objects.get(email=f"{who}@{AREA}.example"))

    def go(self, name: str, *args, query: str = "") -> None:
        self.open(self.live_server.url + reverse(name, args=[AREA, *args]) + query)

    def open(self, address: str) -> None:
        response = self.page.goto(address)
        assert response.status == 200, address

    def fill(self, prefix: str = "", **said) -> None:
        for name, value in said.items():
            if isinstance(value, date):
                for place, part in enumerate((value.day, value.month, value.year)):
                    self.page.locator(f'[name="{prefix}{name}_{place}"]').fill(str(part))
            else:
                self._fill_one(f"{prefix}{name}", value)

    def _fill_one(self, name: str, value: str) -> None:
        box = self.page.locator(f'[name="{name}"]')
        if box.first.get_attribute("type") == "radio":
            self.page.locator(f'[name="{name}"][value="{value}"]').check()
        elif box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)

    def press(self, button: str) -> None:
        follow(self.page.get_by_role("button", name=button).first)

    def told(self, words: str) -> None:
        """What the page says; a form that came back with messages says those."""
        expect(self.page.locator("body")).to_contain_text(words, timeout=PATIENCE)

    def report(self, ref: str, **said) -> None:
        """On the form of an action, wherever it was opened from."""
        self.fill(**said)
        self.press("Save the update")
        self.told(f"Action {ref} is reported as")

    def send_letters(self, mailbox) -> list:
        mailbox.clear()
        call_command("send_reminders", stdout=io.StringIO())
        return list(mailbox)

    def freeze(self, day: str, kind: str, number: int) -> None:
        self.go("board:meeting-papers", day)
        self.fill(kind=kind)
        self.press("Freeze the papers")
        expect(self.page.locator("main")).to_contain_text(f"The papers are frozen as no. {number}.", timeout=PATIENCE)
        self.told("Excel")
        follow(self.page.get_by_role("link", name="See the papers of the meeting"))
        expect(self.page.get_by_role("heading", name=f"No. {number}:")).to_be_visible(timeout=PATIENCE)

    def papers(self, day: str, number: int) -> dict[str, bytes]:
        """Each file as it is given out, after its digest was compared with the one that the page prints."""
        self.go("board:meeting-papers", day)
        section = self.page.locator(f"section[aria-labelledby=no-{number}]")
        printed = section.locator(".st-code").all_inner_texts()
        links = section.locator("tbody th a").all()
        files = {}
        for link in links:
            address = link.get_attribute("href")
            files[address.rstrip("/").rpartition("/")[2]] = self.page.request.get(self.live_server.url + address).body()
        assert sorted(printed) == sorted(sha256(content).hexdigest() for content in files.values())
        return files


@pytest.fixture
def play(transactional_db, page, live_server, signed_in, clock, settings):
    """The plan as it was published, and the demonstration's leads, on a day before the first round is planned."""
    settings.SITE_ADDRESS = live_server.url
    clock("2026-09-14 09:00")
    call_command("seed", verbosity=0)
    call_command("demo", verbosity=0, stdout=io.StringIO())
    page.set_viewport_size({"width": 1280, "height": 900})
    return Play(page, live_server, signed_in, clock)


def key(ref: str) -> str:
    return f"{PLAN}-{ref.replace('.', '-')}"


def links_in(letter) -> dict[str, str]:
    """The direct link of each action in a letter, by the action's key; as the plain text holds them."""
    found = re.findall(r"https?://\S+", letter.body)
    return {match[1]: address for address in found if (match := re.search(rf"/({PLAN}-[0-9-]+)/", address))}


def test_two_rounds_are_played_and_the_second_papers_say_what_changed(play, mailoutbox):
    plan_the_year(play)
    first_reports(play, open_and_remind(play, mailoutbox, FIRST, at="2026-09-30 09:00"))
    check_the_first_round(play)
    others_speak(play)
    first, first_exceptions = close_and_freeze(play, FIRST, closed="2026-10-26 17:00", frozen="2026-10-28 10:00")
    says_how_it_stood(first["docx"])
    meet(play)
    let_letters_carry_links(play)
    links = open_and_remind(play, mailoutbox, SECOND, at="2026-11-11 09:00")
    assert key("4.3") not in links["head-of-neurodevelopmental-services"], "nobody is asked of what is on hold"
    second_reports(play, links)
    report_without_signing_in(play, links)
    keep_the_figures(play)
    second, second_exceptions = close_and_freeze(play, SECOND, closed="2026-12-07 17:00", frozen="2026-12-09 10:00")
    says_what_changed(second["docx"])
    says_it_in_figures(second["xlsx"])
    assert "Since 28 October 2026, " in sections(second_exceptions["docx"])["In words"]
    links_show_what_the_papers_say(play, second["html"].decode(), second["xlsx"])
    as_frozen = "the first papers are given out as they were frozen"
    assert [play.papers(FIRST, number) for number in (1, 2)] == [first, first_exceptions], as_frozen
    whoever_came_sees_what_changed_since(play)


# The first round


def plan_the_year(play):
    play.at("2026-09-21 10:00", "officer")
    play.go("board:round", BEFORE)
    play.press("Close this round")
    play.told("The round is closed")
    play.go("board:round-plan")
    play.fill(rhythm="six_weekly", first_on=date(2026, 11, 4), count="2")
    play.press("Show the days")
    play.told("The days, before anything is planned")
    play.press("Plan these meetings")
    play.told("2 meetings planned, each with its round.")
    assert set(Meeting.objects.filter(area__slug=AREA).values_list("held_on", flat=True)) >= {
        date.fromisoformat(FIRST), date.fromisoformat(SECOND),
    }  # fmt: skip


def open_and_remind(play, mailbox, day: str, *, at: str) -> dict[str, dict[str, str]]:
    """The direct links of each lead's letter, by the first part of their address; nobody gets a second letter."""
    play.at(at, "officer")
    play.go("board:round", day)
    play.press("Open this round")
    play.told("The round is open")
    letters = play.send_letters(mailbox)
    assert letters
    assert play.send_letters(mailbox) == []
    play.go("board:reminders", day)
    play.told("Sent")
    return {letter.to[0].partition("@")[0]: links_in(letter) for letter in letters}


def first_reports(play, links):
    play.at("2026-10-01 10:00", "lead")
    mine = links["lead"]
    play.open(mine[key("1.11")])
    play.report(
        "1.11", status="R", narrative="One of two case workers has left.", cause="workforce", escalate_to="board",
        next_steps="Share the work until the partners decide.", ask=ASK, needed_by=date(2026, 11, 30),
    )  # fmt: skip
    play.open(mine[key("5.4")])
    play.report(
        "5.4", status="B", narrative="The page is online.", evidence_1_title="Project plan, closed",
        evidence_1_kind="document",
    )  # fmt: skip
    play.open(mine[key("4.5")])
    play.press("Nothing has changed")
    play.told("Action 4.5: nothing has changed, still on track.")
    play.go("board:action", key("1.1"))
    follow(play.page.locator(f'a[href="{reverse("board:flag-reply", args=[AREA, key("1.1"), "not_updated"])}"]'))
    play.fill(text=ANSWER)
    play.press("Save the answer")
    play.told(ANSWER)


def check_the_first_round(play):
    """One report goes back to its lead, who answers; the rest is accepted; two are entered after a telephone call."""
    play.at("2026-10-05 10:00", "officer")
    play.go("board:round", FIRST)
    follow(play.page.get_by_role("link", name="Read or return the report on action 5.4"))
    play.fill(remark=REMARK)
    play.press("Return it to its lead")
    play.told("The report on action 5.4 is returned")
    play.at("2026-10-06 09:00", "lead")
    play.open(f"{play.live_server.url}{reverse('board:my')}")
    play.told(REMARK)
    follow(play.page.get_by_role("link", name="Update action 5.4"))
    play.report(
        "5.4", status="B", narrative="Families find the dates of every panel on one page.", impact="early_signs",
        evidence_1_title="What 41 families said of the page", evidence_1_kind="lived_experience",
    )  # fmt: skip
    play.at("2026-10-12 10:00", "officer")
    play.go("board:round", FIRST)
    play.told(f"Answers what was returned: {REMARK}")
    play.press("Accept all 3 shown")
    play.told("3 reports accepted into the round for 4 November 2026.")
    by_telephone(play)


def by_telephone(play):
    lead = Lead.objects.get(area__slug=AREA, name__startswith="Engagement Lead")
    play.go("board:round-grid", FIRST, query=f"?of=lead.{lead.pk}")
    for ref, said in {"2.1": "The second forum met.", "4.11": "The leaflet is printed."}.items():
        play.fill(prefix=f"u-{key(ref)}-", status="G", narrative=said, said_on="9 10 2026")
    play.press("Enter these reports")
    play.told("2 reports entered and accepted: 2.1 and 4.11.")


def others_speak(play):
    play.at("2026-10-13 10:00", "officer")
    play.go("board:owners-view", PLAN, "1")
    play.fill(
        status="A", reason=OWNER, mitigation="The director meets the hospital on 2 November.",
        consequence="Young people who turn 18 wait without a plan.",
    )  # fmt: skip
    play.press("Save the owner’s view")
    play.told("The owner’s view of priority 1 is kept.")
    play.at("2026-10-14 10:00", "families")
    play.go("board:families-priority", PLAN, "2")
    play.fill(felt="partly", words=FAMILIES, body="Parent carer forum", said_on=date(2026, 10, 9))
    play.press("Save what families say")
    play.told("What families say is kept.")


def close_and_freeze(play, day: str, *, closed: str, frozen: str) -> list[dict[str, bytes]]:
    """The full papers, in every format, and after them the exceptions."""
    play.at(closed, "officer")
    play.go("board:round", day)
    if play.page.get_by_role("button", name="Accept all").count():
        play.press("Accept all")
        play.told("accepted into the round")
    play.press("Close this round")
    play.told("The round is closed")
    play.at(frozen, "officer")
    play.freeze(day, "full", 1)
    play.freeze(day, "exceptions", 2)
    files = [play.papers(day, number) for number in (1, 2)]
    assert [list(pack) for pack in files] == [FORMATS, FORMATS]
    return files


def says_how_it_stood(word: bytes):
    paper = sections(word)
    assert ASK in paper["Asked of the Board"]
    assert title("1.11") in under(paper, "Got worse")
    assert title("5.4") in under(paper, "Completed")
    assert ANSWER in whole(paper)
    assert FAMILIES in whole(paper)
    assert OWNER in whole(paper)


# The meeting


def meet(play):
    play.at("2026-11-04 15:00", "officer")
    attend(play)
    decide(play, kind="put_on_hold", text=HOLD, action=key("4.3"), day=date(2027, 1, 31), reason=HELD_BECAUSE)
    play.told("Decision 1 is recorded. It is carried out on action 4.3.")
    follow(play.page.get_by_role("link", name="Decide about this ask of action 1.11"))
    play.fill(text=OWED, owner_text="Chief executive of the integrated care board", due_on=date(2026, 11, 30))
    play.press("Record the decision")
    play.told("Decision 2 is recorded.")
    play.go("board:challenge-add", FIRST)
    play.fill(text=CHALLENGE, raised_by="Parent carer forum", answer="From the survey in spring.", action=key("5.4"))
    play.press("Note the challenge")
    play.told("The challenge is noted.")
    play.go("board:log-add", FIRST)
    play.fill(text=TO_BRING, owner_text="Clerk to the Board", due_on=date(2026, 12, 9))
    play.press("Add to the log")
    play.told("Entry 1 is in the action log.")
    play.at("2026-11-06 10:00", "officer")  # written up two days later
    decide(play, kind="agree_date", text=LATER, action=key("3.12"), day=date(2027, 3, 31))
    play.told("Decision 3 is recorded. It is carried out on action 3.12.")


def attend(play):
    """The member of the Board comes, who will ask what changed since."""
    member = User.objects.get(email=f"board@{AREA}.example")
    play.go("board:attendance", FIRST)
    play.fill(prefix="line-0-", name="Member of the Board", user=str(member.pk), presence="present")
    play.fill(prefix="line-1-", name="Head of SEND", presence="apologies")
    play.press("Save the attendance")
    play.told("Member of the Board")


def decide(play, **said):
    play.go("board:decision-add", FIRST)
    play.fill(**said)
    play.press("Record the decision")


# The second round


def second_reports(play, links):
    play.at("2026-11-16 10:00", "lead")
    mine = links["lead"]
    play.open(mine[key("1.11")])
    play.report(
        "1.11", status="A", narrative="A case worker is seconded until March.", cause="workforce",
        next_steps="Advertise the post for good by January.",
    )  # fmt: skip
    play.open(mine[key("3.11")])
    play.report(
        "3.11", status="R", narrative="The training provider withdrew.", cause="partner", escalate_to="operational_group",
        next_steps="Ask two other providers by 4 December.",
    )  # fmt: skip
    play.open(mine[key("4.5")])
    play.report(
        "4.5", status="B", narrative="All schools have the guide.", evidence_1_title="List of schools that confirmed",
        evidence_1_kind="data",
    )  # fmt: skip


def let_letters_carry_links(play):
    play.at("2026-11-09 10:00", "officer")
    play.go("board:reminders", FIRST)
    play.press("Let letters carry links")
    play.told("Switched on.")


def report_without_signing_in(play, links):
    """Whoever has never signed in reports by the link of the letter; it is not yet checked until an officer accepts it."""
    play.clock("2026-11-17 10:00")
    play.page.context.clear_cookies()
    play.open(links["engagement-lead"][key("2.1")])
    play.fill(status="G", narrative=BY_LINK)
    play.press("Save the update")
    play.told("Thank you")
    report = Action.objects.get(key=key("2.1")).updates.latest("number")
    assert (report.narrative, report.author, str(report.on_behalf_of)) == (
        BY_LINK,
        None,
        "Engagement Lead (illustrative)",
    )
    assert not report.reviews.exists()


def keep_the_figures(play):
    """A new figure for September, and July's restated, by the KPI's owner."""
    play.at("2026-11-23 10:00", "lead")
    play.go("board:measurement-add", ANNUAL_REVIEWS)
    enter(play, value="78.4", period="2026-09-01/2026-09-30")
    play.go("board:measurement-add", ANNUAL_REVIEWS, query="?period=2026-07-01/2026-07-31")
    enter(play, value="77.1", reason=RESTATED)


def enter(play, **said):
    play.fill(**said, commentary="Two posts were filled in the summer.")
    play.press("Save the figure")
    confirm = play.page.get_by_role("button", name="Yes, this is right")
    if confirm.count():
        follow(confirm)
    play.told(said["value"])
    expect(play.page.locator(".govuk-notification-banner--success")).to_be_visible(timeout=PATIENCE)


# What the papers say


def sections(word: bytes) -> dict[str, str]:
    """The words of a Word file by the heading they stand under."""
    found, heading = defaultdict(list), ""
    for block in Document(io.BytesIO(word)).iter_inner_content():
        if isinstance(block, WordTable):
            found[heading] += [
                "\n".join(" | ".join(" ".join(cell.text.split()) for cell in row.cells) for row in block.rows)
            ]
        elif block.style.name.startswith("Heading"):
            heading = block.text
            found[heading] += []
        else:
            found[heading].append(block.text)
    return {heading: "\n".join(words) for heading, words in found.items()}


def whole(paper: dict[str, str]) -> str:
    return "\n".join([*paper, *paper.values()])


def under(paper: dict[str, str], start: str) -> str:
    """What stands under the heading that begins so."""
    named = [heading for heading in paper if heading.startswith(start)]
    assert named, f"no heading begins with {start!r}: {list(paper)}"
    return paper[named[0]]


def title(ref: str) -> str:
    return Action.objects.get(key=key(ref)).title


def says_what_changed(word: bytes):
    paper = sections(word)
    assert "What changed since 28 October 2026" in paper, "the papers of the meeting before showed that moment"
    assert title("4.3") in under(paper, "Put on hold"), "what that meeting decided came after its papers"
    assert title("3.11") in under(paper, "Got worse")
    assert title("1.11") in under(paper, "Improved")
    assert title("4.5") in under(paper, "Completed")
    moved = under(paper, "Deadlines moved")
    assert title("3.12") in moved
    assert "31 March 2027" in moved
    assert "Annual reviews" in under(paper, "Figures:")
    decided = under(paper, "Decided on 4 November 2026")
    assert HOLD in decided
    assert LATER in decided
    owed = next(line for line in decided.splitlines() if OWED in line)
    assert "not yet done" in owed
    assert "30 November 2026" in owed
    assert BY_LINK in under(paper, "Priority 2")
    assert "On hold" in next(line for line in whole(paper).splitlines() if line.startswith(f"4.3 {title('4.3')}"))


def says_it_in_figures(workbook: bytes):
    """The same, as somebody finds it who works with the rows."""
    book = load_workbook(io.BytesIO(workbook), read_only=True)
    actions = {row["Ref"]: row for row in rows_of(book, "Actions")}
    reported = {ref: actions[ref]["Lead reports"] for ref in ("1.11", "3.11", "4.5", "4.3", "5.4")}
    assert reported == {"1.11": "A", "3.11": "R", "4.5": "B", "4.3": "H", "5.4": "B"}
    assert actions["3.12"]["Due (agreed)"].date() == date(2027, 3, 31)
    julys = [
        row for row in rows_of(book, "Measurements") if (row["Code"], row["Period"]) == (ANNUAL_REVIEWS, "July 2026")
    ]
    assert [(row["Figure"], row["Reason"]) for row in julys] == [(75.7, None), (77.1, RESTATED)]
    held = next(row for row in rows_of(book, "Decisions") if row["Decision"] == HOLD)
    assert (held["Ref"], held["Until"].date(), held["Reason"]) == ("4.3", date(2027, 1, 31), HELD_BECAUSE)


def rows_of(book, sheet: str) -> list[dict]:
    """The rows of a sheet by its headings, which stand below what the sheet says of itself."""
    heads, *rows = list(book[sheet].iter_rows(min_row=4, values_only=True))
    return [dict(zip(heads, row, strict=True)) for row in rows]


def links_show_what_the_papers_say(play, paper: str, workbook: bytes):
    """After everything changed again in the afternoon, each address still shows what stands beside it on paper."""
    of_action = link(paper, f"1.11 {title('1.11')}")
    of_figure = link(paper, "Annual reviews of EHC plans held on time")
    rows = rows_of(load_workbook(io.BytesIO(workbook), read_only=True), "Actions")
    at_risk = [row["Ref"] for row in rows if row["Dates and data say"] == "A" and row["Live"] == "yes"]
    of_count = link(paper, f"{in_words(len(at_risk))} are at risk")
    assert all("as_at=2026-12-09T10:00:00Z" in address for address in (of_action, of_figure, of_count))
    everything_changes_again(play)
    play.open(of_action)
    expect(play.page.locator("main")).to_contain_text("A case worker is seconded until March.")
    expect(play.page.locator("main")).not_to_contain_text("The secondment was called off.")
    play.open(of_figure)
    expect(play.page.locator(".st-kpi__figure").first).to_contain_text("78.4% September 2026")
    play.open(of_count)
    expect(play.page.get_by_role("status")).to_contain_text(f"{len(at_risk)} shown because of filters")
    expect(play.page.locator("main")).to_contain_text(title("1.11"))
    play.open(re.sub(r"&?as_at=[^&]*", "", of_count))
    expect(play.page.locator("main")).not_to_contain_text(title("1.11"))


def whoever_came_sees_what_changed_since(play):
    play.at("2026-12-15 18:00", "board")
    play.open(play.live_server.url + reverse("board:my"))
    follow(play.page.get_by_role("link", name="4 November 2026"))
    play.told("since 4 November 2026")
    play.told(title("4.5"))


def link(paper: str, words: str) -> str:
    """Where these words of the paper's page lead."""
    found = re.search(rf'<a href="([^"]+)">{re.escape(escape(words))}</a>', paper)
    assert found, f"{words!r} leads nowhere"
    return unescape(found[1])


def everything_changes_again(play):
    play.at("2026-12-09 14:00", "lead")
    play.go("workstrands:update", key("1.11"))
    play.report(
        "1.11", status="R", narrative="The secondment was called off.", cause="workforce", escalate_to="sro",
        next_steps="Ask the neighbouring area.",
    )  # fmt: skip
    play.go("board:measurement-add", ANNUAL_REVIEWS)
    enter(play, value="74.6", period="2026-10-01/2026-10-31")
    play.go("board:kpi", ANNUAL_REVIEWS)
    expect(play.page.locator(".st-kpi__figure").first).to_contain_text("74.6% October 2026")
