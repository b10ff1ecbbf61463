from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import engines
from django.utils import translation

from nenconnect.mail.events import context_of
from nenconnect.mail.models import OutboxMail


def render(mail: OutboxMail) -> EmailMultiAlternatives:
    """The message in the reader's language, with links from the configured site. Raises Unwanted."""
    assert mail.recipient is not None
    context = {
        **context_of(mail),
        "reader": mail.recipient,
        "on_behalf_of": mail.on_behalf_of,
        "site_url": settings.SITE_URL,
    }
    with translation.override(mail.recipient.language):
        subject, text = (_text(mail, name, context) for name in ("subject.txt", "body.txt"))
        html = engines["django"].get_template(f"mail/{mail.event}/body.html").render(context)
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),  # one line, whatever a name contains (C30)
        body=text.strip() + "\n",
        to=[mail.recipient.email],
        headers={
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",  # R33
            "X-Auto-Response-Suppress": "All",
        },
    )
    message.attach_alternative(html, "text/html")
    return message


def _text(mail: OutboxMail, name: str, context: dict[str, object]) -> str:
    return engines["text"].get_template(f"mail/{mail.event}/{name}").render(context)
