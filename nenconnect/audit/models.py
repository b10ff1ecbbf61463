"""Store the audit: who did what, when and from where."""

from __future__ import annotations

from django.db import models
from django.db.models.fields.json import KeyTransform
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from nenconnect.audit.origin import AuditOrigin
from nenconnect.audit.verbs import verb_in_words


class AuditEntry(models.Model):
    """Keep who did what, when and from where (R38). Rows are only ever added: triggers refuse the rest.

    `subjects` and `actor_id` are numbers, not foreign keys: the audit outlives people and keeps no names.
    """

    at = models.DateTimeField(_("when"), auto_now_add=True)
    actor_id = models.BigIntegerField(_("who"), null=True, blank=True)
    verb = models.CharField(_("what"), max_length=60)
    company_id = models.BigIntegerField(_("company"), null=True, blank=True)
    subjects = models.JSONField(_("about"), default=dict)
    details = models.JSONField(_("details"), default=dict)
    origin = models.CharField(_("from where"), max_length=7, choices=AuditOrigin, blank=True)
    network = models.CharField(_("network"), max_length=43, blank=True)  # the range alone: 203.0.113.0/24

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["company_id", "-at", "-id"], name="audit_of_company"),
            models.Index(fields=["company_id", "verb", "-at", "-id"], name="audit_of_company_verb"),
            models.Index(fields=["actor_id", "-at", "-id"], name="audit_of_actor"),
            models.Index(
                KeyTransform("user", "subjects"),
                models.F("at").desc(),
                models.F("id").desc(),
                name="audit_about_user",
            ),
        ]

    def __str__(self) -> str:
        moment = date_format(timezone.localtime(self.at), "DATETIME_FORMAT")
        return f"{moment} – {verb_in_words(self.verb)}"
