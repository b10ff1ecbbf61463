from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from nenconnect.mail.bounce_mailbox import MailboxError, fetch_bounces


class Command(BaseCommand):
    help = "Records the returned mails of the mailbox of BOUNCE_IMAP_URL, as beat does every few minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.BOUNCE_IMAP_URL is None:
            raise CommandError("BOUNCE_IMAP_URL is not set", returncode=os.EX_CONFIG)
        try:
            seen = fetch_bounces(settings.BOUNCE_IMAP_URL)
        except MailboxError as error:
            raise CommandError(str(error), returncode=os.EX_TEMPFAIL) from error
        counts = ", ".join(f"{number} {outcome.value}" for outcome, number in seen.items())
        self.stdout.write(f"{seen.total()} read{': ' if counts else ''}{counts}")
