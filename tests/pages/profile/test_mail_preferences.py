"""Test „Mijn profiel – E-mails", and the unsubscribe link of reminders (R30, R34, RFC 8058)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.signing import dumps
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.actions.reminders import switch_reminders
from accounts.mails.password import send_password_reset
from accounts.models import User
from accounts.stop_links import StopLink, person_of_stop_link, sign_stop_link
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_admin, make_license, make_pending_person, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(company: Company, admin: User) -> User:
    return make_admin(company, "tweede@voorbeeld.example", name="Tine Tweede")


def gets_reminders(user: User) -> bool:
    return User.objects.get(pk=user.pk).gets_reminders


def link_for(user: User) -> str:
    return reverse("profile:stop_reminders", args=[sign_stop_link(StopLink.REMINDERS, user)])


def reminder_to(user: User) -> OutboxMail:
    license = make_license(user.company) if user.company else None
    assert license is not None
    return queue_mail("license_ending", to=user, about=license, once_per=f"{license.ends_on:%Y%m%d}")


class TestSwitchOnMyProfile:
    def switch(self, browser: Client, value: str) -> list[str]:
        answer = browser.post(reverse("profile:reminders"), {"reminders": value})
        assert answer.status_code == 302
        return [str(message) for message in get_messages(answer.wsgi_request)]

    def test_an_admin_switches_reminders_off_and_on(self, second: User, sign_in) -> None:
        browser = sign_in(second)
        self.switch(browser, "off")
        assert not gets_reminders(second)

        self.switch(browser, "on")
        assert gets_reminders(second)

    def test_the_only_admin_with_reminders_cannot_switch_them_off(
        self, admin: User, second: User, sign_in
    ) -> None:
        switch_reminders(second, False, by=second)
        User.objects.filter(pk=admin.pk).update(language="en")

        (message,) = self.switch(sign_in(admin), "off")

        assert gets_reminders(admin)
        assert "You are the only admin of Voorbeeld BV who gets reminders" in message
        assert "make a colleague admin" in message

    @pytest.mark.parametrize("fields", [{"is_blocked": True}, {"role": "user"}, {"registered_at": None}])
    def test_an_inactive_colleague_does_not_count_as_an_admin_with_reminders(
        self, admin: User, company: Company, fields: dict
    ) -> None:
        other = (
            make_pending_person(company=company, role="admin")
            if "registered_at" in fields
            else make_admin(company)
        )
        User.objects.filter(pk=other.pk).update(**fields)

        with pytest.raises(RuleError):
            switch_reminders(admin, False, by=admin)

    def test_an_admin_of_another_company_does_not_count_as_an_admin_with_reminders(
        self, admin: User, other_admin: User
    ) -> None:
        with pytest.raises(RuleError):
            switch_reminders(admin, False, by=admin)

    def test_a_person_who_is_not_an_admin_has_no_switch_for_reminders(
        self, colleague: User, personal: User, sign_in
    ) -> None:
        for user in (colleague, personal):
            page = sign_in(user).get(reverse("profile:profile_mails")).content.decode()
            assert reverse("profile:reminders") not in page

    def test_the_profile_of_an_admin_who_gets_reminders_in_spite_of_the_switch_says_so(
        self, admin: User, second: User, sign_in
    ) -> None:
        # Both had switched reminders off while there was another admin.
        User.objects.update(gets_reminders=False, language="en")

        page = sign_in(admin).get(reverse("profile:profile_mails")).content.decode()

        assert "You get reminders" in page

    def test_switching_reminders_off_is_recorded_once_in_the_audit(self, second: User) -> None:
        switch_reminders(second, False, by=second)
        switch_reminders(second, False, by=second)

        entry = AuditEntry.objects.get(verb="details_changed")
        assert (entry.actor_id, entry.details["fields"]) == (second.pk, ["gets_reminders"])
        assert entry.details["changes"] == {"gets_reminders": [True, False]}


@pytest.mark.django_db(transaction=True)
def test_the_last_two_admins_cannot_both_switch_reminders_off_at_once(company: Company) -> None:
    first_admin, other = make_admin(company), make_admin(company)
    with slow_writes("accounts_user"):
        outcomes = run_at_once(
            [
                lambda: switch_reminders(first_admin, False, by=first_admin),
                lambda: switch_reminders(other, False, by=other),
            ]
        )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "RuleError"]
    assert User.objects.filter(gets_reminders=True).count() == 1


class TestUnsubscribeHeader:
    def test_a_reminder_has_a_one_click_unsubscribe_header(self, second: User) -> None:
        with override_settings(SITE_URL="https://connect.nen.example"):
            message = render(reminder_to(second))

        assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        header = re.fullmatch(r"<https://connect\.nen\.example(/\S+)>", message.extra_headers["List-Unsubscribe"])
        assert header is not None
        assert header[1] == link_for(second)
        assert f"https://connect.nen.example{header[1]}" in str(message.body)

    def test_a_reminder_to_the_only_admin_has_no_unsubscribe_link(self, admin: User) -> None:
        message = render(reminder_to(admin))

        assert "List-Unsubscribe" not in message.extra_headers
        assert "/herinneringen-uitzetten/" not in str(message.body)

    def test_a_password_reset_has_no_unsubscribe_header(self, second: User) -> None:
        send_password_reset(second)

        assert "List-Unsubscribe" not in render(OutboxMail.objects.get()).extra_headers

    def test_a_rerouted_reminder_has_no_unsubscribe_header(self, admin: User, second: User) -> None:
        mail = reminder_to(second)
        mail.recipient, mail.on_behalf_of = admin, second

        assert "List-Unsubscribe" not in render(mail).extra_headers


class TestUnsubscribeLink:
    def test_opening_the_unsubscribe_link_changes_nothing_and_shows_a_button(
        self, second: User, client: Client
    ) -> None:
        for fetch in (client.get, client.head) * 3:
            assert fetch(link_for(second)).status_code == 200

        assert gets_reminders(second)
        assert "<form" in client.get(link_for(second)).content.decode()

    def test_the_button_of_the_unsubscribe_page_switches_reminders_off(self, second: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.get(link_for(second))

        answer = client.post(link_for(second))

        assert answer.status_code == 200
        assert not gets_reminders(second)

    def test_a_mail_program_can_unsubscribe_without_cookies_or_csrf_token(self, second: User) -> None:
        program = Client(enforce_csrf_checks=True)

        answer = program.post(link_for(second), {"List-Unsubscribe": "One-Click"})

        assert answer.status_code == 200
        assert not gets_reminders(second)
        assert settings.SESSION_COOKIE_NAME not in program.cookies

    def test_unsubscribing_twice_shows_the_same_page_and_one_audit_entry(
        self, second: User, client: Client
    ) -> None:
        first, again = (client.post(link_for(second)).content.decode() for _twice in range(2))

        for page in (first, again):
            assert "staan uit" in page or "switched off" in page
        assert AuditEntry.objects.filter(verb="details_changed").count() == 1

    def test_unsubscribing_the_only_admin_is_refused_on_the_page_without_a_log_line(
        self, admin: User, client: Client, caplog
    ) -> None:
        answer = client.post(link_for(admin))

        assert "Voorbeeld BV" in answer.content.decode()
        assert gets_reminders(admin)
        assert "herinneringen-uitzetten" not in caplog.text

    @pytest.mark.parametrize("token", ["1", "MQ:niets", "x:y:z", ""])
    def test_an_unsubscribe_token_with_a_wrong_signature_finds_no_reader(
        self, second: User, client: Client, token: str
    ) -> None:
        wrong = [token, sign_stop_link(StopLink.NOTICES, second), dumps(["1"], salt=StopLink.REMINDERS)]

        assert [person_of_stop_link(StopLink.REMINDERS, each) for each in wrong] == [None, None, None]

    def test_an_unsubscribe_link_works_for_180_days(self, second: User) -> None:
        token = sign_stop_link(StopLink.REMINDERS, second)

        with time_machine.travel(timezone.now() + timedelta(days=179)):
            assert person_of_stop_link(StopLink.REMINDERS, token) == second
        with time_machine.travel(timezone.now() + timedelta(days=181)):
            assert person_of_stop_link(StopLink.REMINDERS, token) is None

    def test_the_unsubscribe_link_of_a_deleted_person_still_shows_a_page(
        self, second: User, client: Client
    ) -> None:
        link = link_for(second)
        second.delete()

        assert client.post(link).status_code == 200

    def test_the_unsubscribe_link_changes_no_other_field(self, second: User, client: Client) -> None:
        before: dict[str, object] = dict(User.objects.filter(pk=second.pk).values().get())
        client.post(
            link_for(second), {"role": "user", "is_staff": "on", "gets_reminders": "on", "email": "x@y.nl"}
        )
        after: dict[str, object] = dict(User.objects.filter(pk=second.pk).values().get())

        assert {name for name in before if before[name] != after[name]} == {"gets_reminders"}

    def test_a_person_who_has_not_registered_can_unsubscribe(self, company: Company, client: Client) -> None:
        newcomer = make_pending_person(company=company, role=User.Role.ADMIN)  # the company's first
        client.post(link_for(newcomer))

        assert not gets_reminders(newcomer)
        assert make_person(company=company).gets_reminders
