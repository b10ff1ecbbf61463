"""Add many colleagues at once, with the checks of `registration.add_user` in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.actions.membership import check_rerouting
from accounts.actions.registration import (
    NewColleague,
    add_user,
    apply_admin_values,
    check_available,
    check_domain,
    check_not_flooded,
    newcomer_details,
    unsaved_user,
)
from accounts.actions.registration_links import renew_link
from accounts.mails.registration import send_registrations
from accounts.models import User
from accounts.verbs import USER_ADDED
from companies.actions import lock as lock_company
from companies.addresses import domain_of
from companies.models import Company
from nenconnect.audit.actions import new_entry, record_many
from nenconnect.rules.errors import RuleError


class Gate:
    """Check many addresses, each domain once; used within one transaction."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._refusals: dict[str, RuleError | None] = {}

    def check(self, address: str, user: User | None) -> None:
        """Raise RuleError like `add_user`; `user` is the person who has the address already."""
        domain = domain_of(address)
        if domain not in self._refusals:
            self._refusals[domain] = self._refusal(address)
        if refusal := self._refusals[domain]:
            raise refusal
        if user:
            check_available(user, self.company, origin=User.Origin.COMPANY)
            if user.is_pending:
                check_not_flooded(user, is_new=False)

    def _refusal(self, address: str) -> RuleError | None:
        try:
            check_domain(self.company, address, origin=User.Origin.COMPANY)
        except RuleError as error:
            return error
        return None


@transaction.atomic
def add_many(
    company: Company, new: Sequence[NewColleague], *, by: User, mails_from: datetime
) -> dict[str, User | RuleError]:
    """Add each colleague or return why not, by canonical address; an address occurs once.

    A person who has an account is added by `add_user`. The mails go one after the other from `mails_from` on.
    """
    company = lock_company(company)
    with_account = {user.email for user in User.objects.filter(email__in=[person.email for person in new])}
    gate, fresh, outcomes = Gate(company), list[User](), dict[str, User | RuleError]()
    for person in new:
        try:
            if person.email in with_account:
                outcomes[person.email] = _add_one(company, person, by=by)
            else:
                gate.check(person.email, None)
                fresh.append(_unsaved_pending_user(company, person))
        except RuleError as error:
            outcomes[person.email] = error
    try:
        _save_and_mail(company, fresh, by=by, mails_from=mails_from)
    except IntegrityError:  # one of them was added by another at this moment (C7)
        names = {user.email for user in fresh}
        return outcomes | _one_by_one(company, [person for person in new if person.email in names], by=by)
    return outcomes | {user.email: user for user in fresh}


def _unsaved_pending_user(company: Company, new: NewColleague) -> User:
    check_rerouting(new.role, is_rerouted=new.is_mail_rerouted)
    user = unsaved_user(new.email, new)
    apply_admin_values(user, company, new, origin=User.Origin.COMPANY)
    renew_link(user)
    return user


@transaction.atomic
def _save_and_mail(company: Company, people: list[User], *, by: User, mails_from: datetime) -> None:
    people.sort(key=lambda user: user.email)  # two at once wait for each other, and never in a circle
    User.objects.bulk_create(people)
    send_registrations((user for user in people if not user.is_blocked), due_at=mails_from)
    record_many(
        new_entry(USER_ADDED, by=by, company_id=company.pk, about=user, is_new=True, **newcomer_details(user))
        for user in people
    )


def _one_by_one(company: Company, new: Iterable[NewColleague], *, by: User) -> dict[str, User | RuleError]:
    outcomes: dict[str, User | RuleError] = {}
    for person in new:
        try:
            outcomes[person.email] = _add_one(company, person, by=by)
        except RuleError as error:
            outcomes[person.email] = error
    return outcomes


@transaction.atomic
def _add_one(company: Company, new: NewColleague, *, by: User) -> User:
    return add_user(company, new, by=by)
