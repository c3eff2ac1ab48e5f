"""A table as a file: the same rows, order and columns as on the page, unpaged, under a header that says what it is.

Dates are dates, numbers are raw numbers. Text that a spreadsheet could take for a formula is made harmless: in CSV by a
leading apostrophe, in XLSX by being written as text.
"""

import csv
import io
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from django.http import Http404, HttpResponse

from common.dates import LONDON

FORMATS = ("csv", "xlsx")
LONGEST_CELL = 32_767  # Excel's own limit
_FORMULA = re.compile(r"^\s*[=+\-@\t\r＝＋－＠]|^[\t\r]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def export_format(request) -> str | None:
    """The format that `?_export=` asks for, None for a page; 404 for one that there is none of."""
    asked = request.GET.get("_export")
    if asked is None:
        return None
    if asked not in FORMATS:
        raise Http404("_export takes csv or xlsx.")
    return asked


def export_response(table, *, fmt: str, name: str, header_lines: Iterable[tuple[str, object]]) -> HttpResponse:
    """`table` (django-tables2, ordered and not paged) as an attachment called `name`; `header_lines` are (what, value)."""
    rows = [list(row) for row in table.as_values()]
    header = [(what, value) for what, value in header_lines]
    return file_response(as_csv(header, rows) if fmt == "csv" else as_xlsx(header, rows), fmt=fmt, name=name)


def file_response(body: bytes, *, fmt: str, name: str) -> HttpResponse:
    """A finished file, as an attachment that nothing on the way keeps."""
    response = HttpResponse(body, content_type="text/csv; charset=utf-8" if fmt == "csv" else XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.{fmt}"'
    response["Cache-Control"] = "private, no-store"
    return response


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(header: list[tuple[str, object]], rows: list[list]) -> bytes:
    """UTF-8 with a byte-order mark, so that a spreadsheet reads the pound sign right."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in header:
        writer.writerow([_csv_cell(cell) for cell in line])
    writer.writerow([])
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(value):
    value = plain(value)
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else value


def as_xlsx(header: list[tuple[str, object]], rows: list[list]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "default_date_format": "d mmmm yyyy",
        },
    )  # fmt: skip
    sheet = book.add_worksheet("Rows")
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    moments = book.add_format({"num_format": "d mmmm yyyy hh:mm", "valign": "top"})
    for at, (what, value) in enumerate(header):
        sheet.write_string(at, 0, what)
        _write(sheet, at, 1, value, None, moments)
    first = len(header) + 1
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            _write(sheet, first + at, column, value, bold if at == 0 else wrapped, moments)
    widths = [_width(row[column] for row in rows[:200]) for column in range(len(rows[0]))] if rows else []
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(first + 1, 0)
    if rows:
        sheet.autofilter(first, 0, first + len(rows) - 1, len(rows[0]) - 1)
    book.close()
    return out.getvalue()


def _write(sheet, row: int, column: int, value, form, moments) -> None:
    value = plain(value)
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), moments)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no", form)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, form)
    else:
        sheet.write_string(row, column, value if len(value) <= LONGEST_CELL else f"{value[: LONGEST_CELL - 1]}…", form)


def _width(values) -> int:
    longest = max((len(str(value)) for value in values if value is not None), default=8)
    return max(8, min(60, longest + 2))


def plain(value):
    """A cell as a plain value: numbers as numbers, moments in London, text without control characters."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(LONDON)
    if value is None or isinstance(value, bool | int | float | date):
        return value
    return _CONTROL.sub("", str(value))
