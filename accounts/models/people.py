"""Hold people of every kind: personal accounts, users, company admins, NEN staff (R1)."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat, Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.models.choices import LANGUAGES, PersonOrigin, PersonStatus, RequestNotices, Role
from accounts.models.people_queries import (
    DOMAIN_BACKWARDS,
    SECOND_STEPS,
    WANTS_NOTICES,
    WANTS_REMINDERS,
    UsersManager,
    ignoring_case,
)
from companies.models import Company, LabelValue
from nenconnect.search.search_index import word_index_of


class User(AbstractBaseUser, PermissionsMixin):
    Role = Role
    Origin = PersonOrigin
    RequestNotices = RequestNotices
    Status = PersonStatus
    SECOND_STEPS = SECOND_STEPS

    email = models.EmailField(_("user name"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150)
    phone = models.CharField(_("phone number"), max_length=40, blank=True)
    country = CountryField(_("country"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="nl")
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("company")
    )
    role = models.CharField(_("role"), max_length=5, choices=Role, default=Role.USER)
    label = models.ForeignKey(
        LabelValue, models.SET_NULL, null=True, blank=True, related_name="people", verbose_name=_("label")
    )  # of the person's own company: a foreign key on both columns in the database
    is_mail_rerouted = models.BooleanField(_("send e-mails to the company admin"), default=False)
    gets_reminders = models.BooleanField(_("gets reminders"), default=True)
    # Of new requests, as an admin.
    request_notices = models.CharField(
        _("mails about new requests"), max_length=6, choices=RequestNotices, default=RequestNotices.EACH
    )
    requests_told_at = models.DateTimeField(_("told of new requests"), null=True, blank=True)  # by day or week
    is_staff = models.BooleanField(_("NEN staff"), default=False)
    is_blocked = models.BooleanField(_("blocked"), default=False)
    # Closed by NEN: the account of the same person that stays. The address of this one no longer signs in.
    merged_into = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="merged_accounts",
        verbose_name=_("merged into"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    registration_origin = models.CharField(max_length=7, choices=PersonOrigin, default=PersonOrigin.SELF)
    registration_sent_at = models.DateTimeField(_("registration mail sent"), null=True, blank=True)
    registration_deadline = models.DateField(_("finish registration before"), null=True, blank=True)
    registration_round = models.PositiveIntegerField(default=0)  # goes up with each sending: the old link is dead
    registration_next = models.CharField(max_length=500, blank=True)  # our own page that led to registering
    registered_at = models.DateTimeField(_("registered"), null=True, blank=True)
    first_signed_in_at = models.DateTimeField(_("first sign-in"), null=True, blank=True)
    session_round = models.PositiveIntegerField(default=0)  # goes up to end every open session at once (C19)
    # Mail to this address is refused; empty again once a mail is accepted, or the address is another (C36).
    undeliverable_since = models.DateTimeField(_("mail undeliverable since"), null=True, blank=True)
    undeliverable_reason = models.TextField(_("what the mail server answered"), blank=True)
    is_active = models.GeneratedField(
        expression=Q(registered_at__isnull=False, is_blocked=False),  # type: ignore[arg-type]  # Django takes a Q
        output_field=models.BooleanField(_("active")),
        db_persist=True,
    )
    # What a search looks through, kept as it compares: no word goes on from the name into the address.
    searched = models.GeneratedField(
        expression=ignoring_case(Concat("name", Value("\n"), "email", output_field=models.TextField())),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = UsersManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["company", "name", "id"], name="user_of_company"),
            # With the name, or Postgres would go to the row for what the index is sorted by; so pages in the
            # middle, and searches, read the index alone.
            models.Index(
                "company", Lower("name"), "id", include=["name", "searched"], name="user_of_company_by_name"
            ),
            models.Index(
                "company", Lower("name"), "id", condition=Q(is_blocked=True), name="user_blocked_by_name"
            ),
            models.Index(
                "company",
                Lower("name"),
                "id",
                condition=Q(registered_at=None, is_blocked=False),
                name="user_pending_by_name",
            ),
            models.Index("company", Lower("name"), "id", condition=Q(role="admin"), name="user_admin_by_name"),
            models.Index(
                fields=["registration_deadline", "id"],
                condition=Q(registered_at=None, is_blocked=False),
                name="user_pending_until",
            ),
            GinIndex(word_index_of("name", "email"), name="user_by_words"),  # NEN's desk finds by words
            # Finds the people on a new domain (R8); backwards, so that subdomains are found by their beginning.
            models.Index(
                OpClass(DOMAIN_BACKWARDS, name="text_pattern_ops"),
                "id",
                condition=Q(company=None, is_active=True),
                name="user_personal_on_domain",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & Q(email__regex=r"^[a-z0-9._'+=&~-]+@[a-z0-9.-]+$"),
                name="user_email_is_canonical",
            ),
            models.CheckConstraint(
                condition=Q(role="user") | Q(company__isnull=False), name="user_admin_has_a_company"
            ),
            models.CheckConstraint(
                condition=Q(role="user") | Q(is_mail_rerouted=False), name="user_admin_reads_own_mail"
            ),
            models.CheckConstraint(
                condition=Q(label=None) | Q(company__isnull=False), name="user_label_has_a_company"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(company=None, is_blocked=True), name="user_merged_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(registered_at__isnull=False) | Q(registration_deadline__isnull=False),
                name="user_pending_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(undeliverable_since__isnull=False) | Q(undeliverable_reason=""),
                name="user_undeliverable_since",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def status_label(self) -> str:
        return str(PersonStatus(self.status).label)  # type: ignore[attr-defined]

    def status_now(self, *, is_locked: bool, has_license: bool) -> str:
        """Return the status like `with_status`, for a person whose other data is at hand."""
        if self.is_blocked:
            return PersonStatus.BLOCKED
        if is_locked:
            return PersonStatus.LOCKED
        if self.is_pending:
            return PersonStatus.EXPIRED if self.is_expired() else PersonStatus.REQUESTED
        return PersonStatus.REGISTERED if has_license else PersonStatus.NO_LICENSE

    @property
    def is_company_admin(self) -> bool:
        return self.role == self.Role.ADMIN and self.company_id is not None

    @cached_property
    def decides_requests(self) -> bool:
        """Tell whether the person decides on requests, as admin or deputy; looked up once per row (C26)."""
        return self.is_active and (self.is_company_admin or self.deputyships.current().exists())

    @property
    def is_pending(self) -> bool:
        return self.registered_at is None

    def is_expired(self, today: date | None = None) -> bool:
        """Tell whether registration was not finished before the deadline (R12)."""
        today = today or timezone.localdate()
        return self.is_pending and self.registration_deadline is not None and self.registration_deadline <= today

    def must_get_reminders(self) -> bool:
        """Tell whether this is the last active admin who gets reminders of open requests (R30)."""
        return self._is_the_last_who(WANTS_REMINDERS)

    def must_get_notices(self) -> bool:
        return self._is_the_last_who(WANTS_NOTICES)

    def _is_the_last_who(self, wants: Q) -> bool:
        if not (self.is_company_admin and self.is_active):
            return False
        others = User.objects.active_admins_of(self.company).exclude(pk=self.pk)
        return not others.filter(wants).exists()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Bind sessions to the password and to `session_round`, so that unblocking revives none (C19)."""
        value = f"{self.password}:{self.session_round}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()


def without_active_admin(companies: models.QuerySet[Company]) -> models.QuerySet[Company]:
    admins = User.objects.active_admins().filter(company=models.OuterRef("pk"))
    return companies.filter(~models.Exists(admins), closed_at=None)
