"""Words of the place: whoever wants to get in tries them first, so in a password they count for nothing.

This is the list that ASVS 6.1.2 asks for. To it come the names of the areas that the person belongs to or is invited to, their own
name, and their address with the organisation in it. A word is found in capitals, within others, and with figures and signs for letters.
"""

import re
from collections.abc import Iterable

from django.db.models import Q

from people.models import User
from strategies.models import Area

SHORTEST = 4  # of a part of a name: "and", "of" and "le" are in everything
PRODUCT = "sendtracker tracker send strategy strategies priority priorities dashboard".split()
WORK = (
    "alternativeprovision annualreview carers children disabilities disability education educational ehcneeds ehcp ehcplan ehcplans"
    " families inclusion inclusive inspection localarea localoffer needs ofsted parentcarer parents partnership pupils school schools senco"
    " sendco special tribunal"
).split()
BODIES = "academy authority borough city council county governance integratedcare london trust".split()
ROLES = "admin administrator board director head lead manager member officer team".split()
# What people take who were asked for another one.
OF_THE_DAY = (
    "password passwort passphrase welcome letmein changeme login secret spring summer autumn winter january february march april june july"
    " august september october november december monday tuesday wednesday thursday friday saturday sunday christmas easter"
).split()
ALWAYS = frozenset([*PRODUCT, *WORK, *BODIES, *ROLES, *OF_THE_DAY])
# One sign for one letter, so that places in the text stay the same.
WRITTEN_FOR = str.maketrans("0134578@$!|", "oieastbasil")


def words_of(user: User | None) -> set[str]:
    """One query, whatever the number of areas."""
    if user is None:
        return set(ALWAYS)
    mailbox, _, host = user.email.partition("@")
    organisation = host.rpartition(".")[0]
    return ALWAYS.union(*map(_parts, [user.name, mailbox, organisation, *_names_of_areas(user)]))


def _names_of_areas(user: User) -> Iterable[str]:
    theirs = Q(invitations__email__iexact=user.email) if user.email else Q(pk=None)
    if user.pk:
        theirs |= Q(memberships__user_id=user.pk)
    return Area.objects.filter(theirs).values_list("name", flat=True).distinct()


def _parts(name: str) -> set[str]:
    """Each word of a name, and all of them without what stands between: of King's Cross also kingscross."""
    parts = re.findall(r"\w+", name.lower().replace("'", "").replace("’", "").replace("_", " "))
    return {part for part in [*parts, "".join(parts)] if len(part) >= SHORTEST}


def without(password: str, words: Iterable[str]) -> str:
    """What is left where each of the words, all in small letters, is a space. They may overlap."""
    any_of_them = re.compile(f"(?=({'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))}))")
    text = password.lower()
    covered = {
        place
        for written in (text, text.translate(WRITTEN_FOR))
        for found in any_of_them.finditer(written)
        for place in range(*found.span(1))
    }
    return " ".join("".join(" " if place in covered else sign for place, sign in enumerate(text)).split())
