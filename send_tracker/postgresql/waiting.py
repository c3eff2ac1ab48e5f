"""How long the pages wait for an answer of PostgreSQL, so that none holds a thread for ever.

The server gives a long statement up by itself, as it is told when a connection opens (base.py). One whose processes stand
still, or whose disk hangs, cannot; and its machine goes on acknowledging what it is sent, so TCP sees nothing amiss. So the
driver is given a function to wait by that looks at the clock. When time is up it raises, upon which psycopg2 closes the
connection: to cancel the statement would mean to ask the same server, and to wait again.

For web processes alone (wsgi.py). What a command does may take long, and nobody waits for a page. While this is on, psycopg2
refuses COPY and large objects; the pages use neither.
"""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import ceil, inf

import psycopg2
from psycopg2 import extensions

_until: ContextVar[float] = ContextVar("until", default=inf)


class Connection(extensions.connection):
    """Knows how many seconds each of its statements has."""

    seconds: float = inf


def begin() -> None:
    extensions.set_wait_callback(wait)


def is_on() -> bool:
    return extensions.get_wait_callback() is wait


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All that is asked inside has these seconds for its answers, or fewer where somebody said so before."""
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def wait(connection: extensions.connection) -> None:
    """The driver calls this once for each statement, and once to connect."""
    begun = time.monotonic()
    until = min(_until.get(), begun + getattr(connection, "seconds", inf))
    while (wanted := connection.poll()) != extensions.POLL_OK:
        if not _is_ready(connection.fileno(), wanted, until - time.monotonic()):
            waited = time.monotonic() - begun
            raise psycopg2.OperationalError(f"PostgreSQL did not answer within {waited:.1f} seconds.")


def _is_ready(socket: int, wanted: int, seconds: float) -> bool:
    """Whether it can be gone on with: what was wanted is there, or the connection has broken off."""
    poll = select.poll()
    poll.register(socket, select.POLLIN if wanted == extensions.POLL_READ else select.POLLOUT)
    return bool(poll.poll(None if seconds == inf else max(0, ceil(seconds * 1000))))
