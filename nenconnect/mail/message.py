"""Build a mail for one reader: a text and an HTML part, in seven bits that every mail server takes."""

from __future__ import annotations

import re
from email.charset import BASE64, QP, Charset

from django.core.mail import EmailMultiAlternatives

# The part of our links that gives access is long, and mixes small letters with others: no word of an address.
_ACCESS = re.compile(r"(?<=/)(?=[^/\s]*[0-9A-Z:])[^/\s]{16,}")
_OUR_LINK = re.compile(r"https?://[^/\s]+(/\S*)")


class Letter(EmailMultiAlternatives):
    def __init__(self, *, subject: str, body: str, to: list[str], headers: dict[str, str]) -> None:
        super().__init__(subject, body, to=to, headers=headers)
        self.encoding = _charset(body)

    @property
    def text_to_keep(self) -> str:
        return _OUR_LINK.sub(lambda link: _ACCESS.sub("…", link[0]), str(self.body))


def _charset(text: str) -> Charset:
    """Return UTF-8 in quoted-printable, or in base64 where that is smaller, as for another script."""
    charset = Charset("utf-8")
    charset.body_encoding = QP if len(text.encode()) < 1.2 * len(text) else BASE64
    return charset
