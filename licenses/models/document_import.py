from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class DocumentImport(models.Model):
    """Store a table of documents, and PDFs in one archive, that NEN staff load, and the worker's progress."""

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
    problems = models.JSONField(_("refused lines"), default=list, blank=True)  # with reasons; the first 2,000
    refused = ArrayField(models.PositiveIntegerField(), default=list, blank=True)  # all their line numbers
    attempts = models.PositiveSmallIntegerField(default=0)  # of workers since the last saved batch
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("uploaded by")
    )
    touched_at = models.DateTimeField(default=timezone.now)  # by the worker; when long ago, another goes on

    class Meta:
        verbose_name = _("import of documents")
        verbose_name_plural = _("imports of documents")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.created_at), "DATETIME_FORMAT")

    @property
    def refused_lines(self) -> set[int]:
        return {*self.refused, *(problem["line"] for problem in self.problems)}
