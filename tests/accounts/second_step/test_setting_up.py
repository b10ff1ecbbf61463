"""Test setting up and changing the second step."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.actions import second_step
from accounts.actions.sign_in import locked_until
from accounts.models import User
from companies.models import Company
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from tests.accounts.second_step.steps import (
    SECURITY,
    WRONG,
    ask,
    changes_mailed,
    confirm,
    half_way,
    is_in,
    type_code,
    verbs,
)
from tests.factories import PASSWORD, TOTP_SECRET, add_authenticator_app, authenticator_code, recovery_codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english", "_english_pages")]
SignIn = Callable[[User], Client]


class TestSettingUp:
    def test_entering_the_first_code_sets_up_the_authenticator_app(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(colleague))
        page = client.get(reverse("mfa_activate_totp"))
        secret = page.context["form"].secret
        answer = client.post(reverse("mfa_activate_totp"), {"code": authenticator_code(secret)})

        assert answer["Location"] == reverse("mfa_view_recovery_codes")
        assert page.context["secret"].replace(" ", "") == secret
        assert "data:image/svg+xml;base64," in page.content.decode()
        assert page["Cache-Control"] == "no-store"
        shown = client.get(reverse("mfa_view_recovery_codes")).context["codes"]
        assert [code.replace(" ", "") for code in shown] == recovery_codes_of(colleague)
        assert verbs(colleague) == ["second_step_added"]
        assert changes_mailed(colleague) == ["app_added"]
        type_code(new := half_way(colleague), authenticator_code(secret, later=1))
        assert is_in(new)

    def test_the_code_that_set_up_the_app_cannot_be_used_to_sign_in(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = confirm(sign_in(colleague))
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        code = authenticator_code(secret)
        client.post(reverse("mfa_activate_totp"), {"code": code})
        type_code(new := half_way(colleague), code)

        assert not is_in(new)

    def test_a_wrong_first_code_sets_up_no_app_and_keeps_the_same_secret(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = confirm(sign_in(colleague))
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        answer = client.post(reverse("mfa_activate_totp"), {"code": WRONG})

        assert answer.context["form"].secret == secret
        assert not Authenticator.objects.exists()
        assert locked_until(colleague.email) is None

    def test_the_database_stores_no_readable_app_secret_or_recovery_code(self, colleague: User) -> None:
        add_authenticator_app(colleague)
        stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

        assert TOTP_SECRET not in stored
        assert not any(code in stored for code in recovery_codes_of(colleague))

    def test_an_app_works_after_a_new_secret_key_while_the_old_key_is_a_fallback(self, colleague: User) -> None:
        add_authenticator_app(colleague)
        new = "een-nieuwe-sleutel-" * 4
        with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
            assert second_step.use_code(colleague, authenticator_code()) is None
        with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            assert second_step.use_code(colleague, authenticator_code())

    def test_the_qr_code_of_the_app_names_the_site_and_ignores_the_host_header(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = confirm(sign_in(colleague))
        url = client.get(reverse("mfa_activate_totp"), headers={"host": "127.0.0.1"}).context["totp_url"]

        assert "issuer=NEN%20Connect" in url
        assert "127.0.0.1" not in url

    def test_setting_up_the_first_second_step_ends_all_other_sessions(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        other, here = sign_in(colleague), confirm(sign_in(colleague))
        secret = here.get(reverse("mfa_activate_totp")).context["form"].secret
        here.post(reverse("mfa_activate_totp"), {"code": authenticator_code(secret)})

        assert is_in(here)
        assert not is_in(other)

    def test_a_second_app_is_refused(self, colleague: User) -> None:
        second_step.add_app(colleague, secret=TOTP_SECRET)
        with pytest.raises(RuleError, match="already"):
            second_step.add_app(colleague, secret=TOTP_SECRET)

    @pytest.mark.parametrize(
        "name",
        [
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_view_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_generate_recovery_codes",
        ],
    )
    def test_viewing_or_changing_the_second_step_requires_the_password_again(
        self, colleague: User, sign_in: SignIn, name: str
    ) -> None:
        client = sign_in(add_authenticator_app(colleague))
        before = list(Authenticator.objects.values())
        for answer in (client.get(reverse(name)), client.post(reverse(name), {"code": authenticator_code()})):
            assert answer.status_code == 405 or answer["Location"].startswith(reverse("account_reauthenticate"))

        assert list(Authenticator.objects.values()) == before

    def test_a_confirmed_password_is_valid_for_five_minutes(self, colleague: User, sign_in: SignIn) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False) as clock:
            client = confirm(sign_in(add_authenticator_app(colleague)))
            assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
            clock.shift(5 * 60 + 1)
            assert client.get(reverse("mfa_view_recovery_codes")).status_code == 302

    def test_a_second_step_change_continues_after_confirming_the_password(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = sign_in(add_authenticator_app(colleague))
        before = recovery_codes_of(colleague)
        url = client.post(reverse("mfa_generate_recovery_codes"))["Location"]
        client.post(url, {"password": PASSWORD})

        assert recovery_codes_of(colleague) != before


class TestChanging:
    def test_removing_the_only_second_step_asks_first_and_deletes_the_recovery_codes(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = confirm(sign_in(add_authenticator_app(colleague)))
        url = reverse("mfa_remove_webauthn", args=[Authenticator.objects.get(type="totp").pk])

        assert "your only second step" in client.get(url).content.decode()
        assert Authenticator.objects.count() == 2
        client.post(url)
        assert not Authenticator.objects.exists()
        assert verbs(colleague) == ["second_step_removed"]
        assert changes_mailed(colleague) == ["app_removed"]

    def test_a_user_cannot_remove_the_second_step_of_another_user(
        self, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        add_authenticator_app(admin)
        client = confirm(sign_in(add_authenticator_app(colleague)))
        row = Authenticator.objects.get(user=admin, type="totp")

        assert client.post(reverse("mfa_remove_webauthn", args=[row.pk])).status_code == 404
        second_step.remove(colleague, row)
        assert Authenticator.objects.filter(pk=row.pk).exists()

    def test_recovery_codes_cannot_be_removed_as_a_second_step(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(add_authenticator_app(colleague)))
        row = Authenticator.objects.get(type="recovery_codes")

        assert client.post(reverse("mfa_remove_webauthn", args=[row.pk])).status_code == 404

    def test_the_last_second_step_cannot_be_removed_when_the_company_requires_a_second_step(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        client = confirm(sign_in(add_authenticator_app(colleague)))
        url = reverse("mfa_remove_webauthn", args=[Authenticator.objects.get(type="totp").pk])

        assert "Add another one first" in client.get(url).content.decode()
        client.post(url)
        assert Authenticator.objects.filter(type="totp").exists()

    def test_new_recovery_codes_replace_the_old_recovery_codes(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(add_authenticator_app(colleague)))
        old = recovery_codes_of(colleague)
        client.post(reverse("mfa_generate_recovery_codes"))
        type_code(guest := half_way(colleague), old[0])

        assert not set(old) & set(recovery_codes_of(colleague))
        assert not is_in(guest)
        assert changes_mailed(colleague) == ["codes_made"]
        assert verbs(colleague) == ["recovery_codes_made"]

    def test_recovery_codes_cannot_be_made_without_a_second_step(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(colleague))
        client.post(reverse("mfa_generate_recovery_codes"))

        assert not Authenticator.objects.exists()
        assert client.get(reverse("mfa_view_recovery_codes")).status_code == 404

    def test_recovery_codes_can_be_downloaded_as_a_text_file(self, colleague: User, sign_in: SignIn) -> None:
        answer = confirm(sign_in(add_authenticator_app(colleague))).get(reverse("mfa_download_recovery_codes"))

        assert answer["Content-Type"].startswith("text/plain")
        assert "attachment" in answer["Content-Disposition"]
        assert answer["Cache-Control"] == "no-store"
        assert all(code in answer.content.decode().replace(" ", "") for code in recovery_codes_of(colleague))

    def test_rolling_back_a_second_step_change_also_cancels_its_mail(self, colleague: User) -> None:
        with transaction.atomic():
            second_step.add_app(colleague, secret=TOTP_SECRET)
            transaction.set_rollback(True)

        assert not Authenticator.objects.exists()
        assert changes_mailed(colleague) == []

    @pytest.mark.parametrize("language", ["nl", "en"])
    def test_the_mail_about_a_second_step_change_shows_the_time_and_no_secret(
        self, colleague: User, language: str
    ) -> None:
        User.objects.update(language=language)
        second_step.add_app(colleague, secret=TOTP_SECRET)
        mail = OutboxMail.objects.select_related("recipient").get(event="second_step_changed")
        text = str(render(mail).body)

        assert reverse(SECURITY) in text
        assert f"{timezone.localtime(mail.created_at):%H:%M}" in text
        assert TOTP_SECRET not in text
