"""Test „Waarom heeft … (geen) toegang?", for an admin about a colleague and for people about themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.access import can_open
from licenses.models import Grant, License
from requests_app.models import LicenseRequest
from tests.factories import make_document, make_grants, make_license, make_person

SignIn = Callable[[User], Client]


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    User.objects.update(language="en")
    return sign_in(admin)


def page_about(user: User) -> str:
    return reverse("company:why_access", args=[user.pk])


def main_text(client: Client, url: str, **query: str | int) -> str:
    """Return the text of the main part of the page, on one line and without tags."""
    main = client.get(url, query).content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_why_access_explains_each_licence_that_a_colleague_has_or_lacks(
    colleague: User, admin: User, company: Company, as_admin: Client
) -> None:
    mine, wide = make_license(company, name="Bouw"), make_license(company, name="Zorg", is_company_wide=True)
    make_license(company, name="Staal", is_shown=False)
    granted_on = Grant.objects.create(license=mine, user=colleague, granted_by=admin, origin="request").granted_at

    page = main_text(as_admin, page_about(colleague))

    assert "Why does Coen Collega have (no) access?" in page
    assert "Coen Collega has the licence “Bouw”." in page
    assert "Request approved" in page
    assert f"Given by {admin}" in re.sub(r"\s+", " ", page)
    assert timezone.localtime(granted_on).strftime("%B %Y") in page
    assert f"“{wide}” is a company-wide licence: everyone at Voorbeeld BV has it." in page
    assert "Coen Collega does not have the licence “Staal”." in page
    assert "Give “Staal”" in page


def test_the_button_on_why_access_gives_the_missing_licence(
    colleague: User, company: Company, as_admin: Client
) -> None:
    document = make_document("NEN 1")
    license = make_license(company, documents=[document], is_shown=False)
    page = as_admin.get(page_about(colleague), {"q": "NEN 1"}).content.decode()
    url = reverse("company:give_license", args=[colleague.pk])
    assert f'action="{url}"' in page
    assert f'name="license" value="{license.pk}"' in page

    as_admin.post(url, {"license": license.pk})

    assert can_open(colleague, document)
    assert "Coen Collega has the licence" in main_text(as_admin, page_about(colleague), q="NEN 1")


@pytest.mark.parametrize(
    ("state", "leads_to"),
    [
        ({"is_blocked": True}, "company:unblock"),
        ({"registered_at": None, "registration_deadline": "2999-01-01"}, "company:send_registration_again"),
        ({"registered_at": None, "registration_deadline": "2020-01-01"}, "company:send_registration_again"),
        ({"country": ""}, "company:edit_user"),
        ({"country": "FR"}, "company:edit_user"),
    ],
)
def test_why_access_offers_the_action_that_solves_a_problem_of_the_person(
    state: dict[str, Any], leads_to: str, company: Company, as_admin: Client
) -> None:
    user, document = make_person(company=company, **state), make_document("NEN 1", plus_countries=["NL"])
    make_license(company, documents=[document], is_company_wide=True)

    page = as_admin.get(page_about(user), {"document": document.pk}).content.decode().split("<main")[1]

    assert reverse(leads_to, args=[user.pk]) in page
    assert "No access" in page


@pytest.mark.parametrize("query", ["", "?q=NEN"])
def test_why_access_names_a_block_of_the_person_only_once(
    query: str, blocked: User, company: Company, as_admin: Client
) -> None:
    make_license(company, documents=[make_document(), make_document()])
    make_license(company, is_company_wide=True)

    page = as_admin.get(page_about(blocked) + query).content.decode()

    assert page.count("Bram Blok is blocked, and cannot sign in.") == 1
    assert page.count(reverse("company:unblock", args=[blocked.pk])) == 1


def test_why_access_links_to_an_open_request_of_the_colleague(
    colleague: User, company: Company, as_admin: Client
) -> None:
    license = make_license(company, documents=[make_document("NEN 1")])
    license_request = LicenseRequest.objects.create(company=company, user=colleague, license=license)

    page = as_admin.get(page_about(colleague), {"q": "NEN 1"}).content.decode()

    assert reverse("requests:license_request", args=[license_request.pk]) in page
    assert "Decide on the request" in page


def test_why_access_searches_documents_and_explains_the_chosen_document(
    colleague: User, company: Company, as_admin: Client
) -> None:
    first, second = make_document("NEN 11"), make_document("NEN 12")
    make_grants(make_license(company, name="Bouw", documents=[first]), colleague)

    results = as_admin.get(page_about(colleague), {"q": "nen 1"})
    assert [(document, document.can_open) for document in results.context["page_obj"]] == [
        (first, True),
        (second, False),
    ]
    assert f"q=nen+1&amp;document={second.pk}" in results.content.decode()
    chosen = main_text(as_admin, page_about(colleague), q="nen 1", document=second.pk)
    assert "NEN 12" in chosen
    assert "No licence of Voorbeeld BV holds this document." in chosen
    assert "NEN 11" not in chosen
    assert "No document fits." in main_text(as_admin, page_about(colleague), q="zzz")


def test_why_access_opened_from_a_licence_shows_that_licence_only(
    colleague: User, company: Company, other_company: Company, as_admin: Client
) -> None:
    chosen_license, other = make_license(company, name="Bouw"), make_license(company, name="Zorg")
    strange = make_license(other_company, name="Vreemd")
    make_grants(chosen_license, colleague)

    link = f"{page_about(colleague)}?license={chosen_license.pk}"
    assert link in as_admin.get(reverse("company:license", args=[chosen_license.pk])).content.decode()
    assert page_about(colleague) in as_admin.get(reverse("company:user", args=[colleague.pk])).content.decode()
    page = main_text(as_admin, page_about(colleague), license=chosen_license.pk)
    assert "“Bouw”" in page
    assert other.name not in page
    assert "Vreemd" not in main_text(as_admin, page_about(colleague), license=strange.pk)
    assert as_admin.get(page_about(colleague)).context["page_obj"].paginator.count == 2


@pytest.mark.parametrize("query", ["?document=x", "?document=-1", "?license=9e9", "?page=zz", "?q=" + "x" * 999])
def test_why_access_ignores_invalid_query_parameters(query: str, colleague: User, as_admin: Client) -> None:
    assert as_admin.get(page_about(colleague) + query).status_code == 200


@pytest.mark.parametrize("number", ["987654321", "9" * 18])
def test_why_access_to_an_unknown_document_is_a_404(number: str, colleague: User, as_admin: Client) -> None:
    assert as_admin.get(page_about(colleague), {"document": number}).status_code == 404


def test_why_access_opens_for_admins_of_the_company_only(
    colleague: User, admin: User, other_admin: User, sign_in: SignIn
) -> None:
    assert sign_in(other_admin).get(page_about(colleague)).status_code == 404
    assert sign_in(colleague).get(page_about(admin)).status_code == 403
    assert sign_in(colleague).get(page_about(colleague)).status_code == 403


def test_why_access_explains_an_admins_own_licences(admin: User, company: Company, as_admin: Client) -> None:
    make_license(company, name="Bouw")

    page = main_text(as_admin, page_about(admin))

    assert "Why do I have (no) access?" in page
    assert "You do not have the licence “Bouw”." in page


def test_why_access_takes_as_many_queries_for_30_licences_as_for_3(
    colleague: User, company: Company, as_admin: Client
) -> None:
    def queries(**query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            as_admin.get(page_about(colleague), query)
        return len(captured)

    def add(number: int) -> None:
        for _number in range(number):
            license = make_license(company, documents=[make_document()])
            if license.pk % 2:
                make_grants(license, colleague)

    add(3)
    few = queries(), queries(q="NEN")
    add(27)
    assert (queries(), queries(q="NEN")) == few


# The reader themselves ------------------------------------------------------------------------------


def test_a_person_reads_when_an_admin_gave_a_licence_without_the_admins_name(
    colleague: User, admin: User, company: Company, sign_in: SignIn
) -> None:
    User.objects.update(language="en")
    document = make_document()
    license = make_license(company, name="Bouw", documents=[document])
    last_day = timezone.localdate() + timedelta(days=9)
    Grant.objects.create(license=license, user=colleague, granted_by=admin, ends_on=last_day)
    Grant.objects.update(granted_at=datetime(2026, 3, 14, 12, tzinfo=UTC))

    client = sign_in(colleague)
    for page in (
        main_text(client, reverse("documents:document", args=[document.pk])),
        main_text(client, reverse("documents:documents"), license=license.pk),
        main_text(client, reverse("profile:profile_licenses")),
    ):
        assert "Given by an admin" in page
        assert "14 March 2026" in page
        assert f"{last_day:%-d %B %Y}" in page
        assert admin.name not in page
    as_admin = sign_in(admin)
    make_grants(license, admin)
    assert "Given by an admin" in main_text(as_admin, reverse("documents:document", args=[document.pk]))


def test_the_documents_of_a_licence_say_why_the_person_has_it_or_lacks_it(
    colleague: User, company: Company, sign_in: SignIn
) -> None:
    User.objects.update(language="en")
    shown_license = make_license(company, name="Bouw")
    ended = make_license(company, name="Zorg", starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31))
    make_grants(ended, colleague)
    License.objects.filter(pk=ended.pk).update(is_shown=False)
    client = sign_in(colleague)

    page_to_request = client.get(reverse("documents:documents"), {"license": shown_license.pk}).content.decode()
    assert "You do not have the licence “Bouw”." in page_to_request
    assert f"{reverse('requests:request_license')}?license={shown_license.pk}" in page_to_request
    page = main_text(client, reverse("documents:documents"), license=ended.pk)
    assert "“Zorg” ended on 31 December 2020." in page
    assert "whether the licence is renewed" in page


def test_a_withdrawn_document_cannot_be_requested_by_url(
    colleague: User, company: Company, sign_in: SignIn
) -> None:
    document = make_document(status="withdrawn")
    make_license(company, documents=[document])
    url = reverse("requests:request_document", args=[document.pk])

    client = sign_in(colleague)
    assert client.get(url).status_code == 302
    client.post(url, {"reason": ""})
    assert not colleague.documentrequests.exists()


def test_a_colleague_whose_licence_has_ended_is_not_counted_as_holder(
    colleague: User, company: Company, as_admin: Client
) -> None:
    license = make_license(company, name="Bouw")
    users = reverse("company:users")
    Grant.objects.create(license=license, user=colleague)
    assert colleague in as_admin.get(users, {"license": license.pk}).context["page_obj"]

    Grant.objects.update(ends_on=timezone.localdate() - timedelta(days=1))

    assert colleague not in as_admin.get(users, {"license": license.pk}).context["page_obj"]
    person_page = as_admin.get(reverse("company:user", args=[colleague.pk]))
    assert [given for given, _seats in person_page.context["to_give"]] == [license]
