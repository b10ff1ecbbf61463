from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class TermsVersionQuerySet(models.QuerySet["TermsVersion"]):
    def in_force(self) -> TermsVersionQuerySet:
        return self.filter(published_at__lte=timezone.now()).order_by("-published_at", "-pk")

    def current(self) -> TermsVersion | None:
        return self.in_force().first()

    def announced(self) -> TermsVersionQuerySet:
        return self.filter(published_at__gt=timezone.now()).order_by("published_at", "pk")


class TermsVersion(models.Model):
    """Hold the terms of use as NEN published them; a published text never changes."""

    published_at = models.DateTimeField(_("published"), default=timezone.now)
    text_nl = models.TextField(_("text (Dutch)"))
    text_en = models.TextField(_("text (English)"))
    published_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )

    objects = TermsVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms of use")
        verbose_name_plural = _("terms of use")
        ordering = ["-published_at", "-pk"]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.published_at), "j F Y")

    @property
    def text(self) -> str:
        return self.text_en if get_language() == "en" else self.text_nl


class TermsAcceptance(models.Model):
    """Record that a person accepted a version, once."""

    version = models.ForeignKey(
        TermsVersion, models.PROTECT, related_name="acceptances", verbose_name=_("version")
    )
    user = models.ForeignKey(User, models.CASCADE, related_name="terms_acceptances", verbose_name=_("user"))
    accepted_at = models.DateTimeField(_("accepted"), auto_now_add=True)

    class Meta:
        verbose_name = _("acceptance of the terms")
        verbose_name_plural = _("acceptances of the terms")
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="termsacceptance_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.version}"
