"""Judge what happened to every change and every mail in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg

from bench.sink import UNKNOWN
from bench.sink_process import TakenMail

# The audit verb of a change, and the mail event that belongs to it.
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


class AuditedChange(NamedTuple):
    event: str
    recipient: str


class RecordedMail(NamedTuple):
    message_id: str
    event: str
    recipient: str | None
    status: str


@dataclass
class FaultTestOutcome:
    """Hold all changes and mails; each person gets at most one mail, so that a recipient identifies a change."""

    changes: list[AuditedChange]
    mails: list[RecordedMail]
    taken: list[TakenMail]
    done: set[str] = field(default_factory=set)  # addresses whose change the writer confirmed
    undone: set[str] = field(default_factory=set)
    is_paused: bool = False
    is_held: bool = False  # a worker still has a claim on a mail

    @property
    def recipients_without_mail(self) -> set[str]:
        expected = {change.recipient for change in self.changes} | self.done
        arrived = {mail.recipient for mail in self.taken}
        return {address for address in expected if not address.startswith(UNKNOWN)} - arrived

    @property
    def recipients_without_change(self) -> set[str]:
        changes = set(self.changes)
        recorded = {mail.message_id: mail for mail in self.mails}
        unrecorded = {mail.recipient for mail in self.taken if not _is_recorded(mail, recorded)}
        written = {
            mail.recipient or mail.message_id
            for mail in self.mails
            if AuditedChange(mail.event, mail.recipient or "") not in changes
        }
        return unrecorded | written | (self.undone & {mail.recipient for mail in self.taken})

    @property
    def double_mails(self) -> int:
        return sum(Counter(mail.recipient for mail in self.taken).values()) - len(self.recipients)

    @property
    def recipients(self) -> set[str]:
        return {mail.recipient for mail in self.taken}

    @property
    def dropped_mails(self) -> int:
        return sum(mail.outcome == "dropped" for mail in self.taken)

    @property
    def double_mails_without_a_drop(self) -> int:
        """Count mails taken twice although the mail server confirmed the first: only a kill explains them."""
        confirmed = Counter(mail.recipient for mail in self.taken if mail.outcome != "dropped")
        return sum(number - 1 for number in confirmed.values())

    @property
    def recipients_with_two_message_ids(self) -> set[str]:
        pairs = {(mail.recipient, mail.message_id) for mail in self.taken}
        return {address for address, number in Counter(address for address, _id in pairs).items() if number > 1}

    def _by_status(self, mails: list[RecordedMail]) -> str:
        return ", ".join(f"{number} {status}" for status, number in Counter(m.status for m in mails).items())

    def problems(self, kills: int) -> list[str]:
        refused = [mail for mail in self.mails if (mail.recipient or "").startswith(UNKNOWN)]
        others = [mail for mail in self.mails if mail not in set(refused)]
        checks = {
            f"lost: {_shortened(self.recipients_without_mail)}": bool(self.recipients_without_mail),
            f"without a change: {_shortened(self.recipients_without_change)}": bool(
                self.recipients_without_change
            ),
            f"{len(self.changes)} changes are {len(self.mails)} mails": len(self.changes) != len(self.mails),
            f"double: {self.double_mails}, more than {kills} kills and {self.dropped_mails} drops": (
                self.double_mails > kills + self.dropped_mails
            ),
            f"double although nothing was dropped: {self.double_mails_without_a_drop}, more than {kills} kills": (
                self.double_mails_without_a_drop > kills
            ),
            f"double with another Message-ID: {_shortened(self.recipients_with_two_message_ids)}": bool(
                self.recipients_with_two_message_ids
            ),
            f"refused for good, yet not all failed: {self._by_status(refused)}": _has_other_status(
                refused, "failed"
            ),
            f"not all sent: {self._by_status(others)}": _has_other_status(others, "sent"),
            "the queue is still paused": self.is_paused,
            "a mail is still in the hands of a worker": self.is_held,
        }
        return [problem for problem, is_so in checks.items() if is_so]


def read_story(cursor: psycopg.Cursor[Any], taken: list[TakenMail], journal: str) -> FaultTestOutcome:
    outcomes = [line.split("\t") for line in journal.splitlines()]
    cursor.execute(_CHANGES)
    changes = [AuditedChange(EVENTS[verb], email) for verb, email in cursor if verb in EVENTS]
    cursor.execute(_MAILS)
    mails = [RecordedMail(*row) for row in cursor]
    is_paused, is_held = cursor.execute(_QUEUE).fetchone() or (False, False)
    return FaultTestOutcome(
        changes,
        mails,
        taken,
        done={address for address, outcome in outcomes if outcome == "done"},
        undone={address for address, outcome in outcomes if outcome == "undone"},
        is_paused=is_paused,
        is_held=is_held,
    )


def _is_recorded(mail: TakenMail, recorded: dict[str, RecordedMail]) -> bool:
    return mail.message_id in recorded and recorded[mail.message_id].recipient == mail.recipient


def _has_other_status(mails: list[RecordedMail], status: str) -> bool:
    return any(mail.status != status for mail in mails)


def _shortened(names: set[str]) -> str:
    return f"{len(names)} ({', '.join(sorted(names)[:3])} …)" if len(names) > 3 else ", ".join(sorted(names))
