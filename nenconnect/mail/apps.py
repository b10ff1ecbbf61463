from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from nenconnect.mail.people import check_people


class MailConfig(AppConfig):
    name = "nenconnect.mail"
    label = "mail"
    verbose_name = _("Mail")

    def ready(self) -> None:
        autodiscover_modules("mails", "waiting_mails")  # each app's mails declare themselves
        checks.register(check_people)
