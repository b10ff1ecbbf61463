"""Test that NEN merges two accounts of one person (R37)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership
from accounts.actions.registering_oneself import register_self
from accounts.actions.registration import NewColleague, add_user
from accounts.models import User
from companies.models import Company, LabelValue
from licenses.models import Grant, Opening
from members.actions.deleting import delete_account
from members.actions.merging import Merge, merge_accounts
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_license
from requests_app.models import LicenseRequest
from tests.desk.people.events import events, move_url
from tests.factories import (
    make_admin,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
    set_staff_roles,
)

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


def merge_url(user: User) -> str:
    return reverse("admin:accounts_user_merge", args=[user.pk])


@pytest.fixture
def double(company: Company) -> User:
    # The same person's other account, at the same company.
    return make_person("c.collega@voorbeeld.example", company=company, name="C. Collega")


def test_merging_accounts_moves_the_licences_requests_and_openings_in_the_preview(
    desk: Client, company: Company, admin: User, colleague: User, double: User
) -> None:
    alone, both = make_license(company, seats=1), make_license(company, seats=2)
    make_grants(alone, double)
    make_grants(both, double, colleague)
    once, twice = make_license(company), make_license(company)
    for asker, license in ((double, once), (double, twice), (colleague, twice)):
        request_license(license, by=asker)
    Opening.objects.create(document=make_document(), user=double, company=company)
    label = LabelValue.objects.create(company=company, name="Bouw")
    User.objects.filter(pk=double.pk).update(label=label)
    OutboxMail.objects.all().delete()
    sent: dict[str, str | int] = {"other": double.pk, "stays": "this"}

    shown = desk.get(merge_url(colleague), sent).context["preview"]
    answer = desk.post(merge_url(colleague), sent)

    assert answer.status_code == 302, answer.context["form"].errors
    assert shown == {"licenses": 1, "ended": 1, "requests": 1, "withdrawn": 1, "openings": 1}
    assert set(Grant.objects.values_list("license", "user")) == {(alone.pk, colleague.pk), (both.pk, colleague.pk)}
    open_ones = LicenseRequest.objects.pending().values_list("license", "user")
    assert set(open_ones) == {(once.pk, colleague.pk), (twice.pk, colleague.pk)}
    assert Opening.objects.get().user == colleague
    colleague.refresh_from_db()
    assert colleague.label == label
    assert events() == [("accounts_merged", double.email), ("accounts_merged", colleague.email)]
    assert {"accounts_merged", "account_closed"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_merging_accounts_keeps_the_licence_with_the_later_last_day(
    company: Company, admin: User, colleague: User, double: User
) -> None:
    license = make_license(company)
    make_grants(license, colleague, ends_on=timezone.localdate() + timedelta(days=5))
    make_grants(license, double)

    merge_accounts(double, stays=colleague, by=admin)

    assert (Grant.objects.get().user, Grant.objects.get().ends_on) == (colleague, None)


def test_merging_accounts_approves_a_request_for_a_licence_of_the_closed_account(
    company: Company, admin: User, colleague: User, double: User
) -> None:
    license = make_license(company)
    license_request = request_license(license, by=colleague)
    make_grants(license, double)

    merge_accounts(double, stays=colleague, by=admin)

    license_request.refresh_from_db()
    assert license_request.status == "approved"


def test_merging_an_account_of_another_company_moves_no_licences_requests_or_openings(
    company: Company, other_company: Company, admin: User, colleague: User
) -> None:
    stranger = make_person(company=other_company)
    make_grants(make_license(other_company), stranger)
    license_request = request_license(make_license(other_company), by=stranger)
    Opening.objects.create(document=make_document(), user=stranger, company=other_company)

    merge_accounts(stranger, stays=colleague, by=admin)

    license_request.refresh_from_db()
    assert (license_request.status, license_request.user) == ("withdrawn", stranger)
    assert not Grant.objects.exists()
    assert Opening.objects.get().user == stranger


def test_the_address_of_a_merged_account_cannot_register_or_sign_in(
    company: Company, admin: User, colleague: User, double: User, client: Client
) -> None:
    merge_accounts(double, stays=colleague, by=admin)
    mails = OutboxMail.objects.count()

    register_self(double.email, "Weer", language="nl")
    client.post(reverse("account_login"), {"login": double.email, "password": "een-lang-wachtwoord-7"})
    for origin in (User.Origin.COMPANY, User.Origin.NEN):
        with pytest.raises(RuleError):
            add_user(company, NewColleague(email=double.email, name="Weer"), by=admin, origin=origin)
    double.refresh_from_db()
    with pytest.raises(RuleError, match="stays closed"):
        membership.unblock(double, by=admin)

    double.refresh_from_db()
    assert (double.is_active, double.company, double.merged_into) == (False, None, colleague)
    assert OutboxMail.objects.count() == mails
    assert "_auth_user_id" not in client.session


def test_deleting_an_account_also_deletes_the_closed_merged_account(
    company: Company, admin: User, colleague: User, double: User
) -> None:
    merge_accounts(double, stays=colleague, by=admin)
    colleague.refresh_from_db()

    delete_account(colleague, by=colleague)

    assert set(User.objects.values_list("pk", flat=True)) == {admin.pk}


def test_an_earlier_merged_account_follows_when_its_target_is_merged(
    company: Company, admin: User, colleague: User, double: User
) -> None:
    third = make_person(company=company)
    merge_accounts(double, stays=colleague, by=admin)
    colleague.refresh_from_db()

    merge_accounts(colleague, stays=third, by=admin)

    double.refresh_from_db()
    assert double.merged_into == third


def test_the_account_of_the_last_active_admin_cannot_be_closed_by_a_merge(
    desk: Client, admin: User, colleague: User
) -> None:
    answer = desk.post(merge_url(admin), {"other": colleague.pk, "stays": "other"})

    assert "is the only active admin" in str(answer.context["form"].errors)
    admin.refresh_from_db()
    assert admin.is_active


def test_merging_an_admin_into_a_user_does_not_make_the_user_an_admin(
    company: Company, admin: User, colleague: User
) -> None:
    second = make_admin(company)

    merge_accounts(second, stays=colleague, by=admin)

    colleague.refresh_from_db()
    assert colleague.role == "user"


@pytest.mark.parametrize("case", ["same", "staff", "blocked", "pending stays", "merged before"])
def test_merging_two_unsuitable_accounts_is_refused(
    company: Company, admin: User, staff: User, colleague: User, double: User, blocked: User, case: str
) -> None:
    if case == "merged before":
        merge_accounts(double, stays=colleague, by=admin)
        double.refresh_from_db()
    closing, stays = {
        "same": (colleague, colleague),
        "staff": (staff, colleague),
        "blocked": (blocked, colleague),
        "pending stays": (double, make_pending_person(company=company)),
        "merged before": (double, make_person(company=company)),
    }[case]
    before = AuditEntry.objects.count()

    with pytest.raises(RuleError):
        merge_accounts(closing, stays=stays, by=admin)

    assert AuditEntry.objects.count() == before


def test_an_account_manager_cannot_merge_or_move_users_of_other_companies(
    sign_in: SignIn, colleague: User, double: User, company: Company, other_company: Company
) -> None:
    manager = set_staff_roles(make_person("am@nen.example", is_staff=True), "account_manager")
    Company.objects.filter(pk=other_company.pk).update(account_manager=manager)
    in_other_company = make_person(company=other_company)
    browser = sign_in(manager)

    assert browser.get(move_url(colleague)).status_code == 404
    assert browser.post(merge_url(colleague), {"other": double.pk, "stays": "this"}).status_code == 404
    assert browser.post(merge_url(in_other_company), {"other": colleague.pk, "stays": "this"}).status_code == 200
    assert browser.post(move_url(in_other_company), {"company": company.pk}).status_code == 200
    assert not User.objects.exclude(merged_into=None).exists()
    in_other_company.refresh_from_db()
    assert in_other_company.company == other_company


def test_the_merge_preview_is_correct_for_accounts_of_two_companies(
    admin: User, other_company: Company, colleague: User
) -> None:
    stranger = make_person(company=other_company)
    make_grants(make_license(other_company), stranger)

    shown = Merge(stranger, colleague).numbers()

    assert shown == merge_accounts(stranger, stays=colleague, by=admin)
    assert shown["ended"] == 1
