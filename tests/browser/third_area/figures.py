"""Ten KPIs of the area's own, and twelve months of their figures: one workbook, as an officer keeps it."""

import io
from dataclasses import dataclass

import openpyxl

from common.dates import MONTHS

ONS_CODE, DFE_CODE = "E10009999", "999"
OWNER = "Head of SEND"
HEADLINES = 8
HEAD = ["KPI", "What counts", "Unit", "Direction", "Frequency", "Decimal places", "Owner", "Target", "Target from",
        "Headline", "Priority", "Column"]  # fmt: skip


@dataclass(frozen=True)
class Tracked:
    """`first` and `last`: the figures of September 2025 and August 2026, between which the others lie.

    `priority`: as the form of a KPI names it.
    """

    column: str
    title: str
    definition: str
    unit: str
    polarity: str
    first: float
    last: float
    target: str
    priority: str
    decimals: int = 1


EARLY, IN_TIME = "1 Needs are seen early", "2 Plans are good and in time"
LOCAL, ADULT = "3 Children belong in a local school", "4 Young people are ready for adult life"

KPIS = [
    Tracked("plans_20_weeks", "Test plans issued within 20 weeks", "Plans finalised in the month within 20 weeks.",
            "percent", "higher", 48.0, 66.5, "80", IN_TIME),
    Tracked("reviews_on_time", "Test annual reviews on time", "Reviews due in the month that were held in it.",
            "percent", "higher", 55.0, 71.0, "85", IN_TIME),
    Tracked("plans_audited_good", "Test plans audited as good", "Audited plans that were found good.",
            "percent", "higher", 40.0, 52.0, "70", IN_TIME),
    Tracked("speech_wait_weeks", "Test weeks waited for speech therapy", "Mean weeks from referral to first visit.",
            "weeks", "lower", 31.0, 24.0, "18", EARLY),
    Tracked("autism_wait_weeks", "Test weeks waited for an autism assessment", "Mean weeks from referral to assessment.",
            "weeks", "lower", 58.0, 63.0, "40", EARLY),
    Tracked("attendance", "Test attendance of pupils with a plan", "Sessions attended of those possible.",
            "percent", "higher", 84.0, 85.5, "90", LOCAL),
    Tracked("suspensions", "Test suspensions of pupils with a plan", "Suspensions in the month.",
            "count", "lower", 42, 35, "25", LOCAL, 0),
    Tracked("tribunal_appeals", "Test appeals registered", "Appeals registered in the month.",
            "count", "lower", 9, 12, "6", IN_TIME, 0),
    Tracked("internships", "Test supported internships", "Young people on an internship at the month's end.",
            "count", "higher", 14, 22, "40", ADULT, 0),
    Tracked("families_satisfied", "Test families content with help", "Families asked who say that help is right.",
            "percent", "higher", 44.0, 49.0, "65", EARLY),
]  # fmt: skip


def months() -> list[tuple[int, str]]:
    """September 2025 to August 2026."""
    return [(2025 + (8 + at) // 12, MONTHS[(8 + at) % 12]) for at in range(12)]


def workbook() -> bytes:
    """A sheet that says what each KPI is, and one with a column for each and a row for each month."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Our KPIs"
    sheet.append(HEAD)
    for place, kpi in enumerate(KPIS):
        sheet.append([
            kpi.title, kpi.definition, UNITS[kpi.unit], kpi.polarity, "monthly", kpi.decimals, OWNER, float(kpi.target),
            "1 September 2026", "Yes" if place < HEADLINES else "No", kpi.priority.partition(" ")[0], kpi.column,
        ])  # fmt: skip
    sheet = book.create_sheet("Monthly figures")
    sheet.append(["Month", *(kpi.column for kpi in KPIS)])
    for at, (year, month) in enumerate(months()):
        sheet.append([f"{month} {year}", *(float(_figure(kpi, at)) for kpi in KPIS)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


UNITS = {"percent": "%", "count": "number", "weeks": "weeks"}


def _figure(kpi: Tracked, at: int) -> str:
    """On the way from the first to the last, a little above and below it in turn."""
    sway = (-1) ** at * abs(kpi.last - kpi.first) / 10 if at < 11 else 0
    return f"{kpi.first + (kpi.last - kpi.first) * at / 11 + sway:.{kpi.decimals}f}"
