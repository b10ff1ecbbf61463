from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.addresses import domain_of, parents_of, readable_domain
from companies.working_hours import DEFAULT_ZONE, validate_time_zone
from nenconnect.search.search_index import word_index_of

SEARCHED = ("name", "department", "contact_email")  # by words, at the desk
MAX_PROMISED_DAYS = 30  # working days
MIN_CLOSING_DAYS, MAX_CLOSING_DAYS = 7, 365


class CompanyQuerySet(models.QuerySet["Company"]):
    def working(self) -> CompanyQuerySet:
        return self.filter(closed_at=None)

    def admitting(self, address: str) -> CompanyQuerySet:
        return self.working().filter(pk__in=Domain.objects.admitting(address).values("company"))

    def open_to(self, address: str) -> CompanyQuerySet:
        return self.admitting(address).filter(allows_self_registration=True).order_by("name", "department", "pk")

    def closed_to(self, address: str) -> CompanyQuerySet:
        return self.admitting(address).filter(allows_self_registration=False).order_by("name", "department", "pk")


class SecondStep(models.TextChoices):
    """Name who needs a second step at sign-in."""

    NOBODY = "nobody", _("No one: each person chooses")
    ADMINS = "admins", _("Company admins")
    EVERYONE = "everyone", _("Everyone")


class LabelKind(models.TextChoices):
    """Name what a company's label is for."""

    USERS = "users", _("Label for users")  # such as „Afdeling"
    REQUESTS = "requests", _("Label for requests")  # such as „Project"


class Company(models.Model):
    SecondStep = SecondStep

    name = models.CharField(_("name"), max_length=200)
    department = models.CharField(_("department"), max_length=100, blank=True)  # for companies of one name (R5)
    customer_number = models.CharField(_("customer number"), max_length=30, unique=True)
    contact_person = models.CharField(_("contact person"), max_length=200)
    contact_phone = models.CharField(_("contact phone"), max_length=40)
    contact_email = models.EmailField(_("contact e-mail"))
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="managed_companies",
        limit_choices_to={"is_staff": True},
        verbose_name=_("NEN account manager"),
    )
    allows_self_registration = models.BooleanField(_("allow self-registration"), default=False)
    time_zone = models.CharField(
        _("time zone"), max_length=50, default=DEFAULT_ZONE, validators=[validate_time_zone]
    )
    second_step_for = models.CharField(
        _("second step at sign-in"), max_length=8, choices=SecondStep, default=SecondStep.NOBODY
    )
    second_step_from = models.DateField(_("second step from"), null=True, blank=True)
    user_label = models.CharField(_("label for users"), max_length=40, blank=True)  # such as „Afdeling"
    request_label = models.CharField(_("label for requests"), max_length=40, blank=True)  # such as „Project"
    # „Tekst bij aanvraag": people read it when they make a request (R29).
    request_text = models.CharField(_("text with requests"), max_length=1000, blank=True)
    promised_days = models.PositiveSmallIntegerField(_("promised time in working days"), default=3)
    closes_after_days = models.PositiveSmallIntegerField(
        _("requests close themselves after days"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_because = models.CharField(_("reason for closing"), max_length=300, blank=True)  # members read it

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name", "pk"]
        indexes = [GinIndex(word_index_of(*SEARCHED), name="company_by_words")]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="company_has_a_name"),
            models.CheckConstraint(condition=~Q(customer_number=""), name="company_has_a_number"),
            models.CheckConstraint(
                condition=Q(second_step_for=SecondStep.NOBODY, second_step_from=None)
                | ~Q(second_step_for=SecondStep.NOBODY) & Q(second_step_from__isnull=False),
                name="company_second_step_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(promised_days__gte=1, promised_days__lte=MAX_PROMISED_DAYS),
                name="company_promises_some_days",
            ),
            models.CheckConstraint(
                condition=Q(closes_after_days=None)
                | Q(closes_after_days__gte=MIN_CLOSING_DAYS, closes_after_days__lte=MAX_CLOSING_DAYS),
                name="company_closes_requests_in_time",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_because="")
                | Q(closed_at__isnull=False) & ~Q(closed_because=""),
                name="company_closed_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        return f"{self.name} – {self.department}" if self.department else self.name

    def label_of(self, kind: str) -> str:
        return self.user_label if kind == LabelKind.USERS else self.request_label

    @property
    def readable_domains(self) -> str:
        return ", ".join(str(domain) for domain in self.domains.all())

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    def admits(self, address: str) -> bool:
        return self.domains.admitting(address).exists()


class DomainQuerySet(models.QuerySet["Domain"]):
    def admitting(self, address: str) -> DomainQuerySet:
        """Return the domains that admit this canonical address, compared whole, never by their end (C1)."""
        domain = domain_of(address)
        return self.filter(Q(name=domain) | Q(name__in=parents_of(domain), has_subdomains=True))

    def unproven(self) -> DomainQuerySet:
        return self.filter(proven_at=None, company__closed_at=None)

    def proven(self) -> DomainQuerySet:
        return self.filter(proven_at__isnull=False, proof_missing_since=None)

    def losing_proof(self) -> DomainQuerySet:
        return self.filter(proof_missing_since__isnull=False)

    def without_mail(self) -> DomainQuerySet:
        return self.filter(mail_gone_since__isnull=False, company__closed_at=None)

    def due_for_look_up(self) -> DomainQuerySet:
        return self.filter(look_up_due_at__lte=timezone.now()).order_by("look_up_due_at", "pk")


PROOF_LASTS = timedelta(days=30)  # after the record was first missing: time to put it back


def new_proof_token() -> str:
    return secrets.token_hex(16)


class Domain(models.Model):
    company = models.ForeignKey(Company, models.CASCADE, related_name="domains", verbose_name=_("company"))
    name = models.CharField(_("domain"), max_length=253)
    has_subdomains = models.BooleanField(_("with subdomains"), default=False)
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    # NEN's reason to add a public domain, or a domain that looks like another company's.
    allowed_because = models.CharField(_("reason to add a refused domain"), max_length=300, blank=True)
    # The value of the TXT record that proves that the domain is the customer's: only its owner can make one.
    proof_token = models.CharField(max_length=32, default=new_proof_token, editable=False)
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True, editable=False)
    proof_missing_since = models.DateTimeField(_("proof gone since"), null=True, blank=True, editable=False)
    mail_gone_since = models.DateTimeField(_("no mail server since"), null=True, blank=True, editable=False)
    looked_up_at = models.DateTimeField(_("looked up"), null=True, blank=True, editable=False)
    look_up_due_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DomainQuerySet.as_manager()

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["name"]
        indexes = [
            models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="domain_by_name"),
            models.Index(fields=["look_up_due_at", "id"], name="domain_to_look_up"),
            models.Index(fields=["company"], condition=Q(proven_at=None), name="domain_unproven"),
            models.Index(
                fields=["company"], condition=Q(mail_gone_since__isnull=False), name="domain_without_mail"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="domain_once_per_company"),
            models.CheckConstraint(
                condition=Q(name=Lower("name")) & Q(name__regex=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"),
                name="domain_is_canonical",
            ),
            models.CheckConstraint(
                condition=Q(proof_missing_since=None) | Q(proven_at__isnull=False),
                name="domain_lost_proof_was_there",
            ),
        ]

    def __str__(self) -> str:
        return readable_domain(self.name)

    def admits(self, address: str) -> bool:
        domain = domain_of(address)
        return domain == self.name or (self.has_subdomains and self.name in parents_of(domain))

    @property
    def proof_host(self) -> str:
        return f"_nen-connect.{self.name}"

    @property
    def proof_value(self) -> str:
        return f"nen-connect={self.proof_token}"

    @property
    def proof_lapses_at(self) -> datetime | None:
        return self.proof_missing_since + PROOF_LASTS if self.proof_missing_since else None


class DomainFanOut(models.Model):
    """Track the mailing to the people on a domain who can join its company, batch by batch (R8).

    It is a row of its own: the page that adds the domain answers at once, and after a crash a worker continues.
    """

    domain = models.OneToOneField(Domain, models.CASCADE, related_name="fan_out", verbose_name=_("domain"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    total = models.PositiveIntegerField(_("people"), null=True, blank=True)  # counted when it begins
    mailed = models.PositiveIntegerField(_("mails written"), default=0)
    last_person = models.BigIntegerField(default=0)  # people up to this id are done
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("mailing about a domain")
        verbose_name_plural = _("mailings about domains")
        indexes = [models.Index(fields=["id"], condition=Q(finished_at=None), name="domainfanout_unfinished")]

    def __str__(self) -> str:
        return str(self.domain)


class LabelValueQuerySet(models.QuerySet["LabelValue"]):
    def of(self, company: Company, kind: str = LabelKind.USERS) -> LabelValueQuerySet:
        return self.filter(company=company, kind=kind)

    def to_choose_at(self, company: Company, kind: str = LabelKind.USERS) -> LabelValueQuerySet:
        return self.of(company, kind) if company.label_of(kind) else self.none()

    def called(self, name: str) -> LabelValueQuerySet:
        return self.alias(lowered=Lower("name")).filter(lowered=Lower(Value(name)))


class LabelValue(models.Model):
    """Store one value of a company's label for users or requests, such as a department or project."""

    Kind = LabelKind

    company = models.ForeignKey(Company, models.CASCADE, related_name="label_values", verbose_name=_("company"))
    kind = models.CharField(_("kind"), max_length=8, choices=LabelKind, default=LabelKind.USERS)
    name = models.CharField(_("value"), max_length=60)

    objects = LabelValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("label value")
        verbose_name_plural = _("label values")
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint("company", "kind", Lower("name"), name="labelvalue_once_per_company"),
            models.CheckConstraint(condition=~Q(name=""), name="labelvalue_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
