"""What happens in the demonstration, made up from a fixed seed and the plan's own actions. Nothing is read or written here.

Each action is dealt a story and plays it: about half are on track, a quarter at risk or off track, some complete, some
never spoken of. The same plan on the same day gives the same demonstration.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from board.demonstration import wording
from board.demonstration.calendar import Round, Window, month_end_near
from board.demonstration.cast import LEAVER, SUCCESSOR, share_out
from common.dates import LONDON
from workstrands.status import Cause, DeadlineState, EscalateTo, EvidenceKind, Impact, Status, UpdateKind

SEED = "send-tracker-demonstration-1"
N, R, A, G, B = Status.NOT_STARTED, Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.COMPLETE


class Story(StrEnum):
    ON_TRACK = "on track"
    STALE = "on track when last heard of"
    AT_RISK = "at risk"
    OFF_TRACK = "off track"
    ASKED = "off track and asked of the Board"
    COMPLETE = "complete"
    EMBEDDED = "complete and embedded"
    NOT_STARTED = "not started"
    SILENT = "never reported"


# Shares in a hundred; the rest is on track. A plan at its end has more behind it.
RUNNING = {
    Story.STALE: 8,
    Story.AT_RISK: 14,
    Story.OFF_TRACK: 5,
    Story.COMPLETE: 10,
    Story.NOT_STARTED: 3,
    Story.SILENT: 9,
}
ENDED = {
    Story.STALE: 6,
    Story.AT_RISK: 14,
    Story.OFF_TRACK: 6,
    Story.COMPLETE: 30,
    Story.NOT_STARTED: 0,
    Story.SILENT: 8,
}
ASKS, EMBEDDED, FEW = 3, 2, 12
ASKED_CAUSES = [Cause.WORKFORCE, Cause.PARTNER, Cause.FUNDING]  # so that no two asks are alike


@dataclass(frozen=True)
class GivenAction:
    """An action of the plan that may play: no real person answers for it and nobody has reported on it."""

    key: str
    title: str
    has_date: bool = False


@dataclass
class PlannedUpdate:
    at: datetime
    status: str
    kind: str = UpdateKind.UPDATE
    narrative: str = ""
    next_steps: str = ""
    cause: str = ""
    escalate_to: str = ""
    ask: str = ""
    needed_by: date | None = None
    difference_made: str = ""
    impact: str = ""
    evidence: list[tuple[str, str]] = field(default_factory=list)
    is_by_officer: bool = False


@dataclass
class PlannedDate:
    at: datetime
    due_on: date
    state: str = DeadlineState.AGREED
    reason: str = ""


@dataclass
class PlannedAction:
    key: str
    story: Story
    leads: list[tuple[datetime, str]] = field(default_factory=list)
    dates: list[PlannedDate] = field(default_factory=list)
    updates: list[PlannedUpdate] = field(default_factory=list)
    confirmed_at: datetime | None = None


def plan_actions(
    slug: str, actions: Sequence[GivenAction], window: Window, rounds: Sequence[Round]
) -> list[PlannedAction]:
    """What happens to each action of a plan within its window."""
    stories = deal(random.Random(f"{SEED} {slug}"), len(actions), is_running=window.is_running)
    posts = share_out({action.key: action.title for action in actions}, leaver_gets=3 if len(actions) >= FEW else 0)
    played, unowned = [], 3 if len(actions) >= FEW else 0
    for action, story in zip(actions, stories, strict=True):
        rng = random.Random(f"{SEED} {slug} {action.key}")
        post = posts[action.key]
        if story is Story.SILENT and unowned and post not in ("head-of-send", LEAVER.slug):
            post, unowned = "", unowned - 1
        player = _Player(rng, action, story, post, window, rounds)
        if story is Story.ASKED:
            player.cause = ASKED_CAUSES[sum(each.story is Story.ASKED for each in played) % len(ASKED_CAUSES)]
        played.append(player.play())
    _hand_over(played, window)
    return played


def deal(rng: random.Random, count: int, *, is_running: bool) -> list[Story]:
    """A story for each action: fixed shares in a shuffled order."""
    deck = [
        story for story, share in (RUNNING if is_running else ENDED).items() for _ in range(round(count * share / 100))
    ]
    if count >= FEW:
        deck += [Story.ASKED] * (ASKS if is_running else ASKS - 1) + [Story.EMBEDDED] * EMBEDDED
    deck = (deck + [Story.ON_TRACK] * count)[:count]
    rng.shuffle(deck)
    return deck


def _hand_over(played: list[PlannedAction], window: Window) -> None:
    """The interim post ends; all but one of its actions find a new lead, and of that one nobody reports any more."""
    left = [action for action in played if action.leads and action.leads[-1][1] == LEAVER.slug]
    left.sort(key=lambda action: action.story is Story.ON_TRACK)
    last_day = leaver_left_on(window)
    for number, action in enumerate(left[:-1]):
        at = datetime.combine(last_day - timedelta(days=3), time(11, 10 + number), tzinfo=LONDON)
        action.leads.append((at, SUCCESSOR))
    for forgotten in left[-1:]:
        forgotten.updates = [update for update in forgotten.updates if london(update.at) < last_day]


def leaver_left_on(window: Window) -> date:
    return max(window.last_on - timedelta(days=80), window.first_on + (window.last_on - window.first_on) / 2)


class _Player:
    """One action through its story."""

    def __init__(self, rng, action: GivenAction, story: Story, post: str, window: Window, rounds: Sequence[Round]):
        self.rng, self.action, self.story, self.post, self.window = rng, action, story, post, window
        past = [each for each in rounds if each.opens_on < window.last_on]
        self.round_opened_on = past[-1].opens_on if past else None
        self.next_meeting = min(
            (each.held_on for each in rounds if each.held_on >= window.last_on), default=window.last_on
        )
        self.subject = wording.subject_of(action.title)
        self.cause = wording.pick_cause(rng)
        self.first_day = window.first_on + timedelta(days=rng.randrange(0, 10))

    def play(self) -> PlannedAction:
        played = PlannedAction(self.action.key, self.story)
        first_at = self.moment(self.weekday(self.first_day))
        if self.post:
            played.leads.append((first_at, self.post))
        days = self.days()
        statuses = self.statuses(len(days))
        days = days[len(days) - len(statuses) :] if self.story is Story.NOT_STARTED else days[: len(statuses)]
        if not self.action.has_date:
            played.dates = self.dates(first_at, days)
        played.updates = self.updates(days, statuses, played.dates)
        if self.story is Story.EMBEDDED and len(played.updates) > 1 and played.updates[-1].impact == Impact.SUSTAINED:
            confirmed_on = min(
                london(played.updates[-1].at) + timedelta(days=9), self.window.last_on - timedelta(days=1)
            )
            played.confirmed_at = max(self.moment(confirmed_on), played.updates[-1].at + timedelta(minutes=30))
        return played

    # Days

    def moment(self, day: date) -> datetime:
        return datetime.combine(day, time(self.rng.randrange(9, 17), self.rng.randrange(60)), tzinfo=LONDON)

    def weekday(self, day: date) -> date:
        """That day, or the Friday before a weekend; never before anything may be written down."""
        return max(day - timedelta(days=max(0, day.weekday() - 4)), self.window.first_on)

    def days(self) -> list[date]:
        """When the lead reports: monthly or so, some months not at all, and most of them in the latest round."""
        if self.story is Story.SILENT:
            return []
        before, days = self.before(), []
        day = self.first_day + timedelta(days=self.rng.randrange(18, 34))
        while day < before:
            days.append(self.weekday(day))
            day += timedelta(days=self.rng.randrange(25, 37))
        days = [day for place, day in enumerate(days) if place == 0 or self.rng.random() > 0.14]
        if self.reports_in_round():
            last = self.window.last_on - timedelta(days=1)
            days.append(
                self.weekday(
                    self.round_opened_on + timedelta(days=self.rng.randrange(0, (last - self.round_opened_on).days + 1))
                )
            )
            days[-1] = max(days[-1], self.round_opened_on + timedelta(days=1))
        return sorted(set(days))

    def before(self) -> date:
        if self.story is Story.STALE:
            return self.window.last_on - timedelta(days=self.rng.randrange(75, 150))
        return self.round_opened_on or self.window.last_on

    def reports_in_round(self) -> bool:
        opened = self.round_opened_on
        if self.story is Story.STALE or opened is None or opened >= self.window.last_on - timedelta(days=2):
            return False
        return self.story in (Story.ASKED, Story.EMBEDDED) or self.rng.random() > 0.16

    # Statuses

    def statuses(self, count: int) -> list[str]:
        """One for each report, ending where the story ends; a complete action is reported on once or twice more at most."""
        if self.story in (Story.COMPLETE, Story.EMBEDDED):
            done = max(1, round(count * (self.rng.uniform(0.55, 0.95) if self.story is Story.COMPLETE else 0.45)))
            after = count - done if self.story is Story.EMBEDDED else 0
            return [*self.run_up(done - 1), *([B] * (1 + after))][:count]
        tails = {
            Story.AT_RISK: [A] * self.rng.randrange(1, 4),
            Story.OFF_TRACK: [A, *([R] * self.rng.randrange(1, 4))],
            Story.ASKED: [A, *([R] * self.rng.randrange(1, 3))],
            Story.NOT_STARTED: [N] * 2,
        }
        if self.story is Story.NOT_STARTED:
            return tails[self.story][:count]
        tail = tails.get(self.story, [])
        return [*self.run_up(count - len(tail)), *tail][-count:] if count else []

    def run_up(self, count: int) -> list[str]:
        """On track, sometimes after a late start, sometimes with a bad patch in the middle."""
        path = [G] * max(0, count)
        if len(path) >= 3 and self.rng.random() < 0.3:
            path[0] = N
        if len(path) >= 6 and self.rng.random() < 0.35:
            start = self.rng.randrange(2, len(path) - 3)
            path[start : start + 2] = [A, A]
        return path

    # Dates

    def dates(self, first_at: datetime, days: list[date]) -> list[PlannedDate]:
        """The date agreed at the start, and for some a later one, or one that is asked for or was refused."""
        if self.story in (Story.ON_TRACK, Story.SILENT) and self.rng.random() < 0.09:
            return []
        due_on = self.due_on(days)
        found = [PlannedDate(first_at, due_on)]
        if self.rng.random() < SLIPS.get(self.story, 0):
            found = self.slipped(first_at, due_on) or found
        if self.story is Story.AT_RISK and days and self.rng.random() < 0.4:
            state = DeadlineState.PROPOSED if self.rng.random() < 0.6 else DeadlineState.REFUSED
            later = min(month_end_near(due_on + timedelta(days=92)), self.window.plan_ends_on)
            if later > due_on:
                found.append(PlannedDate(self.moment(days[-1]), later, state, self.rng.choice(wording.SLIP_REASONS)))
        return sorted(found, key=lambda planned: planned.at)

    def due_on(self, days: list[date]) -> date:
        low, high = DUE.get(self.story, (30, 420))
        anchor = self.window.last_on
        if self.story in (Story.COMPLETE, Story.EMBEDDED) and days:
            low, high, anchor = -25, 75, days[-1] if self.story is Story.COMPLETE else days[len(days) // 2]
        day = month_end_near(anchor + timedelta(days=self.rng.randrange(low, high)))
        earliest = month_end_near(self.window.first_on + timedelta(days=60))
        return min(max(day, earliest), self.window.plan_ends_on)

    def slipped(self, first_at: datetime, due_on: date) -> list[PlannedDate]:
        """Dates agreed one after the other, each moved shortly before it was reached; nothing where there is no room."""
        moves = 2 if self.rng.random() < 0.3 else 1
        dates = [due_on]
        for _ in range(moves):
            dates.insert(0, month_end_near(dates[0] - timedelta(days=self.rng.choice([31, 61, 92]))))
        found, last_day = [PlannedDate(first_at, dates[0])], self.window.last_on - timedelta(days=1)
        for earlier, later in pairwise(dates):
            moved_on = self.weekday(min(earlier - timedelta(days=self.rng.randrange(5, 20)), last_day))
            if earlier >= later or moved_on <= london(found[-1].at):
                return []
            found.append(
                PlannedDate(self.moment(moved_on), later, DeadlineState.AGREED, self.rng.choice(wording.SLIP_REASONS))
            )
        return found

    # Reports

    def updates(self, days: list[date], statuses: list[str], dates: list[PlannedDate]) -> list[PlannedUpdate]:
        found: list[PlannedUpdate] = []
        for place, (day, status) in enumerate(zip(days, statuses, strict=True)):
            at = self.moment(day)
            if self.may_repeat(found, status, day, dates):
                said = found[-1]
                found.append(
                    PlannedUpdate(
                        at,
                        status,
                        UpdateKind.NO_CHANGE,
                        said.narrative,
                        said.next_steps,
                        said.cause,
                        impact=said.impact,
                    )
                )
                continue
            update = self.report(at, status, before=found, is_last=place == len(days) - 1)
            update.is_by_officer = self.rng.random() < 0.12
            found.append(update)
        return found

    def may_repeat(self, before: list[PlannedUpdate], status: str, day: date, dates: list[PlannedDate]) -> bool:
        if self.rng.random() > 0.16 or not before or before[-1].status != status or status in (R, B):
            return False
        is_twice = len(before) > 1 and all(update.kind == UpdateKind.NO_CHANGE for update in before[-2:])
        return not is_twice and all(day <= planned.due_on for planned in dates)

    def report(self, at: datetime, status: str, *, before: list[PlannedUpdate], is_last: bool) -> PlannedUpdate:
        if status == B:
            return self.done(at, is_first=not any(update.status == B for update in before), is_last=is_last)
        update = PlannedUpdate(at, status, impact=self.impact(before))
        if status == N:
            update.narrative = self.rng.choice(wording.NOT_STARTED).format(subject=self.subject)
        elif status == G:
            recovered = bool(before) and before[-1].status == A
            update.narrative, update.next_steps = wording.on_track(self.rng, self.subject, has_recovered=recovered)
        else:
            self.worry(update)
        return update

    def worry(self, update: PlannedUpdate) -> None:
        is_off = update.status == R
        update.cause = self.cause
        update.narrative, update.next_steps = wording.worrying(
            self.rng, self.subject, cause=self.cause, is_off_track=is_off
        )
        if is_off:
            update.escalate_to = self.rng.choice(wording.ESCALATIONS)
        if is_off and self.story is Story.ASKED:
            update.escalate_to, update.ask = EscalateTo.BOARD, wording.asked(self.cause)
            by = self.next_meeting + timedelta(days=42 if self.cause == Cause.FUNDING else 0)
            update.needed_by = max(min(by, self.window.plan_ends_on), london(update.at))

    def done(self, at: datetime, *, is_first: bool, is_last: bool) -> PlannedUpdate:
        update = PlannedUpdate(at, B, difference_made=self.rng.choice(wording.DIFFERENCE))
        kinds = [EvidenceKind.DOCUMENT]
        if self.story is Story.EMBEDDED:
            kinds += [EvidenceKind.LIVED_EXPERIENCE]
        elif self.rng.random() < 0.5:
            kinds = [self.rng.choice([EvidenceKind.DATA, EvidenceKind.AUDIT])]
        update.narrative = (self.rng.choice(wording.COMPLETE) if is_first else wording.EMBEDDED).format(
            subject=self.subject
        )
        update.impact = self.rng.choice([Impact.EARLY_SIGNS, Impact.EVIDENT, Impact.NO_CHANGE])
        if self.story is Story.EMBEDDED:
            update.impact = Impact.SUSTAINED if is_last else Impact.EVIDENT
        if is_first:
            update.evidence = [(wording.evidence_title(kind, self.subject), kind) for kind in kinds]
        return update

    def impact(self, before: list[PlannedUpdate]) -> str:
        if len(before) < 4:
            return Impact.NOT_YET_EXPECTED
        return self.rng.choice(
            [Impact.NOT_YET_EXPECTED, Impact.NO_DATA, Impact.NO_CHANGE, Impact.EARLY_SIGNS, Impact.EARLY_SIGNS]
        )


# Days from the last day to the due date, and how likely the date was moved.
DUE = {
    Story.OFF_TRACK: (-70, 90), Story.ASKED: (-40, 120), Story.AT_RISK: (-15, 160), Story.STALE: (-45, 200),
    Story.SILENT: (-80, 260), Story.NOT_STARTED: (120, 420),
}  # fmt: skip
SLIPS = {
    Story.AT_RISK: 0.4,
    Story.OFF_TRACK: 0.6,
    Story.ASKED: 0.5,
    Story.ON_TRACK: 0.14,
    Story.COMPLETE: 0.25,
    Story.STALE: 0.2,
}


def london(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()
