"""How much of its share each network has used."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NetworkCount(models.Model):
    """How much of its share one network has used at one door: a bucket that fills by one each time, and leaks.

    Written here because allauth counts in a cache: that of one process sees only its own visitors, Django's in the
    database takes a dozen queries a time, and Redis may be gone.
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
