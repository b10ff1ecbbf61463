from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Load what answers the questions of the outbox (nenconnect/mail/people.py)."""
        import_module("accounts.mails.rerouting")
        import_module("accounts.actions.undeliverable")
