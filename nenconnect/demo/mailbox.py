"""Read the mails that the demo's mail catcher saved in a folder."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property, lru_cache
from pathlib import Path

_LISTED_MAILS = 500  # mails; the list leaves out older ones, the folder keeps them


@dataclass(frozen=True)
class CaughtMail:
    name: str
    message: EmailMessage

    @property
    def to(self) -> str:
        return ", ".join(self.message.get_all("Delivered-To", []))

    @property
    def sender(self) -> str:
        return str(self.message.get("From", ""))

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def received(self) -> datetime:
        return datetime.fromtimestamp(int(self.name.partition("-")[0]) / 1e9, tz=UTC)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @cached_property
    def text(self) -> str:
        return self._part("plain")

    @cached_property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if isinstance(part, EmailMessage) else ""


def newest_first(folder: Path) -> list[CaughtMail]:
    names = sorted((path.stem for path in folder.glob("*.eml")), reverse=True)
    mails = (find_mail(folder, name) for name in names[:_LISTED_MAILS])
    return [mail for mail in mails if mail is not None]


def find_mail(folder: Path, name: str) -> CaughtMail | None:
    """Return the mail, or None when it does not exist or the mail catcher gives no such names."""
    if not re.fullmatch(r"\d{20}-[0-9a-f]{8}", name):
        return None
    try:
        return _read_mail(folder / f"{name}.eml")
    except FileNotFoundError:
        return None


def empty_mailbox(folder: Path) -> None:
    for path in folder.glob("*.eml"):
        path.unlink(missing_ok=True)
    _read_mail.cache_clear()


@lru_cache(maxsize=_LISTED_MAILS)
def _read_mail(path: Path) -> CaughtMail:
    # Cached, because a file never changes once it is written.
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return CaughtMail(name=path.stem, message=message)
