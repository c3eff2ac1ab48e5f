"""Reading pages that are kept as made until something is written.

What the Board reads changes a few times a day and is looked at many times between. The parts of a page that are the same
for everybody of a role are kept in the cache called `pages` under the address, with the day and the number of the area's
data (`strategies.changes`) that they were made at, so that nothing is ever shown that was made before the last write in the
area, or to what all areas share. What is made anew takes the place of the older one: memory holds one of each page, compressed
to a sixth or less. The frame (who is signed in, messages) is made anew each time. Where a write and its number fall apart (a
process killed between the two), `SECONDS` bounds it.
"""

import zlib
from hashlib import sha256

from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

PARTS = ("title", "before", "heading", "content")
CUT = "<!-- cut -->"
SECONDS = 600


class RememberedMixin:
    """For a reading page without scripts whose template extends `layout`. Stands before the mixin that finds the area."""

    def get(self, request, *args, **kwargs):
        key, state = self.remembering_key(), (self.membership.data_version, self.when.day)
        made_at, made = caches["pages"].get(key, (None, b""))
        if made_at != state:
            made = zlib.compress(self.make().encode())
            caches["pages"].set(key, (state, made), SECONDS)
        return self.response_class(
            request=request,
            template="layouts/remembered.html",
            context={"parts": parts_of(made)},
            using=self.template_engine,
        )

    def make(self) -> str:
        context = self.get_context_data(**self.kwargs) | {"layout": "layouts/parts.html"}
        return render_to_string(self.template_name, context, self.request, using=self.template_engine)

    def remembering_key(self) -> str:
        """The area by its key, too: addresses can pass to another area, whose number says nothing of this one's."""
        asked = (
            self.area.pk, bool(self.when.as_at), self.membership.role, self.template_name, self.request.get_full_path()
        )  # fmt: skip
        return "page:" + sha256(repr(asked).encode()).hexdigest()


def parts_of(made: bytes) -> dict[str, str]:
    text = zlib.decompress(made).decode()
    return {name: mark_safe(part) for name, part in zip(PARTS, text.split(CUT), strict=True)}
