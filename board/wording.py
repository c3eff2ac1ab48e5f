"""The board page in words: three to five sentences that a chair can read out, every number in them a link to its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.dates import in_words
from common.words import count_words, listed, number, plural, sentence_case
from workstrands.status import SHOWN_WORDS, Cause

if TYPE_CHECKING:
    from board.report import BoardReport


@dataclass(frozen=True, slots=True)
class Phrase:
    """Some words, with what narrows the action table to the rows they count; None for words that count nothing."""

    text: str
    query: str | None = None
    target: str = "actions"  # or "kpis"


@dataclass(frozen=True, slots=True)
class Sentence:
    phrases: tuple[Phrase, ...]
    is_first: bool = False

    @property
    def text(self) -> str:
        return "".join(phrase.text for phrase in self.phrases)


def within(letter: str) -> str:
    """A status within a sentence, in the words of the area that is shown."""
    return SHOWN_WORDS[letter].lower()


def _say(*parts: str | Phrase, is_first: bool = False) -> Sentence:
    return Sentence(tuple(p if isinstance(p, Phrase) else Phrase(p) for p in parts), is_first)


def board_sentences(report: BoardReport, *, successor=None) -> list[Sentence]:
    sentences = []
    if report.has_ended:
        sentences.append(_ended(report, successor))
    if not report.standings:
        return [*sentences, _say("This plan holds no actions.", is_first=not sentences)]
    if report.set_up is not None:
        return [*sentences, _not_baselined(report)]
    return [
        *sentences,
        _reported(report),
        *_worries(report),
        *_asked(report),
        *_changed(report),
        *_figures(report),
    ]


def _ended(report: BoardReport, successor) -> Sentence:
    """A finished plan says so, and what came after it."""
    year = report.strategy.ends_on.year
    if successor is None:
        return _say(f"This plan ended in {year}; no successor is held here. It is shown as at its end. ")
    return _say(f"This plan ended in {year}; {successor.title} continues it. It is shown as at its end. ")


def _not_baselined(report: BoardReport) -> Sentence:
    return _say(
        f"This plan has {plural(report.total, 'action')} and is not set up yet: "
        "nothing is flagged until leads and dates are agreed and an officer baselines it.",
        is_first=True,
    )


def _live(report: BoardReport) -> list:
    return [standing for standing in report.standings if standing.is_live]


def _reported(report: BoardReport) -> Sentence:
    live = _live(report)
    if not live:
        done = sum(1 for s in report.standings if s.assessed in ("B", "E"))
        return _say("No action is live. ", Phrase(sentence_case(count_words(done, "action")), "assessed=B&assessed=E"),
                    " of ", Phrase(number(report.total), ""), f" are {within('B')}.", is_first=True)  # fmt: skip
    said = sum(1 for s in live if s.reported == "G")
    supported = sum(1 for s in live if s.assessed == "G")
    return _say(
        "Leads report ", Phrase(str(said), "reported=G&live=1"), " of ", Phrase(f"{len(live)} live actions", "live=1"),
        f" {within('G')}; dates and data support ", Phrase(str(supported), "assessed=G&live=1"), ".",
        is_first=True,
    )  # fmt: skip


def _worries(report: BoardReport) -> list[Sentence]:
    live = _live(report)
    counted = [
        (sum(1 for s in live if s.assessed == letter), words, f"assessed={letter}&live=1")
        for letter, words in (("R", within("R")), ("A", within("A")), ("?", "silent"), ("N", within("N")))
    ]
    phrases = [Phrase(f"{number(n)} {'is' if n == 1 else 'are'} {words}", query) for n, words, query in counted if n]
    if not phrases:
        return [_say(f"None is {within('R')}, {within('A')} or silent.")]
    parts: list[Phrase | str] = [Phrase(sentence_case(phrases[0].text), phrases[0].query)]
    for place, phrase in enumerate(phrases[1:], start=2):
        parts += [" and " if place == len(phrases) else ", ", phrase]
    parts.append(".")
    from board.report import commonest_cause

    cause = commonest_cause(report.standings)
    if cause:
        parts += [" The commonest cause is ", Phrase(_cause_words(cause), f"cause={cause}"), "."]
    return [_say(*parts)]


def _cause_words(cause: str) -> str:
    words = str(Cause(cause).label)
    return words[0].lower() + words[1:]


def _asked(report: BoardReport) -> list[Sentence]:
    if not report.asks:
        return []
    many = len(report.asks)
    return [_say("The Board is asked for ", Phrase(count_words(many, "decision"), "asked=1"), ".")]


def _changed(report: BoardReport) -> list[Sentence]:
    if report.compared_with is None:
        return []
    counted = [
        (sum(1 for change in report.changes if change.kind == kind), words)
        for kind, words in (("worse", "got worse"), ("better", "improved"), ("completed", "completed"))
    ]
    moved = sum(1 for change in report.changes if change.kind == "date_moved")
    late = sum(1 for change in report.changes if change.kind == "overdue")
    parts = [f"{number(n)} {'was ' if words == 'completed' and n == 1 else 'were ' if words == 'completed' else ''}{words}"
             for n, words in counted if n]  # fmt: skip
    if moved:
        parts.append(f"{count_words(moved, 'deadline')} moved")
    if late:
        parts.append(f"{number(late)} became overdue")
    parts += _figures_changed(report)
    since = in_words(report.compared_with)
    return [_say(f"Since {since}, {listed(parts)}." if parts else f"Nothing has changed since {since}.")]


def _figures_changed(report: BoardReport) -> list[str]:
    """Of the KPIs: what a chair would read out."""
    words = (("reached", "reached its target", "reached their targets"), ("missed", "fell behind", "fell behind"),
             ("restated", "was restated", "were restated"))  # fmt: skip
    counted = [(sum(1 for c in report.figure_changes if c.kind == kind), one, many) for kind, one, many in words]
    return [f"{count_words(n, 'figure')} {one if n == 1 else many}" for n, one, many in counted if n]


def _figures(report: BoardReport) -> list[Sentence]:
    with_target = [kpi for kpi in report.kpis if kpi.has_target]
    if not with_target:
        return []
    good = sum(1 for kpi in with_target if kpi.is_good)
    return [
        _say(
            "Of the ", Phrase(count_words(len(with_target), "KPI"), "", "kpis"),
            f" shown here that {'has' if len(with_target) == 1 else 'have'} a target, ",
            f"{number(good)} {'is' if good == 1 else 'are'} met or on trajectory.",
        )
    ]  # fmt: skip
