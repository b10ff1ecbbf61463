from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class AddressChange(models.Model):
    """Hold the address that a person will get once its mailbox confirms it (R2); one per person."""

    VALID = timedelta(days=7)

    user = models.OneToOneField(User, models.CASCADE, related_name="address_change", verbose_name=_("user"))
    address = models.CharField(_("new user name"), max_length=254)
    origin = models.CharField(max_length=7, choices=User.Origin, default=User.Origin.COMPANY)  # who asked
    asked_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    sent_at = models.DateTimeField(_("mail sent"), default=timezone.now)
    round = models.PositiveIntegerField(default=1)  # goes up with each sending: the old link is dead

    class Meta:
        verbose_name = _("change of user name")
        verbose_name_plural = _("changes of user name")
        constraints = [
            models.CheckConstraint(
                condition=Q(address=Lower("address")) & Q(address__regex=r"^[a-z0-9._'+=&~-]+@[a-z0-9.-]+$"),
                name="addresschange_is_canonical",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.address}"

    @property
    def expires_at(self) -> datetime:
        return self.sent_at + self.VALID

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
