"""Read returned mails over IMAP; a message is marked as read once it is recorded."""

from __future__ import annotations

import imaplib
import logging
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from nenconnect.mail.bounces import BounceOutcome, record_bounce
from nenconnect.mail.delivery_reports import LARGEST

logger = logging.getLogger(__name__)

TIMEOUT = 20  # seconds for each answer
SECONDS = 60  # past it no message is begun; the next run goes on


class MailboxError(Exception):
    """Say why the mailbox cannot be read; the text never holds the password."""


def fetch_bounces(url: str) -> Counter[BounceOutcome]:
    """Record every unread message of the mailbox, and return how many had which outcome.

    Two processes at once record the same messages twice, which changes nothing. Raises MailboxError,
    DatabaseError.
    """
    seen: Counter[BounceOutcome] = Counter()
    end = time.monotonic() + SECONDS
    try:
        with _signed_in(url) as imap:
            for number in _unread_numbers(imap):
                if time.monotonic() > end:
                    break
                recorded = record_bounce(_read_message(imap, number))
                logger.info("Returned mail %s: %s", number, recorded.line)
                seen[recorded.outcome] += 1
                _checked_answer(imap.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
    except (imaplib.IMAP4.error, OSError, UnicodeError) as error:
        raise MailboxError(f"{type(error).__name__}: {error}") from error
    return seen


@contextmanager
def _signed_in(url: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(url)
    imap = _connect(parts.scheme, parts.hostname or "", parts.port)
    try:
        imap.login(_quoted(unquote(parts.username or "")), unquote(parts.password or ""))
        _checked_answer(imap.select(_quoted(unquote(parts.path.lstrip("/")) or "INBOX")))
        yield imap
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()


def _connect(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imap":  # without TLS: this machine only, which the settings see to
        return imaplib.IMAP4(host, port or 143, timeout=TIMEOUT)
    context = ssl.create_default_context()  # imaplib's own would take any certificate
    return imaplib.IMAP4_SSL(host, port or 993, ssl_context=context, timeout=TIMEOUT)


def _unread_numbers(imap: imaplib.IMAP4) -> list[str]:
    (numbers,) = _checked_answer(imap.uid("SEARCH", "UNSEEN"))
    return numbers.decode("ascii").split() if numbers else []


def _read_message(imap: imaplib.IMAP4, number: str) -> bytes:
    """Return the first bytes of a message without marking it as read; empty if the message was deleted."""
    parts = _checked_answer(imap.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST}>)"))
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")


def _checked_answer(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(f"the server says {kind}")
    return data


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
