"""The Board's papers: made and downloaded now, or frozen for a meeting and kept as they were made."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Prefetch, When
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.views import View

from board.models import Pack, PackFile
from board.pack_forms import FreezeForm, PapersForm
from board.papers import freezing
from board.papers.making import CONTENT_TYPES, MadeFile, Order, formats, make_file, make_paper
from board.papers.reading import scopes_of
from board.views.mixins import InStrategyMixin
from board.views.of_meeting import OfMeetingMixin
from board.vocabulary import PackFormat
from common.dates import end_of_day, london_day
from kpis.appending import Conflict
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from strategies.models import Strategy

log = logging.getLogger(__name__)
CUT = "<!-- cut -->"
LONGEST_NUMBER = 5


def attachment(name: str, content: bytes, file_format: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPES[PackFormat(file_format)])
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def address_of_product(request) -> str:
    return f"{request.scheme}://{request.get_host()}"


def to_the_second(moment: datetime) -> datetime:
    """As the addresses in papers write it, so that page and paper show the same; the end of a day stays the end of it."""
    return moment if moment == end_of_day(london_day(moment)) else moment.replace(microsecond=0)


class PapersView(InStrategyMixin, View):
    """The choice; with a choice in the address, the file."""

    nav = "board"

    def get(self, request, **kwargs):
        asked = request.GET if "format" in request.GET else None
        form = PapersForm(asked, strategy=self.strategy, moment=self.when.moment)
        if form.is_bound and form.is_valid():
            return self.file(form)
        context = {"form": form, "strategy": self.strategy, "area": self.area}
        return render(request, "board/pack_download.html", context)

    def file(self, form: PapersForm) -> HttpResponse:
        order = Order(
            strategy=self.strategy,
            moment=to_the_second(self.when.moment),
            address=address_of_product(self.request),
            made_by=str(self.request.user),
            made_at=self.when.now,
            kind=form.cleaned_data["kind"],
            scope=form.scope_chosen,
            is_illustrative=self.membership.has_illustration,
        )
        made = make_file(order, *make_paper(order), form.cleaned_data["format"])
        return attachment(made.name, made.content, made.format)


class MeetingPapersView(OfMeetingMixin, View):
    """The frozen papers of a meeting; an officer freezes further ones here."""

    def get(self, request, **kwargs):
        return self.show(self.form_to_fill() if self.may_freeze and not self.called_off else None)

    @property
    def may_freeze(self) -> bool:
        return may_edit(self.membership) and not self.when.as_at

    @property
    def called_off(self) -> str:
        return freezing.why_called_off(self.meeting, self.when.moment)

    def form_to_fill(self) -> FreezeForm:
        parked = parked_form(self.request)
        if parked is not None:
            return self.form(parked).unjudged()
        current = Strategy.current_of(self.plans, self.when.day)
        latest = max((pack.number for pack in self.packs()), default=0)
        return self.form(
            initial={"subject": f"{current.slug}/" if current else "", "as_at": self.when.today, "seen_number": latest}
        )

    def form(self, *args, **kwargs) -> FreezeForm:
        return FreezeForm(*args, plans=self.plans, today=self.when.today, **kwargs)

    @property
    def plans(self) -> list[Strategy]:
        if not hasattr(self, "_plans"):
            found = Strategy.objects.published().filter(area=self.area, starts_on__lte=self.when.day)
            self._plans = list(found.select_related("source").order_by("-starts_on"))
            for plan in self._plans:
                plan.area = self.area
        return self._plans

    def packs(self) -> list[Pack]:
        """Without the bytes of their files."""
        rows = Pack.objects.filter(meeting=self.meeting).known_by(self.when.moment)
        places = {each.value: place for place, each in enumerate(PackFormat)}
        in_order = Case(*(When(format=name, then=place) for name, place in places.items()))
        files = Prefetch("files", PackFile.objects.defer("content").order_by(in_order))
        return list(
            rows.select_related("strategy", "recorded_by", "corrects").prefetch_related(files).order_by("-number")
        )

    def show(self, form: FreezeForm | None, *, status: int = 200, **context) -> HttpResponse:
        packs = self.packs()
        scopes = scopes_of(*{pack.strategy for pack in packs})
        for pack in packs:
            pack.part = next((s.title for s in scopes[pack.strategy_id] if s.value == pack.scope), pack.scope)
        shown = {
            "form": form,
            "meeting": self.meeting,
            "area": self.area,
            "packs": packs,
            "formats": formats(),
            "called_off": self.called_off,
        }
        return render(self.request, "board/pack_meeting.html", {**shown, **context}, status=status)

    def post(self, request, **kwargs):
        if not may_edit(self.membership):
            raise PermissionDenied
        if self.when.as_at:
            raise Http404("The past cannot be changed.")
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        order = self.order(form)
        try:
            freezing.refuse_called_off(self.meeting, self.when.now)
            freezing.refuse_overtaken(self.meeting, form.cleaned_data["seen_number"])
            freezing.refuse_unsaid(self.meeting, order, form.cleaned_data["correction"])
        except Conflict as conflict:
            return self.show_overtaken(conflict.latest)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        forget_parked(request)
        return self.tell(order, form)

    def order(self, form: FreezeForm) -> Order:
        day = form.cleaned_data["as_at"]
        return Order(
            strategy=form.strategy,
            moment=to_the_second(self.when.now) if day == self.when.today else end_of_day(day),
            address=address_of_product(self.request),
            made_by=str(self.request.user),
            made_at=self.when.now,
            kind=form.cleaned_data["kind"],
            scope=form.scope,
            meeting=self.meeting,
            is_illustrative=self.membership.has_illustration,
        )

    def show_overtaken(self, latest: Pack | None) -> HttpResponse:
        """Somebody was quicker: their papers, and the form as it was typed, which now comes after them."""
        typed = self.request.POST.copy()
        typed["seen_number"] = latest.number if latest else 0
        return self.show(self.form(typed).unjudged(), status=409, overtaken_by=latest)

    def tell(self, order: Order, form: FreezeForm) -> StreamingHttpResponse:
        """A page that grows while the files are made: no script is needed to see how far it is."""
        page = render_to_string(
            "board/pack_making.html", {"meeting": self.meeting, "area": self.area, "formats": formats()}, self.request
        )
        response = StreamingHttpResponse(self.grow(*page.split(CUT), order=order, form=form))
        response["Content-Encoding"] = "identity"  # compressed, the page would be held back until it is whole
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response

    def grow(self, head: str, middle: str, tail: str, *, order: Order, form: FreezeForm) -> Iterator[str]:
        """Nothing is written before every file is there; if the reader goes away in between, nothing is."""
        yield head
        files: list[MadeFile] = []
        try:
            paper, report = make_paper(order)
            for each in formats():
                files.append(make_file(order, paper, report, each))
                yield format_html("<li>{}: made</li>\n", each.label)
            end = {"pack": self.keep(order, files, form)}
        except Conflict as conflict:
            end = {"overtaken_by": conflict.latest}
        except ValidationError as error:
            end = {"refusal": " ".join(error.messages)}
        except Exception:
            log.exception("The papers of %s could not be made", self.meeting)
            end = {"refusal": "The papers could not be made, and none of them is kept. Tell whoever runs this product."}
        yield middle + self.end(**end) + tail

    def keep(self, order: Order, files: list[MadeFile], form: FreezeForm) -> Pack:
        return freezing.keep_papers(
            self.meeting,
            order,
            files,
            correction=form.cleaned_data["correction"],
            by=self.request.user,
            at=self.when.now,
            seen_number=form.cleaned_data["seen_number"],
        )

    def end(self, **context) -> str:
        return render_to_string(
            "board/includes/pack_end.html", {"area": self.area, "meeting": self.meeting, **context}, self.request
        )


class PackFileView(OfMeetingMixin, View):
    """One frozen file, byte for byte; not given out if these bytes are not the ones that were frozen."""

    def get(self, request, *, number: str, file_format: str, **kwargs):
        if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
            raise Http404("No such papers.")
        file = (
            PackFile.objects.filter(
                pack__meeting=self.meeting, pack__number=int(number), format=file_format,
                pack__recorded_at__lte=self.when.moment,
            )
            .select_related("pack")
            .first()
        )  # fmt: skip
        if file is None:
            raise Http404("No such paper.")
        if not freezing.is_intact(file):
            log.error("Frozen paper %s of %s does not match its sha256", file.name, self.meeting)
            return render(
                request,
                "board/pack_damaged.html",
                {"file": file, "meeting": self.meeting, "area": self.area},
                status=409,
            )
        return attachment(file.name, bytes(file.content), file.format)
