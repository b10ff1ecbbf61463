"""The conversation with the mail server, and what its refusals are about: us, the way there, or one mail (C36)."""

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
    """The server refuses us, not this mail: greeting, encryption, sign-in or sender. The whole queue waits."""


class Unreachable(Exception):
    """No conversation begins. The next mail would find the same."""


class Refused(Exception):
    """The server refuses this mail, for now (4xx) or for good (5xx)."""

    def __init__(self, code: int, text: bytes | str, *, is_about_recipient: bool) -> None:
        self.is_for_good = 500 <= code < 600
        self.is_about_recipient = is_about_recipient
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        super().__init__(f"{code} {shown}")


class CutOff(Exception):
    """The conversation broke off; nobody knows whether the mail arrived."""


class Backend(EmailBackend):
    def hang_up(self) -> None:
        """Close without a goodbye: a server that hangs would have us wait for its answer to that as well."""
        for connection in (self.connection, self._partial_connection):  # type: ignore[has-type]
            if connection is not None:
                connection.close()
        self.connection = self._partial_connection = None


class MailServer:
    """One connection, opened when it is needed and kept until something goes wrong."""

    def __init__(self) -> None:
        self._backend = get_connection()

    def open(self) -> None:
        """Raises QueueRefused or Unreachable."""
        try:
            self._backend.open()
        except (ssl.SSLError, smtplib.SMTPException) as error:
            self._drop()
            is_way = isinstance(error, smtplib.SMTPServerDisconnected)
            raise (Unreachable if is_way else QueueRefused)(_shown(error)) from error
        except OSError as error:
            self._drop()
            raise Unreachable(_shown(error)) from error

    def send(self, letter: Letter) -> None:
        """Raises QueueRefused, Refused or CutOff."""
        try:
            self._backend.send_messages([letter])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise self._refused(code, text, is_about_recipient=True) from error
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code != _TOO_LARGE:
                self._drop()
                raise QueueRefused(_shown(error)) from error
            raise self._refused(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPResponseException as error:
            raise self._refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise CutOff(_shown(error)) from error

    def close(self) -> None:
        """Say goodbye."""
        try:
            self._backend.close()
        except OSError as error:  # smtplib's exceptions are of this kind too
            logger.info("The mail connection was already gone: %s", error)

    def _refused(
        self, code: int, text: bytes | str, *, is_about_recipient: bool = False
    ) -> Refused | QueueRefused:
        if code in _ABOUT_SIGN_IN:
            self._drop()
            return QueueRefused(str(Refused(code, text, is_about_recipient=False)))
        if code == _CLOSING:
            self._drop()
        return Refused(code, text, is_about_recipient=is_about_recipient)

    def _drop(self) -> None:
        if isinstance(self._backend, Backend):
            self._backend.hang_up()
        else:
            self.close()


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
