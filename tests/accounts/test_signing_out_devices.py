"""Test signing out other devices, by hand and by what ends every session (C19)."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.actions.devices import end_all_devices
from accounts.actions.membership import block, unblock
from accounts.actions.password import ask_password_reset, change_password, finish_password_reset
from accounts.mails.password import reset_tokens
from accounts.models import User
from tests.accounts.signed_in_devices import DEVICES, IPHONE, row_of, rows, signed_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def is_out(client: Client) -> bool:
    response = client.get(DEVICES)
    return response.status_code == 302 and response["Location"].startswith(reverse("account_login"))


class TestSigningOutThere:
    def test_signing_out_another_device_ends_only_the_session_of_the_chosen_device(self, colleague: User) -> None:
        here, phone, tablet = (signed_in(colleague) for _number in range(3))

        response = here.post(f"{DEVICES}{row_of(phone).pk}/")

        assert response["Location"] == DEVICES
        assert is_out(phone)
        assert not is_out(here)
        assert not is_out(tablet)
        assert rows(colleague).count() == 2

    def test_a_user_can_sign_out_all_other_devices_at_once(self, colleague: User, admin: User) -> None:
        here, phone, tablet, of_another = *(signed_in(colleague) for _number in range(3)), signed_in(admin)

        here.post(f"{DEVICES}andere/")

        assert is_out(phone)
        assert is_out(tablet)
        assert not is_out(here)
        assert not is_out(of_another)

    def test_a_user_cannot_sign_out_a_device_of_another_user(self, colleague: User, admin: User) -> None:
        here, of_another = signed_in(colleague), signed_in(admin)

        assert here.post(f"{DEVICES}{row_of(of_another).pk}/").status_code == 404
        assert not is_out(of_another)

    def test_the_devices_page_cannot_sign_out_the_current_device(self, colleague: User) -> None:
        here = signed_in(colleague)

        assert here.post(f"{DEVICES}{row_of(here).pk}/").status_code == 404

    def test_a_get_request_does_not_sign_out_a_device(self, colleague: User) -> None:
        here, phone = signed_in(colleague), signed_in(colleague)

        for path in (f"{DEVICES}andere/", f"{DEVICES}{row_of(phone).pk}/"):
            assert here.get(path).status_code == 405
        assert not is_out(phone)

    def test_a_late_session_write_does_not_revive_an_ended_session(self, colleague: User) -> None:
        # It had read the session before it ended, and writes it afterwards.
        phone = signed_in(colleague)
        read_before = phone.session
        assert read_before["_auth_user_id"]
        end_all_devices(colleague)
        read_before["left"] = "over"

        with pytest.raises(UpdateError):
            read_before.save()

        assert is_out(phone)


class TestWhatEndsThemAll:
    def test_blocking_and_unblocking_a_user_ends_every_session(self, colleague: User, admin: User) -> None:
        phone = signed_in(colleague)

        block(colleague, by=admin)
        assert not rows(colleague).exists()
        unblock(colleague, by=admin)

        assert is_out(phone)
        assert not rows(colleague).exists()

    def test_a_password_reset_by_mail_signs_out_every_device(self, colleague: User) -> None:
        phone = signed_in(colleague)
        ask_password_reset(colleague.email)

        finish_password_reset(f"{colleague.pk}-{_reset_token(colleague)}", password="een-ander-wachtwoord-9")

        assert is_out(phone)
        assert not rows(colleague).exists()

    def test_changing_the_password_signs_out_the_other_devices_only(self, colleague: User) -> None:
        here, phone = signed_in(colleague), signed_in(colleague, user_agent=IPHONE)
        new = "een-ander-wachtwoord-9"

        here.post(reverse("account_change_password"), {"current": PASSWORD, "password": new, "repeat": new})

        assert is_out(phone)
        assert not is_out(here)
        assert [row.session_key for row in rows(colleague)] == [here.session.session_key]
        assert Session.objects.filter(session_key=here.session.session_key).exists()

    def test_changing_the_password_outside_a_browser_removes_every_stored_device(self, colleague: User) -> None:
        signed_in(colleague)

        change_password(colleague, password="een-ander-wachtwoord-9")

        assert not rows(colleague).exists()


def _reset_token(user: User) -> str:
    return str(reset_tokens.make_token(User.objects.get(pk=user.pk)))
