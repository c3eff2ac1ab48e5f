"""Who is asking and where they belong, in one query: every page needs both."""

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings

from people.models import Membership, User
from people.scoping import with_their_standing


class MemberBackend(AuthenticationBackend):
    def user_can_authenticate(self, user) -> bool:
        """The demonstration's sign-ins, whose password is public, open nothing in a production, however they came there."""
        return super().user_can_authenticate(user) and not (settings.IS_PRODUCTION and user.is_illustrative)

    def get_user(self, user_id):
        """With the memberships already read (`scoping.memberships_of`)."""
        found = list(with_their_standing(Membership.objects.filter(user=user_id).select_related("user")))
        user = found[0].user if found else User.objects.filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user.memberships_read = found
        return user
