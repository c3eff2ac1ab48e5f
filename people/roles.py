"""Who may do what. Every page that changes something asks one of these, where it fetches the record."""

from people.models import Membership

Role = Membership.Role


def may_edit(membership: Membership) -> bool:
    """Officers keep the plan: records, figures, rounds."""
    return membership.role == Role.OFFICER


def may_manage_people(membership: Membership) -> bool:
    return membership.role == Role.ADMINISTRATOR


def may_update(membership: Membership, *, lead_users) -> bool:
    """Those who lead or support an action (`lead_users`: ids of their sign-ins), and the area's officers."""
    return may_edit(membership) or membership.user_id in lead_users


def may_record_figures(membership: Membership, *, owner_user) -> bool:
    """The area's officers, and the owner of the KPI (`owner_user`: the id of the owner's sign-in, or None)."""
    return may_edit(membership) or (owner_user is not None and membership.user_id == owner_user)


def may_score(membership: Membership, *, owner_user) -> bool:
    """Of a risk: the area's officers, and its owner (`owner_user`: the id of the owner's sign-in, or None)."""
    return may_edit(membership) or (owner_user is not None and membership.user_id == owner_user)


def may_speak_for_families(membership: Membership) -> bool:
    """Members of the parent carer forum, and officers on their behalf."""
    return membership.role == Role.FAMILIES or may_edit(membership)


def may_assess(membership: Membership, *, sro_users) -> bool:
    """Of a priority: its senior responsible owners (`sro_users`: ids of their sign-ins), and officers on their behalf."""
    return may_edit(membership) or membership.user_id in sro_users
