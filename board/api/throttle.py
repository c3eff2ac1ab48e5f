"""How often one token may ask: so many times a minute, counted for all processes together.

Requests of one moment may be counted as one: it is to keep a refresh that runs wild from holding up the people on the pages.
"""

from datetime import datetime
from http import HTTPStatus

from django.core.cache import cache

from board.api.problems import Problem

REQUESTS_A_MINUTE = 120


def refuse_too_many(token_id: int, now: datetime) -> None:
    key = f"api:{token_id}:{now:%Y%m%d%H%M}"
    cache.add(key, 0, timeout=90)
    try:
        asked = cache.incr(key)
    except ValueError:  # it was just forgotten
        return
    if asked > REQUESTS_A_MINUTE:
        detail = (
            f"More than {REQUESTS_A_MINUTE} requests in a minute. Wait, ask for more rows a page, or send the ETag."
        )
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, Retry_After=str(60 - now.second))
