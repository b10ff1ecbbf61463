from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from companies.models import Company, LabelValue
from licenses.models import License


class PeopleChange(models.Model):
    class Kind(models.TextChoices):
        GIVE_LICENSE = "give_license", _("Give a licence")
        TAKE_LICENSE = "take_license", _("Take away a licence")
        SEND_REGISTRATION = "send_registration", _("Send registration mail again")
        SET_LABEL = "set_label", _("Change the label")
        MAKE_ADMIN = "make_admin", _("Make company admin")
        MAKE_USER = "make_user", _("Make user")
        BLOCK = "block", _("Block")
        UNBLOCK = "unblock", _("Unblock")
        REMOVE = "remove", _("Remove from the company")
        DELETE = "delete", _("Delete the account")

    class State(models.TextChoices):
        CHOSEN = "chosen", _("not done yet")
        RUNNING = "running", _("going on")
        DONE = "done", _("done")

    company = models.ForeignKey(Company, models.CASCADE, related_name="people_changes", verbose_name=_("company"))
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    # The licence or the label that it is about.
    license = models.ForeignKey(License, models.SET_NULL, null=True, blank=True, related_name="+")
    label = models.ForeignKey(LabelValue, models.SET_NULL, null=True, blank=True, related_name="+")
    is_without_label = models.BooleanField(default=False)  # chosen so, and not since the label is gone
    is_complete = models.BooleanField(default=False)  # what it is about was chosen
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.CHOSEN)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    mails_from = models.DateTimeField(default=timezone.now)  # when the next mail of it is due
    touched_at = models.DateTimeField(default=timezone.now)  # by the worker; long ago: it is taken up again
    attempts = models.PositiveSmallIntegerField(default=0)  # of workers, since the last batch that was saved

    class Meta:
        verbose_name = _("change for several users")
        verbose_name_plural = _("changes for several users")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.created_at), "DATETIME_FORMAT")

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def needs_license(self) -> bool:
        return self.kind in {self.Kind.GIVE_LICENSE, self.Kind.TAKE_LICENSE}


class PeopleChangeLine(models.Model):
    """Record what happens to one person; without `user` the account is deleted (C42). Holds no name."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        SKIPPED = "skipped", _("skipped")
        REFUSED = "refused", _("refused")

    change = models.ForeignKey(PeopleChange, models.CASCADE, related_name="lines")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("user"))
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome, default=Outcome.WAITING)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("user of a change for several")
        verbose_name_plural = _("users of a change for several")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["change", "user"], name="peoplechangeline_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.get_outcome_display()}"
