"""Rows as an answer: JSON in an envelope that says what it shows, or CSV with the same said in its headers.

An answer is kept by the number of the area's data (`strategies.changes`), the day, the role and the address: whoever asks again
with its ETag before anything was written gets 304, and no row is read. There is no Last-Modified: of the number it is not
known when it moved, and the day alone can change what is overdue.
"""

from collections.abc import Sequence
from hashlib import sha256

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse

from board.api import VERSION
from board.api.asking import Asked
from board.api.fields import moment_text
from board.api.resources import Resource
from common.export import as_csv
from strategies.models import DataVersion

NOTICE = "Illustrative updates and figures are among these rows: they are made up."
CSV_TYPE = "text/csv; charset=utf-8"


def etag_of(asked: Asked) -> str:
    number = DataVersion.of([asked.area.pk])[asked.area.pk]
    request = asked.request
    said = (
        VERSION,
        asked.area.pk,
        number,
        asked.when.day,
        asked.holder.role,
        asked.is_csv,
        request.get_host(),
        request.get_full_path(),
    )
    return f'W/"{sha256(repr(said).encode()).hexdigest()[:32]}"'


def is_unchanged(request: HttpRequest, etag: str) -> bool:
    held = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    return etag.removeprefix("W/") in held or held == ["*"]


def not_modified() -> HttpResponse:
    return HttpResponse(status=304)


def answer(resource: Resource, asked: Asked) -> HttpResponse:
    found = resource.rows(asked)
    total = found.count() if isinstance(found, QuerySet) else len(found)
    rows = list(found[asked.first : asked.first + asked.limit])
    following = asked.next_address(total)
    response = csv_response(resource, rows) if asked.is_csv else json_response(resource, asked, rows, total, following)
    response["SEND-Area"] = asked.area.slug
    response["SEND-As-At"] = moment_text(asked.moment)
    response["SEND-Generated-At"] = moment_text(asked.when.now)
    response["SEND-Illustrative"] = "true" if asked.holder.has_illustration else "false"
    response["SEND-Total"] = str(total)
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


def json_response(resource: Resource, asked: Asked, rows: Sequence, total: int, following: str | None) -> JsonResponse:
    return JsonResponse(
        {
            "resource": resource.name,
            "area": {"slug": asked.area.slug, "name": asked.area.name},
            "as_at": moment_text(asked.moment),
            "day": asked.when.day.isoformat(),
            "generated_at": moment_text(asked.when.now),
            "is_illustrative": asked.holder.has_illustration,
            "notice": NOTICE if asked.holder.has_illustration else "",
            "total": total,
            "page": asked.page,
            "limit": asked.limit,
            "next": following,
            "rows": [resource.as_object(row) for row in rows],
        },
        json_dumps_params={"ensure_ascii": False},
    )


def csv_response(resource: Resource, rows: Sequence) -> HttpResponse:
    """Headings in the first line, so that a program finds them; text is made harmless as in every export."""
    made = as_csv([], [resource.columns, *(resource.as_cells(row) for row in rows)])
    body = made.replace(b"\r\n", b"", 1)  # the line that stands between the head of an export and its rows
    response = HttpResponse(body, content_type=CSV_TYPE)
    response["Content-Disposition"] = f'inline; filename="{resource.name}.csv"'
    return response
