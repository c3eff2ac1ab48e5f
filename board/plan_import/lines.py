"""Cells with several lines: which of them are actions of their own, and which dates or initials are whose."""

import re

from board.plan_import.days import days_in

BULLET = re.compile(
    r"^\s*(?:[•▪◦●○‣∙·▸►➢✓\uf0b7\uf0a7\uf0d8]|[-–—*](?=\s)|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)](?=\s))\s*"
)
TRUE_BULLETS = re.compile(r"(?<=\S)\s*(?=[•▪●‣\uf0b7\uf0a7])")
INITIALS = re.compile(r"[A-ZА-Я]{2,4}(?:/[A-ZА-Я]{2,4})*")


def lines_of(text: str, how: str) -> list[str]:
    """The actions in one cell: its bulleted lines, each of its lines, or the whole."""
    if how == "together":
        return [text]
    lines = [line.strip() for line in TRUE_BULLETS.sub("\n", text).splitlines() if line.strip()]
    if how == "every":
        return [BULLET.sub("", line) for line in lines]
    bulleted = [bool(BULLET.match(line)) for line in lines]
    if sum(bulleted) < 2:
        return [BULLET.sub("", text).strip() or text]
    intro, items = "", []
    for line, is_item in zip(lines, bulleted, strict=True):
        if is_item:
            items.append(BULLET.sub("", line))
        elif items:
            items[-1] += f" {line}"
        else:
            intro = f"{intro} {line}".strip()
    if intro.endswith(":"):
        return [f"{intro} {item}" for item in items]
    return [intro, *items] if intro else items


def parts_of(text: str, meaning: str, count: int) -> list[str]:
    """The lines of a cell beside several actions; the dates or initials of one line, where it holds several."""
    lines = [BULLET.sub("", line).strip() for line in text.splitlines() if line.strip()]
    if len(lines) != 1:
        return lines
    if meaning == "due":
        return days_in(lines[0])
    words = lines[0].split()
    if meaning == "lead" and len(words) > 1 and all(INITIALS.fullmatch(word) for word in words):
        return words
    return lines


def shortened(text: str, most: int = 120) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[:most]}…"
