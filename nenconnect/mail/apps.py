from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "nenconnect.mail"
    label = "mail"
    verbose_name = _("Mail")

    def ready(self) -> None:
        autodiscover_modules("mails", "waiting_mails")  # each app's mails tell how they are filled
