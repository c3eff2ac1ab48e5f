"""How letters about signing in leave: by a thread, once the answer is on its way.

So a mail server that is slow or away neither holds anybody up nor turns a change that was made into a failure, and nobody
learns by the time of an answer whether there was a letter to send. What does not leave is told in the server's log. At
most `MOST_WAITING` letters wait; a process that ends sends those first. Work handed over asks no database.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import BoundedSemaphore

from django.conf import settings

from common.discreet_logs import discreet_error

log = logging.getLogger(__name__)

THREADS = 2
MOST_WAITING = 200
_room = BoundedSemaphore(MOST_WAITING)


def after_the_answer(work: Callable[[], object]) -> None:
    """`work` makes and sends a letter. At once where `LETTERS_LEAVE_BY_THREAD` is off."""
    if not settings.LETTERS_LEAVE_BY_THREAD:
        _carry_out(work)
    elif _room.acquire(blocking=False):
        _threads().submit(_carry_out_and_make_room, work)
    else:
        log.warning("A letter was not sent: %s wait already. Does the mail server answer?", MOST_WAITING)


@cache
def _threads() -> ThreadPoolExecutor:
    """Made by the process that uses it: threads do not survive the forking of a web server."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="letters")


def _carry_out(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception as problem:  # whatever a mail backend raises: what the letter tells of is done
        log.warning("A letter did not leave: %s", discreet_error(problem))


def _carry_out_and_make_room(work: Callable[[], object]) -> None:
    try:
        _carry_out(work)
    finally:
        _room.release()
