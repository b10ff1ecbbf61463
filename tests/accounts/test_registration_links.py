"""Test the mailed link: how long it works, sending it again, and what ends it (R12, C6, C10–C13)."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.signing import Signer

from accounts.actions import membership
from accounts.actions.finishing_registration import find_registration, finish_registration
from accounts.actions.registering_oneself import register_self
from accounts.actions.registration import NewColleague, add_user, send_registration_again
from accounts.actions.registration_links import MAX_PER_DAY, RESEND_PAUSE
from accounts.mails.registration import REGISTRATION_SALT
from accounts.models import User
from companies.domains import remove_domain
from companies.models import Company
from licenses.actions.granting import remove_colleague
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from tests.factories import PASSWORD, make_admin, make_pending_person, overview_status, registration_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

NEW = NewColleague(email="Nieuw@Voorbeeld.Example", name="Noor Nieuw", phone="06 12345678", country="NL")


def events() -> list[str]:
    return list(OutboxMail.objects.order_by("pk").values_list("event", flat=True))


class TestDeadline:
    @pytest.mark.parametrize(
        ("today", "before"),
        [
            (date(2027, 1, 31), date(2027, 2, 28)),
            (date(2028, 1, 31), date(2028, 2, 29)),
            (date(2027, 3, 31), date(2027, 4, 30)),
            (date(2027, 12, 31), date(2028, 1, 31)),
            (date(2027, 6, 15), date(2027, 7, 15)),
        ],
    )
    def test_a_registration_link_expires_after_one_calendar_month(
        self, company: Company, admin: User, today: date, before: date
    ) -> None:
        with time_machine.travel(datetime(today.year, today.month, today.day, 12, tzinfo=AMSTERDAM), tick=False):
            user = add_user(company, NEW, by=admin)

        user.refresh_from_db()
        assert user.registration_deadline == before

    def test_the_registration_month_begins_on_the_day_in_amsterdam(self, company: Company, admin: User) -> None:
        with time_machine.travel(datetime(2027, 6, 15, 0, 30, tzinfo=AMSTERDAM), tick=False):  # 14 June in UTC
            user = add_user(company, NEW, by=admin)

        user.refresh_from_db()
        assert user.registration_deadline == date(2027, 7, 15)

    def test_a_registration_link_works_until_the_end_of_the_day_before_its_deadline(
        self, company: Company, admin: User
    ) -> None:
        with time_machine.travel(datetime(2027, 1, 31, 12, tzinfo=AMSTERDAM), tick=False):
            user = add_user(company, NEW, by=admin)
        token = registration_token(user)

        with time_machine.travel(datetime(2027, 2, 27, 23, 59, 59, tzinfo=AMSTERDAM), tick=False):
            assert find_registration(token) == user
            assert overview_status(user) == User.Status.REQUESTED
        with time_machine.travel(datetime(2027, 2, 28, 0, 0, 0, tzinfo=AMSTERDAM), tick=False):
            assert find_registration(token) is None
            assert overview_status(user) == User.Status.EXPIRED

    def test_an_expired_registration_cannot_be_finished_with_a_password(
        self, company: Company, admin: User
    ) -> None:
        with time_machine.travel(datetime(2027, 1, 31, 12, tzinfo=AMSTERDAM), tick=False):
            user = add_user(company, NEW, by=admin)
            token = registration_token(user)
            assert find_registration(token) == user

        with time_machine.travel(datetime(2027, 2, 28, 9, tzinfo=AMSTERDAM), tick=False), pytest.raises(RuleError):
            finish_registration(token, password=PASSWORD)

        user.refresh_from_db()
        assert user.is_pending


class TestSendingRegistrationAgain:
    def test_sending_a_registration_again_gives_a_new_link_for_a_new_month(
        self, company: Company, admin: User
    ) -> None:
        with time_machine.travel(datetime(2027, 1, 31, 12, tzinfo=AMSTERDAM), tick=False):
            user = add_user(company, NEW, by=admin)
        old = registration_token(user)

        with time_machine.travel(datetime(2027, 3, 15, 12, tzinfo=AMSTERDAM), tick=False):
            assert find_registration(old) is None
            send_registration_again(user, by=admin)

            assert find_registration(old) is None
            assert find_registration(registration_token(user)) == user
        user.refresh_from_db()
        assert user.registration_deadline == date(2027, 4, 15)
        assert events() == ["registration_invited", "registration_invited"]

    def test_sending_a_registration_again_ends_the_old_link_at_once(self, company: Company, admin: User) -> None:
        with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=AMSTERDAM)) as clock:
            user = add_user(company, NEW, by=admin)
            old = registration_token(user)
            clock.shift(300)
            send_registration_again(user, by=admin)

            assert find_registration(old) is None
            with pytest.raises(RuleError):
                finish_registration(old, password=PASSWORD)
            assert finish_registration(registration_token(user), password=PASSWORD) == user

    def test_a_registration_mail_can_be_sent_again_only_after_three_minutes(
        self, company: Company, admin: User
    ) -> None:
        with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=AMSTERDAM), tick=False) as clock:
            user = add_user(company, NEW, by=admin)
            clock.shift(179)
            with pytest.raises(RuleError, match="3 minutes"):
                send_registration_again(user, by=admin)
            clock.shift(2)
            send_registration_again(user, by=admin)

        assert len(events()) == 2

    def test_at_most_five_registration_mails_a_day_are_sent_to_a_person(
        self, company: Company, admin: User
    ) -> None:
        with time_machine.travel(datetime(2027, 3, 1, 8, tzinfo=AMSTERDAM), tick=False) as clock:
            user = add_user(company, NEW, by=admin)
            for _again in range(4):
                clock.shift(600)
                send_registration_again(user, by=admin)
            clock.shift(600)
            with pytest.raises(RuleError):
                send_registration_again(user, by=admin)
            register_self(user.email, "Wie dan ook", language="nl")
            assert len(events()) == 5
            clock.shift(24 * 3600)
            send_registration_again(user, by=admin)

        assert len(events()) == 6

    def test_the_registration_mail_cannot_be_sent_again_to_a_registered_user(
        self, colleague: User, admin: User
    ) -> None:
        with pytest.raises(RuleError, match="has finished registration"):
            send_registration_again(colleague, by=admin)

    def test_the_registration_mail_cannot_be_sent_again_to_a_blocked_user(
        self, company: Company, admin: User
    ) -> None:
        user = make_pending_person(company=company, is_blocked=True, registration_sent_at=None)

        with pytest.raises(RuleError):
            send_registration_again(user, by=admin)
        assert events() == []


class TestLinks:
    def test_finishing_registration_sets_the_password_and_allows_signing_in(self, pending: User) -> None:
        user = finish_registration(registration_token(pending), password=PASSWORD)

        user.refresh_from_db()
        assert user.is_active
        assert authenticate(None, email=user.email, password=PASSWORD) == user

    def test_a_used_registration_link_is_refused(self, pending: User) -> None:
        token = registration_token(pending)
        finish_registration(token, password=PASSWORD)

        assert find_registration(token) is None
        with pytest.raises(RuleError):
            finish_registration(token, password="een-heel-ander-wachtwoord")
        pending.refresh_from_db()
        assert pending.check_password(PASSWORD)

    def test_a_forged_registration_link_is_refused(self, pending: User) -> None:
        good = registration_token(pending)
        signer = Signer(salt=REGISTRATION_SALT)
        wrong = [
            "",
            "x",
            good + "x",
            good[:-1],
            good.replace(":", "."),
            Signer(salt="another").sign_object([pending.pk, 1]),
            signer.sign_object([pending.pk, 2]),
            signer.sign_object([pending.pk]),
            signer.sign_object("text"),
        ]

        assert [find_registration(token) for token in wrong] == [None] * len(wrong)
        for token in wrong:
            with pytest.raises(RuleError):
                finish_registration(token, password=PASSWORD)

    def test_blocking_a_pending_user_ends_the_registration_link_for_good(self, pending: User, admin: User) -> None:
        token = registration_token(pending)

        membership.block(pending, by=admin)
        assert find_registration(token) is None

        membership.unblock(pending, by=admin)
        assert find_registration(token) is None

    def test_removing_a_pending_user_from_the_company_ends_the_registration_link(
        self, pending: User, admin: User
    ) -> None:
        token = registration_token(pending)

        remove_colleague(pending, by=admin)

        assert find_registration(token) is None
        with pytest.raises(RuleError):
            finish_registration(token, password=PASSWORD)

    def test_a_registration_link_works_after_the_inviting_admin_has_left(
        self, company: Company, admin: User
    ) -> None:
        user = add_user(company, NEW, by=admin)
        second = make_admin(company)
        remove_colleague(admin, by=second)

        finish_registration(registration_token(user), password=PASSWORD)

        user.refresh_from_db()
        assert user.company == company

    def test_finishing_registration_replaces_an_earlier_password(self, pending: User) -> None:
        pending.set_password("van-een-kaper-12345")
        pending.save()
        session_before = pending.get_session_auth_hash()
        assert authenticate(None, email=pending.email, password="van-een-kaper-12345") is None

        finish_registration(registration_token(pending), password=PASSWORD)

        assert authenticate(None, email=pending.email, password="van-een-kaper-12345") is None
        pending.refresh_from_db()
        assert pending.get_session_auth_hash() != session_before

    @pytest.mark.parametrize("password", ["kort", "elf-tekens1", "nieuw@voorbeeld.example", "qwerty123456"])
    def test_a_weak_password_is_refused_and_the_registration_link_still_works(
        self, pending: User, password: str
    ) -> None:
        token = registration_token(pending)

        with pytest.raises(ValidationError):
            finish_registration(token, password=password)

        assert find_registration(token) == pending

    def test_registration_cannot_be_finished_after_the_domain_was_removed(
        self, company: Company, admin: User, staff: User
    ) -> None:
        user = add_user(company, NEW, by=admin)
        remove_domain(company.domains.get(), by=staff)

        with pytest.raises(RuleError) as refused:
            finish_registration(registration_token(user), password=PASSWORD)

        assert refused.value.field == "email"
        user.refresh_from_db()
        assert user.is_pending


def test_registration_mails_have_a_pause_of_3_minutes_and_a_maximum_of_5_a_day() -> None:
    assert RESEND_PAUSE.total_seconds() == 180
    assert MAX_PER_DAY == 5
