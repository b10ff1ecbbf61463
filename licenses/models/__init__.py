from __future__ import annotations

import re
from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import Company
from nenconnect.words_index import words_of

# What NEN numbers are sorted by: every run of digits at a width of eight, so that 9001 stands before 14001.
_PADDED = Func(F("number"), Value(r"(\d+)"), Value(r"0000000\1"), Value("g"), function="regexp_replace")
_SORT_KEY = Func(_PADDED, Value(r"0+(\d{8})(?!\d)"), Value(r"\1"), Value("g"), function="regexp_replace")
_FILLING = r"[\s./_\u2010-\u2015-]"  # what stands between the parts of a number


def bare(number: str) -> str:
    """As `Document.bare_number` has it: numbers that people take for the same are the same."""
    return re.sub(_FILLING, "", number).lower()


class DocumentStatus(models.TextChoices):
    CURRENT = "current", _("Current")
    REPLACED = "replaced", _("Replaced")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DocumentQuerySet(models.QuerySet["Document"]):
    def matching(self, text: str) -> DocumentQuerySet:
        """Each word stands in the number or in a title; spaces, dashes and dots of numbers count for nothing."""
        rows = self
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
    file_missing_since = models.DateTimeField(_("file missing since"), null=True, blank=True, editable=False)
    bare_number = models.GeneratedField(
        expression=Lower(Func(F("number"), Value(_FILLING), Value(""), Value("g"), function="regexp_replace")),
        output_field=models.CharField(max_length=60),
        db_persist=True,
    )
    sort_key = models.GeneratedField(
        expression=_SORT_KEY, output_field=models.CharField(max_length=200), db_persist=True, db_index=True
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_plus=True, plus_countries__len__gt=0) | Q(is_plus=False, plus_countries=[]),
                name="document_plus_has_countries",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bare_number"], opclasses=["varchar_pattern_ops"], name="document_by_bare_number"
            ),
            GinIndex(words_of("number", "title_nl", "title_en"), name="document_by_words"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_withdrawn(self) -> bool:
        return self.status == DocumentStatus.WITHDRAWN

    @property
    def title_language(self) -> str:
        """The reader's own language where there is a title in it, else Dutch."""
        return "en" if self.title_en and get_language() == "en" else "nl"

    @property
    def title(self) -> str:
        return self.title_en if self.title_language == "en" else self.title_nl


ENDS_SOON = timedelta(days=60)


class LicenseQuerySet(models.QuerySet["License"]):
    def of(self, company: Company | None) -> LicenseQuerySet:
        return self.filter(company=company, company__isnull=False)

    def in_term(self, today: date | None = None) -> LicenseQuerySet:
        today = today or timezone.localdate()
        return self.filter(starts_on__lte=today, ends_on__gte=today)

    def ending_soon(self) -> LicenseQuerySet:
        """For NEN to renew: within 60 days, when the admins are mailed first (R30); not of a company it closed."""
        today = timezone.localdate()
        return self.filter(ends_on__range=(today, today + ENDS_SOON), company__closed_at=None)

    def open_to(self, user: User) -> LicenseQuerySet:
        """In term, of the person's own company that is not closed, and granted or company-wide: half of R25."""
        return self.open_to_person(user.pk, user.company_id)

    def open_to_person(
        self, user: int | OuterRef, company: int | OuterRef | None, today: date | None = None
    ) -> LicenseQuerySet:
        """The same of the person of each row around it: then both are an OuterRef to that row's columns."""
        granted = Grant.objects.lasting(today).filter(license=OuterRef("pk"), user=_one_query_out(user))
        of_company = self.filter(company=company, company__isnull=False, company__closed_at=None)
        return of_company.in_term(today).filter(Q(is_company_wide=True) | Exists(granted))

    def requestable_by(self, user: User) -> LicenseQuerySet:
        """Shown, in term, of the person's own company that is not closed, and not theirs yet (R18, R22)."""
        return (
            self.of(user.company)
            .in_term()
            .filter(is_shown=True, company__closed_at=None)
            .exclude(pk__in=self.model.objects.open_to(user))
        )

    def known_to(self, user: User) -> LicenseQuerySet:
        """Of the person's own company, and shown, or theirs; an admin knows them all (R22)."""
        if user.is_company_admin:
            return self.of(user.company)
        granted = Grant.objects.filter(license=OuterRef("pk"), user=user)
        theirs = Q(is_shown=True) | Q(is_company_wide=True) | Exists(granted)
        return self.of(user.company).filter(theirs)

    def full(self) -> LicenseQuerySet:
        """Every seat is in use."""
        used = _counted(Grant.objects.lasting().filter(license=OuterRef("pk")))
        return self.alias(used=used).filter(seats__isnull=False, used__gte=F("seats"))

    def with_a_free_seat(self) -> LicenseQuerySet:
        used = _counted(Grant.objects.lasting().filter(license=OuterRef("pk")))
        return self.alias(used=used).filter(Q(seats=None) | Q(used__lt=F("seats")))

    def with_counts(self) -> LicenseQuerySet:
        """Annotates `seats_used` and `document_count`."""
        return self.annotate(
            seats_used=_counted(Grant.objects.lasting().filter(license=OuterRef("pk"))),
            document_count=_counted(License.documents.through.objects.filter(license=OuterRef("pk"))),
        )


def _one_query_out(value: int | OuterRef) -> int | OuterRef:
    return OuterRef(value) if isinstance(value, OuterRef) else value


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
    # What NEN allows the admins of a custom collection to put in it; none means no limit.
    max_documents = models.PositiveIntegerField(_("maximum number of documents"), null=True, blank=True)
    allowed_kinds = ArrayField(
        models.CharField(max_length=12, choices=Document.Kind),
        default=list,
        blank=True,
        verbose_name=_("kinds of documents"),
    )

    # When its last free seat was taken: a seat that becomes free after that is told of anew (R24).
    last_full_at = models.DateTimeField(_("last full"), null=True, blank=True, editable=False)

    seats_used: int  # both only after with_counts()
    document_count: int

    objects = LicenseQuerySet.as_manager()

    class Meta:
        verbose_name = _("license")
        verbose_name_plural = _("licenses")
        ordering = ["name", "pk"]
        indexes = [GinIndex(words_of("name"), name="license_by_words")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="license_ends_after_it_starts"),
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
        """From the day on which its admins are mailed first (R30)."""
        return timezone.localdate() <= self.ends_on <= timezone.localdate() + ENDS_SOON


class GrantQuerySet(models.QuerySet["Grant"]):
    def lasting(self, today: date | None = None) -> GrantQuerySet:
        """Not past the last day of one's own; the licence may still be outside its term."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today or timezone.localdate()))

    def ending(self, *, first: date, last: date) -> GrantQuerySet:
        """With a last day of their own between these days, of a licence that goes on and a person who can read."""
        return self.filter(
            ends_on__range=(first, last),
            ends_on__lt=F("license__ends_on"),
            license__is_company_wide=False,
            license__company=F("user__company"),
            user__is_active=True,
        )


class Grant(models.Model):
    """A person was given a licence, for its whole term or until a day of one's own."""

    class Origin(models.TextChoices):
        """How the person came by it."""

        GIVEN = "given", _("given by an admin")
        REQUEST = "request", _("request approved")
        COMPANY_WIDE = "company_wide", _("kept when the licence was no longer company-wide")

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
    origin = models.CharField(_("how"), max_length=12, choices=Origin, default=Origin.GIVEN)
    ends_on = models.DateField(_("until"), null=True, blank=True)  # the last day; none: as long as the licence

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["-granted_at"]
        indexes = [
            models.Index(fields=["ends_on"], condition=Q(ends_on__isnull=False), name="grant_ending"),
        ]
        constraints = [models.UniqueConstraint(fields=["license", "user"], name="grant_once")]

    def __str__(self) -> str:
        return f"{self.license} → {self.user}"

    @property
    def is_lasting(self) -> bool:
        """Not past the last day of its own."""
        return self.ends_on is None or self.ends_on >= timezone.localdate()

    @property
    def last_day(self) -> date:
        """Of this person: the grant's own, or the licence's."""
        return min(self.ends_on or self.license.ends_on, self.license.ends_on)


class Opening(models.Model):
    """Somebody opened a document: once per opening, however many pieces of the file the reader asks for."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="openings", verbose_name=_("document"))
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="openings", verbose_name=_("user")
    )
    company = models.ForeignKey(
        Company, models.SET_NULL, null=True, blank=True, related_name="openings", verbose_name=_("company")
    )
    at = models.DateTimeField(_("opened"), default=timezone.now)

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["company", "-at"], name="opening_of_company"),
            models.Index(fields=["user", "document", "-at"], name="opening_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.at:%Y-%m-%d %H:%M}"


class CompanyWideEnd(models.Model):
    """An admin switched company-wide off; a worker turns everyone's access into grants (R21), and then it is off.

    A row of its own, because no page waits for the grants of a hundred thousand people.
    """

    license = models.OneToOneField(License, models.CASCADE, related_name="company_wide_end")
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("end of company-wide")
        verbose_name_plural = _("ends of company-wide")

    def __str__(self) -> str:
        return str(self.license)


class DocumentImport(models.Model):
    """NEN staff loads many documents at once: a table, and the PDFs in one archive."""

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        READY = "ready", _("ready to load")
        LOADING = "loading", _("being loaded")
        DONE = "done", _("loaded")
        FAILED = "failed", _("refused")

    table = models.FileField(_("table (CSV or Excel)"), upload_to="imports/%Y")
    archive = models.FileField(_("PDFs (zip)"), upload_to="imports/%Y", blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.CHECKING)
    only_good = models.BooleanField(_("load the good lines only"), default=False)
    total = models.PositiveIntegerField(_("lines"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    problems = models.JSONField(_("refused lines"), default=list, blank=True)  # why; the first thousands
    refused = ArrayField(models.PositiveIntegerField(), default=list, blank=True)  # the numbers of all of them
    attempts = models.PositiveSmallIntegerField(default=0)  # of workers, since the last batch that was saved
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("uploaded by")
    )
    touched_at = models.DateTimeField(default=timezone.now)  # by the worker; long ago: it is taken up again

    class Meta:
        verbose_name = _("import of documents")
        verbose_name_plural = _("imports of documents")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.created_at), "DATETIME_FORMAT")

    @property
    def refused_lines(self) -> set[int]:
        """Never loaded."""
        return {*self.refused, *(problem["line"] for problem in self.problems)}
