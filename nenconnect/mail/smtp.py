"""The conversation with the mail server, and what its refusals are about: us, the way there, or one mail (C36)."""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from nenconnect.mail.message import Letter, sender_address

logger = logging.getLogger(__name__)

# Sign in first, wrong way to sign in, wrong password, encryption required: about us, whenever it is said.
_ABOUT_SIGN_IN = {530, 534, 535, 538}
_TOO_LARGE = 552  # said of the sender, but about this one mail
_OK, _WILL_FORWARD, _GO_ON, _CLOSING = 250, 251, 354, 421
_LINE_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)


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
    """Django's, but a letter goes as it is: its addresses were made canonical when they came in."""

    announced: tuple[str, str] | None = None  # sender and recipient of the letter that is to come

    def _send(self, email_message: Any) -> bool:
        if not isinstance(email_message, Letter):
            return bool(super()._send(email_message))  # type: ignore[misc]  # the stubs leave it out
        assert self.connection is not None
        self.connection.ehlo_or_helo_if_needed()
        sender, (to,), raw = email_message.sender, email_message.to, email_message.message()
        if self.may_announce():
            self.announce(sender, to)
            self._send_announced(raw.as_bytes(linesep="\r\n"))
        else:
            self.connection.sendmail(sender, [to], raw.as_bytes(linesep="\r\n"))
        return True

    def may_announce(self) -> bool:
        """Whether the server reads what comes before it has answered (RFC 2920)."""
        return self.connection is not None and self.connection.has_extn("pipelining")

    def announce(self, sender: str, to: str) -> None:
        """Sender, recipient and DATA in one piece: it saves two of the four answers that a mail waits for."""
        if self.announced != (sender, to):
            self.announced = (sender, to)
            self.connection.send(f"MAIL FROM:<{sender}>\r\nRCPT TO:<{to}>\r\nDATA\r\n")  # type: ignore[union-attr]

    def _send_announced(self, raw: bytes) -> None:
        """Raises what smtplib's sendmail raises."""
        assert self.connection is not None
        assert self.announced is not None
        refusal, code = _first_refusal(self.connection, *self.announced)
        if refusal is not None and code == _GO_ON:
            self.hang_up()  # it wants a text that nobody would get
            raise refusal
        self.announced = None
        if refusal is None:
            self.connection.send(_LINE_WITH_DOT.sub(b"..", raw) + b".\r\n")
            code, text = self.connection.getreply()
            if code == _OK:
                return
            refusal = smtplib.SMTPDataError(code, text)
        if code != _CLOSING:
            self.connection.rset()
        raise refusal

    def hang_up(self) -> None:
        """Without a goodbye: a server that hangs would have us wait for its answer to that as well."""
        for connection in (self.connection, self._partial_connection):  # type: ignore[has-type]
            if connection is not None:
                connection.close()
        self.connection = self._partial_connection = self.announced = None


def _first_refusal(server: smtplib.SMTP, sender: str, to: str) -> tuple[smtplib.SMTPException | None, int]:
    """Of the three answers, and the code of the last one."""
    refusal: smtplib.SMTPException | None = None
    code, text = server.getreply()
    if code != _OK:
        refusal = smtplib.SMTPSenderRefused(code, text, sender)
    if code != _CLOSING:
        code, text = server.getreply()
        if code not in {_OK, _WILL_FORWARD}:
            refusal = refusal or smtplib.SMTPRecipientsRefused({to: (code, text)})
    if code != _CLOSING:
        code, text = server.getreply()
        if code != _GO_ON:
            refusal = refusal or smtplib.SMTPDataError(code, text)
    return refusal, code


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

    def announce(self, to: str) -> None:
        """Says for whom the next letter will be, and does not wait for the answer: `send` does, or `close`."""
        backend = self._backend
        if isinstance(backend, Backend) and backend.may_announce():
            try:
                backend.announce(sender_address(settings.DEFAULT_FROM_EMAIL), to)
            except (smtplib.SMTPException, OSError) as error:
                logger.info("The mail server hung up between two mails: %s", error)
                self._drop()

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
        """Says goodbye."""
        if isinstance(self._backend, Backend) and self._backend.announced:
            self._drop()  # whatever came now would be taken for the letter
            return
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
