"""Writing the demonstration down: tagged rows, dated in the past, in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q
from simple_history.utils import bulk_create_with_history

from board.demonstration import answers, calendar, cast, voices, wording
from board.demonstration.figures import PlannedKpi, plan_kpis
from board.demonstration.meetings import play_meetings
from board.demonstration.plan import GivenAction, PlannedAction, leaver_left_on, plan_actions
from common.dates import end_of_day, london_day, noon
from kpis.models import Commentary, Indicator, Kpi, Measurement, Target
from kpis.vocabulary import Frequency
from people.models import Lead, Membership, Partner, User
from priorities.models import Finding, Priority
from strategies.models import Area, Meeting, ReportingRound, Strategy
from workstrands.answering import answer_finding
from workstrands.impact import say_impact
from workstrands.models import Action, Deadline, Evidence, ImpactConfirmation, Objective, Placement, ProgressUpdate
from workstrands.status import Status

PASSWORD = "look-around-the-board"  # made public on purpose: the demonstration refuses to run in production
SALT = "send-tracker-demonstration"
Role = Membership.Role
TAGGED = {"is_illustrative": True}


class NothingSeeded(Exception):
    """There is no plan to demonstrate on."""


class AddressTaken(Exception):
    """A sign-in of the demonstration's name is somebody's own."""


@dataclass(frozen=True)
class SignIn:
    email: str
    area: str
    role: str
    name: str


@dataclass
class Written:
    sign_ins: list[SignIn] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    updates: int = 0
    figures: int = 0


@dataclass
class _Area:
    """What has been written for an area so far."""

    area: Area
    plans: list[tuple[Strategy, calendar.Window]]
    users: dict[str, User] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    rounds: list[ReportingRound] = field(default_factory=list)

    @property
    def cast(self) -> dict:
        """Who speaks in `voices`."""
        return {"officer": self.users["officer"], "families": self.users["families"], "leads": self.leads}

    @property
    def window(self) -> calendar.Window | None:
        """Of the plan that runs, or else ended last: the area's calendar and figures go by it."""
        return max((window for _, window in self.plans), key=lambda window: window.last_on, default=None)


@transaction.atomic
def write(today: date) -> Written:
    areas = list(Area.objects.with_pages().filter(strategies__seed_key__isnull=False).order_by("-name"))
    if not areas:
        raise NothingSeeded
    written, password = Written(), make_password(PASSWORD, salt=SALT)
    indicators = _indicators(today)
    for area in areas:
        plans = [(plan, window) for plan in _plans(area) if (window := _window(plan, today))]
        at = _Area(area, plans)
        _people(at, today, password)
        _calendar(at, today)
        for plan, window in plans:
            _play(at, plan, window, written)
        if at.window:
            _figures(at, indicators, written)
            _answers(at)
            _effects(at)
            voices.play(*max(plans, key=lambda each: each[1].last_on), **at.cast)
            play_meetings(area, [plan for plan, _ in plans], at.users, at.partners, at.leads, today)
        written.sign_ins += sign_ins(area)
    return written


def sign_ins(area: Area) -> list[SignIn]:
    """Those that are printed, in the order in which one would try them."""
    posts = [(post.sign_in, Role.LEAD.label, post.name) for post in cast.POSTS if post.sign_in]
    return [
        SignIn(f"{address}@{area.slug}.example", area.name, role, name)
        for address, role, name in [
            ("board", Role.BOARD.label, "Board member (illustrative)"),
            *posts,
            ("officer", Role.OFFICER.label, "SEND officer (illustrative)"),
            ("administrator", Role.ADMINISTRATOR.label, "Administrator (illustrative)"),
            ("families", Role.FAMILIES.label, "Parent carer forum member (illustrative)"),
        ]
    ]


def present_since() -> date | None:
    """The day for which the demonstration that is present was written: that on which its people joined."""
    first = User.objects.filter(is_illustrative=True).order_by("pk").first()
    return london_day(first.joined_at) if first else None


# Which plans and actions play


def _plans(area: Area) -> list[Strategy]:
    """Published plans with actions, but for those whose document names the leads: their people are real."""
    named = Placement.objects.filter(action__strategy=OuterRef("pk"), lead__isnull=False, source__isnull=False)
    has_actions = Action.objects.filter(strategy=OuterRef("pk"))
    plans = Strategy.objects.published().filter(Exists(has_actions), ~Exists(named), area=area)
    return list(plans.select_related("source").order_by("starts_on"))


def _window(plan: Strategy, today: date) -> calendar.Window | None:
    if plan.starts_on > today:
        return None
    published_on = plan.source.published_on if plan.source else None
    return calendar.window(starts_on=plan.starts_on, ends_on=plan.ends_on, published_on=published_on, today=today)


def _eligible(plan: Strategy, window: calendar.Window) -> list[Action]:
    """Actions for which nobody real answers, on which nobody reported, and whose rows are all from before the window."""
    of_action = {"action": OuterRef("pk")}
    later = {"recorded_at__gte": noon(window.first_on)}
    return list(
        plan.actions.filter(
            ~Exists(Placement.objects.filter(Q(lead__isnull=False) | Q(**later), **of_action)),
            ~Exists(Deadline.objects.filter(**of_action, **later)),
            ~Exists(ProgressUpdate.objects.filter(**of_action)),
            retired_at__isnull=True,
            supporting_leads__isnull=True,
        )
        .annotate(has_date=Exists(Deadline.objects.filter(**of_action)))
        .order_by("position", "pk")
    )


# People


def _people(at: _Area, today: date, password: str) -> None:
    slug, joined_at = at.area.slug, noon(today)
    posts = [*cast.POSTS, cast.LEAVER]
    signs = [(each.email.partition("@")[0], each.name, Role(_role_of(each))) for each in sign_ins(at.area)]
    signs += [(post.slug, post.name, Role.LEAD) for post in posts if not post.sign_in and post is not cast.LEAVER]
    emails = [f"{address}@{slug}.example" for address, _, _ in signs]
    taken = User.objects.filter(email__in=emails).first()
    if taken:
        raise AddressTaken(taken.email)
    users = User.objects.bulk_create(
        [
            User(email=email, name=name, password=password, **TAGGED)
            for email, (_, name, _) in zip(emails, signs, strict=True)
        ]
    )
    User.objects.filter(email__in=emails).update(joined_at=joined_at)
    at.users = {address: user for (address, _, _), user in zip(signs, users, strict=True)}
    memberships = [Membership(user=at.users[address], area=at.area, role=role, **TAGGED) for address, _, role in signs]
    _keep(memberships, joined_at)
    partners = [Partner(area=at.area, name=name, sector=sector, **TAGGED) for name, sector in cast.PARTNERS.values()]
    at.partners = dict(zip(cast.PARTNERS, _keep(partners, joined_at), strict=True))
    leads = [_lead(at, post) for post in posts]
    at.leads = dict(zip((post.slug for post in posts), _keep(leads, joined_at), strict=True))


def _role_of(sign_in: SignIn) -> str:
    return next(value for value, label in Role.choices if label == sign_in.role)


def _lead(at: _Area, post: cast.Post) -> Lead:
    user = at.users.get(post.sign_in or post.slug)
    left_on = leaver_left_on(at.window) if post is cast.LEAVER and at.window else None
    return Lead(
        area=at.area, name=post.name, role=post.title, partner=at.partners[post.partner], user=user,
        email=user.email if user else "", left_on=left_on, **TAGGED,
    )  # fmt: skip


def _keep(rows: list, at: datetime) -> list:
    """Statements go in with their first line of history."""
    return (
        bulk_create_with_history(rows, type(rows[0]), default_date=at, default_change_reason="Demonstration")
        if rows
        else []
    )


# The Board's calendar


def _calendar(at: _Area, today: date) -> None:
    planned = calendar.rounds(at.window, today=today)
    held = set(Meeting.objects.filter(area=at.area).values_list("held_on", flat=True))
    planned = [each for each in planned if each.held_on not in held]
    meetings = [
        Meeting(area=at.area, held_on=each.held_on, papers_due_on=each.papers_due_on, **TAGGED) for each in planned
    ]
    meetings = _keep(meetings, noon(today))
    rounds = [
        ReportingRound(
            meeting=meeting, opens_on=each.opens_on, closes_on=each.closes_on,
            opened_at=each.opened_at, closed_at=each.closed_at, **TAGGED,
        )
        for meeting, each in zip(meetings, planned, strict=True)
    ]  # fmt: skip
    at.rounds = _keep(rounds, noon(today))


# The work


def _play(at: _Area, plan: Strategy, window: calendar.Window, written: Written) -> None:
    actions = _eligible(plan, window)
    given = [GivenAction(action.key, action.title, action.has_date) for action in actions]
    rounds = calendar.rounds(window, today=window.last_on)
    if not window.is_running:
        rounds = [each for each in rounds if each.held_on <= window.last_on]
    played = plan_actions(plan.slug, given, window, rounds)
    by_key = {action.key: action for action in actions}
    _placements(at, played, by_key)
    _deadlines(at, played, by_key)
    written.updates += _updates(at, played, by_key)
    written.plans.append(f"{at.area.name}, {plan.title}: {len(actions)} actions")
    if plan.baselined_on is None:
        Strategy.objects.filter(pk=plan.pk).update(baselined_on=plan.starts_on, is_baseline_illustrative=True)


def _last_numbers(model, by_key: dict[str, Action]) -> dict[int, int]:
    rows = model.objects.filter(action__in=by_key.values()).order_by().values_list("action").annotate(Max("number"))
    return dict(rows)


def _placements(at: _Area, played: list[PlannedAction], by_key: dict[str, Action]) -> None:
    """Each hangs where it hung; only its lead is new."""
    standing = {row.action_id: row for row in Placement.objects.filter(action__in=by_key.values()).order_by("number")}
    rows = []
    for planned in played:
        action = by_key[planned.key]
        place = standing.get(action.pk)
        if place is None:
            continue
        for number, (moment, post) in enumerate(planned.leads, start=place.number + 1):
            rows.append(
                Placement(
                    action=action, objective_id=place.objective_id, priority_id=place.priority_id,
                    workstrand_id=place.workstrand_id, lead=at.leads[post], **_dated(number, moment, at.users["officer"]),
                )
            )  # fmt: skip
    Placement.objects.bulk_create(rows, batch_size=500)


def _deadlines(at: _Area, played: list[PlannedAction], by_key: dict[str, Action]) -> None:
    last = _last_numbers(Deadline, by_key)
    Deadline.objects.bulk_create(
        [
            Deadline(
                action=by_key[planned.key], due_on=each.due_on, state=each.state, reason=each.reason,
                **_dated(number, each.at, at.users["officer"]),
            )
            for planned in played
            for number, each in enumerate(planned.dates, start=last.get(by_key[planned.key].pk, 0) + 1)
        ],
        batch_size=500,
    )  # fmt: skip


def _updates(at: _Area, played: list[PlannedAction], by_key: dict[str, Action]) -> int:
    rows, pieces, confirmations = [], [], []
    for planned in played:
        action = by_key[planned.key]
        for number, each in enumerate(planned.updates, start=1):
            row = _update(at, action, planned, number, each)
            rows.append(row)
            pieces += [(row, title, kind) for title, kind in each.evidence]
        if planned.confirmed_at:
            dated = _dated(1, planned.confirmed_at, at.users["officer"])
            confirmations.append(ImpactConfirmation(action=action, text=wording.CONFIRMATION, **dated))
    ProgressUpdate.objects.bulk_create(rows, batch_size=300)
    ImpactConfirmation.objects.bulk_create(confirmations)
    for row, title, kind in pieces:
        _keep([Evidence(update=row, title=title, kind=kind, url=_example(at, row), **TAGGED)], row.recorded_at)
    return len(rows)


def _update(at: _Area, action: Action, planned: PlannedAction, number: int, each) -> ProgressUpdate:
    post = next((slug for moment, slug in reversed(planned.leads) if moment <= each.at), "")
    lead = at.leads.get(post)
    officer = at.users["officer"]
    author = officer if each.is_by_officer or lead is None or lead.user is None else lead.user
    return ProgressUpdate(
        area=at.area, action=action, kind=each.kind, status=each.status, narrative=each.narrative, next_steps=each.next_steps,
        cause=each.cause, escalate_to=each.escalate_to, ask=each.ask, needed_by=each.needed_by,
        difference_made=each.difference_made, impact=each.impact, author=author,
        on_behalf_of=lead if author is officer else None, round=_round_at(at, each.at), **_dated(number, each.at, author),
    )  # fmt: skip


def _round_at(at: _Area, moment: datetime) -> ReportingRound | None:
    return next((each for each in at.rounds if each.is_open(moment)), None)


def _example(at: _Area, row: ProgressUpdate) -> str:
    """An address kept for examples: it opens, and holds nothing."""
    return f"https://example.org/#{at.area.slug}-{row.action.key}"


def _dated(number: int, moment: datetime, by: User) -> dict:
    return {"number": number, "recorded_at": moment, "recorded_by": by, **TAGGED}


# What answers the findings, and what that should change


def _answers(at: _Area) -> None:
    """Links by the illustrative officer: the history of what was linked says so, and removal takes them off again."""
    kpis = list(Kpi.objects.filter(area=at.area, is_illustrative=True).select_related("indicator"))
    for plan, window in at.plans:
        played = list(_played(plan))
        asking = Finding.objects.exclude(kind=Finding.Kind.STRENGTH).filter(
            inspection__area=at.area, inspection__inspected_to__lte=window.first_on
        )
        for finding in asking.select_related("inspection").order_by("inspection", "position"):
            _answer(finding, played, kpis, by=at.users["officer"], when=noon(window.first_on))


def _played(plan: Strategy):
    """The actions that an illustrative lead was given, each with whether there is evidence."""
    given = Placement.objects.filter(action=OuterRef("pk"), lead__is_illustrative=True)
    evidence = Evidence.objects.filter(update__action=OuterRef("pk"))
    return plan.actions.filter(Exists(given)).annotate(has_evidence=Exists(evidence)).order_by("position", "pk")


def _answer(finding: Finding, actions: list[Action], kpis: list[Kpi], *, by: User, when: datetime) -> None:
    """Its actions, the objectives that they stand under, and the figure that all of them should move."""
    topic = answers.topic_of(finding.text)
    if topic is None:
        return
    offered = [answers.Candidate(action.key, action.title, action.has_evidence) for action in actions]
    keys = answers.answering(topic, offered)
    chosen = [action for action in actions if action.key in keys]
    moved = [kpi for kpi in kpis if chosen and kpi.indicator.code == topic.code]
    objectives = Objective.objects.filter(placements__action__in=chosen).select_related("strategy").distinct()
    answer_finding(finding, add=[*objectives, *chosen, *moved], by=by, at=when)
    for action in chosen:
        action._history_user, action._history_date = by, when
        action.kpis.add(*moved)


def _effects(at: _Area) -> None:
    """From when what those actions change should show: said by the illustrative officer too."""
    for plan, window in at.plans:
        linked = plan.actions.filter(kpis__is_illustrative=True).values("pk")
        done_at = Min("updates__recorded_at", filter=Q(updates__status=Status.COMPLETE))
        chosen = _played(plan).filter(pk__in=linked, effect_expected_from=None).as_at(end_of_day(window.last_on))
        chosen = list(chosen.annotate(done_at=done_at).prefetch_related("kpis__indicator"))
        days = answers.effects([_aiming(action) for action in chosen], window)
        for action in chosen:
            if action.key in days:
                _aim(action, days[action.key], by=at.users["officer"], when=noon(window.first_on))


def _aiming(action: Action) -> answers.Aiming:
    done_on = london_day(action.done_at) if action.reported == Status.COMPLETE else None
    return answers.Aiming(action.key, action.reported, done_on)


def _aim(action: Action, day: date, *, by: User, when: datetime) -> None:
    kpis = list(action.kpis.all())
    said = action.intended_impact or answers.change_of(kpis[0].indicator.code)
    say_impact(action, kpis=kpis, intended_impact=said, effect_expected_from=day, by=by, at=when)


# The figures


def _indicators(today: date) -> dict[str, Indicator]:
    from board.demonstration.figures import SERIES

    rows = [
        Indicator(
            code=each.code, title=each.title, definition=f"{each.definition} Illustrative figures.", unit=each.unit,
            decimals=each.decimals, polarity=each.polarity, frequency=Frequency.MONTHLY, publisher="Local return (illustrative)",
            counts_people=each.counts_people, **TAGGED,
        )
        for each in SERIES
    ]  # fmt: skip
    return {row.code: row for row in _keep(rows, noon(today))}


def _figures(at: _Area, indicators: dict[str, Indicator], written: Written) -> None:
    plan = max(at.plans, key=lambda each: each[1].last_on)[0]
    priorities = list(Priority.objects.filter(strategy=plan))
    for position, planned in enumerate(plan_kpis(at.area.slug, at.window), start=1):
        kpi = _kpi(at, indicators[planned.series.code], planned, position)
        _link(kpi, planned, priorities)
        written.figures += _measure(at, kpi, planned)


def _kpi(at: _Area, indicator: Indicator, planned: PlannedKpi, position: int) -> Kpi:
    series = planned.series
    first_at = noon(at.window.first_on)
    kpi = Kpi(
        area=at.area, indicator=indicator, owner=at.leads[series.owner], tolerance=series.tolerance, is_headline=True,
        position=position, **TAGGED,
    )  # fmt: skip
    _keep([kpi], first_at)
    Target.objects.create(
        kpi=kpi, period_start=at.window.starts_on, value=series.target, **_dated(1, first_at, at.users["officer"])
    )
    return kpi


def _link(kpi: Kpi, planned: PlannedKpi, priorities: Iterable[Priority]) -> None:
    words = planned.series.words
    scored = [(sum(word in f"{each.title} {each.statement}".lower() for word in words), each) for each in priorities]
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    if best[0]:
        kpi.priorities.add(best[1])


def _measure(at: _Area, kpi: Kpi, planned: PlannedKpi) -> int:
    owner = at.leads[planned.series.owner].user or at.users["officer"]
    Measurement.objects.bulk_create(
        [
            Measurement(
                indicator=kpi.indicator, area=at.area, period_start=each.period_start, period_end=each.period_end,
                period_label=each.label, value=each.value, missing=each.missing, reason=each.reason,
                raw="" if each.value is None else str(each.value), **_dated(each.number, each.at, owner),
            )
            for each in planned.figures
        ]
    )  # fmt: skip
    Commentary.objects.bulk_create(
        [
            Commentary(kpi=kpi, period_end=end, text=text, **_dated(number, moment, owner))
            for number, (moment, end, text) in enumerate(planned.commentaries, start=1)
        ]
    )
    return len(planned.figures)
