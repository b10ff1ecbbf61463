from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from companies.models import Company


class PeopleImport(models.Model):
    """Import many colleagues from a table (C41): checked first, then loaded by the worker."""

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        READY = "ready", _("ready to load")
        LOADING = "loading", _("being loaded")
        DONE = "done", _("loaded")
        FAILED = "failed", _("refused")

    company = models.ForeignKey(Company, models.CASCADE, related_name="people_imports", verbose_name=_("company"))
    table = models.FileField(_("table (CSV or Excel)"), upload_to="imports/%Y", blank=True)  # gone once loaded
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.CHECKING)
    total = models.PositiveIntegerField(_("lines"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    reason = models.TextField(_("reason"), blank=True)  # why the whole table was refused
    # Between two batches of checking: seats and admins that are left once the lines so far are loaded.
    so_far = models.JSONField(default=dict, blank=True)
    mails_from = models.DateTimeField(default=timezone.now)  # when the next registration mail is due
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("uploaded by")
    )
    touched_at = models.DateTimeField(default=timezone.now)  # by the worker; long ago: it is taken up again
    attempts = models.PositiveSmallIntegerField(default=0)  # of workers, since the last batch that was saved

    class Meta:
        verbose_name = _("import of users")
        verbose_name_plural = _("imports of users")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.created_at), "DATETIME_FORMAT")

    @property
    def is_running(self) -> bool:
        return self.state in {self.State.CHECKING, self.State.LOADING}


class PeopleImportLine(models.Model):
    """Record what happens to one line; holds no name and no address (C42)."""

    class Outcome(models.TextChoices):
        NEW = "new", _("New")
        INVITED = "invited", _("Invited to join")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")
        REFUSED = "refused", _("Refused")

    people_import = models.ForeignKey(PeopleImport, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome)
    columns = models.CharField(_("columns"), max_length=200, blank=True)  # which change, or are wrong
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of an import")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["people_import", "number"], name="peopleimportline_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_outcome_display()}"
