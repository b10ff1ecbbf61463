"""Test that two registrations at once give one account, one company and no error page (C7)."""

from __future__ import annotations

import pytest

from accounts.actions.finishing_registration import finish_registration
from accounts.actions.registering_oneself import register_self
from accounts.actions.registration import NewColleague, add_user
from accounts.models import User
from companies.models import Company
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from tests.at_once import run_at_once, slow_writes
from tests.factories import PASSWORD, make_pending_person, registration_token

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "nieuw@voorbeeld.example"


def test_adding_an_address_while_the_address_registers_gives_one_company_account(
    company: Company, admin: User
) -> None:
    def add() -> None:
        add_user(company, NewColleague(email=ADDRESS, name="Noor Nieuw"), by=admin)

    def register() -> None:
        register_self(ADDRESS, "Noor", language="nl")

    with slow_writes("accounts_user"):
        outcomes = run_at_once([add, register, register, register])

    assert outcomes == [None] * 4
    user = User.objects.get(email=ADDRESS)
    assert (user.company, user.name) == (company, "Noor Nieuw")
    assert find_live_links(user) == 1


def test_adding_the_same_address_several_times_at_once_sends_one_mail(company: Company, admin: User) -> None:
    def add() -> None:
        add_user(company, NewColleague(email=ADDRESS, name="Noor Nieuw"), by=admin)

    with slow_writes("accounts_user"):
        outcomes = run_at_once([add] * 4)

    assert sorted(map(str, outcomes)).count("None") == 1
    assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 3
    assert OutboxMail.objects.count() == 1


def test_two_companies_that_add_the_same_address_at_once_create_one_account(
    company: Company, other_company: Company, admin: User
) -> None:
    other_company.domains.create(name="voorbeeld.example")

    def add(to: Company) -> None:
        add_user(to, NewColleague(email=ADDRESS, name="Noor Nieuw"), by=admin)

    with slow_writes("accounts_user"):
        outcomes = run_at_once([lambda: add(company), lambda: add(other_company)])

    assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 1
    assert User.objects.filter(email=ADDRESS).count() == 1


def test_adding_a_pending_address_that_registers_again_gives_one_working_link(
    company: Company, admin: User
) -> None:
    user = make_pending_person(ADDRESS, registration_sent_at=None)

    def add() -> None:
        add_user(company, NewColleague(email=ADDRESS, name="Noor Nieuw"), by=admin)

    def register() -> None:
        register_self(ADDRESS, "Noor", language="nl")

    with slow_writes("accounts_user"):
        outcomes = run_at_once([add, register])

    assert outcomes == [None] * 2
    user.refresh_from_db()
    assert user.company == company
    assert find_live_links(user) == 1


@pytest.mark.parametrize("is_of_company", [True, False])
def test_a_registration_link_used_twice_at_once_works_only_once(company: Company, is_of_company: bool) -> None:
    token = registration_token(make_pending_person(company=company if is_of_company else None))

    def finish(password: str) -> None:
        finish_registration(token, password=password)

    with slow_writes("accounts_user"):
        outcomes = run_at_once([lambda: finish(PASSWORD), lambda: finish("een-heel-ander-wachtwoord")])

    assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 1


def find_live_links(user: User) -> int:
    # How many of the mailed links belong to the round that counts.
    return sum(mail.key_has(f"round{user.registration_round}") for mail in OutboxMail.objects.all())
