from __future__ import annotations

import re
from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import Company

_FILLING = r"[\s./_\u2010-\u2015-]"  # what stands between the parts of a number


class DocumentStatus(models.TextChoices):
    CURRENT = "current", _("Current")
    REPLACED = "replaced", _("Replaced")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DocumentQuerySet(models.QuerySet["Document"]):
    def matching(self, text: str) -> DocumentQuerySet:
        """Each word stands in the number or in a title; spaces, dashes and dots of numbers count for nothing."""
        rows = self.alias(
            bare_number=Func(F("number"), Value(_FILLING), Value(""), Value("g"), function="regexp_replace")
        )
        for word in text.split():
            if bare := re.sub(_FILLING, "", word):
                rows = rows.filter(
                    Q(bare_number__icontains=bare) | Q(title_nl__icontains=word) | Q(title_en__icontains=word)
                )
        return rows


class Document(models.Model):
    """A standard (norm) or another publication that people read."""

    class Kind(models.TextChoices):
        NEN = "NEN", "NEN"
        NEN_EN = "NEN-EN", "NEN-EN"
        NEN_EN_ISO = "NEN-EN-ISO", "NEN-EN-ISO"
        NEN_ISO = "NEN-ISO", "NEN-ISO"
        NPR = "NPR", "NPR"
        NTA = "NTA", "NTA"

    Status = DocumentStatus

    number = models.CharField(_("number"), max_length=60, unique=True)
    title_nl = models.CharField(_("title (Dutch)"), max_length=400)
    title_en = models.CharField(_("title (English)"), max_length=400, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    published_on = models.DateField(_("publication date"))
    status = models.CharField(_("status"), max_length=10, choices=DocumentStatus, default=DocumentStatus.CURRENT)
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces", verbose_name=_("replaced by")
    )
    is_free = models.BooleanField(_("free document"), default=False)
    is_plus = models.BooleanField(_("Plus"), default=False)
    plus_countries = ArrayField(
        models.CharField(max_length=2),
        default=list,
        blank=True,
        verbose_name=_("countries of a Plus document"),
    )
    file = models.FileField(_("file (PDF)"), upload_to="documents/%Y", blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_plus=True, plus_countries__len__gt=0) | Q(is_plus=False, plus_countries=[]),
                name="document_plus_has_countries",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def title_language(self) -> str:
        """The reader's own language where there is a title in it, else Dutch."""
        return "en" if self.title_en and get_language() == "en" else "nl"

    @property
    def title(self) -> str:
        return self.title_en if self.title_language == "en" else self.title_nl


class LicenseQuerySet(models.QuerySet["License"]):
    def of(self, company: Company | None) -> LicenseQuerySet:
        return self.filter(company=company, company__isnull=False)

    def in_term(self, today: date | None = None) -> LicenseQuerySet:
        today = today or timezone.localdate()
        return self.filter(starts_on__lte=today, ends_on__gte=today)

    def open_to(self, user: User) -> LicenseQuerySet:
        """In term, of the person's own company, and granted or company-wide: half of R25."""
        granted = Grant.objects.filter(license=OuterRef("pk"), user=user)
        return self.of(user.company).in_term().filter(Q(is_company_wide=True) | Exists(granted))

    def requestable_by(self, user: User) -> LicenseQuerySet:
        """Shown, in term, of the person's own company, and not theirs yet (R18, R22)."""
        return (
            self.of(user.company).in_term().filter(is_shown=True).exclude(pk__in=self.model.objects.open_to(user))
        )

    def known_to(self, user: User) -> LicenseQuerySet:
        """Of the person's own company, and shown, or theirs; an admin knows them all (R22)."""
        if user.is_company_admin:
            return self.of(user.company)
        granted = Grant.objects.filter(license=OuterRef("pk"), user=user)
        theirs = Q(is_shown=True) | Q(is_company_wide=True) | Exists(granted)
        return self.of(user.company).filter(theirs)

    def with_counts(self) -> LicenseQuerySet:
        """Annotates `seats_used` and `document_count`."""
        return self.annotate(
            seats_used=_counted(Grant.objects.filter(license=OuterRef("pk"))),
            document_count=_counted(License.documents.through.objects.filter(license=OuterRef("pk"))),
        )


def _counted(rows: models.QuerySet) -> Coalesce:
    """How many rows, as a subquery: two joined counts would multiply each other."""
    counted = rows.order_by().values("license").annotate(total=models.Count("pk"))
    return Coalesce(models.Subquery(counted.values("total")), 0)


class License(models.Model):
    class Kind(models.TextChoices):
        PACKAGE = "package", _("Package")
        CUSTOM = "custom", _("Custom collection")

    company = models.ForeignKey(Company, models.PROTECT, related_name="licenses", verbose_name=_("company"))
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PACKAGE)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    seats = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    is_company_wide = models.BooleanField(_("company-wide licence"), default=False)
    is_company_wide_approved = models.BooleanField(_("NEN approved company-wide"), default=False)
    is_shown = models.BooleanField(_("show in licence selection"), default=True)
    documents = models.ManyToManyField(Document, blank=True, related_name="licenses", verbose_name=_("documents"))

    seats_used: int  # both only after with_counts()
    document_count: int

    objects = LicenseQuerySet.as_manager()

    class Meta:
        verbose_name = _("license")
        verbose_name_plural = _("licenses")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="license_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(is_company_wide=False) | Q(is_company_wide_approved=True),
                name="license_company_wide_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(is_company_wide=False) | Q(seats=None), name="license_company_wide_has_no_seats"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_term(self) -> bool:
        return self.starts_on <= timezone.localdate() <= self.ends_on

    @property
    def has_ended(self) -> bool:
        return self.ends_on < timezone.localdate()


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_force(self) -> GrantQuerySet:
        """Of a licence in its term that belongs to the person's present company."""
        today = timezone.localdate()
        return self.filter(
            license__company=F("user__company"), license__starts_on__lte=today, license__ends_on__gte=today
        )


class Grant(models.Model):
    """A person was given a licence."""

    license = models.ForeignKey(License, models.PROTECT, related_name="grants", verbose_name=_("license"))
    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("user"))
    granted_at = models.DateTimeField(_("given"), auto_now_add=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("given by"),
    )

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["-granted_at"]
        constraints = [models.UniqueConstraint(fields=["license", "user"], name="grant_once")]

    def __str__(self) -> str:
        return f"{self.license} → {self.user}"
