from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SignInAttemptsQuerySet(models.QuerySet["SignInAttempts"]):
    def locked(self) -> SignInAttemptsQuerySet:
        return self.filter(locked_until__gt=timezone.now())


class SignInAttempts(models.Model):
    """Count wrong passwords per address, with an account or without (R35, C16, C17).

    Written here because allauth's limiter is a sliding window in the cache and cannot say "locked until".
    """

    address = models.CharField(_("address"), max_length=254, unique=True)
    failures = models.PositiveSmallIntegerField(_("wrong passwords"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)
    last_at = models.DateTimeField(_("last attempt"), default=timezone.now)

    objects = SignInAttemptsQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in attempts")
        verbose_name_plural = _("sign-in attempts")
        indexes = [
            models.Index(
                fields=["locked_until"],
                condition=models.Q(locked_until__isnull=False),
                name="signinattempts_locked",
            )
        ]

    def __str__(self) -> str:
        return self.address
