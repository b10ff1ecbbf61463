"""A mail as it travels: a text and an HTML part, in plain seven-bit lines that every mail server takes.

Django's own message classes would do, but take longer than rendering the templates does.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from email.header import Header
from email.utils import formatdate
from functools import lru_cache

from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.message import sanitize_address

_SHORT = 60  # characters of a header that needs no folding
# What stands in our links and gives access is long, and mixes small letters with others: no word of an address.
_ACCESS = re.compile(r"(?<=/)(?=[^/\s]*[0-9A-Z:])[^/\s]{16,}")
_OUR_LINK = re.compile(r"https?://[^/\s]+(/\S*)")


class Wire:
    """The bytes, under the names by which Django's mail backends ask for them."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\n") -> bytes:
        return self._raw if linesep == "\r\n" else self._raw.replace(b"\r\n", linesep.encode())

    def __str__(self) -> str:
        return self.as_bytes().decode("ascii")


class Letter(EmailMultiAlternatives):
    """With one HTML alternative and one recipient, always."""

    def message(self) -> Wire:  # type: ignore[override]  # what backends ask of it is here
        boundary = f"=_{uuid.uuid4().hex}"  # "=_" cannot stand in quoted-printable text
        headers = {
            "Subject": self.subject,
            "From": _as_header_address(self.from_email),
            "To": self.to[0],
            "Date": formatdate(),
            **self.extra_headers,
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/alternative; boundary="{boundary}"',
        }
        head = "".join(_line(name, str(value)) for name, value in headers.items()).encode("ascii")
        text, html = _part("plain", str(self.body)), _part("html", str(self.alternatives[0][0]))
        between = f"--{boundary}\r\n".encode()
        return Wire(b"".join([head, b"\r\n", between, text, between, html, f"--{boundary}--\r\n".encode()]))

    @property
    def text_to_keep(self) -> str:
        """For NEN's desk: what the reader got, with "…" where a link gives access to whoever has it."""
        return _OUR_LINK.sub(lambda link: _ACCESS.sub("…", link[0]), str(self.body))

    @property
    def sender(self) -> str:
        """The address alone, for the conversation with the mail server."""
        return _as_header_address(self.from_email).rpartition("<")[2].rstrip(">")


def _part(kind: str, content: str) -> bytes:
    lines = content.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
    encoding, encoded = "quoted-printable", binascii.b2a_qp(lines, istext=True)
    if len(encoded) * 3 > len(lines) * 4:  # a name or reason in another script: base64 is smaller (R33)
        encoding, encoded = "base64", base64.encodebytes(lines).replace(b"\n", b"\r\n")
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + encoded + b"\r\n"


def _line(name: str, value: str) -> str:
    """A header of one line, whatever it holds (C30); folded and encoded where that is needed."""
    if "\r" in value or "\n" in value:
        raise BadHeaderError(f"{name} has a line break: {value!r}")
    can_be_folded = " " in value  # a link cannot: mail programs would read it with a space in front
    if not value.isascii() or (len(value) > _SHORT and can_be_folded):
        charset = None if value.isascii() else "utf-8"
        value = Header(value, charset, header_name=name).encode(linesep="\r\n")
    return f"{name}: {value}\r\n"


@lru_cache(maxsize=8)
def _as_header_address(address: str) -> str:
    return sanitize_address(address, "utf-8")
