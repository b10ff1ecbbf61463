"""Test the next step that the page of a person offers, for each state of a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AddressChange, SignInAttempts, User
from accounts.next_step import NextStep, PersonStep, next_step
from companies.models import Company
from licenses.access import has_active_license
from tests.factories import make_grants, make_license, make_pending_person, make_person

SignIn = Callable[[User], Client]


@pytest.fixture
def licensed_user(company: Company, colleague: User) -> User:
    """Make a registered person with a licence, who needs no next step."""
    make_grants(make_license(company), colleague)
    return colleague


def step_of(user: User) -> NextStep:
    with translation.override("en"):
        return next_step(User.objects.with_status(has_active_license()).select_related("company").get(pk=user.pk))


def with_fields(user: User, **fields: object) -> User:
    User.objects.filter(pk=user.pk).update(**fields)
    return user


def lock(user: User) -> None:
    until = timezone.now() + timedelta(minutes=20)
    SignInAttempts.objects.create(address=user.email, failures=4, locked_until=until)


def an_hour_ago() -> dict[str, object]:
    return {"registration_sent_at": timezone.now() - timedelta(hours=1)}


def test_a_registered_person_with_a_licence_needs_no_next_step(licensed_user: User) -> None:
    assert step_of(licensed_user).step == PersonStep.NONE


def test_a_personal_account_needs_no_next_step(personal: User) -> None:
    assert step_of(personal).step == PersonStep.NONE


def test_a_merged_account_is_shown_as_closed(personal: User, licensed_user: User) -> None:
    with_fields(personal, merged_into=licensed_user, is_blocked=True)

    assert step_of(personal) == NextStep(
        PersonStep.NONE, "Closed: everything is at the other account of this person."
    )


def test_the_next_step_for_a_blocked_person_is_to_unblock_before_anything_else(blocked: User) -> None:
    lock(with_fields(blocked, undeliverable_since=timezone.now(), undeliverable_reason="550"))

    assert step_of(blocked).step == PersonStep.UNBLOCK


def test_the_next_step_for_a_locked_person_is_to_end_the_lock(licensed_user: User) -> None:
    lock(licensed_user)

    offered = step_of(licensed_user)

    assert offered.step == PersonStep.END_LOCK
    assert "Locked until" in offered.why


def test_the_next_step_for_a_locked_newcomer_is_the_registration_mail(pending: User) -> None:
    lock(with_fields(pending, **an_hour_ago()))

    assert step_of(pending).step == PersonStep.SEND_REGISTRATION


def test_the_next_step_for_an_undeliverable_address_is_to_change_it(licensed_user: User, pending: User) -> None:
    for user in (licensed_user, pending):
        with_fields(user, undeliverable_since=timezone.now(), undeliverable_reason="550 no such user")

        assert step_of(user).step == PersonStep.CHANGE_ADDRESS


def test_the_next_step_for_an_undeliverable_address_of_staff_is_to_ask_nen(licensed_user: User) -> None:
    with_fields(licensed_user, is_staff=True, undeliverable_since=timezone.now(), undeliverable_reason="550")

    assert step_of(licensed_user).step == PersonStep.ASK_NEN


def test_the_next_step_for_an_unconfirmed_address_is_to_wait_and_then_mail_again(licensed_user: User) -> None:
    change = AddressChange.objects.create(user=licensed_user, address="nieuw-adres@voorbeeld.example")
    assert step_of(licensed_user).step == PersonStep.WAIT

    for ago in (timedelta(hours=2), AddressChange.VALID):
        AddressChange.objects.filter(pk=change.pk).update(sent_at=timezone.now() - ago)
        assert step_of(licensed_user).step == PersonStep.SEND_ADDRESS_CHANGE
    assert "not confirmed in time" in step_of(licensed_user).why


def test_the_next_step_for_a_newcomer_is_to_wait_and_then_send_the_mail_again(pending: User) -> None:
    assert step_of(pending).step == PersonStep.WAIT

    offered = step_of(with_fields(pending, **an_hour_ago()))

    assert offered.step == PersonStep.SEND_REGISTRATION
    assert "Finish registration before" in offered.why


def test_the_next_step_for_an_expired_registration_is_to_send_the_mail_again(pending: User) -> None:
    offered = step_of(with_fields(pending, registration_deadline=timezone.localdate(), **an_hour_ago()))

    assert offered.step == PersonStep.SEND_REGISTRATION
    assert "had to be finished before" in offered.why


def test_the_next_step_for_a_newcomer_without_link_is_to_send_the_mail(company: Company) -> None:
    offered = step_of(make_pending_person(company=company, registration_sent_at=None))

    assert offered.step == PersonStep.SEND_REGISTRATION
    assert "no link" in offered.why


def test_the_next_step_for_a_registration_outside_the_domains_is_to_ask_nen(company: Company) -> None:
    outside = make_pending_person("nieuw@elders.example", company=company, **an_hour_ago())
    assert step_of(with_fields(outside, registration_origin=User.Origin.COMPANY)).step == PersonStep.ASK_NEN

    assert step_of(with_fields(outside, registration_origin=User.Origin.NEN)).step == PersonStep.SEND_REGISTRATION


def test_the_next_step_for_a_person_without_licence_is_to_give_one(colleague: User) -> None:
    assert step_of(colleague).step == PersonStep.GIVE_LICENSE


def test_the_next_step_for_a_member_outside_the_domains_is_to_ask_nen(company: Company) -> None:
    outside = make_person("lid@elders.example", company=company)
    make_grants(make_license(company), outside)

    assert step_of(outside).step == PersonStep.ASK_NEN


def test_the_next_step_for_a_person_with_rerouted_mail_names_its_reader(licensed_user: User, admin: User) -> None:
    offered = step_of(with_fields(licensed_user, is_mail_rerouted=True))

    assert offered.step == PersonStep.ASK_READERS
    assert admin.email in offered.why


def test_the_page_of_a_person_has_the_button_of_the_next_step(admin: User, blocked: User, sign_in: SignIn) -> None:
    with_fields(admin, language="en")
    as_admin = sign_in(User.objects.get(pk=admin.pk))
    url = reverse("company:unblock", args=[blocked.pk])

    page = as_admin.get(reverse("company:user", args=[blocked.pk])).content.decode()
    as_admin.post(url)

    assert page.count(f'action="{url}"') == 1
    assert page.count("btn-primary") == 1
    assert step_of(blocked).step == PersonStep.GIVE_LICENSE


def test_the_desk_shows_the_same_next_step_to_nen_staff(staff: User, blocked: User, sign_in: SignIn) -> None:
    with_fields(staff, language="en")
    page = sign_in(User.objects.get(pk=staff.pk)).get(reverse("admin:accounts_user_change", args=[blocked.pk]))

    assert step_of(blocked).why in page.content.decode()
