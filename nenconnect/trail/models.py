from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TrailEntry(models.Model):
    """Who did what and when (R38). Rows are only ever added: a trigger refuses UPDATE and DELETE.

    People and things stand here as numbers, not foreign keys: the trail outlives them and keeps no names.
    """

    at = models.DateTimeField(_("when"), auto_now_add=True)
    actor_id = models.BigIntegerField(_("who"), null=True, blank=True)
    verb = models.CharField(_("what"), max_length=60)
    company_id = models.BigIntegerField(_("company"), null=True, blank=True)
    subjects = models.JSONField(_("about"), default=dict)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("trail entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["company_id", "-id"], name="trail_of_company"),
            models.Index(fields=["actor_id", "-id"], name="trail_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
