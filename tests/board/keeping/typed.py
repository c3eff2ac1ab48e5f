"""What the forms of a KPI are sent with, and what the pages and the records say of it."""

from datetime import date

from kpis.models import Measurement

Y2026 = "2026-01-01/2026-12-31"
Y2025 = "2025-01-01/2025-12-31"
SEEN = f"{Y2025}/final=1 2024-01-01/2024-12-31/final=1"
BROKEN_TEXTS = {
    "NUL": "before\x00after",
    "escape": "before\x1bafter",
    "never a character": "before\uffffafter",
    "too long": "x" * 100_000,
}


def figure(**fields) -> dict:
    blank = {"seen": SEEN, "period": Y2026, "value": "", "numerator": "", "denominator": "", "missing": "", "state": "final",
             "qualifier": "", "reason": "", "commentary": ""}  # fmt: skip
    return {**blank, **fields}


def promised(**fields) -> dict:
    return {"seen_number": 1, "kind": "milestone", "period_start_0": "1", "period_start_1": "1", "period_start_2": "2027",
            "period_end_0": "31", "period_end_1": "12", "period_end_2": "2027", "value": "80%", **fields}  # fmt: skip


def defined(**fields) -> dict:
    return {"title": "Annual reviews held on time", "definition": "Of all that fell due.", "unit": "percent", "decimals": "1",
            "polarity": "higher", "frequency": "monthly", "counted": "reviews", "statutory_standard": "100%", **fields}  # fmt: skip


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def figures(world) -> int:
    return Measurement.objects.filter(area=world.area).count()


def held(world, **fields) -> Measurement:
    return Measurement.objects.filter(area=world.area, period_end=date(2026, 12, 31), **fields).get()
