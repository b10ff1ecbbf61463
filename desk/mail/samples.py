"""Fill every mail with the invented people that it declares."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from accounts import mail_cast
from nenconnect.mail.events import DECLARATIONS, To
from nenconnect.mail.message import Letter
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render

_TO_OTHERS = {To.ADMINS, To.CONTACT_PERSON}


def sample(event: str, language: str, *, is_on_behalf: bool = False) -> Letter:
    """Render for its reader, or for an admin who reads it for another person (R32). KeyError: no such mail."""
    declaration = DECLARATIONS[event]
    with translation.override(language):
        person, admin = mail_cast.person(), mail_cast.admin()
        mail = OutboxMail(
            event=event,
            recipient=admin if is_on_behalf or declaration.to in _TO_OTHERS else person,
            on_behalf_of=person if is_on_behalf else None,
            message_id=f"<voorbeeld@{urlsplit(settings.SITE_URL).hostname}>",
        )
        return render(mail, declaration.sample())
