"""The list of people at NEN's desk: their statuses are said for the people of a page, and read for them alone."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from accounts.models import SignInAttempts, User
from licenses.access import who_have_a_license
from nenconnect.list_rows import LongChangeList


class PeopleList(LongChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        people: Sequence[User] = list(self.result_list)
        say_statuses(people)
        self.result_list = people


def say_statuses(people: Sequence[User]) -> None:
    """As `with_status` does; Django takes longer to put that query together than all else on the page takes."""
    addresses = [person.email for person in people]
    locks = SignInAttempts.objects.locked().filter(address__in=addresses)
    locked = dict(locks.values_list("address", "locked_until"))
    licensed = who_have_a_license([person.pk for person in people])
    for person in people:
        is_locked, has_license = person.email in locked, person.pk in licensed
        person.locked_until = locked.get(person.email)  # type: ignore[attr-defined]
        person.status = person.status_now(is_locked=is_locked, has_license=has_license)  # type: ignore[attr-defined]
