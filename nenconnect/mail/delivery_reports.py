"""Parse delivery status messages (RFC 3464), which anybody may have written in any way.

Uses the policy that takes every header as it is: the stricter one fails on wrong headers.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from itertools import islice

from nenconnect.text.characters import in_one_line

# Bytes that are looked at. A mail of ours is a tenth of it, and the report comes before the returned mail.
LARGEST = 256 * 1024
# A real report has three parts. Each boundary is looked for in each line: a heap of them is an attack.
MOST_BOUNDARIES = 20

_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_MAILS = {"message/rfc822", "message/global"}
_RETURNED_HEADERS = {"text/rfc822-headers", "message/global-headers"}
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{3,190}>")
_MOST = 50  # recipients, and Message-IDs: a mail of ours has one of each
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class NoReport(Exception):
    """Say why a message is no delivery status message."""


@dataclass(frozen=True)
class RecipientReport:
    """Hold the outcome for one recipient, whose address can have several spellings."""

    addresses: frozenset[str]
    action: str
    status: str  # such as 5.1.1, or empty
    answer: str

    @property
    def is_final(self) -> bool:
        return self.action == "failed" or (not self.action and self.status.startswith("5"))

    @property
    def is_permanent(self) -> bool:
        return self.is_final and self.status.startswith("5")


@dataclass(frozen=True)
class Report:
    message_ids: list[str]
    recipients: list[RecipientReport]

    def about(self, address: str) -> RecipientReport | None:
        return next((report for report in self.recipients if address.lower() in report.addresses), None)


def parse(raw: bytes) -> Report:
    """Return the report in a message. Raises NoReport."""
    raw = raw[:LARGEST]
    if raw.lower().count(b"boundary") > MOST_BOUNDARIES:
        raise NoReport("it has too many parts")
    try:
        message = email.message_from_bytes(raw, policy=compat32)
        parts = list(message.walk())
        recipients = [report for part in parts for report in islice(_recipients(part), _MOST)]
        ids = [name for part in parts for name in _message_ids(part)]
    except Exception as error:  # the parser falls over garbage in more ways than can be listed
        raise NoReport(f"it cannot be read ({type(error).__name__})") from error
    if not recipients:
        raise NoReport("it reports on no recipient")
    ids += _ids_in(message, "In-Reply-To", "References")
    return Report(list(dict.fromkeys(ids))[:_MOST], recipients)


def _recipients(part: Message) -> Iterator[RecipientReport]:
    if part.get_content_type() not in _REPORTS:
        return
    for block in re.split(r"\n[ \t]*\n", _content(part)):
        fields = HeaderParser(policy=compat32).parsestr(block.lstrip("\n"))
        addresses = {*_spellings(fields, "Original-Recipient"), *_spellings(fields, "Final-Recipient")}
        if addresses:
            answer = in_one_line(str(fields.get("Diagnostic-Code", "")))
            status = _STATUS.search(str(fields.get("Status", ""))) or _STATUS.search(answer)
            action = str(fields.get("Action", "")).strip().lower()
            yield RecipientReport(frozenset(addresses), action, status.group() if status else "", answer)


def _spellings(fields: Message, name: str) -> Iterator[str]:
    """Yield the address of „rfc822; Jan@Acme.nl", also with signs decoded that RFC 3461 writes as +2B."""
    address = str(fields.get(name, "")).rpartition(";")[2].strip().strip("<>").lower()
    if "@" in address:
        yield address
        yield re.sub(r"\+([0-9a-f]{2})", lambda sign: chr(int(sign.group(1), 16)), address)


def _message_ids(part: Message) -> Iterator[str]:
    kind = part.get_content_type()
    if kind in _RETURNED_MAILS:
        yield from _ids_in(next(islice(part.walk(), 1, None), Message()), "Message-ID")
    elif kind in _RETURNED_HEADERS:
        yield from _ids_in(HeaderParser(policy=compat32).parsestr(_content(part)), "Message-ID")


def _ids_in(message: Message, *names: str) -> list[str]:
    return [message_id for name in names for message_id in _MESSAGE_ID.findall(str(message.get(name, "")))]


def _content(part: Message) -> str:
    if not part.is_multipart():
        decoded = part.get_payload(decode=True)
        return decoded.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(decoded, bytes) else ""
    whole = part.as_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    return whole.partition("\n\n")[2]
