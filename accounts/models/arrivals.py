from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from companies.models import Company


class Arrival(models.Model):
    """Record a sign-in or the button behind a mailed link, for 90 days, to help a colleague.

    Opening a link leaves nothing, as mail scanners do that (C8). The device is kept in words, the network is not.
    """

    class Door(models.TextChoices):
        PASSWORD = "password", _("Signed in with the password")
        SECOND_STEP = "second_step", _("Signed in with the password and the second step")
        PASSKEY = "passkey", _("Signed in with a passkey")
        REGISTRATION_LINK = "registration_link", _("Used the link to finish registration")
        RESET_LINK = "reset_link", _("Used the link to choose a new password")
        ADDRESS_LINK = "address_link", _("Used the link to confirm the new user name")

    user = models.ForeignKey(User, models.CASCADE, related_name="arrivals", db_index=False, verbose_name=_("user"))
    company = models.ForeignKey(  # of that moment: another company's admins do not read it
        Company, models.SET_NULL, null=True, related_name="+", verbose_name=_("company")
    )
    door = models.CharField(_("what"), max_length=20, choices=Door)
    device = models.CharField(_("device"), max_length=80, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "-id"], name="arrival_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.get_door_display()}"
