"""People at NEN's desk: found, moved to another company, two accounts of one person merged (R37)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.actions import details, membership
from accounts.actions.registering_oneself import register_self
from accounts.actions.registration import NewColleague, add_user
from accounts.models import MoveRequest, User
from accounts.trigram_index import are_built
from companies.models import Company, LabelValue
from licenses.models import Grant, Opening
from members.actions.deleting import delete_account
from members.actions.merging import Merge, merge_accounts
from members.actions.moving import move_person
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.license_requests import request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import admin_of, document, granted, in_role, license_for, pending_person, person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    """Customer service: no administrator."""
    return sign_in(in_role(person("nieuw@nen.example", is_staff=True, language="en"), "customer_service"))


def move_url(user: User) -> str:
    return reverse("admin:accounts_user_move", args=[user.pk])


def merge_url(user: User) -> str:
    return reverse("admin:accounts_user_merge", args=[user.pk])


def events() -> list[tuple[str, str]]:
    rows = OutboxMail.objects.order_by("event", "recipient__email").values_list("event", "recipient__email")
    return list(rows)


# Finding --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sought", ["collega@", "Collega@Voorbeeld.example", "coen", "coll COEN", "voorb"])
def test_somebody_is_found_by_how_words_of_name_and_address_begin(
    desk: Client, colleague: User, sought: str
) -> None:
    person("iemand@anders.example", name="Iemand Anders")

    page = desk.get(reverse("admin:accounts_user_changelist"), {"q": sought})

    assert [row.pk for row in page.context["cl"].result_list] == [colleague.pk]


def test_within_words_somebody_is_found_where_the_server_has_pg_trgm(desk: Client, colleague: User) -> None:
    page = desk.get(reverse("admin:accounts_user_changelist"), {"q": "ega@voorb"})

    assert (colleague in page.context["cl"].result_list) is are_built(connection)


# Moving ---------------------------------------------------------------------------------------------


def test_staff_see_what_moving_costs_before_they_move_somebody(
    desk: Client, colleague: User, admin: User, company: Company, other_company: Company
) -> None:
    granted(license_for(company), colleague)
    request_license(license_for(company), by=colleague)
    license_for(other_company, is_company_wide=True)

    page = desk.get(move_url(colleague), {"company": other_company.pk})

    preview = page.context["preview"]
    assert (preview.licenses, preview.requests, preview.company_wide, preview.is_outside) == (1, 1, 1, True)
    colleague.refresh_from_db()
    assert colleague.company == company


def test_staff_move_somebody_who_begins_anew_there_and_both_sides_are_mailed(
    desk: Client, colleague: User, admin: User, company: Company, other_company: Company
) -> None:
    granted(license_for(company), colleague)
    asked = request_license(license_for(company), by=colleague)
    OutboxMail.objects.all().delete()

    answer = desk.post(move_url(colleague), {"company": other_company.pk})

    assert answer.status_code == 302, answer.context["form"].errors
    colleague.refresh_from_db()
    asked.refresh_from_db()
    assert (colleague.company, colleague.role) == (other_company, "user")
    assert (asked.status, Grant.objects.count()) == ("withdrawn", 0)
    assert events() == [("colleague_moved", admin.email), ("move_accepted", colleague.email)]
    assert {"moved_in", "moved_out"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_the_last_admin_cannot_be_moved_away(
    desk: Client, admin: User, company: Company, other_company: Company
) -> None:
    answer = desk.post(move_url(admin), {"company": other_company.pk})

    assert "is the only active admin" in str(answer.context["form"].errors)
    admin.refresh_from_db()
    assert admin.company == company
    assert not MoveRequest.objects.exists()


def test_a_request_to_move_that_was_open_is_closed_by_the_move(
    desk: Client, colleague: User, admin: User, company: Company, other_company: Company
) -> None:
    MoveRequest.objects.create(user=colleague, from_company=company, to_company=other_company)

    desk.post(move_url(colleague), {"company": other_company.pk})

    assert sorted(MoveRequest.objects.values_list("status", flat=True)) == ["accepted", "withdrawn"]


@pytest.mark.parametrize("kind", ["personal", "blocked", "pending"])
def test_whom_a_company_could_not_take_in_nen_cannot_move_either(
    desk: Client, admin: User, other_company: Company, kind: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(kind)

    answer = desk.post(move_url(user), {"company": other_company.pk})

    assert answer.context["form"].errors
    assert not User.objects.filter(company=other_company).exists()


# Merging --------------------------------------------------------------------------------------------


@pytest.fixture
def double(company: Company) -> User:
    """The same person's other account, at the same company."""
    return person("c.collega@voorbeeld.example", company=company, name="C. Collega")


def test_what_the_closed_account_had_moves_along_in_the_numbers_that_were_shown(
    desk: Client, company: Company, admin: User, colleague: User, double: User
) -> None:
    alone, both = license_for(company, seats=1), license_for(company, seats=2)
    granted(alone, double)
    granted(both, double, colleague)
    wanted, twice = license_for(company), license_for(company)
    for asker, license in ((double, wanted), (double, twice), (colleague, twice)):
        request_license(license, by=asker)
    Opening.objects.create(document=document(), user=double, company=company)
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
    assert set(open_ones) == {(wanted.pk, colleague.pk), (twice.pk, colleague.pk)}
    assert Opening.objects.get().user == colleague
    colleague.refresh_from_db()
    assert colleague.label == label
    assert events() == [("accounts_merged", double.email), ("accounts_merged", colleague.email)]
    assert {"accounts_merged", "account_closed"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_the_later_of_two_last_days_counts(company: Company, admin: User, colleague: User, double: User) -> None:
    license = license_for(company)
    granted(license, colleague, ends_on=timezone.localdate() + timedelta(days=5))
    granted(license, double)

    merge_accounts(double, stays=colleague, by=admin)

    assert (Grant.objects.get().user, Grant.objects.get().ends_on) == (colleague, None)


def test_a_request_is_answered_by_the_licence_that_moves_along(
    company: Company, admin: User, colleague: User, double: User
) -> None:
    license = license_for(company)
    asked = request_license(license, by=colleague)
    granted(license, double)

    merge_accounts(double, stays=colleague, by=admin)

    asked.refresh_from_db()
    assert asked.status == "approved"


def test_of_another_company_nothing_moves_along(
    company: Company, other_company: Company, admin: User, colleague: User
) -> None:
    stranger = person(company=other_company)
    granted(license_for(other_company), stranger)
    asked = request_license(license_for(other_company), by=stranger)
    Opening.objects.create(document=document(), user=stranger, company=other_company)

    merge_accounts(stranger, stays=colleague, by=admin)

    asked.refresh_from_db()
    assert (asked.status, asked.user) == ("withdrawn", stranger)
    assert not Grant.objects.exists()
    assert Opening.objects.get().user == stranger


def test_the_address_of_a_closed_account_gives_no_rights_any_more(
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


def test_who_deletes_the_account_that_stays_deletes_the_closed_one_too(
    company: Company, admin: User, colleague: User, double: User
) -> None:
    merge_accounts(double, stays=colleague, by=admin)
    colleague.refresh_from_db()

    delete_account(colleague, by=colleague)

    assert set(User.objects.values_list("pk", flat=True)) == {admin.pk}


def test_an_account_that_was_merged_before_goes_along(
    company: Company, admin: User, colleague: User, double: User
) -> None:
    third = person(company=company)
    merge_accounts(double, stays=colleague, by=admin)
    colleague.refresh_from_db()

    merge_accounts(colleague, stays=third, by=admin)

    double.refresh_from_db()
    assert double.merged_into == third


def test_the_last_admin_is_no_account_to_close(desk: Client, admin: User, colleague: User) -> None:
    answer = desk.post(merge_url(admin), {"other": colleague.pk, "stays": "other"})

    assert "is the only active admin" in str(answer.context["form"].errors)
    admin.refresh_from_db()
    assert admin.is_active


def test_merging_makes_nobody_admin(company: Company, admin: User, colleague: User) -> None:
    second = admin_of(company)

    merge_accounts(second, stays=colleague, by=admin)

    colleague.refresh_from_db()
    assert colleague.role == "user"


@pytest.mark.parametrize("case", ["same", "staff", "blocked", "pending stays", "merged before"])
def test_what_is_no_pair_is_refused(
    company: Company, admin: User, staff: User, colleague: User, double: User, blocked: User, case: str
) -> None:
    if case == "merged before":
        merge_accounts(double, stays=colleague, by=admin)
        double.refresh_from_db()
    closing, stays = {
        "same": (colleague, colleague),
        "staff": (staff, colleague),
        "blocked": (blocked, colleague),
        "pending stays": (double, pending_person(company=company)),
        "merged before": (double, person(company=company)),
    }[case]
    before = AuditEntry.objects.count()

    with pytest.raises(RuleError):
        merge_accounts(closing, stays=stays, by=admin)

    assert AuditEntry.objects.count() == before


def test_an_account_manager_merges_and_moves_nobody_of_anothers_company(
    sign_in: SignIn, colleague: User, double: User, company: Company, other_company: Company
) -> None:
    manager = in_role(person("am@nen.example", is_staff=True), "account_manager")
    Company.objects.filter(pk=other_company.pk).update(account_manager=manager)
    own = person(company=other_company)
    browser = sign_in(manager)

    assert browser.get(move_url(colleague)).status_code == 404
    assert browser.post(merge_url(colleague), {"other": double.pk, "stays": "this"}).status_code == 404
    assert browser.post(merge_url(own), {"other": colleague.pk, "stays": "this"}).status_code == 200
    assert browser.post(move_url(own), {"company": company.pk}).status_code == 200
    assert not User.objects.exclude(merged_into=None).exists()
    own.refresh_from_db()
    assert own.company == other_company


# What nobody at NEN does -----------------------------------------------------------------------------


def test_there_is_no_page_to_set_a_password_or_to_sign_in_as_somebody_else() -> None:
    def routes(patterns: Any, before: str = "") -> list[str]:
        found = []
        for one in patterns:
            route = before + str(one.pattern)
            found += routes(one.url_patterns, route) if hasattr(one, "url_patterns") else [f"{route} {one.name}"]
        return found

    desk = [route for route in routes(get_resolver().url_patterns) if route.startswith("beheer/")]
    assert any("accounts_user_change" in route for route in desk)
    for word in ("impersonat", "hijack", "login_as", "loginas", "inloggen-als", "masquerade", "/password/"):
        assert [route for route in desk if word in route and "admin" not in route.split()[-1]] == []


def test_no_password_is_shown_or_taken_at_the_desk(desk: Client, colleague: User) -> None:
    url = reverse("admin:accounts_user_change", args=[colleague.pk])
    page = desk.get(url).content.decode()

    desk.post(url, {"name": "Coen", "language": "nl", "password": "x", "password1": "x", "usable_password": "x"})

    before = colleague.password
    colleague.refresh_from_db()
    assert colleague.password == before
    assert colleague.password not in page
    assert 'type="password"' not in page


def test_merging_shows_what_it_then_does_for_two_companies(
    admin: User, other_company: Company, colleague: User
) -> None:
    stranger = person(company=other_company)
    granted(license_for(other_company), stranger)

    shown = Merge(stranger, colleague).numbers()

    assert shown == merge_accounts(stranger, stays=colleague, by=admin)
    assert shown["ended"] == 1


def test_a_document_request_is_found_by_person_company_and_number(
    desk: Client, company: Company, colleague: User
) -> None:
    asked = DocumentRequest.objects.create(company=company, user=colleague, document=document("NEN 7510:2024"))

    for sought in ("collega@", "Voorbeeld", "nen7510"):
        page = desk.get(reverse("admin:requests_app_documentrequest_changelist"), {"q": sought})
        assert list(page.context["cl"].result_list) == [asked], sought


# What happened ---------------------------------------------------------------------------------------


def history_url(user: User) -> str:
    return reverse("admin:accounts_user_history", args=[user.pk])


@pytest.fixture
def moved(colleague: User, admin: User, company: Company, other_company: Company, staff: User) -> User:
    """Changed by an admin at one company, and by NEN moved to another, where the admin changed something too."""
    details.change_details(colleague, by=admin, phone="06 1")
    move_person(colleague, other_company, by=staff)
    colleague.refresh_from_db()
    details.change_details(colleague, by=admin_of(other_company, name="Olga Bouwer"), phone="06 2")
    return colleague


def test_what_happened_to_somebody_is_shown_across_companies_with_who_did_it_and_where(
    desk: Client, moved: User
) -> None:
    page = desk.get(history_url(moved))

    told = {(str(event.what), event.by, event.company) for event in page.context["history"].object_list}
    assert {
        ("Details of a user changed", "Anneke Beheerder", "Voorbeeld BV"),
        ("User moved in from another company", "Nel van NEN", "Bouwbedrijf BV"),
        ("Details of a user changed", "Olga Bouwer", "Bouwbedrijf BV"),
    } <= told
    assert page.context["next"].why in page.content.decode()
    assert history_url(moved) in desk.get(reverse("admin:accounts_user_change", args=[moved.pk])).content.decode()


def test_an_account_manager_reads_of_it_what_belongs_to_their_own_companies(
    sign_in: SignIn, moved: User, other_company: Company
) -> None:
    manager = in_role(person("am@nen.example", is_staff=True), "account_manager")
    Company.objects.filter(pk=other_company.pk).update(account_manager=manager)

    page = sign_in(manager).get(history_url(moved))

    told = page.context["history"].object_list
    assert "Olga Bouwer" in {event.by for event in told}
    assert "Anneke Beheerder" not in page.content.decode()
    assert "Voorbeeld BV" not in page.content.decode()


def test_what_happened_is_paged_and_asks_as_much_for_many_as_for_few(
    desk: Client, colleague: User, admin: User
) -> None:
    def queries(number: int) -> int:
        for one in range(number):
            details.change_details(colleague, by=admin, phone=f"06 {number} {one}")
        with CaptureQueriesContext(connection) as asked:
            desk.get(history_url(colleague))
        return len(asked)

    assert queries(3) == queries(60)
    assert "?page=2" in desk.get(history_url(colleague)).content.decode()


def test_of_nobody_who_is_there_there_is_no_history(desk: Client, colleague: User, staff: User) -> None:
    for url in (history_url(staff), history_url(colleague).replace(str(colleague.pk), "999999")):
        assert desk.get(url)["Location"] == reverse("admin:index")
