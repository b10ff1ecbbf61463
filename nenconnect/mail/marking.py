"""That a mail went, written down while the next one is being made.

One statement and one commit for each mail (C35). The disk takes its time over a commit, and whoever stands waiting
for it sends a third fewer mails. So this hands the statement to Postgres, and asks later what became of it.
"""

from __future__ import annotations

import logging
import select

import psycopg
from django.db import connection
from django.db.models import F
from django.utils import timezone
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from nenconnect.mail.models import MailStatus, OutboxMail

logger = logging.getLogger(__name__)

_SENT = b"""
UPDATE mail_outboxmail
SET status = 'sent', sent_at = $1::timestamptz, sent_to = $2::text, sent_text = $3::text, reason = '',
    attempts = attempts + 1, claim = NULL, claimed_until = NULL
WHERE id = $4::bigint AND claim = $5::uuid
"""


class Marking:
    """Until `finish` returns, nothing else may be asked of this database connection."""

    def __init__(self, mail: OutboxMail, *, address: str, text: str) -> None:
        self.mail = mail
        self.address = address
        self.text = text
        self.sent_at = timezone.now()
        self._line: PGconn | None = None  # on which the answer will come
        try:
            self._begin()
        except (psycopg.Error, UnicodeError) as error:
            logger.warning("Mail %s is marked later: %s", mail.pk, error)

    def finish(self) -> None:
        """Returns when it is committed; does it anew where it did not arrive. Raises what the database raises."""
        line, self._line = self._line, None
        if line is None or not _is_done(line):
            self._do_it_now()

    def _begin(self) -> None:
        connection.ensure_connection()
        line = connection.connection.pgconn
        values = [self.sent_at.isoformat(), self.address, self.text, str(self.mail.pk), str(self.mail.claim)]
        line.send_query_params(_SENT, [value.encode() for value in values])
        self._line = line
        line.flush()

    def _do_it_now(self) -> None:
        OutboxMail.objects.filter(pk=self.mail.pk, claim=self.mail.claim).update(
            status=MailStatus.SENT,
            sent_at=self.sent_at,
            sent_to=self.address,
            sent_text=self.text,
            reason="",
            attempts=F("attempts") + 1,
            claim=None,
            claimed_until=None,
        )


def _is_done(line: PGconn) -> bool:
    try:
        while line.flush():
            _wait(line, select.POLLOUT)
        while line.is_busy():
            _wait(line, select.POLLIN)
            line.consume_input()
        results = list(iter(line.get_result, None))
    except psycopg.Error as error:
        logger.warning("The database did not answer: %s", error)
        return False
    return all(result.status == ExecStatus.COMMAND_OK for result in results)


def _wait(line: PGconn, event: int) -> None:
    poll = select.poll()
    poll.register(line.socket, event)
    poll.poll()
