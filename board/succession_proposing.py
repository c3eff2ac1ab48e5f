"""Which later promise reads like an earlier one: proposals that an officer accepts or rejects, never applied by themselves.

Two texts are alike by the share of the words that count which they have in common (`rapidfuzz`, token set ratio). Words that
stand in nearly every plan do not count. Alike at `LEAST_ALIKE` in a hundred or more, with `LEAST_SHARED` words in common at
least: with fewer, one word ("specialist") would make two unlike promises alike.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

LEAST_ALIKE = 60
LEAST_SHARED = 3
MOST_PROPOSED = 3
LONGEST_READ = 2_000  # characters of a text
_WORD = re.compile(r"[^\W\d_]{2,}")
_POSSESSIVE = re.compile(r"[’']s\b")

# What stands in nearly every plan and says nothing of what is promised: words of English, and those of SEND plans.
COMMON = frozenset(
    """
    a all also an and any are as at be been being between both but by can for from further has have having if in into is it
    its many more most new no not of on only or other our out over per so some such than that the their them then there
    these they this those through to up via was we were what when where which who will with within across

    access accessing appropriate area areas available board borough build building carer carers child children continue continued cyp
    deliver delivery develop developed developing development disabilities disability education educational effective effectively
    ehcp ehcps ensure ensures ensuring enable enables enabling establish established establishing establishment family
    families health implement implementation improve improved improvement improving including include increase increased
    increasing key local make making meet need needs offer offers parent parents partner partners partnership people
    person plan plans production provide provided provides providing provision quality range relevant review sen send
    service services setting settings special strategy strengthen strengthened strengthening support supported supporting
    supports understand understanding understood use used work working year years young
    """.split()
)
EXPANDED = {"asd": "autism", "autistic": "autism", "pfa": "preparing adulthood", "salt": "speech language therapy"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The `index` of a later text that reads like an earlier one: how much, in a hundred, and by which words."""

    index: int
    score: int
    shared: tuple[str, ...]

    @property
    def reason(self) -> str:
        return f"shares: {', '.join(self.shared)}"


def counting_words(text: str, *, common: Iterable[str] = ()) -> list[str]:
    """The words of a text that count, once each, as they first stand there. `common` are further words that do not."""
    plain = _POSSESSIVE.sub("", text[:LONGEST_READ].casefold())
    words = [part for word in _WORD.findall(plain) for part in EXPANDED.get(word, word).split()]
    left_out = {each.casefold() for each in common}
    return [word for word in dict.fromkeys(words) if word not in COMMON and word not in left_out]


def proposals(
    earlier: Sequence[str], later: Sequence[str], *, common: Iterable[str] = (), most: int = MOST_PROPOSED
) -> list[list[Proposal]]:
    """For each earlier text the later ones that read like it, the most alike first."""
    common = list(common)
    known = [counting_words(text, common=common) for text in later]
    sets, joined = [frozenset(words) for words in known], [" ".join(words) for words in known]
    return [_proposed(counting_words(text, common=common), sets, joined, most) for text in earlier]


def _proposed(words: list[str], sets: list[frozenset[str]], joined: list[str], most: int) -> list[Proposal]:
    from rapidfuzz.fuzz import token_set_ratio

    own, text = frozenset(words), " ".join(words)
    found = []
    for index in compress(range(len(sets)), (len(own & other) >= LEAST_SHARED for other in sets)):
        score = token_set_ratio(text, joined[index], score_cutoff=LEAST_ALIKE)
        if score:
            shared = tuple(word for word in words if word in sets[index])
            found.append(Proposal(index, round(score), shared))
    return sorted(found, key=lambda proposal: (-proposal.score, proposal.index))[:most]
