"""Who may sign in to an area: its administrators' page, invitations, and the page that an invitation opens."""

from dataclasses import dataclass
from functools import cached_property

from allauth.account.internal.flows.login import Login, perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from board.sign_in_forms import InvitationForm, JoinForm, RoleForm
from people import auditing, joining, notices, second_factor
from people.models import Invitation, Lead, Membership, User
from people.roles import may_manage_people
from people.scoping import InAreaMixin
from people.sessions import end_sessions, open_sessions

MOST_DIGITS = 18
MOST_LEFT = 50


class ManagedMixin(InAreaMixin):
    is_reading = False
    may = may_manage_people
    nav = "people"
    tells_of_people = True

    @property
    def back(self):
        return redirect("board:sign-ins", area=self.area.slug)

    def note(self, what: str) -> None:
        """Beside the entry of the address: what it did, in words."""
        kind = auditing.Kind.MEMBERSHIP
        auditing.note(kind, at=self.when.now, user=self.request.user, area=self.area, what=what, request=self.request)


@dataclass(frozen=True, slots=True)
class Member:
    membership: Membership
    answers_as: list[str]  # names of the lead records of this area that are theirs
    has_second_step: bool
    sessions: int  # that are open

    @property
    def user(self) -> User:
        return self.membership.user


class SignInsView(ManagedMixin, View):
    def get(self, request, **kwargs):
        return render(request, "board/sign_ins.html", self.context())

    def context(self) -> dict:
        left = Membership.history.filter(area=self.area, history_type="-").select_related("user", "history_user")
        invitations = joining.open_invitations(self.when.now).filter(area=self.area).select_related("lead")
        return {
            "area": self.area,
            "members": self.members(),
            "invitations": invitations,
            "left": left.order_by("-history_date")[:MOST_LEFT],
            "roles": Membership.Role.choices,
        }

    def members(self) -> list[Member]:
        own = Lead.objects.filter(area=self.area)
        found = Membership.objects.filter(area=self.area).select_related("user").order_by("user__name", "user__email")
        found = list(found.prefetch_related(Prefetch("user__leads", own)))
        users = [each.user_id for each in found]
        with_one, sessions = second_factor.with_one(users), open_sessions(users, self.when.now)
        return [
            Member(
                each, [lead.name for lead in each.user.leads.all()], each.user_id in with_one, sessions[each.user_id]
            )
            for each in found
        ]


class InviteView(ManagedMixin, View):
    def get(self, request, **kwargs):
        return self.show(InvitationForm(area=self.area, today=self.when.today))

    def post(self, request, **kwargs):
        form = InvitationForm(request.POST, area=self.area, today=self.when.today)
        if not form.is_valid():
            return self.show(form)
        said = form.cleaned_data
        try:
            invitation, secret = joining.invite(
                self.area, said["email"], said["role"], by=request.user, at=self.when.now, name=said["name"],
                lead=form.lead_chosen,
            )  # fmt: skip
        except ValidationError as refused:
            add_errors(form, refused)
            return self.show(form)
        self.note(f"Invited as {invitation.get_role_display().lower()}")
        tell(request, self.area, send_invitation(invitation, secret), invitation)
        return self.back

    def show(self, form):
        return render(self.request, "board/invite.html", {"area": self.area, "form": form})


class InvitationView(ManagedMixin, View):
    """Withdrawing an invitation, or sending it anew, with a new secret."""

    def post(self, request, *, number: str, **kwargs):
        open_ones = joining.open_invitations(self.when.now).filter(area=self.area)
        invitation = get_object_or_404(open_ones.select_related("lead"), pk=number_of(number))
        if request.POST.get("do") == "again":
            anew, secret = joining.invite(
                self.area, invitation.email, invitation.role, by=request.user, at=self.when.now, name=invitation.name,
                lead=invitation.lead,
            )  # fmt: skip
            self.note("Invited again")
            tell(request, self.area, send_invitation(anew, secret), anew)
        else:
            joining.withdraw(invitation, at=self.when.now)
            self.note("Invitation withdrawn")
            messages.success(request, f"The invitation to {invitation.email} opens nothing any more.")
        return self.back


class MemberView(ManagedMixin, View):
    """One member: another role, a lost second step, sessions on a lost device, or leaving."""

    deeds = ("role", "second-step", "sessions", "leave")

    def get(self, request, **kwargs):
        return render(request, "board/sign_in_leave.html", {"area": self.area, "member": self.member})

    def post(self, request, **kwargs):
        deed = request.POST.get("do", "")
        if deed not in self.deeds:
            raise Http404("No such thing to do.")
        try:
            words = getattr(self, deed.replace("-", "_"))(self.member)
        except ValidationError as refused:
            messages.warning(request, " ".join(refused.messages))
        else:
            self.note(words)
            messages.success(request, words)
        return self.back

    @cached_property
    def member(self) -> Membership:
        members = Membership.objects.filter(area=self.area).select_related("user", "area")
        return get_object_or_404(members, user=number_of(self.kwargs["number"]))

    def role(self, member: Membership) -> str:
        form = RoleForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError(form.errors["role"])
        joining.change_role(member, form.cleaned_data["role"], by=self.request.user, at=self.when.now)
        return f"{member.user} is now {Membership.Role(form.cleaned_data['role']).label.lower()}."

    def second_step(self, member: Membership) -> str:
        """Only of somebody who belongs to this area alone: else one area's administrator would open another's doors."""
        if member.user.memberships.exclude(area=self.area).exists():
            raise ValidationError(
                f"{member.user} belongs to other areas too: only the installation’s keeper can do that."
            )
        gone = second_factor.take_off(member.user)
        end_sessions(member.user)
        if gone:
            notices.tell(member.user, notices.TAKEN_OFF, at=self.when.now)
        return f"The second step of {member.user} was taken off." if gone else f"{member.user} had no second step."

    def sessions(self, member: Membership) -> str:
        """Of whoever belongs here, to other areas too: it opens nothing, and they can sign in again."""
        ended = end_sessions(member.user)
        if ended:
            notices.tell(member.user, notices.SESSIONS_ENDED, at=self.when.now)
        return f"{member.user} is signed in nowhere any more."

    def leave(self, member: Membership) -> str:
        joining.leave(member, by=self.request.user, at=self.when.now)
        return f"{member.user} has left {self.area}."


def number_of(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise Http404("No such person.")
    return int(text)


def add_errors(form, refused: ValidationError) -> None:
    """Beside the fields that they name; at the top what names none, or none of the form."""
    found = refused.message_dict if hasattr(refused, "error_dict") else {None: refused.messages}
    for field, errors in found.items():
        form.add_error(field if field in form.fields else None, errors)


def send_invitation(invitation: Invitation, secret: str) -> bool:
    """Whether the letter left. The invitation stands in any case: it can be sent again."""
    address = settings.SITE_ADDRESS + reverse("join", args=[secret])
    context = {"invitation": invitation, "address": address, "days": joining.LASTS.days}
    text = render_to_string("board/letters/invitation.txt", context)
    subject = f"{invitation.area}: you are invited to the SEND tracker"
    try:
        EmailMessage(subject, text, to=[invitation.email]).send()
    except Exception:  # whatever a mail backend raises
        return False
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())
    return True


def tell(request, area, is_sent: bool, invitation: Invitation) -> None:
    if is_sent:
        messages.success(request, f"The invitation went to {invitation.email}.")
    else:
        messages.warning(request, f"The letter to {invitation.email} could not be sent. Send it again in a while.")


@method_decorator([login_not_required, never_cache, sensitive_post_parameters()], name="dispatch")
class JoinView(View):
    """What the link of an invitation opens, to whoever holds it."""

    def dispatch(self, request, *args, secret: str, **kwargs):
        self.now = timezone.now()
        self.invitation = joining.find_invitation(secret, at=self.now)
        if self.invitation is None:
            return render(request, "account/join_over.html", status=410)
        self.known = User.objects.filter(email__iexact=self.invitation.email).first()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        return self.show(JoinForm(initial={"name": self.invitation.name}))

    def post(self, request):
        return self.join_as_known(request) if self.known else self.join_anew(request)

    def join_as_known(self, request):
        """Whoever has a sign-in uses it: the letter alone does not open what the password guards."""
        if request.user != self.known:
            return redirect(f"{reverse('account_login')}?next={request.path}")
        return self.accepted(request)

    def join_anew(self, request):
        form = JoinForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            user = joining.accept(self.invitation, at=self.now, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error("password" if not hasattr(refused, "error_dict") else None, refused.messages)
            return self.show(form)
        welcome(request, self.invitation)
        return perform_login(request, Login(user=user, redirect_url=f"/{self.invitation.area.slug}/"))

    def accepted(self, request):
        try:
            joining.accept(self.invitation, at=self.now)
        except ValidationError:
            return render(request, "account/join_over.html", status=410)
        welcome(request, self.invitation)
        return redirect("board:area", area=self.invitation.area.slug)

    def show(self, form):
        context = {"invitation": self.invitation, "form": form, "known": self.known}
        return render(self.request, "account/join.html", context)


def welcome(request, invitation: Invitation) -> None:
    role = invitation.get_role_display().lower()
    messages.success(request, f"You belong to {invitation.area} now, as {role}.")
