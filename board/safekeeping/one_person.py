"""Everything that an installation holds about one person, for a subject-access request.

Found through every foreign key to the sign-in, so that a record that comes later is not forgotten: each key must be named in
`TIES`, and the command refuses to answer while one is not. A row is either about the person, and shown with its fields, or was
written by them, and shown without what it says of others. Keys to other people are never followed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import Q
from django.utils.timezone import localtime

from board.models import Reminder, RoundLink
from common.words import sentence_case
from people.models import Invitation, Lead, User

ABOUT, BY = "about", "by"
SECRET = {"password", "digest", "session_key", "session_data", "data"}
OF_NO_MEANING = {"is_illustrative", "is_superuser", "seed_key", "seeded_hash", "history_id", "history_change_reason"}


@dataclass(frozen=True)
class Tie:
    """What a foreign key to the sign-in means, and the fields of its row that are about others or are secrets."""

    how: str
    without: tuple[str, ...] = ()


WROTE = Tie(BY)
TIES = {
    "account.EmailAddress.user": Tie(ABOUT),
    "mfa.Authenticator.user": Tie(ABOUT),
    "socialaccount.SocialAccount.user": Tie(ABOUT),
    "usersessions.UserSession.user": Tie(ABOUT),
    "people.User_groups.user": Tie(ABOUT),
    "people.User_user_permissions.user": Tie(ABOUT),
    "people.Membership.user": Tie(ABOUT),
    "people.Invitation.accepted_by": Tie(ABOUT),
    "people.Invitation.invited_by": Tie(BY, ("email", "name", "lead")),
    "people.AuditEntry.user": Tie(ABOUT),
    "people.AccessToken.user": Tie(ABOUT),
    "people.Lead.user": Tie(ABOUT),
    "board.Attendance.user": Tie(ABOUT),
    "board.CalendarFeed.user": Tie(ABOUT),
    "kpis.Measurement.recorded_by": WROTE,
    "kpis.Target.recorded_by": WROTE,
    "kpis.Rebase.recorded_by": WROTE,
    "kpis.Commentary.recorded_by": WROTE,
    "kpis.ColumnMapping.changed_by": WROTE,
    "kpis.FigureImport.made_by": Tie(BY, ("contents", "mapping", "rehearsal")),
    "workstrands.Placement.recorded_by": WROTE,
    "workstrands.Deadline.recorded_by": WROTE,
    "workstrands.PlanFile.made_by": Tie(BY, ("mapping", "rehearsal")),
    "workstrands.ProgressUpdate.author": WROTE,
    "workstrands.ProgressUpdate.recorded_by": WROTE,
    "workstrands.Evidence.added_by": WROTE,
    "workstrands.Evidence.withheld_by": WROTE,
    "workstrands.ImpactConfirmation.recorded_by": WROTE,
    "board.Decision.recorded_by": Tie(BY, ("owner_text",)),
    "board.DecisionOutcome.recorded_by": WROTE,
    "board.Challenge.recorded_by": Tie(BY, ("raised_by",)),
    "board.MeetingAction.recorded_by": Tie(BY, ("owner_text",)),
    "board.MeetingActionOutcome.recorded_by": WROTE,
    "board.Pack.recorded_by": WROTE,
    "board.UpdateReview.recorded_by": WROTE,
    "board.FlagReply.recorded_by": WROTE,
    "board.RiskScore.recorded_by": WROTE,
    "board.Succession.recorded_by": Tie(BY, ("decided_by",)),
    "board.FamilyView.recorded_by": WROTE,
    "board.PriorityAssessment.recorded_by": WROTE,
    "board.PublicPage.recorded_by": Tie(BY, ("content",)),
}


class NotCovered(Exception):
    """A key to the sign-in of which nobody has said what it means."""


@dataclass(frozen=True)
class Section:
    heading: str
    rows: list[dict] = field(default_factory=list)


# Which keys there are


def keys_to_people(
    found: Iterable[type[models.Model]] | None = None,
) -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every foreign key to the sign-in, those of histories included."""
    for model in found or apps.get_models(include_auto_created=True):
        for key in model._meta.concrete_fields:
            if key.remote_field and key.remote_field.model is User:
                yield model, key


def name_of(model: type[models.Model], key: models.Field) -> str:
    """As `TIES` names it: a history's key is that of the record whose history it is."""
    return f"{getattr(model, 'instance_type', model)._meta.label}.{key.name}"


def uncovered(found: Iterable[type[models.Model]] | None = None) -> list[str]:
    names = {name_of(model, key) for model, key in keys_to_people(found) if key.name != "history_user"}
    return sorted(names - TIES.keys())


# What is held


def everything_about(email: str) -> list[Section]:
    """Sections with rows, in words. None where nothing is held."""
    if missing := uncovered():
        raise NotCovered(f"{', '.join(missing)}: say in board/safekeeping/one_person.py what it means.")
    user = User.objects.filter(email__iexact=email).first()
    person = Person(user, email)
    sections = [*_themselves(person), *_through_keys(person), *_by_address(person), *_through_leads(person)]
    return [section for section in sections if section.rows]


class Person:
    def __init__(self, user: User | None, email: str):
        self.user, self.email = user, email
        theirs = Q(email__iexact=email) | (Q(user=user) if user else Q(pk__in=[]))
        self.leads = list(Lead.objects.filter(theirs))
        self.lead_ids = {lead.pk for lead in self.leads}

    def told(self, row: models.Model, without: Iterable[str] = ()) -> dict:
        """The fields of a row that say something, by their names in words."""
        left_out = {*without, *SECRET, *OF_NO_MEANING}
        fields = (each for each in row._meta.concrete_fields if each.name not in left_out)
        said = {sentence_case(str(each.verbose_name)): self.value(row, each) for each in fields}
        return {name: value for name, value in said.items() if value not in (None, "", {}, [])}

    def value(self, row: models.Model, each: models.Field):
        value = getattr(row, each.attname)
        if value is None or isinstance(each, models.BinaryField):
            return None
        if each.remote_field:
            return self.related(row, each, value)
        if each.choices:
            return str(getattr(row, f"get_{each.name}_display")())
        if isinstance(value, datetime):
            return localtime(value)
        return value if isinstance(value, (bool, int, dict, list, date)) else str(value)

    def related(self, row: models.Model, key: models.Field, pk) -> str:
        target = key.remote_field.model
        if target is User:
            return "this person" if self.user and pk == self.user.pk else "another person"
        if target is Lead and pk not in self.lead_ids:
            return "another lead"
        try:
            return str(getattr(row, key.name))
        except ObjectDoesNotExist:
            return f"{target._meta.verbose_name} no. {pk}, which is gone"


def _themselves(person: Person) -> Iterator[Section]:
    if person.user:
        yield Section("The sign-in", [person.told(person.user)])
        yield Section("Sessions that are open", _sessions(person.user))


def _sessions(user: User) -> list[dict]:
    """Which session is whose stands inside it alone."""
    return [
        {"Ends at": localtime(session.expire_date)}
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") == str(user.pk)
    ]


def _through_keys(person: Person) -> Iterator[Section]:
    if person.user is None:
        return
    changes: list[dict] = []
    for model, keys in _by_model().items():
        if "history_user" in keys:
            changes += _changes(model, person.user)
        for how in (ABOUT, BY):
            ties = {
                name: TIES[label] for name, label in keys.items() if name != "history_user" and TIES[label].how == how
            }
            if ties:
                yield _section(person, model, how, ties)
    yield Section("Changes made to records", sorted(changes, key=lambda change: change["At"]))


def _by_model() -> dict[type[models.Model], dict[str, str]]:
    found: dict[type[models.Model], dict[str, str]] = {}
    for model, key in keys_to_people():
        found.setdefault(model, {})[key.name] = name_of(model, key)
    return found


def _section(person: Person, model: type[models.Model], how: str, ties: dict[str, Tie]) -> Section:
    meant = Q(*[(name, person.user) for name in ties], _connector=Q.OR)
    if getattr(model, "instance_type", None) is Lead:
        meant |= Q(id__in=person.lead_ids, email__iexact=person.email)  # a post may have been somebody else's before
    rows = model._base_manager.filter(meant).order_by("pk")
    without = {name for tie in ties.values() for name in tie.without}
    is_history = hasattr(model, "instance_type")
    kind = str(getattr(model, "instance_type", model)._meta.verbose_name_plural)
    kind = f"Earlier and present versions of {kind}" if is_history else sentence_case(kind)
    heading = kind if how == ABOUT else f"{kind}: written or recorded by this person"
    return Section(heading, [person.told(row, without) for row in rows.iterator()])


def _changes(model: type[models.Model], user: User) -> list[dict]:
    """Which record and when; what it said may be about others."""
    kind = sentence_case(str(model.instance_type._meta.verbose_name))
    rows = model._base_manager.filter(history_user=user).values_list("id", "history_date", "history_type")
    deeds = {"+": "Added", "~": "Changed", "-": "Removed"}
    return [{"Record": f"{kind} no. {pk}", "At": localtime(at), "What": deeds[deed]} for pk, at, deed in rows]


def _by_address(person: Person) -> Iterator[Section]:
    """What names the person by their email address alone."""
    invitations = Invitation.objects.filter(email__iexact=person.email)
    yield Section("Invitations sent to this address", [person.told(row) for row in invitations])
    letters = Reminder.objects.filter(Q(address__iexact=person.email) | Q(lead__in=person.leads))
    yield Section("Letters sent", [person.told(row) for row in letters.select_related("round", "lead")])
    attempts = []
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        rows = model.objects.filter(username__iexact=person.email).order_by("attempt_time")
        attempts += [person.told(row, ("get_data", "post_data", "http_accept", "session_hash")) for row in rows]
    yield Section("Attempts to sign in", attempts)


def _through_leads(person: Person) -> Iterator[Section]:
    """What is in the person’s hands as a lead."""
    linked = [row for row in person.leads if row.user_id is None or row.user_id != getattr(person.user, "pk", None)]
    yield Section("Leads with this address", [person.told(row) for row in linked])
    links = RoundLink.objects.filter(lead__in=person.leads)
    yield Section("Links for updates without a sign-in", [person.told(row) for row in links.select_related("round")])
    yield Section("Work this person leads, owns or supports", list(_work_of(person)))


def _work_of(person: Person) -> Iterator[dict]:
    shown_above = (Reminder, RoundLink, Invitation)
    for relation in Lead._meta.get_fields(include_hidden=True):
        model = relation.related_model if relation.auto_created and relation.is_relation else None
        if model is None or model in shown_above or model._meta.auto_created or hasattr(model, "instance_type"):
            continue
        rows = model._base_manager.filter(**{f"{relation.field.name}__in": person.leads}).order_by("pk").distinct()
        for row in rows.iterator():
            kind = sentence_case(str(model._meta.verbose_name))
            yield {"Record": f"{kind} no. {row.pk}", "As": str(relation.field.verbose_name), "Which": str(row)}
