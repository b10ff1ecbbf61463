"""The one step that cures it: one for every state that a person can be in, with its button on the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AddressChange, SignInAttempts, User
from accounts.next_step import NextStep, Step, next_step
from companies.models import Company
from licenses.access import has_active_license
from tests.factories import make_grants, make_license, make_pending_person, make_person

SignIn = Callable[[User], Client]


@pytest.fixture
def reader(company: Company, colleague: User) -> User:
    """Registered, with a licence: all is well."""
    make_grants(make_license(company), colleague)
    return colleague


def step_of(user: User) -> NextStep:
    with translation.override("en"):
        return next_step(User.objects.with_status(has_active_license()).select_related("company").get(pk=user.pk))


def changed(user: User, **fields: object) -> User:
    User.objects.filter(pk=user.pk).update(**fields)
    return user


def lock(user: User) -> None:
    until = timezone.now() + timedelta(minutes=20)
    SignInAttempts.objects.create(address=user.email, failures=4, locked_until=until)


def an_hour_ago() -> dict[str, object]:
    return {"registration_sent_at": timezone.now() - timedelta(hours=1)}


def test_who_can_sign_in_and_read_needs_nothing(reader: User) -> None:
    assert step_of(reader).step == Step.NONE


def test_a_personal_account_needs_nothing(personal: User) -> None:
    assert step_of(personal).step == Step.NONE


def test_an_account_that_was_merged_is_closed_for_good(personal: User, reader: User) -> None:
    changed(personal, merged_into=reader, is_blocked=True)

    assert step_of(personal) == NextStep(Step.NONE, "Closed: everything is at the other account of this person.")


def test_who_is_blocked_is_unblocked_before_all_else(blocked: User) -> None:
    lock(changed(blocked, undeliverable_since=timezone.now(), undeliverable_reason="550"))

    assert step_of(blocked).step == Step.UNBLOCK


def test_a_lock_is_ended(reader: User) -> None:
    lock(reader)

    found = step_of(reader)

    assert found.step == Step.END_LOCK
    assert "Locked until" in found.why


def test_a_lock_is_not_what_keeps_out_who_has_no_password_yet(pending: User) -> None:
    lock(changed(pending, **an_hour_ago()))

    assert step_of(pending).step == Step.SEND_REGISTRATION


def test_an_address_that_comes_back_is_changed(reader: User, pending: User) -> None:
    for user in (reader, pending):
        changed(user, undeliverable_since=timezone.now(), undeliverable_reason="550 no such user")

        assert step_of(user).step == Step.CHANGE_ADDRESS


def test_the_address_of_somebody_of_nen_is_changed_by_nen(reader: User) -> None:
    changed(reader, is_staff=True, undeliverable_since=timezone.now(), undeliverable_reason="550")

    assert step_of(reader).step == Step.ASK_NEN


def test_a_new_address_is_waited_for_and_then_mailed_again(reader: User) -> None:
    change = AddressChange.objects.create(user=reader, address="nieuw-adres@voorbeeld.example")
    assert step_of(reader).step == Step.WAIT

    for ago in (timedelta(hours=2), AddressChange.VALID):
        AddressChange.objects.filter(pk=change.pk).update(sent_at=timezone.now() - ago)
        assert step_of(reader).step == Step.SEND_ADDRESS_CHANGE
    assert "not confirmed in time" in step_of(reader).why


def test_the_registration_mail_is_sent_again_once_it_had_its_time(pending: User) -> None:
    assert step_of(pending).step == Step.WAIT

    found = step_of(changed(pending, **an_hour_ago()))

    assert found.step == Step.SEND_REGISTRATION
    assert "Finish registration before" in found.why


def test_a_registration_that_expired_is_sent_again(pending: User) -> None:
    found = step_of(changed(pending, registration_deadline=timezone.localdate(), **an_hour_ago()))

    assert found.step == Step.SEND_REGISTRATION
    assert "had to be finished before" in found.why


def test_who_was_unblocked_before_registering_has_no_link(company: Company) -> None:
    found = step_of(make_pending_person(company=company, registration_sent_at=None))

    assert found.step == Step.SEND_REGISTRATION
    assert "no link" in found.why


def test_a_registration_outside_the_domains_is_for_nen(company: Company) -> None:
    outside = make_pending_person("nieuw@elders.example", company=company, **an_hour_ago())
    assert step_of(changed(outside, registration_origin=User.Origin.COMPANY)).step == Step.ASK_NEN

    assert step_of(changed(outside, registration_origin=User.Origin.NEN)).step == Step.SEND_REGISTRATION


def test_who_has_no_licence_is_given_one(colleague: User) -> None:
    assert step_of(colleague).step == Step.GIVE_LICENSE


def test_a_member_outside_the_domains_is_for_nen(company: Company) -> None:
    outside = make_person("lid@elders.example", company=company)
    make_grants(make_license(company), outside)

    assert step_of(outside).step == Step.ASK_NEN


def test_who_reads_the_mails_of_somebody_else_is_named(reader: User, admin: User) -> None:
    found = step_of(changed(reader, is_mail_rerouted=True))

    assert found.step == Step.ASK_READERS
    assert admin.email in found.why


def test_the_page_has_the_button_that_does_it(admin: User, blocked: User, sign_in: SignIn) -> None:
    changed(admin, language="en")
    as_admin = sign_in(User.objects.get(pk=admin.pk))
    url = reverse("company:unblock", args=[blocked.pk])

    page = as_admin.get(reverse("company:user", args=[blocked.pk])).content.decode()
    as_admin.post(url)

    assert page.count(f'action="{url}"') == 1
    assert page.count("btn-primary") == 1
    assert step_of(blocked).step == Step.GIVE_LICENSE


def test_nen_reads_the_same_at_its_desk(staff: User, blocked: User, sign_in: SignIn) -> None:
    changed(staff, language="en")
    page = sign_in(User.objects.get(pk=staff.pk)).get(reverse("admin:accounts_user_change", args=[blocked.pk]))

    assert step_of(blocked).why in page.content.decode()
