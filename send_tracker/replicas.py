"""A second PostgreSQL that follows the first (`DATABASE_REPLICA_URL`): which pages ask it, and what happens when it is
behind or gone.

A page that only reads asks the replica where that holds all that the primary held when the request came: each write moves
the number of the data (strategies/changes.py), the primary's numbers come with the person's memberships, and the replica
is asked for its own. So nobody is shown a page without what they, or anybody else, wrote before. Where the replica is
behind, cannot be reached, or breaks off in the middle of a page, the primary answers. Who may do what is always asked of
the primary, so that leaving takes effect at once.
"""

import logging
import time
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, InterfaceError, connections

from people.scoping import memberships_of
from strategies.models import DataVersion

log = logging.getLogger(__name__)

REPLICA = "replica"
ON_PRIMARY_APPS = {
    "account",
    "auth",
    "axes",
    "contenttypes",
    "django_cache",
    "mfa",
    "sessions",
    "socialaccount",
    "usersessions",
}
ON_PRIMARY_MODELS = {"people.user", "people.membership", "people.accesstoken", "people.invitation", "people.auditentry"}
LEFT_ALONE_SECONDS = 5  # after it could not be reached

_reads_replica: ContextVar[bool] = ContextVar("reads_replica", default=False)


class ReplicaRouter:
    def db_for_read(self, model, **hints):
        stays = model._meta.app_label in ON_PRIMARY_APPS or model._meta.label_lower in ON_PRIMARY_MODELS
        return REPLICA if _reads_replica.get() and not stays else "default"

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, one, other, **hints):
        """Both hold the same rows."""
        return True

    def allow_migrate(self, db, app_label, **hints):
        """The replica gets its tables from the primary."""
        return db == "default"


class ReplicaMiddleware:
    """Stands after authentication. Without a replica it is not in use at all."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.left_alone_until = 0.0

    def __call__(self, request):
        if request.method not in ("GET", "HEAD") or not self.holds_all_that(request):
            return self.get_response(request)
        with reading_the_replica():
            return self.get_response(request)

    def process_exception(self, request, exception):
        """A page that the replica broke off in the middle of is made once more, by the primary: it only reads."""
        if not _reads_replica.get() or not isinstance(exception, DatabaseError | InterfaceError):
            return None
        self.leave_alone(exception)
        _reads_replica.set(False)
        view, args, kwargs = request.resolver_match
        response = view(request, *args, **kwargs)
        return response.render() if hasattr(response, "render") and not response.is_rendered else response

    def holds_all_that(self, request) -> bool:
        """Whether the replica holds what the primary holds now of the person's areas, and of what all areas share."""
        if time.monotonic() < self.left_alone_until or not request.user.is_authenticated:
            return False
        memberships = memberships_of(request.user)
        if not memberships:
            return False
        try:
            held = DataVersion.of([each.area_id for each in memberships], using=REPLICA)
        except (DatabaseError, InterfaceError) as problem:
            self.leave_alone(problem)
            return False
        return all(held[each.area_id] >= each.data_version for each in memberships)

    def leave_alone(self, problem: Exception) -> None:
        log.warning("The replica does not answer, so the primary does: %s", type(problem).__name__)
        connections[REPLICA].close()
        self.left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS


@contextmanager
def reading_the_replica():
    token = _reads_replica.set(True)
    try:
        yield
    finally:
        _reads_replica.reset(token)
