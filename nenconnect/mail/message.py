"""A mail as it travels: a text and an HTML part, in plain seven-bit lines that every mail server takes.

Django's own message classes would do, but take longer than rendering the templates does.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Iterator
from email.header import Header
from email.utils import formatdate
from functools import lru_cache

from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.message import sanitize_address

_SHORT = 60  # characters of a header that needs no folding
_LONGEST_LINE = 990  # bytes; mail servers take 998
_WORD = 39  # bytes of text in one encoded word: with what stands around it a line of less than 76
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

    sealed = b""

    def message(self) -> Wire:  # type: ignore[override]  # what backends ask of it is here
        return Wire(self.sealed or self.seal())

    def seal(self) -> bytes:
        """Makes it as it travels, and remembers that. Raises BadHeaderError or UnicodeError."""
        boundary = f"=_{uuid.uuid4().hex}"  # nobody can guess it, and so write it into a mail
        headers = {
            "Subject": self.subject,
            "From": _as_header_address(self.from_email),
            "To": self.to[0],
            "Date": formatdate(),
            **self.extra_headers,
            "MIME-Version": "1.0",
        }
        head = "".join(_line(name, str(value)) for name, value in headers.items())
        head += f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
        text, html = _part("plain", str(self.body)), _part("html", str(self.alternatives[0][0]))
        between = f"--{boundary}\r\n".encode()
        pieces = [head.encode("ascii"), b"\r\n", between, text, between, html, f"--{boundary}--\r\n".encode()]
        self.sealed = b"".join(pieces)
        return self.sealed

    @property
    def text_to_keep(self) -> str:
        """For NEN's desk: what the reader got, with "…" where a link gives access to whoever has it."""
        return _OUR_LINK.sub(lambda link: _ACCESS.sub("…", link[0]), str(self.body))

    @property
    def sender(self) -> str:
        return sender_address(self.from_email)


def sender_address(from_email: str) -> str:
    """The address alone, for the conversation with the mail server."""
    return _as_header_address(from_email).rpartition("<")[2].rstrip(">")


def _part(kind: str, content: str) -> bytes:
    lines = content.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    encoding, encoded = _named(lines) if kind == "html" else _quoted(lines)
    if len(encoded) * 3 > len(lines.encode()) * 4:  # a name or reason in another script: base64 is smaller (R33)
        encoding, encoded = "base64", base64.encodebytes(lines.encode()).replace(b"\n", b"\r\n")
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + encoded + b"\r\n"


def _named(lines: str) -> tuple[str, bytes]:
    """In HTML every letter that is not ASCII has a name that is (&#235;): nothing needs quoting."""
    encoded = lines.encode("ascii", "xmlcharrefreplace")
    return ("7bit", encoded) if max(map(len, encoded.split(b"\n"))) < _LONGEST_LINE else _quoted(lines)


def _quoted(lines: str) -> tuple[str, bytes]:
    return "quoted-printable", binascii.b2a_qp(lines.encode(), istext=True)


def _line(name: str, value: str) -> str:
    """A header of one line, whatever it holds (C30); folded and encoded where that is needed."""
    if "\r" in value or "\n" in value:
        raise BadHeaderError(f"{name} has a line break: {value!r}")
    can_be_folded = " " in value  # a link cannot: mail programs would read it with a space in front
    if not value.isascii():
        value = "\r\n ".join(_encoded_words(value))
    elif len(value) > _SHORT and can_be_folded:
        value = Header(value, header_name=name).encode(linesep="\r\n")
    return f"{name}: {value}\r\n"


def _encoded_words(value: str) -> Iterator[str]:
    """As RFC 2047 wants it: short, and never part of a letter. The library's own takes as long as a template."""
    piece = b""
    for letter in value:
        encoded = letter.encode()
        if len(piece) + len(encoded) > _WORD:
            yield f"=?utf-8?b?{base64.b64encode(piece).decode()}?="
            piece = b""
        piece += encoded
    yield f"=?utf-8?b?{base64.b64encode(piece).decode()}?="


@lru_cache(maxsize=8)
def _as_header_address(address: str) -> str:
    return sanitize_address(address, "utf-8")
