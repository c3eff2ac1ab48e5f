"""Who plays: posts, never people. Each with the words by which an action is likely theirs."""

from dataclasses import dataclass

from people.models import Partner

Sector = Partner.Sector


@dataclass(frozen=True)
class Post:
    slug: str
    title: str
    partner: str
    words: tuple[str, ...] = ()
    sign_in: str = ""  # the part of the address before @, where it is printed

    @property
    def name(self) -> str:
        return f"{self.title} (illustrative)"


PARTNERS = {
    "council": ("Council (illustrative)", Sector.COUNCIL),
    "icb": ("Integrated care board (illustrative)", Sector.HEALTH),
    "trust": ("Community health trust (illustrative)", Sector.HEALTH),
    "forum": ("Parent carer forum (illustrative)", Sector.PARENT_CARER_FORUM),
}

POSTS = [
    Post(
        "head-of-send", "Head of SEND", "council",
        ("ehc", "annual review", "statutory", "panel", "out of borough", "sen "), sign_in="lead",
    ),
    Post(
        "designated-clinical-officer", "Designated Clinical Officer", "icb",
        ("health check", "primary care", "camhs", "0-19", "medical", "complex health", "health assess"), sign_in="lead2",
    ),
    Post("head-of-early-years", "Head of Early Years", "council", ("early years", "speech", "pre-school", "oracy", "talk matters")),
    Post(
        "preparing-for-adulthood-lead", "Preparing for Adulthood Lead", "council",
        ("adult", "employment", "transition", "post-16", "post 16", "pfa", "work experience", "travel", "life skills"),
    ),
    Post(
        "engagement-lead", "Engagement Lead", "council",
        ("engage", "voice", "co-produc", "coproduc", "parents", "local offer", "communicat", "information", "charter"),
    ),
    Post(
        "head-of-neurodevelopmental-services", "Head of Neurodevelopmental Services", "trust",
        ("autism", "adhd", "neuro", "diagnos", "waiting", "wait well"),
    ),
    Post(
        "principal-educational-psychologist", "Principal Educational Psychologist", "council",
        ("train", "workforce", "senco", "practice", "graduated", "knowledge"),
    ),
    Post("joint-commissioning-manager", "Joint Commissioning Manager", "icb", ("commission", "mhst", "provider", "services", "contract")),
    Post("head-of-inclusive-schools", "Head of Inclusive Schools", "council", ("school", "exclusion", "learners", "inclusion", "ap ")),
    Post("family-hubs-lead", "Family Hubs Lead", "council", ("family hub", "families", "community", "leisure", "outreach", "guides")),
]  # fmt: skip
FIRST, SECOND = POSTS[0], POSTS[1]
# Leaves during the plan: most of the work is handed over, some of it is forgotten.
LEAVER = Post("interim-inclusion-manager", "Interim Inclusion Manager", "council")
SUCCESSOR = "head-of-inclusive-schools"

LEAST_OF_FIRST, MOST_OF_ONE = 8, 12


def share_out(titles: dict[str, str], *, leaver_gets: int) -> dict[str, str]:
    """A post for each action: by its words, evenly, the first post with 8 to 12 where there are enough of them."""
    shared: dict[str, list[str]] = {post.slug: [] for post in POSTS}
    most = max(MOST_OF_ONE, -(-len(titles) // len(POSTS)) + 2)
    for key, title in titles.items():
        text = f"{title.lower()} "
        free = [post for post in POSTS if len(shared[post.slug]) < (MOST_OF_ONE if post is FIRST else most)]
        best = max(free, key=lambda post: (sum(word in text for word in post.words), -len(shared[post.slug])))
        shared[best.slug].append(key)
    while len(shared[FIRST.slug]) < min(LEAST_OF_FIRST, len(titles) // 2):
        richest = max(POSTS[2:], key=lambda post: len(shared[post.slug]))
        shared[FIRST.slug].append(shared[richest.slug].pop())
    if not shared[SECOND.slug] and len(titles) > 2 * LEAST_OF_FIRST:
        shared[SECOND.slug] = [shared[max(POSTS[2:], key=lambda post: len(shared[post.slug])).slug].pop()]
    by_action = {key: slug for slug, keys in shared.items() for key in keys}
    for key in [key for key in titles if by_action[key] not in (FIRST.slug, SECOND.slug)][3::9][:leaver_gets]:
        by_action[key] = LEAVER.slug
    return by_action
