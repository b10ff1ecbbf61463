"""Send the same mails in a plain Django loop without an outbox: the floor.

Each is rendered from the same templates, sent on one connection, and marked by one committed UPDATE.

python -m bench.mail.bare: prints how many seconds it took.
"""

from __future__ import annotations

import time

import django
from django.conf import settings
from django.utils import timezone, translation

if __name__ == "__main__":
    django.setup()

from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from nenconnect.mail.batch import Batch
from nenconnect.mail.events import context_of
from nenconnect.mail.models import MailStatus, OutboxMail

GROUP_SIZE = 100  # mails whose people and companies are read together


def main() -> None:
    waiting = OutboxMail.objects.filter(status=MailStatus.WAITING).order_by("due_at", "pk")
    mails = list(waiting.select_related("recipient", "on_behalf_of"))
    started_at = time.monotonic()
    with get_connection("django.core.mail.backends.smtp.EmailBackend") as server:
        for first in range(0, len(mails), GROUP_SIZE):
            group = mails[first : first + GROUP_SIZE]
            Batch(group)
            for mail in group:
                message = rendered_message(mail)
                message.connection = server
                message.send()
                sent = {"status": MailStatus.SENT, "sent_at": timezone.now(), "sent_text": message.body}
                OutboxMail.objects.filter(pk=mail.pk).update(**sent)
    print(time.monotonic() - started_at)


def rendered_message(mail: OutboxMail) -> EmailMultiAlternatives:
    assert mail.recipient is not None
    reader = mail.recipient
    context = {**context_of(mail), "reader": reader, "site_url": settings.SITE_URL}
    with translation.override(reader.language):
        subject, text = (
            render_to_string(f"mail/{mail.event}/{name}", context, using="text")
            for name in ("subject.txt", "body.txt")
        )
        html = render_to_string(f"mail/{mail.event}/body.html", context, using="django")
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    to = [str(reader.email)]
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=to, headers=headers)
    message.attach_alternative(html, "text/html")
    return message


if __name__ == "__main__":
    main()
