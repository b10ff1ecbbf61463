from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from companies.models import Company, LabelValue


class Departure(models.Model):
    """Block or remove colleagues in one go; kept for a week so that it can be undone."""

    class Kind(models.TextChoices):
        BLOCK = "block", _("blocked")
        REMOVE = "remove", _("removed from the company")

    class State(models.TextChoices):
        LEAVING = "leaving", _("going on")
        DONE = "done", _("done")
        RETURNING = "returning", _("being undone")
        UNDONE = "undone", _("undone")

    company = models.ForeignKey(Company, models.CASCADE, related_name="departures", verbose_name=_("company"))
    kind = models.CharField(_("what"), max_length=6, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.LEAVING)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    touched_at = models.DateTimeField(default=timezone.now)  # by the worker; long ago: it is taken up again
    attempts = models.PositiveSmallIntegerField(default=0)  # of workers, since the last person who was seen to

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.created_at), "DATETIME_FORMAT")

    @property
    def is_running(self) -> bool:
        return self.state in {self.State.LEAVING, self.State.RETURNING}


class Leaver(models.Model):
    """Remember one colleague of a departure and what they had; without `user` the account is deleted."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waiting")
        GONE = "gone", _("done")
        REFUSED = "refused", _("refused")
        BACK = "back", _("undone")
        NOT_BACK = "not_back", _("not undone")

    departure = models.ForeignKey(Departure, models.CASCADE, related_name="leavers")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("user"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, default=Outcome.WAITING)
    reason = models.TextField(_("reason"), blank=True)
    role = models.CharField(_("role"), max_length=5, choices=User.Role, default=User.Role.USER)
    label = models.ForeignKey(LabelValue, models.SET_NULL, null=True, related_name="+")
    is_mail_rerouted = models.BooleanField(default=False)
    registration_origin = models.CharField(max_length=7, choices=User.Origin, default=User.Origin.COMPANY)
    licenses = models.JSONField(default=list)  # [id of the licence, last day of the grant or null]

    class Meta:
        verbose_name = _("leaver")
        verbose_name_plural = _("leavers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["departure", "user"], name="leaver_once_per_departure"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.get_outcome_display()}"
