from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import Company
from licenses.models.documents import Document
from licenses.models.grants import Grant
from nenconnect.search.search_index import word_index_of

ENDS_SOON = timedelta(days=60)
LAST_DAY = date(2199, 12, 31)  # 9999 means „no end", and no day follows it


class LicenseQuerySet(models.QuerySet["License"]):
    def of(self, company: Company | None) -> LicenseQuerySet:
        return self.filter(company=company, company__isnull=False)

    def in_term(self, today: date | None = None) -> LicenseQuerySet:
        today = today or timezone.localdate()
        return self.filter(starts_on__lte=today, ends_on__gte=today)

    def ending_soon(self) -> LicenseQuerySet:
        # For NEN to renew: not in closed companies. The admins get the first mail on the same day (R30).
        today = timezone.localdate()
        return self.filter(ends_on__range=(today, today + ENDS_SOON), company__closed_at=None)

    def open_to(self, user: User) -> LicenseQuerySet:
        """Return the licences that work for this person today (R25).

        A licence works in its term, for the person's company unless closed, and only if granted or company-wide.
        """
        return self.open_to_person(user.pk, user.company_id)

    def open_to_person(self, user: int | OuterRef, company: int | OuterRef | None) -> LicenseQuerySet:
        """Return what `open_to` returns, given ids, or an `OuterRef` to columns of the query around this one."""
        granted = Grant.objects.lasting().filter(license=OuterRef("pk"), user=_outer_reference(user))
        of_company = self.filter(company=company, company__isnull=False, company__closed_at=None)
        return of_company.in_term().filter(Q(is_company_wide=True) | Exists(granted))

    def requestable_by(self, user: User) -> LicenseQuerySet:
        """Return the licences that the person may request: shown, in term, not working for the person yet (R18).

        A closed company has no such licences (R22).
        """
        return (
            self.of(user.company)
            .in_term()
            .filter(is_shown=True, company__closed_at=None)
            .exclude(pk__in=self.model.objects.open_to(user))
        )

    def known_to(self, user: User) -> LicenseQuerySet:
        """Return all licences of an admin's company; for others those shown, company-wide or granted (R22)."""
        if user.is_company_admin:
            return self.of(user.company)
        granted = Grant.objects.filter(license=OuterRef("pk"), user=user)
        visible = Q(is_shown=True) | Q(is_company_wide=True) | Exists(granted)
        return self.of(user.company).filter(visible)

    def full(self) -> LicenseQuerySet:
        used = _count_subquery(Grant.objects.lasting().filter(license=OuterRef("pk")))
        return self.alias(used=used).filter(seats__isnull=False, used__gte=F("seats"))

    def with_a_free_seat(self) -> LicenseQuerySet:
        used = _count_subquery(Grant.objects.lasting().filter(license=OuterRef("pk")))
        return self.alias(used=used).filter(Q(seats=None) | Q(used__lt=F("seats")))

    def with_counts(self) -> LicenseQuerySet:
        return self.annotate(
            seats_used=_count_subquery(Grant.objects.lasting().filter(license=OuterRef("pk"))),
            document_count=_count_subquery(License.documents.through.objects.filter(license=OuterRef("pk"))),
        )


def _outer_reference(value: int | OuterRef) -> int | OuterRef:
    return OuterRef(value) if isinstance(value, OuterRef) else value


def _count_subquery(rows: models.QuerySet) -> Coalesce:
    # A subquery each, because two joined counts would multiply each other.
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
    # What NEN allows the admins of a custom collection to put in it; none means no limit.
    max_documents = models.PositiveIntegerField(_("maximum number of documents"), null=True, blank=True)
    allowed_kinds = ArrayField(
        models.CharField(max_length=12, choices=Document.Kind),
        default=list,
        blank=True,
        verbose_name=_("kinds of documents"),
    )

    # When the last free seat was taken: a seat that becomes free later is announced again (R24).
    last_full_at = models.DateTimeField(_("last full"), null=True, blank=True, editable=False)

    seats_used: int  # only after with_counts(), like document_count
    document_count: int

    objects = LicenseQuerySet.as_manager()

    class Meta:
        verbose_name = _("license")
        verbose_name_plural = _("licenses")
        ordering = ["name", "pk"]
        indexes = [GinIndex(word_index_of("name"), name="license_by_words")]
        constraints = [
            models.UniqueConstraint(fields=["company", "name", "starts_on"], name="license_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="license_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(ends_on__lte=LAST_DAY),
                name="license_ends_before_2200",
                violation_error_message=_("Choose a last day before the year 2200."),
            ),
            models.CheckConstraint(
                condition=Q(is_company_wide=False) | Q(is_company_wide_approved=True),
                name="license_company_wide_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(is_company_wide=False) | Q(seats=None), name="license_company_wide_has_no_seats"
            ),
            models.CheckConstraint(
                condition=Q(kind="custom") | Q(max_documents=None, allowed_kinds=[]),
                name="license_only_a_collection_has_limits",
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

    @property
    def ends_soon(self) -> bool:
        return timezone.localdate() <= self.ends_on <= timezone.localdate() + ENDS_SOON


class CompanyWideEnd(models.Model):
    """Mark a licence whose company-wide access a worker will replace by grants, then switch off (R21).

    It is a row of its own, because no page waits for the grants of a hundred thousand people.
    """

    license = models.OneToOneField(License, models.CASCADE, related_name="company_wide_end")
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("end of company-wide")
        verbose_name_plural = _("ends of company-wide")

    def __str__(self) -> str:
        return str(self.license)
