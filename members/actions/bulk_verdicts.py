"""Judge what a change does with each person; the preview and the worker ask the same.

The actions on one person refuse the same, and have the last word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.membership import check_may_block
from accounts.actions.registration_links import is_below_daily_limit
from accounts.mails.registration import registrations_sent_to
from accounts.models import User
from licenses.models import Grant, License
from members.models import PeopleChange, PeopleChangeLine
from nenconnect.bulk.many_rows import in_batches
from nenconnect.rules.errors import RuleError

Kind = PeopleChange.Kind
Outcome = PeopleChangeLine.Outcome
CHUNK = 2000  # people in memory at once
NOT_JUDGED = ("password", "name", "phone", "searched")  # what no rule here looks at

AGAINST_ONESELF = {Kind.MAKE_USER, Kind.BLOCK, Kind.REMOVE, Kind.DELETE}


class ChangeVerdict(NamedTuple):
    """Hold what happens to a person; `reason` has no name in it, so that equal reasons are counted together."""

    outcome: str
    reason: str = ""


DO = ChangeVerdict(Outcome.DONE)


def skipped(reason: str) -> ChangeVerdict:
    return ChangeVerdict(Outcome.SKIPPED, reason)


def refused(reason: str) -> ChangeVerdict:
    return ChangeVerdict(Outcome.REFUSED, reason)


def foresee(change: PeopleChange, *, by: User) -> Counter[ChangeVerdict]:
    judge, verdicts = Judge(change, by=by), Counter[ChangeVerdict]()
    ids = change.lines.values_list("user", flat=True).iterator(chunk_size=CHUNK)
    for chunk in in_batches(ids, CHUNK):
        people_by_id = User.objects.defer(*NOT_JUDGED).in_bulk([pk for pk in chunk if pk is not None])
        verdicts.update(judge.of([people_by_id.get(pk or 0) for pk in chunk]))
    return verdicts


class Judge:
    """Judge the people of a change one after the other; each who gets a licence takes a seat."""

    def __init__(self, change: PeopleChange, *, by: User) -> None:
        self.change, self.by = change, by
        self.license = license_of(change) if change.needs_license else None
        self.free = _free_seats(self.license)

    def of(self, people: Sequence[User | None]) -> Iterator[ChangeVerdict]:
        judged = RULES[Kind(self.change.kind)](self, [person for person in people if person])
        for person in people:
            if person is None or person.company_id != self.change.company_id:
                yield refused(_("No longer in your company."))
            elif person == self.by and self.change.kind in AGAINST_ONESELF:
                yield refused(_("This is you. Change yourself on your own page."))
            else:
                yield judged(person)


Rule = Callable[[User], ChangeVerdict]


def license_of(change: PeopleChange) -> License | None:
    return License.objects.of(change.company).filter(pk=change.license_id or 0).first()


def _free_seats(license: License | None) -> int | None:
    if license is None or license.seats is None:
        return None
    return license.seats - Grant.objects.lasting().filter(license=license).count()


def _rule_for_giving(judge: Judge, people: Sequence[User]) -> Rule:
    license, holders = judge.license, _holders(judge.license, people)
    ended, has_it = refused(_("The licence has ended, or is no longer there.")), skipped(_("Has it already."))
    blocked, full = refused(_("Blocked. Unblock first.")), refused(_("There is no free seat left."))

    def rule(person: User) -> ChangeVerdict:
        if license is None or license.has_ended:
            return ended
        if person.pk in holders or (license.is_company_wide and license.is_in_term):
            return has_it
        if person.is_blocked:
            return blocked
        if judge.free is not None and judge.free <= 0:
            return full
        judge.free = None if judge.free is None else judge.free - 1
        return DO

    return rule


def _rule_for_taking(judge: Judge, people: Sequence[User]) -> Rule:
    holders, without = _holders(judge.license, people), skipped(_("Does not have it."))
    return lambda person: DO if person.pk in holders else without


def _holders(license: License | None, people: Sequence[User]) -> set[int]:
    rows = Grant.objects.filter(license=license, user__in=[person.pk for person in people])
    return set(rows.lasting().values_list("user", flat=True)) if license else set()


def _rule_for_sending(judge: Judge, people: Sequence[User]) -> Rule:
    pending = [person for person in people if person.is_pending]
    sent = registrations_sent_to(pending, since=timezone.now() - timedelta(days=1))
    finished, blocked = skipped(_("Has finished registration already.")), refused(_("Blocked. Unblock first."))
    too_often = refused(_("Was mailed just now, or too often today. Try again later."))

    def rule(person: User) -> ChangeVerdict:
        if not person.is_pending:
            return finished
        if person.is_blocked:
            return blocked
        return DO if is_below_daily_limit(person, sent=sent[person.pk]) else too_often

    return rule


def _rule_for_labelling(judge: Judge, people: Sequence[User]) -> Rule:
    label, is_gone = judge.change.label_id, judge.change.label_id is None and not judge.change.is_without_label
    gone, has_it = refused(_("The label is no longer in the list.")), skipped(_("Has it already."))

    def rule(person: User) -> ChangeVerdict:
        if is_gone:
            return gone
        return has_it if person.label_id == label else DO

    return rule


def _rule_for_blocking(judge: Judge, people: Sequence[User]) -> Rule:
    was_blocked = skipped(_("Was blocked already."))

    def rule(person: User) -> ChangeVerdict:
        if person.is_blocked:
            return was_blocked
        try:
            check_may_block(person, by=judge.by)
        except RuleError as error:
            return refused(str(error))
        return DO

    return rule


def _rule_for_unblocking(judge: Judge, people: Sequence[User]) -> Rule:
    is_open = skipped(_("Is not blocked."))
    return lambda person: DO if person.is_blocked else is_open


def _rules_for_role(role: str) -> Callable[[Judge, Sequence[User]], Rule]:
    def rule_for(judge: Judge, people: Sequence[User]) -> Rule:
        has_it = skipped(_("Has this role already."))
        return lambda person: has_it if person.role == role else DO

    return rule_for


def _rule_for_removing(judge: Judge, people: Sequence[User]) -> Rule:
    return lambda person: DO


def _rule_for_deleting(judge: Judge, people: Sequence[User]) -> Rule:
    staff = refused(_("This person works at NEN: only NEN itself can delete the account."))
    return lambda person: staff if person.is_staff else DO


RULES: dict[Kind, Callable[[Judge, Sequence[User]], Rule]] = {
    Kind.GIVE_LICENSE: _rule_for_giving,
    Kind.TAKE_LICENSE: _rule_for_taking,
    Kind.SEND_REGISTRATION: _rule_for_sending,
    Kind.SET_LABEL: _rule_for_labelling,
    Kind.MAKE_ADMIN: _rules_for_role(User.Role.ADMIN),
    Kind.MAKE_USER: _rules_for_role(User.Role.USER),
    Kind.BLOCK: _rule_for_blocking,
    Kind.UNBLOCK: _rule_for_unblocking,
    Kind.REMOVE: _rule_for_removing,
    Kind.DELETE: _rule_for_deleting,
}
