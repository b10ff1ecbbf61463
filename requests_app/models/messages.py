from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import Company
from requests_app.models.requests import MAX_REASON, AccessRequest, DocumentRequest, LicenseRequest


class RequestMessageQuerySet(models.QuerySet["RequestMessage"]):
    def about(self, row: AccessRequest) -> RequestMessageQuerySet:
        return self.filter(**{row.message_field(): row.pk})

    def questions(self) -> RequestMessageQuerySet:
        return self.filter(is_question=True)


class RequestMessage(models.Model):
    """Hold a question before deciding, or its answer, for the requester and people who decide (C29)."""

    license_request = models.ForeignKey(
        LicenseRequest, models.CASCADE, null=True, blank=True, related_name="messages"
    )
    document_request = models.ForeignKey(
        DocumentRequest, models.CASCADE, null=True, blank=True, related_name="messages"
    )
    is_question = models.BooleanField(_("asked by an admin"))
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="request_messages")
    text = models.CharField(_("text"), max_length=MAX_REASON)
    at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = RequestMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message about a request")
        verbose_name_plural = _("messages about requests")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(license_request=None, document_request__isnull=False)
                | Q(license_request__isnull=False, document_request=None),
                name="requestmessage_about_one_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.at:%Y-%m-%d %H:%M}"

    @property
    def about(self) -> AccessRequest:
        row = self.license_request or self.document_request
        assert row is not None
        return row


class ReadySentence(models.Model):
    """Keep a sentence that a company often uses in a rejection."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="ready_sentences")
    text = models.CharField(_("sentence"), max_length=300)

    class Meta:
        verbose_name = _("ready-made sentence")
        verbose_name_plural = _("ready-made sentences")
        ordering = ["text", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "text"], name="readysentence_once_per_company"),
            models.CheckConstraint(condition=~Q(text=""), name="readysentence_says_something"),
        ]

    def __str__(self) -> str:
        return self.text
