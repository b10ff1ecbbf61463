"""Test the page of a user: registration mail, lock, blocking and role (R14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignInAttempts, User
from companies.models import Company
from nenconnect.mail.models import OutboxMail
from tests.factories import make_admin, make_pending_person
from tests.pages.company.users.user_page import page_of, press


def test_a_newcomer_has_a_deadline_and_can_be_sent_the_registration_mail_again(
    as_admin: Client, pending: User
) -> None:
    User.objects.filter(pk=pending.pk).update(registration_sent_at=timezone.now() - timedelta(hours=1))

    assert "Finish registration before" in as_admin.get(page_of(pending)).content.decode()
    message = press(as_admin, "send_registration_again", pending)

    assert "A new registration mail goes to nieuw@voorbeeld.example" in message
    assert OutboxMail.objects.filter(recipient=pending, event="registration_invited").count() == 1
    assert "sent just now" in press(as_admin, "send_registration_again", pending)


def test_a_blocked_newcomer_cannot_be_sent_the_registration_mail(as_admin: Client, company: Company) -> None:
    user = make_pending_person(company=company, is_blocked=True, registration_sent_at=None)

    assert "is blocked" in press(as_admin, "send_registration_again", user)
    assert not OutboxMail.objects.exists()


def test_an_admin_sees_and_ends_a_lock(as_admin: Client, colleague: User) -> None:
    until = timezone.now() + timedelta(minutes=20)
    SignInAttempts.objects.create(address=colleague.email, failures=4, locked_until=until)

    page = as_admin.get(page_of(colleague)).content.decode()
    assert f"Locked until {timezone.localtime(until):%H:%M}" in page
    press(as_admin, "end_lock", colleague)

    assert not SignInAttempts.objects.exclude(locked_until=None).exists()


def test_an_admin_blocks_and_unblocks_a_user(as_admin: Client, colleague: User) -> None:
    press(as_admin, "block", colleague)
    colleague.refresh_from_db()
    assert colleague.is_blocked
    assert "Unblock" in as_admin.get(page_of(colleague)).content.decode()

    press(as_admin, "unblock", colleague)
    colleague.refresh_from_db()
    assert not colleague.is_blocked


def test_an_admin_makes_a_user_admin_and_user_again(as_admin: Client, colleague: User) -> None:
    for role in ("admin", "user"):
        press(as_admin, "change_role", colleague, role=role)
        colleague.refresh_from_db()
        assert colleague.role == role


def test_changing_to_an_unknown_role_is_a_404(as_admin: Client, colleague: User) -> None:
    assert as_admin.post(reverse("company:change_role", args=[colleague.pk]), {"role": "nen"}).status_code == 404


@pytest.mark.parametrize(
    ("button", "posted"), [("block", {}), ("change_role", {"role": "user"}), ("remove_user", {})]
)
def test_the_last_active_admin_cannot_be_blocked_demoted_or_removed(
    as_admin: Client, admin: User, company: Company, button: str, posted: dict[str, str]
) -> None:
    make_pending_person(company=company, role=User.Role.ADMIN)  # never finished: does not count

    message = press(as_admin, button, admin, **posted)

    assert message == "You are the only active admin. Make a colleague admin first, then try again."
    admin.refresh_from_db()
    assert (admin.role, admin.is_blocked, admin.company) == ("admin", False, company)


@pytest.mark.parametrize(
    ("button", "asks"),
    [("block", "Block yourself?"), ("change_role", "Become a user?"), ("remove_user", "Leave the company?")],
)
def test_an_admin_must_confirm_blocking_demoting_or_removing_themselves(
    as_admin: Client, admin: User, company: Company, button: str, asks: str
) -> None:
    make_admin(company)
    question = reverse(f"company:{button}", args=[admin.pk])

    own_page = as_admin.get(page_of(admin)).content.decode()

    assert f'href="{question}"' in own_page
    assert f'action="{question}"' not in own_page
    assert asks in as_admin.get(question).content.decode()
    admin.refresh_from_db()
    assert (admin.role, admin.is_blocked, admin.company) == ("admin", False, company)


def test_an_admins_own_page_addresses_them_as_you(as_admin: Client, admin: User) -> None:
    page = as_admin.get(page_of(admin)).content.decode()

    assert "You are a company admin" in page
    assert "You can sign in" in page
    assert "Is a company admin" not in page


def test_an_admin_who_blocks_themselves_reads_who_can_unblock_them(
    as_admin: Client, admin: User, company: Company
) -> None:
    make_admin(company)

    assert "Another admin of your company can unblock you" in press(as_admin, "block", admin)
    assert as_admin.get(page_of(admin)).status_code == 302


def test_the_question_to_become_a_user_redirects_for_a_person_who_is_a_user(
    as_admin: Client, colleague: User
) -> None:
    answer = as_admin.get(reverse("company:change_role", args=[colleague.pk]))

    assert answer.headers["Location"] == page_of(colleague)


def test_an_unblocked_newcomer_needs_a_new_registration_mail(as_admin: Client, pending: User) -> None:
    press(as_admin, "block", pending)
    press(as_admin, "unblock", pending)

    for _visit in range(2):  # not only in the message
        page = as_admin.get(page_of(pending)).content.decode()
        assert "Send a new registration mail" in page
        assert "Finish registration before" not in page
    assert f"{pending} has no working link" in as_admin.get("/").content.decode()

    press(as_admin, "send_registration_again", pending)
    assert "Finish registration before" in as_admin.get(page_of(pending)).content.decode()


def test_an_admin_who_makes_themselves_a_user_is_redirected_to_the_home_page(
    as_admin: Client, admin: User, company: Company
) -> None:
    make_admin(company)

    answer = as_admin.post(reverse("company:change_role", args=[admin.pk]), {"role": "user"})

    assert answer.headers["Location"] == reverse("home:home")
    assert as_admin.get(reverse("company:users")).status_code == 403
