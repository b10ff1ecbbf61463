"""People at work on the site, as a process of their own: every change of theirs is one mail.

python -m bench.fault_test.writer JOURNAL MOST. It reads orders from standard input: `NUMBER SECONDS KINDS`, so
many changes spread over so long a time. What became of each it writes into the journal, address and outcome.
KINDS is `usual`, or `unknown` when some of the people have no mailbox. MOST is how many numbers it may use up.

Some changes are undone before they are committed: their mail must never be seen. A change that an error cut off is
tried again, as people do; whether the first try had come through they do not know either.
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
_PAUSE = 0.2  # seconds until somebody tries again


class Undone(Exception):
    """Takes a change back at the last moment."""


class Writer:
    def __init__(self, journal: TextIO, most: int) -> None:
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
        # Each forgets the password once.
        people = [User(email=_forgetful(number), registered_at=timezone.now()) for number in range(most)]
        User.objects.bulk_create(people, batch_size=1000)

    def write(self, number: int, seconds: float, *, has_unknown: bool) -> None:
        began = time.monotonic()
        for done in range(number):
            self.change_something(has_unknown=has_unknown)
            ahead = began + (done + 1) * seconds / number - time.monotonic()
            time.sleep(max(0, ahead))

    def change_something(self, *, has_unknown: bool) -> None:
        number = next(self.numbers)
        if number % UNDONE_EVERY == 0:
            self._note(number, *self._change(number, ""), is_undone=True)
            number = next(self.numbers)
        is_unknown = has_unknown and number % UNKNOWN_EVERY == 0
        self._note(number, *self._change(number, UNKNOWN if is_unknown else ""), is_undone=False)

    def _change(self, number: int, box: str) -> tuple[str, Callable[[], object]]:
        """Whose mail it is, and the action."""
        if number % 3 == 0:
            address = f"{box or 'zelf'}{number}@bedrijf.example"
            return address, lambda: register_self(address, "Jan Jansen", language="nl")
        if number % 3 == 1 and not box:
            address = _forgetful(number)
            return address, lambda: ask_password_reset(address)
        address = f"{box or 'collega'}{number}@{DOMAIN}"
        new = NewColleague(email=address, name="Coen Collega", language="en")
        return address, lambda: add_user(self.company, new, by=self.admin)

    def _note(self, number: int, address: str, act: Callable[[], object], *, is_undone: bool) -> None:
        (_undo if is_undone else _do)(act)
        self.journal.write(f"{address}\t{'undone' if is_undone else 'done'}\n")
        self.journal.flush()


def _forgetful(number: int) -> str:
    return f"vergeten{number}@bedrijf.example"


def _do(act: Callable[[], object]) -> None:
    was_cut_off = False
    while True:
        try:
            act()
        except (OperationalError, InterfaceError):
            was_cut_off = True
            connection.close()
            time.sleep(_PAUSE)
        except RuleError:
            if not was_cut_off:
                raise
            return  # the first try had come through after all
        else:
            return


def _undo(act: Callable[[], object]) -> None:
    def act_and_undo() -> None:
        try:
            with transaction.atomic():
                act()
                raise Undone
        except Undone:
            pass

    _do(act_and_undo)


def main(path: str, most: int) -> None:
    with Path(path).open("a") as journal:
        writer = Writer(journal, most)
        print("ready", flush=True)
        for order in sys.stdin:
            number, seconds, kinds = order.split()
            writer.write(int(number), float(seconds), has_unknown=kinds == "unknown")
            print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
