"""Find people: by company, by what they are told, and by status."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Lower, Upper
from django.utils import timezone

from accounts.models.choices import PersonStatus, RequestNotices, Role
from accounts.models.sign_in import SignInAttempts
from companies.addresses import canonical_address
from companies.models import Company, Domain

if TYPE_CHECKING:
    from accounts.models.people import User

SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# The domain of an address, letters in reverse.
DOMAIN_BACKWARDS = Func(
    Func(F("email"), Value("@"), Value(2), function="split_part"),
    function="reverse",
    output_field=models.TextField(),
)


def ignoring_case(text: Combinable) -> Lower:
    """Ignore case by way of capitals, as some have two small letters (σ, ς)."""
    return Lower(Upper(text))


WANTS_REMINDERS = Q(gets_reminders=True)
WANTS_NOTICES = ~Q(request_notices=RequestNotices.NONE)


class UserQuerySet(models.QuerySet["User"]):
    def members_of(self, company: Company) -> UserQuerySet:
        """Filter by company, as a bigint: the only type that the index of btree_gin knows."""
        return self.filter(company=Cast(Value(company.pk), models.BigIntegerField()))

    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def active_admins(self) -> UserQuerySet:
        return self.active().filter(company__isnull=False, role=Role.ADMIN)

    def active_admins_of(self, company: Company | None) -> UserQuerySet:
        return self.active_admins().filter(company=company)

    def reminded(self) -> UserQuerySet:
        """Return admins who want reminders; where all admins of a company switched them off, all of them."""
        return self._admins_wanting(WANTS_REMINDERS)

    def noticed(self) -> UserQuerySet:
        """Return admins who want mails about new requests; where none does, all of them."""
        return self._admins_wanting(WANTS_NOTICES)

    def noticed_at_once(self, company: Company) -> UserQuerySet:
        """Return people who decide, except admins who read of new requests daily or weekly."""
        together = Q(request_notices__in=[RequestNotices.DAILY, RequestNotices.WEEKLY])
        admins = UserQuerySet(self.model).active_admins_of(company).noticed().exclude(together)
        return self.filter(Q(pk__in=admins.values("pk")) | Q(pk__in=company.deputies.current().values("user")))

    def _admins_wanting(self, wants: Q) -> UserQuerySet:
        wanting = (
            UserQuerySet(self.model).active().filter(wants, company=models.OuterRef("company"), role=Role.ADMIN)
        )
        return self.filter(wants | ~models.Exists(wanting))

    def expiring(self, *, first: date, last: date) -> UserQuerySet:
        """Return pending people with a deadline between these days (R12)."""
        return self.filter(
            registered_at=None,
            is_blocked=False,
            registration_deadline__gte=first,
            registration_deadline__lte=last,
        )

    def undeliverable(self) -> UserQuerySet:
        """Return people whose address mail servers refuse (C36)."""
        return self.filter(undeliverable_since__isnull=False)

    def matching(self, text: str) -> UserQuerySet:
        """Return people with each word in the name or the address (R14)."""
        rows = self
        for word in text.split():
            rows = rows.filter(searched__contains=ignoring_case(Value(word)))
        return rows

    def outside_domains_of(self, company: Company, *, without: Domain | None = None) -> UserQuerySet:
        """Return members on no domain of the company (R9), or on none `without` this one."""
        inside = Q(pk__in=[])
        for domain in company.domains.exclude(pk=without.pk if without else 0):
            inside |= Q(email__endswith=f"@{domain.name}")
            if domain.has_subdomains:
                inside |= Q(email__endswith=f".{domain.name}")
        return self.members_of(company).exclude(inside)

    def of_status(self, status: str, has_license: Q) -> UserQuerySet:
        people = self.filter(_at_least(status))
        if status == PersonStatus.BLOCKED:  # which takes no more
            return people
        return people.with_status(has_license).filter(Q(status=status))

    def without_company_on(self, domain: str, *, has_subdomains: bool) -> UserQuerySet:
        """Return active people without a company on this domain, who are reached by a new domain (R8)."""
        backwards = domain[::-1]
        on_it = Q(backwards=backwards)
        if has_subdomains:
            on_it |= Q(backwards__startswith=f"{backwards}.")
        free = self.active().filter(company=None, is_staff=False)
        return free.alias(backwards=DOMAIN_BACKWARDS).filter(on_it)

    def with_second_step(self) -> UserQuerySet:
        return self.annotate(has_second_step=_second_step_exists())

    def who_have_second_step(self, has_it: bool) -> UserQuerySet:
        return self.filter(_second_step_exists() if has_it else ~_second_step_exists())

    def with_status(
        self, has_license: Q | models.Exists | Value | None = None, *, heeding_locks: bool = True
    ) -> UserQuerySet:
        """Annotate `status`; the caller passes `has_license`, as accounts know no licences."""
        locked_until = SignInAttempts.objects.locked().filter(address=models.OuterRef("email"))
        locked = [When(locked_until__isnull=False, then=Value(PersonStatus.LOCKED))] if heeding_locks else []
        return self.annotate(
            locked_until=models.Subquery(locked_until.values("locked_until")[:1]),
            status=Case(
                When(is_blocked=True, then=Value(PersonStatus.BLOCKED)),
                *locked,
                When(
                    registered_at=None,
                    registration_deadline__lte=timezone.localdate(),
                    then=Value(PersonStatus.EXPIRED),
                ),
                When(registered_at=None, then=Value(PersonStatus.REQUESTED)),
                When(
                    has_license if has_license is not None else Q(pk__isnull=False),
                    then=Value(PersonStatus.REGISTERED),
                ),
                default=Value(PersonStatus.NO_LICENSE),
            ),
        )


def _at_least(status: str) -> Q:
    """Return a condition with an index that every person of this status meets."""
    if status == PersonStatus.BLOCKED:
        return Q(is_blocked=True)
    if status == PersonStatus.LOCKED:
        return Q(email__in=SignInAttempts.objects.locked().values("address"))
    if status in (PersonStatus.EXPIRED, PersonStatus.REQUESTED):
        return Q(registered_at=None, is_blocked=False)
    return Q(is_active=True)


def _second_step_exists() -> models.Exists:
    factors = Authenticator.objects.filter(user=models.OuterRef("pk"), type__in=SECOND_STEPS)
    return models.Exists(factors)


class UserManager(BaseUserManager["User"]):
    use_in_migrations = False

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())

    def create_superuser(self, email: str, password: str, **fields: Any) -> User:
        user = self.model(
            email=canonical_address(email),
            is_staff=True,
            is_superuser=True,
            registered_at=timezone.now(),
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


UsersManager = UserManager.from_queryset(UserQuerySet)
