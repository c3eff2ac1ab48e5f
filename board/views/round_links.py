"""What a link in a letter opens, without a sign-in: one lead's update forms, for one round.

The secret is in the first address alone. It is exchanged there for a note in the visitor's session, and the pages that
follow bear the number of the link, so that no history, referrer or log of theirs holds the secret. Whether the link still
holds is asked anew at each step.
"""

from functools import cached_property

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View

from board import round_links
from board.models import RoundLink
from board.reminding import awaited_by_lead
from board.round_links import OPEN
from common.dates import london_day
from people import auditing
from people.parking import forget_parked, park, parked_form
from workstrands import reporting
from workstrands.forms import UpdateForm
from workstrands.models import Action

OPENED = "round_links"  # in the session: the numbers of the links that were opened with their secret
MOST_OPENED = 20


class OpenToAll(View):
    """Nobody is asked to sign in; nothing is indexed, and nothing is kept by what lies between."""

    @method_decorator(login_not_required)
    def dispatch(self, request, *args, **kwargs):
        self.now = timezone.now()
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "no-store"
        return response

    def over(self, link: RoundLink | None, state: str = ""):
        """404 for a link that there is not, 410 for one that there was. Says what to do, and of the plan nothing.

        Whoever had written something gets it back to copy.
        """
        written = [(name, self.request.POST.get(field, "")) for field, name in reporting.TEXTS.items()]
        context = {
            "state": state,
            "area": link.lead.area if link else None,
            "written": [(name, text) for name, text in written if text.strip()],
        }
        return render(self.request, "board/round_link_over.html", context, status=410 if link else 404)


class EnterView(OpenToAll):
    """The address in the letter. Whatever fetches it beforehand, as mail scanners do, changes nothing."""

    def get(self, request, token, key=""):
        link = round_links.find_link(token)
        state = round_links.state_of(link, self.now) if link else ""
        if state != OPEN:
            response = self.over(link, state)
        else:
            opened = [pk for pk in request.session.get(OPENED, []) if pk != link.pk]
            request.session[OPENED] = [*opened, link.pk][-MOST_OPENED:]
            round_links.note_use(link, at=self.now)
            response = self.forward(link, key)
        response["Referrer-Policy"] = "no-referrer"
        return response

    @staticmethod
    def forward(link: RoundLink, key: str):
        return redirect("board:link-update", link.pk, key) if key else redirect("board:link-list", link.pk)


class BehindLink(OpenToAll):
    """Gives a view the `link` that this session has opened."""

    def refusal(self):
        """The page for whoever may not, or may no longer; None for whoever may."""
        if self.kwargs["link"] not in self.request.session.get(OPENED, []):
            return self.over(None)
        state = round_links.state_of(self.link, self.now) if self.link else ""
        return None if state == OPEN else self.over(self.link, state)

    @cached_property
    def link(self) -> RoundLink | None:
        return round_links.link_numbered(self.kwargs["link"])

    @cached_property
    def actions(self) -> list[Action]:
        return round_links.actions_behind(self.link, self.now)


class LinkListView(BehindLink):
    def get(self, request, **kwargs):
        refusal = self.refusal()
        if refusal:
            return refusal
        awaited = awaited_by_lead(self.link.round, self.now).get(self.link.lead_id, [])
        keys = {one.standing.key for one in awaited}
        return render(
            request,
            "board/round_link.html",
            {
                "link": self.link,
                "area": self.link.lead.area,
                "awaited": awaited,
                "repeatable": round_links.repeatable((one.standing for one in awaited), self.now),
                "others": [action for action in self.actions if action.key not in keys],
                "just_said": request.session.pop("said_through_link", ""),
            },
        )


class OfActionBehindLink(BehindLink):
    """Gives a view the `action` of its address, where the link opens it."""

    @cached_property
    def action(self) -> Action:
        found = next((action for action in self.actions if action.key == self.kwargs["key"]), None)
        if found is None:
            raise Http404("The link does not open this action.")
        return found

    def thanks(self):
        """The audit log says that a link was used, and for whom it was made; who held it nobody knows."""
        lead = self.link.lead
        auditing.note(
            auditing.Kind.CHANGE, at=self.now, area=lead.area, what=f"By the link of a letter to {lead.name}",
            request=self.request, is_illustrative=lead.is_illustrative,
        )  # fmt: skip
        self.request.session["said_through_link"] = f"{self.action.ref} {self.action.title}"
        return redirect("board:link-list", self.link.pk)


class LinkUpdateView(OfActionBehindLink):
    def get(self, request, **kwargs):
        refusal = self.refusal()
        if refusal:
            return refusal
        latest = reporting.latest_update(self.action)
        parked = parked_form(request)
        if parked is not None:
            return self.show(UpdateForm(parked).unjudged(), latest, is_parked=True)
        initial = {"seen_number": reporting.number_of(latest), "impact": latest.impact if latest else ""}
        return self.show(UpdateForm(initial=initial), latest, refused=request.session.pop("refused_through_link", ""))

    def post(self, request, **kwargs):
        refusal = self.refusal()
        if refusal:
            park(request)  # whoever opens the link again in this browser finds what they had written
            return refusal
        form = UpdateForm(request.POST)
        try:
            if not form.is_valid():
                form.refuse_incomplete(self.action, on=london_day(self.now))
                return self.show(form, reporting.latest_update(self.action))
            self.report(form)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form, reporting.latest_update(self.action))
        except reporting.Conflict as conflict:
            return self.show_conflict(conflict.latest)
        forget_parked(request)
        return self.thanks()

    def report(self, form: UpdateForm) -> None:
        said = {name: value for name, value in form.report.items() if name != "on_behalf_of"}
        round_links.report_through_link(
            self.link, self.action, at=self.now, seen_number=form.cleaned_data["seen_number"], **said
        )

    def show(self, form, latest, *, status=200, **context):
        can_repeat = latest is not None and reporting.can_repeat(self.action, self.now)
        context = {
            "form": form,
            "link": self.link,
            "action": self.action,
            "latest": latest,
            "can_repeat": can_repeat,
            **context,
        }
        return render(self.request, "board/round_link_update.html", context, status=status)

    def show_conflict(self, latest):
        """Both texts side by side; sent again, the form answers to the report that came in between."""
        typed = self.request.POST.copy()
        typed["seen_number"] = reporting.number_of(latest)
        return self.show(UpdateForm(typed).unjudged(), latest, is_conflict=True, status=409)


class LinkNoChangeView(OfActionBehindLink):
    """One press; where it is not enough, the form says why. Whoever comes to its address is led to the form."""

    def get(self, request, **kwargs):
        return self.refusal() or redirect("board:link-update", self.link.pk, self.action.key)

    def post(self, request, **kwargs):
        refusal = self.refusal()
        if refusal:
            return refusal
        try:
            round_links.repeat_through_link(self.link, self.action, at=self.now, seen_number=self.seen_number)
        except reporting.Conflict as conflict:
            before = (
                "There is a newer report. Read it, then say"
                if conflict.latest
                else "Nothing has been reported yet. Say"
            )
            return self.refused(f"{before} how the action is going.")
        except ValidationError as error:
            return self.refused(" ".join(error.messages))
        return self.thanks()

    @property
    def seen_number(self) -> int:
        number = self.request.POST.get("seen_number", "")
        return int(number) if number.isascii() and number.isdigit() and len(number) < 8 else -1

    def refused(self, why: str):
        self.request.session["refused_through_link"] = why
        return redirect("board:link-update", self.link.pk, self.action.key)
