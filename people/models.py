"""Who signs in, who answers for work, and the bodies they belong to."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from strategies.models import Area, Illustrative, Sourced


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields):
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str):
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin, Illustrative):
    """Someone who signs in. The email address is the name."""

    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_an_address_whatever_its_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """The Django admin is not part of the product."""
        return False


class Membership(Illustrative):
    """One role of one person in one area. A person sees the areas they are a member of, and nothing of any other."""

    class Role(models.TextChoices):
        BOARD = "board", "Board member"
        LEAD = "lead", "Lead"
        OFFICER = "officer", "Officer"
        ADMINISTRATOR = "administrator", "Administrator"
        FAMILIES = "families", "Parent carer forum member"

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    area = models.ForeignKey(Area, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=15, choices=Role)

    history = HistoricalRecords()

    class Meta:
        ordering = ["area__name"]
        constraints = [models.UniqueConstraint(fields=["user", "area"], name="one_role_a_person_an_area")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.area}"


class Invitation(Illustrative):
    """Lets somebody join an area in one role. Only the digest of its link is kept; it ends when used, withdrawn or too old."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="invitations")
    email = models.EmailField("email address")
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=15, choices=Membership.Role)
    lead = models.ForeignKey(
        "people.Lead", models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name="answers as"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    invited_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "area",
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_invitation_an_address_an_area",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_role_display()}, {self.area})"


class AuditQuerySet(models.QuerySet):
    def update(self, **changes):
        raise TypeError("The audit log is added to, never edited.")


class AuditEntry(Illustrative):
    """Who did what of what matters to an information-security officer. Added, never edited or deleted by the product."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", "Signed in"
        SIGN_IN_REFUSED = "sign_in_refused", "Sign-in refused"
        LOCKED_OUT = "locked_out", "Locked out"
        SIGN_OUT = "sign_out", "Signed out"
        ACCOUNT = "account", "Account changed"
        MEMBERSHIP = "membership", "Membership changed"
        PEOPLE_READ = "people_read", "People page read"
        EXPORT = "export", "Exported"
        CHANGE = "change", "Changed"
        REFUSED = "refused", "Refused"

    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    what = models.CharField(max_length=200, blank=True)
    address = models.CharField("address of the page", max_length=300, blank=True)
    ip_address = models.GenericIPAddressField("network address", null=True, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["area", "-at"], name="audit_of_area"),
            models.Index(fields=["user", "-at"], name="audit_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError("The audit log is added to, never edited.")
        super().save(*args, **kwargs)


class AccessToken(Illustrative):
    """Lets a program read what one person may see of one area. Only the digest is kept; it can be revoked."""

    user = models.ForeignKey(User, models.CASCADE, related_name="access_tokens")
    area = models.ForeignKey(Area, models.PROTECT, related_name="access_tokens")
    name = models.CharField("what it is for", max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.user}, {self.area})"


class Partner(Sourced, Illustrative):
    """A body that owns work."""

    class Sector(models.TextChoices):
        COUNCIL = "council", "Council"
        HEALTH = "health", "Health"
        SCHOOL = "school", "School or college"
        VOLUNTARY = "voluntary", "Voluntary sector"
        PARENT_CARER_FORUM = "parent_carer_forum", "Parent carer forum"
        OTHER = "other", "Other"

    area = models.ForeignKey(Area, models.PROTECT, related_name="partners")
    name = models.CharField(max_length=160)
    sector = models.CharField(max_length=20, choices=Sector)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="partner_named_once_an_area")]

    def __str__(self) -> str:
        return self.name


class LeadQuerySet(models.QuerySet):
    def in_post(self, on):
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=on))


class Lead(Sourced, Illustrative):
    """A person or post that answers for work, with or without a log-in."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="leads")
    name = models.CharField(max_length=120)
    initials = models.CharField(max_length=8, blank=True)
    role = models.CharField(max_length=160, blank=True)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="leads")
    email = models.EmailField("email address", blank=True)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="leads")
    left_on = models.DateField(null=True, blank=True)

    history = HistoricalRecords()
    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
