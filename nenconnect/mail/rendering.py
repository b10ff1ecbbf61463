"""Render a mail of the outbox in the language of its reader."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils import translation

from nenconnect.mail.events import Context, To, context_of, is_to
from nenconnect.mail.message import Letter
from nenconnect.mail.models import Gone, OutboxMail
from nenconnect.text.characters import without_hidden

_INDENTATION = re.compile(r"\n\s+")  # of the templates: a third of the mail's size, and it means nothing


def render(mail: OutboxMail, sample: Context | None = None) -> Letter:
    """Return the message in the reader's language, with links to the configured site. Raises Unwanted.

    With `sample` as context it reads nothing from the database.
    """
    given = context_of(mail) if sample is None else sample
    reader = given.get("addressee") or _reader_of(mail)
    on_behalf_of = None if is_to(mail.event, To.OTHER_ADDRESS) else mail.on_behalf_of or _on_behalf_of_gone(mail)
    context = {
        **given,
        "reader": reader,
        "is_to_contact_person": bool(on_behalf_of and mail.address),
        "on_behalf_of": on_behalf_of,
        "site_url": settings.SITE_URL,
    }
    with translation.override(reader.language):
        subject, text = (
            get_template(f"mail/{mail.event}/{name}", using="text").render(context)
            for name in ("subject.txt", "body.txt")
        )
        if on_behalf_of:
            words = {"subject": subject, "name": on_behalf_of.name}
            subject = translation.gettext("%(subject)s (for %(name)s)") % words
        html = get_template(f"mail/{mail.event}/body.html", using="django").render(context)
    letter = Letter(
        subject=without_hidden(" ".join(subject.split())),  # one line, whatever a name contains (C30)
        body=without_hidden(text).strip() + "\n",
        to=[address_of(mail)],
        headers={
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",  # R33
            "X-Auto-Response-Suppress": "All",
            **_unsubscribe_headers(context.get("stop_link")),
        },
    )
    html = _INDENTATION.sub("\n", without_hidden(html))
    letter.attach_alternative(html, "text/html")
    return letter


def address_of(mail: OutboxMail) -> str:
    return mail.address or str(_reader_of(mail).email)


def _reader_of(mail: OutboxMail) -> Any:
    reader = mail.recipient or mail.on_behalf_of or mail.gone
    assert reader is not None
    return reader


def _on_behalf_of_gone(mail: OutboxMail) -> Gone | None:
    """Return the deleted person of a farewell that others read instead (R32)."""
    return mail.gone if mail.gone and mail.gone.email != mail.address else None


def _unsubscribe_headers(link: object) -> dict[str, str]:
    """Return headers that let mail programs show a button to switch this kind of mail off (RFC 8058)."""
    if not link:
        return {}
    return {
        "List-Unsubscribe": f"<{settings.SITE_URL}{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
