from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SentForm(models.Model):
    """A form that was saved, and where that led to: sent once more, it leads there again and saves nothing.

    The digest is of who sent it, of which page, and of all that was typed. It names nobody.
    """

    digest = models.CharField(_("digest"), max_length=64, primary_key=True)
    led_to = models.TextField(_("led to"))
    sent_at = models.DateTimeField(_("sent"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("form that was sent")
        verbose_name_plural = _("forms that were sent")

    def __str__(self) -> str:
        return self.led_to
