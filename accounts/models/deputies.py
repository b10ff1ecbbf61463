from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from companies.models import Company


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def of(self, company: Company) -> DeputyQuerySet:
        return self.filter(company=company)

    def lasting(self, today: date | None = None) -> DeputyQuerySet:
        return self.filter(last_day__gte=today or timezone.localdate())

    def current(self, today: date | None = None) -> DeputyQuerySet:
        """Return deputies with rights on this day: both can sign in and the other is still an admin."""
        today = today or timezone.localdate()
        return self.filter(
            first_day__lte=today,
            last_day__gte=today,
            user__is_active=True,
            user__company=F("company"),
            admin__is_active=True,
            admin__role=User.Role.ADMIN,
            admin__company=F("company"),
        )


class Deputy(models.Model):
    """Let a colleague decide on requests in an admin's absence, from the first day to the last.

    The rights begin and end by themselves: they are looked up on every request (C26).
    """

    company = models.ForeignKey(Company, models.CASCADE, related_name="deputies", verbose_name=_("company"))
    user = models.ForeignKey(User, models.CASCADE, related_name="deputyships", verbose_name=_("deputy"))
    admin = models.ForeignKey(User, models.CASCADE, related_name="deputies", verbose_name=_("in the absence of"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # When beat recorded that the rights began and ended.
    began_at = models.DateTimeField(_("began"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="deputy_first_day_before_last"),
            models.CheckConstraint(condition=~Q(user=F("admin")), name="deputy_is_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.first_day} – {self.last_day})"

    @property
    def is_current(self) -> bool:
        return self.first_day <= timezone.localdate() <= self.last_day
