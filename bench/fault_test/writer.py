"""Act as people at work on the site, in a separate process; each of their changes sends one mail.

python -m bench.fault_test.writer JOURNAL MOST. It reads orders from standard input: `NUMBER SECONDS KINDS`, that
many changes spread over that many seconds. The journal gets the address and outcome of each. KINDS is `usual`, or
`unknown` when some people have no mailbox. MOST is how many numbers it may use.

Some changes are rolled back before the commit: their mail must never be sent. A change that an error interrupted
is tried again, as people do, who do not know either whether the first attempt was committed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TextIO

import django
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

django.setup()

from accounts.actions.password import ask_password_reset  # noqa: E402 -- Django first
from accounts.actions.registering_oneself import register_self  # noqa: E402
from accounts.actions.registration import NewColleague, add_user  # noqa: E402
from accounts.models import User  # noqa: E402
from bench.sink import UNKNOWN, UNKNOWN_EVERY  # noqa: E402
from companies.models import Company, Domain  # noqa: E402
from nenconnect.rules.errors import RuleError  # noqa: E402

DOMAIN = "voorbeeld.example"
UNDONE_EVERY = 8
_PAUSE = 0.2  # seconds until the next attempt


class RolledBack(Exception):
    """Roll a change back at the last moment."""


class Writer:
    def __init__(self, journal: TextIO, max_changes: int) -> None:
        self.journal = journal
        self.numbers = count(1)
        self.company = Company.objects.create(
            name="Voorbeeld BV",
            customer_number="K1",
            contact_person="Karin de Boer",
            contact_phone="015 269 03 91",
            contact_email=f"contact@{DOMAIN}",
        )
        Domain.objects.create(company=self.company, name=DOMAIN)
        self.admin = User.objects.create(
            email=f"beheerder@{DOMAIN}", company=self.company, role=User.Role.ADMIN, registered_at=timezone.now()
        )
        # Each requests a password reset once.
        people = [
            User(email=_reset_address(number), registered_at=timezone.now()) for number in range(max_changes)
        ]
        User.objects.bulk_create(people, batch_size=1000)

    def make_changes(self, number: int, seconds: float, *, has_unknown: bool) -> None:
        started_at = time.monotonic()
        for done in range(number):
            self.make_change(has_unknown=has_unknown)
            ahead = started_at + (done + 1) * seconds / number - time.monotonic()
            time.sleep(max(0, ahead))

    def make_change(self, *, has_unknown: bool) -> None:
        number = next(self.numbers)
        if number % UNDONE_EVERY == 0:
            self._make_and_record(number, *self._address_and_action(number, ""), is_undone=True)
            number = next(self.numbers)
        is_unknown = has_unknown and number % UNKNOWN_EVERY == 0
        self._make_and_record(
            number, *self._address_and_action(number, UNKNOWN if is_unknown else ""), is_undone=False
        )

    def _address_and_action(self, number: int, mailbox: str) -> tuple[str, Callable[[], object]]:
        if number % 3 == 0:
            address = f"{mailbox or 'zelf'}{number}@bedrijf.example"
            return address, lambda: register_self(address, "Jan Jansen", language="nl")
        if number % 3 == 1 and not mailbox:
            address = _reset_address(number)
            return address, lambda: ask_password_reset(address)
        address = f"{mailbox or 'collega'}{number}@{DOMAIN}"
        new_colleague = NewColleague(email=address, name="Coen Collega", language="en")
        return address, lambda: add_user(self.company, new_colleague, by=self.admin)

    def _make_and_record(
        self, number: int, address: str, action: Callable[[], object], *, is_undone: bool
    ) -> None:
        (_roll_back if is_undone else _retry_until_done)(action)
        self.journal.write(f"{address}\t{'undone' if is_undone else 'done'}\n")
        self.journal.flush()


def _reset_address(number: int) -> str:
    return f"vergeten{number}@bedrijf.example"


def _retry_until_done(action: Callable[[], object]) -> None:
    was_interrupted = False
    while True:
        try:
            action()
        except (OperationalError, InterfaceError):
            was_interrupted = True
            connection.close()
            time.sleep(_PAUSE)
        except RuleError:
            if not was_interrupted:
                raise
            return  # the first attempt was committed after all
        else:
            return


def _roll_back(action: Callable[[], object]) -> None:
    def act_and_roll_back() -> None:
        try:
            with transaction.atomic():
                action()
                raise RolledBack
        except RolledBack:
            pass

    _retry_until_done(act_and_roll_back)


def main(path: str, max_changes: int) -> None:
    with Path(path).open("a") as journal:
        writer = Writer(journal, max_changes)
        print("ready", flush=True)
        for order in sys.stdin:
            number, seconds, kinds = order.split()
            writer.make_changes(int(number), float(seconds), has_unknown=kinds == "unknown")
            print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
