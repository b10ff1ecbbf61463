"""„Mijn profiel – E-mails", and the link of a reminder that switches reminders off (R30, R34, RFC 8058)."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.signing import Signer
from django.test import Client, override_settings
from django.urls import reverse

from accounts.actions.reminders import find_reader, switch_reminders
from accounts.mails.password import send_password_reset
from accounts.mails.reminders import REMINDERS_SALT
from accounts.models import User
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
    return reverse("profile:stop_reminders", args=[Signer(salt=REMINDERS_SALT).sign_object(user.pk)])


def reminder_to(user: User) -> OutboxMail:
    license = make_license(user.company) if user.company else None
    assert license is not None
    return queue_mail("license_ending", to=user, about=license, once_per=f"{license.ends_on:%Y%m%d}")


class TestMyProfile:
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

    def test_the_only_admin_who_reads_them_is_refused_and_told_what_to_do(
        self, admin: User, second: User, sign_in
    ) -> None:
        switch_reminders(second, False, by=second)
        User.objects.filter(pk=admin.pk).update(language="en")

        (message,) = self.switch(sign_in(admin), "off")

        assert gets_reminders(admin)
        assert "You are the only admin of Voorbeeld BV who gets reminders" in message
        assert "make a colleague admin" in message

    @pytest.mark.parametrize("fields", [{"is_blocked": True}, {"role": "user"}, {"registered_at": None}])
    def test_a_colleague_who_cannot_read_does_not_count(self, admin: User, company: Company, fields: dict) -> None:
        other = (
            make_pending_person(company=company, role="admin")
            if "registered_at" in fields
            else make_admin(company)
        )
        User.objects.filter(pk=other.pk).update(**fields)

        with pytest.raises(RuleError):
            switch_reminders(admin, False, by=admin)

    def test_admins_of_another_company_do_not_count(self, admin: User, other_admin: User) -> None:
        with pytest.raises(RuleError):
            switch_reminders(admin, False, by=admin)

    def test_whoever_is_no_admin_is_told_that_there_are_none_and_has_no_button(
        self, colleague: User, personal: User, sign_in
    ) -> None:
        for user in (colleague, personal):
            page = sign_in(user).get(reverse("profile:profile_mails")).content.decode()
            assert reverse("profile:reminders") not in page

    def test_who_gets_them_all_the_same_sees_that(self, admin: User, second: User, sign_in) -> None:
        """Both had switched them off, before the one who is left became the only one."""
        User.objects.update(gets_reminders=False, language="en")

        page = sign_in(admin).get(reverse("profile:profile_mails")).content.decode()

        assert "You get reminders" in page

    def test_it_is_in_the_audit(self, second: User) -> None:
        switch_reminders(second, False, by=second)
        switch_reminders(second, False, by=second)

        entry = AuditEntry.objects.get(verb="details_changed")
        assert (entry.actor_id, entry.details["fields"]) == (second.pk, ["gets_reminders"])
        assert entry.details["changes"] == {"gets_reminders": [True, False]}


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_cannot_both_switch_them_off(company: Company) -> None:
    one, other = make_admin(company), make_admin(company)
    with slow_writes("accounts_user"):
        outcomes = run_at_once(
            [lambda: switch_reminders(one, False, by=one), lambda: switch_reminders(other, False, by=other)]
        )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "RuleError"]
    assert User.objects.filter(gets_reminders=True).count() == 1


class TestTheHeader:
    def test_a_reminder_has_a_one_click_link_to_where_it_is_switched_off(self, second: User) -> None:
        with override_settings(SITE_URL="https://connect.nen.example"):
            message = render(reminder_to(second))

        assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        found = re.fullmatch(r"<https://connect\.nen\.example(/\S+)>", message.extra_headers["List-Unsubscribe"])
        assert found is not None
        assert found[1] == link_for(second)
        assert f"https://connect.nen.example{found[1]}" in str(message.body)

    def test_not_for_the_only_admin_who_reads_them(self, admin: User) -> None:
        message = render(reminder_to(admin))

        assert "List-Unsubscribe" not in message.extra_headers
        assert "/herinneringen-uitzetten/" not in str(message.body)

    def test_not_on_a_mail_that_cannot_be_switched_off(self, second: User) -> None:
        send_password_reset(second)

        assert "List-Unsubscribe" not in render(OutboxMail.objects.get()).extra_headers

    def test_not_for_whoever_reads_it_instead_of_another(self, admin: User, second: User) -> None:
        mail = reminder_to(second)
        mail.recipient, mail.on_behalf_of = admin, second

        assert "List-Unsubscribe" not in render(mail).extra_headers


class TestTheLink:
    def test_opening_it_changes_nothing_and_shows_a_button(self, second: User, client: Client) -> None:
        for fetch in (client.get, client.head) * 3:
            assert fetch(link_for(second)).status_code == 200

        assert gets_reminders(second)
        assert "<form" in client.get(link_for(second)).content.decode()

    def test_its_button_switches_them_off(self, second: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.get(link_for(second))

        answer = client.post(link_for(second))

        assert answer.status_code == 200
        assert not gets_reminders(second)

    def test_a_mail_program_posts_without_cookies_and_is_not_sent_elsewhere(self, second: User) -> None:
        program = Client(enforce_csrf_checks=True)

        answer = program.post(link_for(second), {"List-Unsubscribe": "One-Click"})

        assert answer.status_code == 200
        assert not gets_reminders(second)
        assert settings.SESSION_COOKIE_NAME not in program.cookies

    def test_pressed_twice_it_says_the_same(self, second: User, client: Client) -> None:
        first, again = (client.post(link_for(second)).content.decode() for _twice in range(2))

        for page in (first, again):
            assert "staan uit" in page or "switched off" in page
        assert AuditEntry.objects.filter(verb="details_changed").count() == 1

    def test_the_only_one_who_reads_them_is_refused_in_words_and_not_in_the_log(
        self, admin: User, client: Client, caplog
    ) -> None:
        answer = client.post(link_for(admin))

        assert "Voorbeeld BV" in answer.content.decode()
        assert gets_reminders(admin)
        assert "herinneringen-uitzetten" not in caplog.text

    @pytest.mark.parametrize("token", ["1", "MQ:niets", "x:y:z", ""])
    def test_one_that_we_did_not_sign_is_a_dead_link(self, second: User, client: Client, token: str) -> None:
        assert find_reader(token) is None
        assert find_reader(Signer(salt="accounts.registration").sign_object([second.pk, 1])) is None
        assert find_reader(Signer(salt="something.else").sign_object(second.pk)) is None
        assert find_reader(Signer(salt=REMINDERS_SALT).sign_object(["1"])) is None

    def test_of_whoever_is_gone_it_is_dead(self, second: User, client: Client) -> None:
        link = link_for(second)
        second.delete()

        assert client.post(link).status_code == 200

    def test_it_switches_nothing_else(self, second: User, client: Client) -> None:
        before: dict[str, object] = dict(User.objects.filter(pk=second.pk).values().get())
        client.post(
            link_for(second), {"role": "user", "is_staff": "on", "gets_reminders": "on", "email": "x@y.nl"}
        )
        after: dict[str, object] = dict(User.objects.filter(pk=second.pk).values().get())

        assert {name for name in before if before[name] != after[name]} == {"gets_reminders"}

    def test_a_pending_person_can_use_it_too(self, company: Company, client: Client) -> None:
        newcomer = make_pending_person(company=company, role=User.Role.ADMIN)  # the company's first
        client.post(link_for(newcomer))

        assert not gets_reminders(newcomer)
        assert make_person(company=company).gets_reminders
