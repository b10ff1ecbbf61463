from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class GrantQuerySet(models.QuerySet["Grant"]):
    def lasting(self, today: date | None = None) -> GrantQuerySet:
        """Return grants without a last day of their own, or with one that has not passed.

        The licence itself may be outside its term.
        """
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today or timezone.localdate()))

    def ending(self, *, first: date, last: date) -> GrantQuerySet:
        """Return grants whose active user loses the licence between these days, before the licence itself ends."""
        return self.filter(
            ends_on__range=(first, last),
            ends_on__lt=F("license__ends_on"),
            license__is_company_wide=False,
            license__company=F("user__company"),
            user__is_active=True,
        )


class Grant(models.Model):
    """Record that a person has a licence, for its whole term or until an earlier day."""

    class Origin(models.TextChoices):
        GIVEN = "given", _("given by an admin")
        REQUEST = "request", _("request approved")
        COMPANY_WIDE = "company_wide", _("kept when the licence was no longer company-wide")

    license = models.ForeignKey(
        "licenses.License", models.PROTECT, related_name="grants", verbose_name=_("license")
    )
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
    ends_on = models.DateField(_("until"), null=True, blank=True)  # the last day; None: as long as the licence

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
        return self.ends_on is None or self.ends_on >= timezone.localdate()

    @property
    def last_day(self) -> date:
        return min(self.ends_on or self.license.ends_on, self.license.ends_on)
