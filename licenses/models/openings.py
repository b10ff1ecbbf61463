from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import Company
from licenses.models.documents import Document


class Opening(models.Model):
    """Record that a person opened a document: one row each time, however many pieces of the file are sent."""

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
