"""Test that a new address counts only after its mailbox confirmed it (R2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership
from accounts.actions.address_change import (
    ask_address_change,
    cancel_address_change,
    confirm_address_change,
    find_address_change,
    forget_address_changes,
    send_address_change_again,
)
from accounts.actions.password import find_password_reset
from accounts.mails.password import reset_tokens
from accounts.models import AddressChange, SignInAttempts, User
from companies.domains import add_domain, remove_domain
from companies.models import Company
from members.actions.deleting import delete_account
from members.actions.moving import accept_move
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import MailStatus, OutboxMail
from nenconnect.rules.errors import RuleError
from reports.own_data import own_data
from tests.accounts.address_changes import NEW, fresh, later, link_of, token_of
from tests.at_once import run_at_once
from tests.every_row import rows_of_every_table
from tests.factories import make_admin, make_company, make_move_request, make_pending_person, make_person
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


def send_again_later(user: User, *, by: User) -> None:
    later(minutes=4)
    send_address_change_again(user, by=by)


class TestConfirming:
    def test_opening_the_link_of_an_address_change_changes_nothing(
        self, admin: User, colleague: User, client: Client
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        url, before = link_of(colleague), rows_of_every_table()
        for method in (client.get, client.head) * 3:
            assert method(url).status_code == 200
        assert rows_of_every_table() == before

    def test_confirming_a_new_address_ends_every_session_and_earlier_link(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        browser = sign_in(colleague)
        reset = f"{colleague.pk}-{reset_tokens.make_token(colleague)}"
        ask_address_change(colleague, NEW, by=admin)
        token = token_of(colleague)
        assert find_password_reset(reset)

        confirm_address_change(token)

        assert find_password_reset(reset) is None
        assert find_address_change(token) is None
        assert browser.get(reverse("profile:profile")).status_code == 302

    def test_the_old_address_gets_a_mail_after_an_address_change(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        confirm_address_change(token_of(colleague))
        drain()
        assert [mail["To"] for mail in smtp_sink.mails()] == ["collega@voorbeeld.example"]
        first_mail = OutboxMail.objects.filter(event="address_change_asked").get()
        assert first_mail.status == MailStatus.SUPPRESSED  # it had not gone yet, and is no use now

    @pytest.mark.parametrize(
        "meanwhile",
        [
            lambda user, by: membership.block(user, by=by),
            lambda user, by: membership.remove_from_company(user, by=by),
            lambda user, by: cancel_address_change(user, by=by),
            lambda user, by: later(days=8),
            lambda user, by: send_again_later(user, by=by),
            lambda user, by: ask_address_change(user, "weer.anders@voorbeeld.example", by=by),
            lambda user, by: accept_move(
                make_move_request(make_company("Ernaast", "voorbeeld.example"), user), by=by
            ),
            lambda user, by: delete_account(user, by=user),
        ],
        ids=["blocked", "removed", "cancelled", "expired", "sent again", "another", "moved", "deleted"],
    )
    def test_the_link_of_an_address_change_is_refused_after_a_block_removal_or_expiry(
        self, meanwhile: Any, admin: User, colleague: User, client: Client
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        token = token_of(colleague)

        meanwhile(colleague, admin)

        with pytest.raises(RuleError):
            confirm_address_change(token)
        answer = client.post(reverse("profile:confirm_address", args=[token]))
        assert answer.templates[0].name == "parts/dead_link.html"
        assert not User.objects.filter(email=NEW).exists()

    def test_unblocking_a_user_does_not_revive_the_link_of_an_address_change(
        self, admin: User, colleague: User
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        token = token_of(colleague)
        membership.block(colleague, by=admin)
        membership.unblock(fresh(colleague), by=admin)
        assert find_address_change(token) is None

    def test_the_link_of_an_address_change_is_refused_for_a_blocked_user(
        self, admin: User, colleague: User
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        token = token_of(colleague)
        User.objects.filter(pk=colleague.pk).update(is_blocked=True)
        assert find_address_change(token) is None

    def test_a_new_address_cannot_be_confirmed_after_its_domain_was_removed(
        self, company: Company, admin: User, colleague: User, client: Client
    ) -> None:
        extra = add_domain(company, "extra.example", by=admin)
        ask_address_change(colleague, "coen@extra.example", by=admin)
        remove_domain(extra, by=admin)

        answer = client.post(link_of(colleague))

        assert "extra.example" in answer.content.decode()
        assert fresh(colleague).email == "collega@voorbeeld.example"

    def test_a_new_address_that_another_person_took_cannot_be_confirmed(
        self, admin: User, colleague: User, client: Client
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        make_person(NEW)
        assert client.post(link_of(colleague)).status_code == 200
        assert fresh(colleague).email == "collega@voorbeeld.example"

    def test_confirming_a_new_address_replaces_an_unfinished_registration_of_a_stranger(
        self, admin: User, colleague: User
    ) -> None:
        stranger = make_pending_person(NEW)
        ask_address_change(colleague, NEW, by=admin)
        confirm_address_change(token_of(colleague))
        assert fresh(colleague).email == NEW
        assert not User.objects.filter(pk=stranger.pk).exists()

    def test_confirming_a_new_address_clears_the_locks_of_both_addresses(
        self, admin: User, colleague: User
    ) -> None:
        until = timezone.now() + timedelta(minutes=20)
        for address in (colleague.email, NEW):
            SignInAttempts.objects.create(address=address, failures=4, locked_until=until)
        ask_address_change(colleague, NEW, by=admin)
        confirm_address_change(token_of(colleague))
        assert list(SignInAttempts.objects.values_list("address", "failures", "locked_until")) == [(NEW, 0, None)]

    def test_confirming_a_new_address_updates_the_contact_address_of_the_company(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        Company.objects.filter(pk=company.pk).update(contact_email=colleague.email)
        ask_address_change(colleague, NEW, by=admin)
        confirm_address_change(token_of(colleague))
        assert Company.objects.get(pk=company.pk).contact_email == NEW

    def test_another_signed_in_user_must_sign_out_before_confirming_an_address(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        answer = sign_in(admin).post(link_of(colleague))
        assert answer.templates[0].name == "parts/sign_out_first.html"
        assert fresh(colleague).email != NEW


class TestAddressChangeRaces:
    @pytest.mark.django_db(transaction=True)
    def test_two_people_who_confirm_the_same_address_at_once_do_not_both_succeed(
        self, company: Company, admin: User
    ) -> None:
        people = [make_person(company=company), make_person(company=company)]
        for person in people:
            ask_address_change(person, NEW, by=admin)
        outcomes = run_at_once([partial(confirm_address_change, token_of(person)) for person in people])
        assert sorted(type(person).__name__ for person in outcomes) == ["RuleError", "User"]
        assert User.objects.filter(email=NEW).count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_confirming_an_address_twice_at_once_changes_the_address_once(
        self, admin: User, colleague: User
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        token = token_of(colleague)
        outcomes = run_at_once([lambda: confirm_address_change(token)] * 2)
        assert sorted(type(person).__name__ for person in outcomes) == ["RuleError", "User"]
        assert AuditEntry.objects.filter(verb="address_changed").count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_admins_who_request_an_address_change_at_once_leave_one_open_change(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        other = make_admin(company)
        run_at_once([partial(ask_address_change, colleague, NEW, by=by) for by in (admin, other)])
        assert AddressChange.objects.count() == 1


def test_an_open_address_change_is_in_the_users_own_data_and_is_deleted_with_the_account(
    admin: User, colleague: User
) -> None:
    ask_address_change(colleague, NEW, by=admin)
    assert own_data(colleague)["address_change"][0]["address"] == NEW
    delete_account(colleague, by=colleague)
    assert not OutboxMail.objects.filter(address=NEW).exists()
    assert not AddressChange.objects.exists()


def test_an_unconfirmed_address_change_is_deleted_after_two_weeks(admin: User, colleague: User) -> None:
    ask_address_change(colleague, NEW, by=admin)
    later(days=13)
    forget_address_changes()
    assert AddressChange.objects.exists()
    later(days=15)
    forget_address_changes()
    assert not AddressChange.objects.exists()
