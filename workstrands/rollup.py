"""The roll-up: how a priority or a strand stands, as counts by assessed status and a headline in words.

Live actions are those whose start is reached and that are not complete, on hold or stopped. The headline is the first
that holds of: no actions; stopped (all are); complete (all but the stopped are); counts only (fewer live than a word
needs); not enough reported; off track; at risk; on track. A share is a share of the live actions; of no live actions
there is none, so no share holds of them. Never an average of colours.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from common.words import count_words, plural, sentence_case
from workstrands.status import EMBEDDED, SHOWN_ORDER, SHOWN_WORDS, SILENT, Status

COMPLETE_LETTERS = frozenset((Status.COMPLETE.value, EMBEDDED))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A strategy's own limits, with those that hold until it sets others."""

    fewest_live: int = 4
    reported_percent: int = 50
    off_track_count: int = 2
    off_track_percent: int = 25
    at_risk_percent: int = 25


class Counted(Protocol):
    """What a roll-up needs of an action; anything with these four will do."""

    assessed: str
    is_live: bool
    is_fresh: bool
    is_critical: bool


@dataclass(frozen=True, slots=True)
class RollupRow:
    assessed: str
    is_live: bool = True
    is_fresh: bool = True
    is_critical: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """A word with its reason. The word is empty where there are too few live actions for one: then the counts speak."""

    word: str
    reason: str


def counts(rows: Iterable[Counted]) -> dict[str, int]:
    """How many stand at each letter, in the order in which counts are shown; nought is given too."""
    found = Counter(row.assessed for row in rows)
    return {letter: found[letter] for letter in SHOWN_ORDER}


DEFAULT_THRESHOLDS = Thresholds()


def headline(rows: Iterable[Counted], thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Headline:
    """The first rule that holds, and why."""
    rows = list(rows)
    return _finished(rows) or _too_little(rows, thresholds) or _standing(rows, thresholds)


def _finished(rows: list[Counted]) -> Headline | None:
    """Nothing here, or nothing left to do."""
    if not rows:
        return Headline("No actions", "No action hangs here")
    going = [row for row in rows if row.assessed != Status.STOPPED]
    stopped = len(rows) - len(going)
    if not going:
        return Headline(SHOWN_WORDS["S"], _all_are(_within("S"), stopped))
    if any(row.assessed not in COMPLETE_LETTERS for row in going):
        return None
    if stopped:
        done = f"{len(going)} of {plural(len(rows), 'action')} {_within('B')}"
        return Headline(SHOWN_WORDS["B"], f"{done}, {stopped} {_within('S')}")
    return Headline(SHOWN_WORDS["B"], _all_are(_within("B"), len(going)))


def _within(letter: str) -> str:
    """A status within a sentence, in the words of the area that is shown."""
    return SHOWN_WORDS[letter].lower()


def _all_are(word: str, count: int) -> str:
    return f"The only action is {word}" if count == 1 else f"All {count} actions are {word}"


def _too_little(rows: list[Counted], thresholds: Thresholds) -> Headline | None:
    """Too few live actions for a word, or too few of them reported."""
    live = sum(1 for row in rows if row.is_live)
    if not live or live < thresholds.fewest_live:
        return Headline("", sentence_case(f"{count_words(live, 'live action')}: too few for a headline"))
    fresh = sum(1 for row in rows if row.is_live and row.is_fresh)
    if fresh * 100 < thresholds.reported_percent * live:
        has = "has" if fresh == 1 else "have"
        return Headline("Not enough reported", f"{fresh} of {live} live actions {has} a fresh update")
    return None


def _standing(rows: list[Counted], thresholds: Thresholds) -> Headline:
    """How the live actions stand. An off-track action that is not live counts too where one is enough."""
    live = [row for row in rows if row.is_live]
    off_rows = [row for row in rows if row.assessed == Status.OFF_TRACK]
    off = sum(1 for row in live if row.assessed == Status.OFF_TRACK)
    at_risk = sum(1 for row in live if row.assessed == Status.AT_RISK)
    critical = sum(1 for row in off_rows if row.is_critical)
    if critical:
        return Headline(SHOWN_WORDS["R"], _why_critical(critical, off, live))
    if off >= thresholds.off_track_count and off * 100 >= thresholds.off_track_percent * len(live):
        return Headline(SHOWN_WORDS["R"], f"{_of_live(off, live, _within('R'))}{_share(off, len(live))}")
    if off_rows or (off + at_risk) * 100 >= thresholds.at_risk_percent * len(live):
        return Headline(SHOWN_WORDS["A"], _why_at_risk(off, at_risk, live))
    return Headline(SHOWN_WORDS["G"], _why_on_track(at_risk, live))


def _why_critical(critical: int, off: int, live: list[Counted]) -> str:
    found = f"{count_words(critical, 'critical action')} {'is' if critical == 1 else 'are'} {_within('R')}"
    in_all = f"; {_of_live(off, live, _within('R'))} in all" if off > critical else ""
    return sentence_case(found) + in_all


def _why_at_risk(off: int, at_risk: int, live: list[Counted]) -> str:
    if off and at_risk:
        return _of_live(off + at_risk, live, f"{_within('R')} or {_within('A')}")
    if off or at_risk:
        return _of_live(off or at_risk, live, _within("R" if off else "A"))
    return f"An action is {_within('R')} before its start"


def _why_on_track(at_risk: int, live: list[Counted]) -> str:
    found = Counter(row.assessed for row in live)
    on_track = _of_live(found[Status.ON_TRACK.value], live, _within("G"))
    silent, idle = found[SILENT], found[Status.NOT_STARTED.value]
    others = [(at_risk, _within("A")), (silent, "without an update"), (idle, _within("N"))]
    return ", ".join([on_track, *(f"{count} {words}" for count, words in others if count)])


def _of_live(count: int, live: list[Counted], words: str) -> str:
    return f"{count} of {plural(len(live), 'live action')} {'is' if count == 1 else 'are'} {words}"


SHARES = {(1, 4): "a quarter", (1, 3): "a third", (1, 2): "half", (2, 3): "two thirds", (3, 4): "three quarters"}


def _share(part: int, whole: int) -> str:
    """The share in a word where it is one that people say."""
    return next((f", {word}" for (of, by), word in SHARES.items() if part * by == whole * of), "")
