"""What became of every change and every mail, in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg

from bench.sink import UNKNOWN
from bench.sink_process import Taken

# What is written in the audit, and the mail that belongs to it.
EVENTS = {
    "registration_requested": "registration_requested",
    "user_added": "registration_invited",
    "password_reset_asked": "password_reset",
}
_CHANGES = """
SELECT verb, email FROM audit_auditentry JOIN accounts_user ON accounts_user.id = (subjects->>'user')::bigint
"""
_MAILS = """
SELECT message_id, event, email, status FROM mail_outboxmail
LEFT JOIN accounts_user ON accounts_user.id = recipient_id
"""
_QUEUE = """
SELECT EXISTS (SELECT FROM mail_mailqueue WHERE is_paused),
    EXISTS (SELECT FROM mail_outboxmail WHERE claim IS NOT NULL)
"""


class Change(NamedTuple):
    event: str
    recipient: str


class Mail(NamedTuple):
    message_id: str
    event: str
    recipient: str | None
    status: str


@dataclass
class Story:
    """Everybody in it gets one mail at the most, so that a recipient stands for a change."""

    changes: list[Change]
    mails: list[Mail]
    taken: list[Taken]
    done: set[str] = field(default_factory=set)  # to whom people say that they wrote
    undone: set[str] = field(default_factory=set)
    is_paused: bool = False
    is_held: bool = False  # something is still in the hands of a worker

    @property
    def lost(self) -> set[str]:
        """Changes, written down or confirmed, of which no mail arrived though the mailbox exists."""
        told = {change.recipient for change in self.changes} | self.done
        return {who for who in told if not who.startswith(UNKNOWN)} - {mail.recipient for mail in self.taken}

    @property
    def without_change(self) -> set[str]:
        """Mails that arrived or are in the outbox, of a change that there is not."""
        changes = set(self.changes)
        known = {mail.message_id: mail for mail in self.mails}
        unknown = {mail.recipient for mail in self.taken if not _is_of(mail, known)}
        written = {
            mail.recipient or mail.message_id
            for mail in self.mails
            if Change(mail.event, mail.recipient or "") not in changes
        }
        return unknown | written | (self.undone & {mail.recipient for mail in self.taken})

    @property
    def doubles(self) -> int:
        return sum(Counter(mail.recipient for mail in self.taken).values()) - len(self.recipients)

    @property
    def recipients(self) -> set[str]:
        return {mail.recipient for mail in self.taken}

    @property
    def drops(self) -> int:
        return sum(mail.outcome == "dropped" for mail in self.taken)

    @property
    def doubles_of_nothing_dropped(self) -> int:
        """Those that only a kill explains: the mail server had said that it took the first."""
        confirmed = Counter(mail.recipient for mail in self.taken if mail.outcome != "dropped")
        return sum(number - 1 for number in confirmed.values())

    @property
    def with_another_message_id(self) -> set[str]:
        pairs = {(mail.recipient, mail.message_id) for mail in self.taken}
        return {who for who, number in Counter(who for who, _id in pairs).items() if number > 1}

    def _by_status(self, mails: list[Mail]) -> str:
        return ", ".join(f"{number} {status}" for status, number in Counter(m.status for m in mails).items())

    def problems(self, kills: int) -> list[str]:
        refused = [mail for mail in self.mails if (mail.recipient or "").startswith(UNKNOWN)]
        others = [mail for mail in self.mails if mail not in set(refused)]
        found = {
            f"lost: {_some(self.lost)}": bool(self.lost),
            f"without a change: {_some(self.without_change)}": bool(self.without_change),
            f"{len(self.changes)} changes are {len(self.mails)} mails": len(self.changes) != len(self.mails),
            f"double: {self.doubles}, more than {kills} kills and {self.drops} drops": (
                self.doubles > kills + self.drops
            ),
            f"double although nothing was dropped: {self.doubles_of_nothing_dropped}, more than {kills} kills": (
                self.doubles_of_nothing_dropped > kills
            ),
            f"double with another Message-ID: {_some(self.with_another_message_id)}": bool(
                self.with_another_message_id
            ),
            f"refused for good, yet not all failed: {self._by_status(refused)}": _has_other(refused, "failed"),
            f"not all sent: {self._by_status(others)}": _has_other(others, "sent"),
            "the queue is still paused": self.is_paused,
            "a mail is still in the hands of a worker": self.is_held,
        }
        return [words for words, is_so in found.items() if is_so]


def read_story(cursor: psycopg.Cursor[Any], taken: list[Taken], journal: str) -> Story:
    outcomes = [line.split("\t") for line in journal.splitlines()]
    cursor.execute(_CHANGES)
    changes = [Change(EVENTS[verb], email) for verb, email in cursor if verb in EVENTS]
    cursor.execute(_MAILS)
    mails = [Mail(*row) for row in cursor]
    is_paused, is_held = cursor.execute(_QUEUE).fetchone() or (False, False)
    return Story(
        changes,
        mails,
        taken,
        done={who for who, outcome in outcomes if outcome == "done"},
        undone={who for who, outcome in outcomes if outcome == "undone"},
        is_paused=is_paused,
        is_held=is_held,
    )


def _is_of(mail: Taken, known: dict[str, Mail]) -> bool:
    return mail.message_id in known and known[mail.message_id].recipient == mail.recipient


def _has_other(mails: list[Mail], status: str) -> bool:
    return any(mail.status != status for mail in mails)


def _some(names: set[str]) -> str:
    return f"{len(names)} ({', '.join(sorted(names)[:3])} …)" if len(names) > 3 else ", ".join(sorted(names))
