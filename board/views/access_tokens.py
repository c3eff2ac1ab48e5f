"""One's own tokens for programs, and, for administrators, those of their area."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views import View

from people.access_tokens import LONGEST_NAME, live_tokens_in, make_token, revoke_token, tokens_of
from people.models import AccessToken
from people.roles import may_manage_people
from people.scoping import InAreaMixin, memberships_of


class TokenForm(forms.Form):
    """Where somebody belongs to one area alone, that area is not asked for."""

    name = forms.CharField(
        label="What is it for?", max_length=LONGEST_NAME, help_text="So that you know it again, such as “Board dashboard in Power BI”.",
        error_messages={
            "required": "Say what the token is for, such as “Board dashboard in Power BI”.",
            "max_length": f"The name has more than {LONGEST_NAME} characters. Shorten it.",
        },
    )  # fmt: skip
    area = forms.ChoiceField(
        label="Which area may it read?", widget=forms.RadioSelect,
        error_messages={"required": "Choose the area that it may read.", "invalid_choice": "Choose one of your areas."},
    )  # fmt: skip

    def __init__(self, *args, areas, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.areas = {area.slug: area for area in areas}
        if len(self.areas) == 1:
            del self.fields["area"]
        else:
            self.fields["area"].choices = [(slug, area.name) for slug, area in self.areas.items()]

    @property
    def area_chosen(self):
        return self.areas[self.cleaned_data.get("area") or next(iter(self.areas))]


class MyAccessView(View):
    """The secret is shown once, in the answer to the press that makes it."""

    def dispatch(self, request, *args, **kwargs):
        request.nav = "my"
        request.memberships = memberships_of(request.user)
        self.areas = [membership.area for membership in request.memberships]
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        return self.show(request, TokenForm(areas=self.areas))

    def post(self, request):
        if request.GET.get("as_at"):
            raise Http404("The past cannot be changed.")
        return self.revoke(request) if "revoke" in request.POST else self.make(request)

    def make(self, request):
        form = TokenForm(request.POST, areas=self.areas)
        if not self.areas or not form.is_valid():
            return self.show(request, form)
        area = form.area_chosen
        try:
            secret = make_token(area, form.cleaned_data["name"], by=request.user, at=timezone.now())
        except ValidationError as refused:
            for field, errors in refused.message_dict.items():
                form.add_error(field if field in form.fields else None, errors)
            return self.show(request, form)
        return self.show(request, TokenForm(areas=self.areas), secret=secret, made_for=area)

    def revoke(self, request):
        revoke(request, tokens_of(request.user))
        return redirect("board:my-access")

    def show(self, request, form: TokenForm, **made):
        context = {"form": form, "tokens": tokens_of(request.user), "areas": self.areas, **made}
        response = render(request, "board/access_tokens.html", context)
        response["Cache-Control"] = "no-store"
        return response


class AreaAccessView(InAreaMixin, View):
    """Every live token of an area, for its administrators."""

    is_reading = False
    may = may_manage_people
    nav = "people"

    def get(self, request, area):
        tokens = live_tokens_in(self.area)
        return render(request, "board/access_tokens_area.html", {"area": self.area, "tokens": tokens})

    def post(self, request, area):
        revoke(request, live_tokens_in(self.area))
        return redirect("board:area-access", area=self.area.slug)


def revoke(request, among) -> None:
    """The token that was pressed; 404 for one that is not `among` those a person may revoke."""
    pressed = request.POST.get("revoke", "")
    if not pressed:
        messages.warning(request, "Nothing was chosen: press the button beside a token.")
        return
    if not (pressed.isascii() and pressed.isdecimal() and len(pressed) < 19):
        raise Http404("No such token.")
    token: AccessToken = get_object_or_404(among, pk=pressed)
    gone = revoke_token(token, at=timezone.now())
    words = f"“{token.name}” opens nothing any more." if gone else f"“{token.name}” had been revoked already."
    messages.success(request, words)
