"""What a change for several would do with each of them: the preview and the worker ask the same.

What is foreseen here is what the actions on one person refuse; those have the last word all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.membership import check_may_block
from accounts.actions.registration_links import may_be_sent_again
from accounts.mails.registration import registrations_sent_to
from accounts.models import PeopleChange, PeopleChangeLine, User
from licenses.models import Grant, License
from nenconnect.errors import RuleError
from nenconnect.many_rows import in_batches

Kind = PeopleChange.Kind
Outcome = PeopleChangeLine.Outcome
CHUNK = 2000  # people in memory at once

AGAINST_ONESELF = {Kind.MAKE_USER, Kind.BLOCK, Kind.REMOVE, Kind.DELETE}


class Verdict(NamedTuple):
    """`reason` names nobody, so that people with the same one are counted together."""

    outcome: str
    reason: str = ""


DO = Verdict(Outcome.DONE)


def skipped(reason: str) -> Verdict:
    return Verdict(Outcome.SKIPPED, reason)


def refused(reason: str) -> Verdict:
    return Verdict(Outcome.REFUSED, reason)


def foresee(change: PeopleChange, *, by: User) -> Counter[Verdict]:
    """How many people each verdict would be passed on, at this moment, in the order in which it will be done."""
    judge, verdicts = Judge(change, by=by), Counter[Verdict]()
    ids = change.lines.values_list("user", flat=True).iterator(chunk_size=CHUNK)
    for chunk in in_batches(ids, CHUNK):
        known = User.objects.in_bulk([pk for pk in chunk if pk is not None])
        verdicts.update(judge.of([known.get(pk or 0) for pk in chunk]))
    return verdicts


class Judge:
    """Of all the people of a change, one after the other: each who gets a licence takes a seat."""

    def __init__(self, change: PeopleChange, *, by: User) -> None:
        self.change, self.by = change, by
        self.license = license_of(change) if change.needs_license else None
        self.free = _free_seats(self.license)

    def of(self, people: Sequence[User | None]) -> Iterator[Verdict]:
        judged = RULES[Kind(self.change.kind)](self, [person for person in people if person])
        for person in people:
            if person is None or person.company_id != self.change.company_id:
                yield refused(_("No longer in your company."))
            elif person == self.by and self.change.kind in AGAINST_ONESELF:
                yield refused(_("This is you. Change yourself on your own page."))
            else:
                yield judged(person)


Rule = Callable[[User], Verdict]


def license_of(change: PeopleChange) -> License | None:
    return License.objects.of(change.company).filter(pk=change.license_id or 0).first()


def _free_seats(license: License | None) -> int | None:
    if license is None or license.seats is None:
        return None
    return license.seats - Grant.objects.lasting().filter(license=license).count()


def _giving(judge: Judge, people: Sequence[User]) -> Rule:
    license, held = judge.license, _holders(judge.license, people)

    def rule(person: User) -> Verdict:
        if license is None or license.has_ended:
            return refused(_("The licence has ended, or is no longer there."))
        if person.pk in held or (license.is_company_wide and license.is_in_term):
            return skipped(_("Has it already."))
        if person.is_blocked:
            return refused(_("Blocked. Unblock first."))
        if judge.free is not None and judge.free <= 0:
            return refused(_("No seat is free any more."))
        judge.free = None if judge.free is None else judge.free - 1
        return DO

    return rule


def _taking(judge: Judge, people: Sequence[User]) -> Rule:
    held = _holders(judge.license, people)
    return lambda person: DO if person.pk in held else skipped(_("Does not have it."))


def _holders(license: License | None, people: Sequence[User]) -> set[int]:
    rows = Grant.objects.filter(license=license, user__in=[person.pk for person in people])
    return set(rows.lasting().values_list("user", flat=True)) if license else set()


def _sending(judge: Judge, people: Sequence[User]) -> Rule:
    pending = [person for person in people if person.is_pending]
    sent = registrations_sent_to(pending, since=timezone.now() - timedelta(days=1))

    def rule(person: User) -> Verdict:
        if not person.is_pending:
            return skipped(_("Has finished registration already."))
        if person.is_blocked:
            return refused(_("Blocked. Unblock first."))
        if not may_be_sent_again(person, sent=sent[person.pk]):
            return refused(_("Was mailed just now, or too often today. Try again later."))
        return DO

    return rule


def _labelling(judge: Judge, people: Sequence[User]) -> Rule:
    label, is_gone = judge.change.label_id, judge.change.label_id is None and not judge.change.is_without_label

    def rule(person: User) -> Verdict:
        if is_gone:
            return refused(_("The label is no longer in the list."))
        return skipped(_("Has it already.")) if person.label_id == label else DO

    return rule


def _blocking(judge: Judge, people: Sequence[User]) -> Rule:
    def rule(person: User) -> Verdict:
        if person.is_blocked:
            return skipped(_("Was blocked already."))
        try:
            check_may_block(person, by=judge.by)
        except RuleError as error:
            return refused(str(error))
        return DO

    return rule


def _unblocking(judge: Judge, people: Sequence[User]) -> Rule:
    return lambda person: DO if person.is_blocked else skipped(_("Is not blocked."))


def _role(wanted: str) -> Callable[[Judge, Sequence[User]], Rule]:
    def rule_for(judge: Judge, people: Sequence[User]) -> Rule:
        return lambda person: skipped(_("Has this role already.")) if person.role == wanted else DO

    return rule_for


def _removing(judge: Judge, people: Sequence[User]) -> Rule:
    return lambda person: DO


def _deleting(judge: Judge, people: Sequence[User]) -> Rule:
    staff = _("Somebody of NEN: only NEN itself can delete the account.")
    return lambda person: refused(staff) if person.is_staff else DO


RULES: dict[Kind, Callable[[Judge, Sequence[User]], Rule]] = {
    Kind.GIVE_LICENSE: _giving,
    Kind.TAKE_LICENSE: _taking,
    Kind.SEND_REGISTRATION: _sending,
    Kind.SET_LABEL: _labelling,
    Kind.MAKE_ADMIN: _role(User.Role.ADMIN),
    Kind.MAKE_USER: _role(User.Role.USER),
    Kind.BLOCK: _blocking,
    Kind.UNBLOCK: _unblocking,
    Kind.REMOVE: _removing,
    Kind.DELETE: _deleting,
}
