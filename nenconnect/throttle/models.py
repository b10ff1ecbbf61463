"""Store how much of its limit each network has used."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NetworkCount(models.Model):
    """Count the requests of one network at one door, as a leaky bucket.

    Written here because allauth counts in a cache: a cache per process sees only its own visitors, Django's in the
    database takes a dozen queries a time, and Redis may be down.
    """

    door = models.CharField(_("door"), max_length=20)
    network = models.CharField(_("network"), max_length=43)  # 203.0.113.0/24, 2001:db8::/48
    level = models.FloatField(_("times"))  # at the moment `at`; less since then
    at = models.DateTimeField(_("last counted"), default=timezone.now)

    class Meta:
        verbose_name = _("count of a network")
        verbose_name_plural = _("counts of networks")
        constraints = [
            models.UniqueConstraint(fields=["door", "network"], name="networkcount_once"),
            models.CheckConstraint(condition=Q(level__gt=0), name="networkcount_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.network} ({self.door})"
