"""Test the link of a forgotten password: once, for three days, not after a block (R36, C12, C19)."""

from __future__ import annotations

import pytest
import time_machine

from accounts.actions import membership
from accounts.actions.password import find_password_reset, finish_password_reset
from accounts.mails.password import reset_tokens
from accounts.models import User
from nenconnect.rules.errors import RuleError
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def reset_link(user: User) -> str:
    return f"{user.pk}-{reset_tokens.make_token(user)}"


class TestResetLinks:
    def test_a_password_reset_link_works_only_once(self, colleague: User) -> None:
        link = reset_link(colleague)
        finish_password_reset(link, password="een-gloednieuw-wachtwoord")

        assert find_password_reset(link) is None
        with pytest.raises(RuleError):
            finish_password_reset(link, password="nog-een-ander-wachtwoord")

    def test_blocking_a_user_ends_the_password_reset_link_for_good(self, colleague: User, admin: User) -> None:
        link = reset_link(colleague)
        assert find_password_reset(link) == colleague

        membership.block(colleague, by=admin)
        assert find_password_reset(link) is None

        membership.unblock(colleague, by=admin)
        assert find_password_reset(link) is None

    def test_a_password_reset_link_works_for_three_days(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:00+02:00", tick=False) as clock:
            link = reset_link(colleague)
            clock.shift(3 * 24 * 3600)
            assert find_password_reset(link) == colleague
            clock.shift(1)
            assert find_password_reset(link) is None

    def test_a_forged_password_reset_link_is_refused(self, colleague: User, admin: User) -> None:
        key = reset_link(colleague).partition("-")[2]

        for link in ("", "x", "-", f"{admin.pk}-{key}", f"{colleague.pk}-", f"{'9' * 30}-{key}", f"²-{key}"):
            assert find_password_reset(link) is None

    def test_resetting_the_password_ends_every_session(self, colleague: User) -> None:
        before = colleague.get_session_auth_hash()

        finish_password_reset(reset_link(colleague), password=PASSWORD)

        colleague.refresh_from_db()
        assert colleague.get_session_auth_hash() != before

    def test_unblocking_a_user_does_not_revive_old_sessions(self, colleague: User, admin: User) -> None:
        before = colleague.get_session_auth_hash()

        membership.block(colleague, by=admin)
        membership.unblock(colleague, by=admin)

        colleague.refresh_from_db()
        assert colleague.get_session_auth_hash() != before
