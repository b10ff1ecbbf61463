from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, cast

from django.db import models
from django.db.models import BooleanField, Case, ExpressionWrapper, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import Company, LabelValue
from companies.working_hours import after_working_days, local_day
from licenses.models import Document, License
from requests_app.verbs import DOCUMENT_REQUEST_VERBS, LICENSE_REQUEST_VERBS, RequestVerbs

MAX_REASON = 1000  # C30


class RequestStatus(models.TextChoices):
    OPEN = "open", _("Open")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Closed by itself")


# The database repeats R28: a decision has a moment, and only the requester withdraws.
# It has the admin too, as long as that account exists: history outlives it (C42).
_DECIDED = [RequestStatus.APPROVED, RequestStatus.REJECTED]
_BY_NO_ADMIN = [RequestStatus.WITHDRAWN, RequestStatus.EXPIRED]


class RequestQuerySet(models.QuerySet):
    def of(self, company: Company | None) -> RequestQuerySet:
        return self.filter(company=company, company__isnull=False)

    def visible_to(self, user: User) -> RequestQuerySet:
        """Return the requests of the person's company, open and closed, with what a page shows (R27).

        `is_own` marks the person's own. The requester and the admin who decided are loaded for people who decide
        only: to a colleague the rows do not carry them (C29).
        """
        shown_with = cast("type[AccessRequest]", self.model).shown_with
        rows = self.of(user.company).select_related("company", "label", *shown_with)
        rows = rows.annotate(is_own=ExpressionWrapper(Q(user=user), BooleanField()))
        if user.decides_requests:
            return rows.select_related("user", "decided_by")
        return rows.defer("user", "decided_by", "rejection_note")

    def pending(self) -> RequestQuerySet:
        return self.filter(status=RequestStatus.OPEN)

    def postponed_for(self, user: User) -> RequestQuerySet:
        """Return what was rejected with „not now" until a day that is still to come."""
        return self.filter(user=user, company=user.company_id, ask_again_on__gt=timezone.localdate())

    def in_line(self) -> RequestQuerySet:
        """Return open licence requests that wait for a free seat and can still get it (R24)."""
        return self.pending().filter(
            waiting_since__isnull=False, user__is_active=True, user__company=models.F("company")
        )

    def open_first(self) -> RequestQuerySet:
        """Sort open requests first, then the newest, in no order that shows the requester."""
        waits = Case(When(status=RequestStatus.OPEN, then=Value(0)), default=Value(1))
        return self.order_by(waits, "-created_at", "-pk")


class AccessRequest(models.Model):
    """Hold what both kinds of requests share; decided rows are kept with who, when and why."""

    Status = RequestStatus

    # What differs between the kinds of requests.
    verbs: ClassVar[RequestVerbs]
    item_field: ClassVar[str]  # the field of the licence or document
    shown_with: ClassVar[tuple[str, ...]]  # what a page or mail about a request shows of other tables
    url_name: ClassVar[str]  # in the names of URLs
    file_name: ClassVar[str]  # of the export
    item_label: ClassVar[Promise]
    list_title: ClassVar[Promise]
    approved_text: ClassVar[Promise]
    withdrawn_text: ClassVar[Promise]
    needs_destination: ClassVar[bool]  # approving asks first to which licence it leads

    license: models.ForeignKey[Any, Any]  # what approval gives; of a standard it is known once that is approved
    license_id: int | None
    waiting_since: datetime | None = None  # only licence requests wait in line

    company = models.ForeignKey(Company, models.PROTECT, related_name="%(class)ss", verbose_name=_("company"))
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="%(class)ss", verbose_name=_("requested by")
    )  # none: the account was deleted
    reason = models.CharField(_("reason"), max_length=MAX_REASON, blank=True)
    label = models.ForeignKey(
        LabelValue, models.SET_NULL, null=True, blank=True, related_name="%(class)ss", verbose_name=_("label")
    )  # of the request's own company: a foreign key on both columns in the database
    status = models.CharField(_("status"), max_length=9, choices=RequestStatus, default=RequestStatus.OPEN)
    created_at = models.DateTimeField(_("requested"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    # Of a rejection: what colleagues read as well, what the requester alone reads, and „not now".
    rejection_reason = models.CharField(_("reason for rejection"), max_length=MAX_REASON, blank=True)
    rejection_note = models.CharField(_("message to the requester"), max_length=MAX_REASON, blank=True)
    ask_again_on = models.DateField(_("ask again from"), null=True, blank=True)
    reminded_on = models.DateField(_("admins reminded on"), null=True, blank=True, editable=False)  # R30
    escalated_on = models.DateField(_("contact person told on"), null=True, blank=True, editable=False)
    nudged_at = models.DateTimeField(_("requester reminded the admins"), null=True, blank=True, editable=False)

    is_own: bool  # only after visible_to()

    objects = RequestQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=_DECIDED, decided_at__isnull=False)
                | Q(status__in=_BY_NO_ADMIN, decided_at__isnull=False, decided_by=None)
                | Q(status=RequestStatus.OPEN, decided_at=None, decided_by=None),
                name="%(class)s_decided_when",
            ),
            # A note and a day to ask again come with a rejection only.
            models.CheckConstraint(
                condition=Q(status=RequestStatus.REJECTED) | Q(rejection_note="", ask_again_on=None),
                name="%(class)s_rejected_says",
            ),
            # Before an account goes, what it asked for is withdrawn (C27).
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.OPEN) | Q(user__isnull=False), name="%(class)s_open_has_a_person"
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.status == RequestStatus.OPEN

    @property
    def is_unfulfilled(self) -> bool:
        return self.status in {RequestStatus.REJECTED, RequestStatus.EXPIRED}

    @property
    def promised_on(self) -> date:
        asked_on = local_day(self.created_at, self.company.time_zone)
        return after_working_days(asked_on, self.company.promised_days)

    @property
    def item(self) -> License | Document:
        item: License | Document = getattr(self, self.item_field)
        return item

    @property
    def item_id(self) -> int:
        number: int = getattr(self, f"{self.item_field}_id")
        return number

    @classmethod
    def message_field(cls) -> str:
        return f"{cls.item_field}_request"

    def same(self) -> RequestQuerySet:
        return type(self).objects.filter(company=self.company_id, **{self.item_field: self.item_id})

    @property
    def wanted_title(self) -> str:
        return str(self.item)  # as a sentence names it

    @property
    def page(self) -> str:
        return reverse(f"requests:{self.url_name}_request", args=[self.pk])

    @property
    def reading_page(self) -> str:
        raise NotImplementedError

    @property
    def requester(self) -> User:
        """Return the requester of an open request; of a closed one the account may be deleted."""
        assert self.user is not None
        return self.user


class LicenseRequest(AccessRequest):
    verbs = LICENSE_REQUEST_VERBS
    item_field = "license"
    shown_with = ("license",)
    url_name = "license"
    file_name = "licentieaanvragen"
    item_label = _("Licence")
    list_title = _("Licence requests")
    approved_text = _("%(name)s can use “%(license)s” now, and gets a mail about it.")
    needs_destination = False
    withdrawn_text = _("You have withdrawn your request. You can request the licence again later.")

    license = models.ForeignKey(License, models.PROTECT, related_name="requests", verbose_name=_("license"))
    # An admin put the request in line for a free seat (R24); it stays open.
    waiting_since = models.DateTimeField(_("in line since"), null=True, blank=True)

    class Meta:
        verbose_name = _("licence request")
        verbose_name_plural = _("licence requests")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["company", "-created_at"], name="license_request_of_company"),
            models.Index(fields=["company"], condition=Q(status="open"), name="license_request_open"),
            models.Index(
                fields=["license", "waiting_since"],
                condition=Q(waiting_since__isnull=False),
                name="license_request_in_line",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "license"], condition=Q(status="open"), name="licenserequest_one_open"
            ),
            models.CheckConstraint(
                condition=Q(waiting_since=None) | Q(status="open"), name="licenserequest_waits_while_open"
            ),
            *AccessRequest.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.license} ({self.get_status_display()})"

    @property
    def wanted_title(self) -> str:
        return str(_("“%(license)s”") % {"license": self.license})

    @property
    def reading_page(self) -> str:
        return f"{reverse('documents:documents')}?readable=on"


class DocumentRequest(AccessRequest):
    """Ask for a standard (R29); `license` is the licence given, or the collection added to."""

    verbs = DOCUMENT_REQUEST_VERBS
    item_field = "document"
    shown_with = ("document", "license")
    url_name = "document"
    file_name = "normaanvragen"
    item_label = _("Standard")
    list_title = _("Requests for standards")
    approved_text = _("%(name)s can read %(document)s now, and gets a mail about it.")
    needs_destination = True
    withdrawn_text = _("You have withdrawn your request. You can request the document again later.")

    document = models.ForeignKey(Document, models.PROTECT, related_name="requests", verbose_name=_("document"))
    license = models.ForeignKey(
        License,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="document_requests",
        verbose_name=_("license"),
    )

    class Meta:
        verbose_name = _("document request")
        verbose_name_plural = _("document requests")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["company", "-created_at"], name="document_request_of_company"),
            models.Index(fields=["company"], condition=Q(status="open"), name="document_request_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "document"], condition=Q(status="open"), name="documentrequest_one_open"
            ),
            *AccessRequest.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.document} ({self.get_status_display()})"

    @property
    def reading_page(self) -> str:
        return reverse("documents:document", args=[self.document_id])


REQUEST_KINDS: tuple[type[AccessRequest], ...] = (LicenseRequest, DocumentRequest)
