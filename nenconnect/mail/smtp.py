"""Talk to the mail server, and tell refusals of the queue, the connection and one mail apart (C36)."""

from __future__ import annotations

import logging
import smtplib
import ssl

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from nenconnect.mail.message import Letter

logger = logging.getLogger(__name__)

# Sign in first, wrong way to sign in, wrong password, encryption required: about us, whenever it is said.
_ABOUT_SIGN_IN = {530, 534, 535, 538}
_TOO_LARGE = 552  # said of the sender, but about this one mail
_CLOSING = 421


class QueueRefused(Exception):
    """Stop the whole queue: the server refuses us at greeting, encryption, sign-in or sender."""


class Unreachable(Exception):
    """Stop for now: the server cannot be reached, so the next mail would fail too."""


class MailRefused(Exception):
    """Refuse this mail, for now (4xx) or for good (5xx)."""

    def __init__(self, code: int, text: bytes | str, *, is_about_recipient: bool) -> None:
        self.is_for_good = 500 <= code < 600
        self.is_about_recipient = is_about_recipient
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        super().__init__(f"{code} {shown}")


class CutOff(Exception):
    """Report that the conversation broke off, so that the mail may or may not have arrived."""


class Backend(EmailBackend):
    def hang_up(self) -> None:
        """Close without a goodbye: a server that hangs would not answer it either."""
        for connection in (self.connection, self._partial_connection):  # type: ignore[has-type]
            if connection is not None:
                connection.close()
        self.connection = self._partial_connection = None


class MailServer:
    """Keep one connection, opened when needed and closed after an error."""

    def __init__(self) -> None:
        self._backend = get_connection()

    def open(self) -> None:
        """Connect and sign in. Raises QueueRefused or Unreachable."""
        try:
            self._backend.open()
        except (ssl.SSLError, smtplib.SMTPException) as error:
            self._drop_connection()
            is_way = isinstance(error, smtplib.SMTPServerDisconnected)
            raise (Unreachable if is_way else QueueRefused)(_error_text(error)) from error
        except OSError as error:
            self._drop_connection()
            raise Unreachable(_error_text(error)) from error

    def send(self, letter: Letter) -> None:
        """Send one letter. Raises QueueRefused, Refused or CutOff."""
        try:
            self._backend.send_messages([letter])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise self._refusal_of_code(code, text, is_about_recipient=True) from error
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code != _TOO_LARGE:
                self._drop_connection()
                raise QueueRefused(_error_text(error)) from error
            raise self._refusal_of_code(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPResponseException as error:
            raise self._refusal_of_code(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop_connection()
            raise CutOff(_error_text(error)) from error

    def close(self) -> None:
        try:
            self._backend.close()
        except OSError as error:  # smtplib's exceptions are of this kind too
            logger.info("The mail connection was already gone: %s", error)

    def _refusal_of_code(
        self, code: int, text: bytes | str, *, is_about_recipient: bool = False
    ) -> MailRefused | QueueRefused:
        if code in _ABOUT_SIGN_IN:
            self._drop_connection()
            return QueueRefused(str(MailRefused(code, text, is_about_recipient=False)))
        if code == _CLOSING:
            self._drop_connection()
        return MailRefused(code, text, is_about_recipient=is_about_recipient)

    def _drop_connection(self) -> None:
        if isinstance(self._backend, Backend):
            self._backend.hang_up()
        else:
            self.close()


def _error_text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
