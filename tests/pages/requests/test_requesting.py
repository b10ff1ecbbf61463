"""Test requesting a licence or a document, and the reason of a request (R26, R29)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import make_collection, make_document, make_grants, make_license
from tests.pages.requests.request_pages import (
    ASK,
    CHOICE,
    LISTS,
    document_request_for,
    main_text,
    messages_of,
    request_for,
    url_of,
)

SignIn = Callable[[User], Client]


# Asking for a licence -------------------------------------------------------------------------------


def test_the_request_form_says_above_the_reason_that_colleagues_read_it(
    as_colleague: Client, company: Company
) -> None:
    make_license(company)
    for url in (reverse(CHOICE), reverse(ASK)):
        page = as_colleague.get(url).content.decode()
        assert page.index("Your colleagues see this reason, but not your name") < page.index("<textarea")
        assert 'aria-describedby="id_reason_helptext"' in page


def test_the_licence_in_the_url_is_chosen_in_the_request_form(as_colleague: Client, company: Company) -> None:
    make_license(company)
    chosen = make_license(company)

    page = as_colleague.get(reverse(ASK), {"license": chosen.pk}).content.decode()

    assert re.search(rf'value="{chosen.pk}"[^>]*checked', page)
    assert page.count(" checked") == 1


def test_the_request_form_tells_no_licences_apart_from_having_all_licences(
    as_colleague: Client, company: Company
) -> None:
    assert "no licence that can be requested" in main_text(as_colleague.get(reverse(ASK)))
    make_license(company, is_company_wide=True)
    assert "you have them all" in main_text(as_colleague.get(reverse(ASK)))


def test_sending_a_request_leads_to_the_page_of_that_request(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    license = make_license(company)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk, "reason": " Nodig \r\n voor A "})

    license_request = LicenseRequest.objects.get()
    assert (license_request.user, license_request.license, license_request.reason) == (
        colleague,
        license,
        "Nodig \n voor A",
    )
    assert answer["Location"] == url_of(license_request)
    assert "Your own request" in main_text(as_colleague.get(url_of(license_request)))


@pytest.fixture
def forbidden(company: Company, other_company: Company, colleague: User) -> dict[str, Any]:
    """Return ids of licences that the colleague cannot request, and values that are no id."""
    today = timezone.localdate()
    mine = make_license(company)
    make_grants(mine, colleague)
    return {
        "hidden": make_license(company, is_shown=False).pk,
        "ended": make_license(company, ends_on=today - timedelta(days=1)).pk,
        "not begun": make_license(company, starts_on=today + timedelta(days=1)).pk,
        "of another company": make_license(other_company).pk,
        "company-wide": make_license(company, is_company_wide=True).pk,
        "had already": mine.pk,
        "none": "",
        "no number": "abc",
        "not there": 987654321,
        "huge": "9" * 30,
        "negative": -1,
        "NUL": "\x00",
    }


FORBIDDEN = (
    "hidden", "ended", "not begun", "of another company", "company-wide", "had already",
    "none", "no number", "not there", "huge", "negative", "NUL",
)  # fmt: skip


@pytest.mark.parametrize("which", FORBIDDEN)
@pytest.mark.parametrize("page", [ASK, CHOICE])
def test_requesting_a_licence_that_is_not_offered_is_a_form_error(
    which: str, page: str, forbidden: dict[str, Any], as_colleague: Client, company: Company
) -> None:
    make_license(company)  # so that there is something to choose

    answer = as_colleague.post(reverse(page), {"license": forbidden[which], "licenses": [forbidden[which]]})

    assert answer.status_code == 200
    assert 'class="error-summary"' in answer.content.decode()
    assert not LicenseRequest.objects.exists()


def test_requesting_the_same_licence_twice_is_refused(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    license = make_license(company, name="Techniek")
    request_for(license, colleague)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk})

    assert "You have already requested “Techniek”." in main_text(answer)
    assert LicenseRequest.objects.count() == 1


def test_a_posted_request_cannot_set_user_status_company_or_decider(
    as_colleague: Client, colleague: User, admin: User
) -> None:
    assert colleague.company is not None
    license = make_license(colleague.company)
    as_colleague.post(
        reverse(ASK),
        {"license": license.pk, "user": admin.pk, "status": "approved", "company": 1, "decided_by": admin.pk},
    )

    license_request = LicenseRequest.objects.get()
    assert (license_request.user, license_request.status, license_request.decided_by) == (colleague, "open", None)


# Reasons --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("", ""),
        ("   \r\n\t ", ""),
        ("\u200b\ufeff", ""),
        ("👩‍🔧 voor de bouw 🏗️", "👩‍🔧 voor de bouw 🏗️"),
        ("x" * 1000, "x" * 1000),
        ("een\r\ntwee", "een\ntwee"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE users; --", "'; DROP TABLE users; --"),
    ],
)
def test_a_reason_is_saved_as_typed_without_surrounding_space(
    typed: str, saved: str, as_colleague: Client, company: Company
) -> None:
    as_colleague.post(reverse(ASK), {"license": make_license(company).pk, "reason": typed})

    assert LicenseRequest.objects.get().reason == saved


def test_a_reason_that_is_too_long_is_refused_and_keeps_the_typed_text(
    as_colleague: Client, company: Company
) -> None:
    typed = "nodig " * 16_667  # 100,000 characters

    answer = as_colleague.post(reverse(ASK), {"license": make_license(company).pk, "reason": typed})

    assert "Use at most 1,000 characters. You used 100,001." in main_text(answer)
    assert typed.strip() in answer.content.decode()
    assert not LicenseRequest.objects.exists()


@pytest.mark.parametrize("hidden", ["\x00", "\x0b", "\x1b", "\u202e", "\u2066"])
def test_hidden_characters_in_a_reason_are_removed_and_reported(
    hidden: str, as_colleague: Client, company: Company
) -> None:
    license = make_license(company)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk, "reason": f"voor{hidden} project"})

    assert "We removed characters that cannot be shown" in main_text(answer)
    assert "voor project</textarea>" in answer.content.decode()
    assert not LicenseRequest.objects.exists()


def test_reasons_are_escaped_and_not_linked_on_every_page(
    as_admin: Client, colleague: User, company: Company
) -> None:
    row = request_for(
        make_license(company), colleague, status="rejected", reason="<b>1</b> http://evil.example/a",
        rejection_reason="<i>2</i>\nhttp://evil.example/b",
    )  # fmt: skip
    for url in (reverse(LISTS[0]), url_of(row)):
        page = as_admin.get(url).content.decode()
        assert "&lt;b&gt;1&lt;/b&gt;" in page
        assert "&lt;i&gt;2&lt;/i&gt;" in page
        assert 'href="http://evil' not in page


# Asking for a document ------------------------------------------------------------------------------


def test_approving_a_document_request_adds_the_document_to_the_collection(
    as_colleague: Client, as_admin: Client, colleague: User, company: Company
) -> None:
    document, collection = (
        make_document("NEN 7510:2024"),
        make_collection(company, name="Collectie", is_shown=False),
    )
    url = reverse("requests:request_document", args=[document.pk])
    assert "NEN 7510:2024" in main_text(as_colleague.get(url))

    request_answer = as_colleague.post(url, {"reason": "Zorg"})
    document_request = DocumentRequest.objects.get()
    form = as_admin.get(url_of(document_request, "approve"))
    done = as_admin.post(url_of(document_request, "approve"), {"license": collection.pk})

    assert request_answer["Location"] == url_of(document_request)
    assert "Collectie" in main_text(form)
    assert re.search(rf'type="hidden" name="license" value="{collection.pk}"', form.content.decode())
    assert 'type="radio"' not in form.content.decode()  # with one there is nothing to choose
    assert done["Location"] == reverse(LISTS[1])
    assert document in collection.documents.all()
    assert as_colleague.get(reverse("documents:document", args=[document.pk])).context["reason"].is_open
    assert "Collectie" in main_text(as_colleague.get(url_of(document_request)))


def test_approving_a_document_offers_and_accepts_only_licences_that_give_access(
    as_admin: Client, colleague: User, company: Company, other_company: Company
) -> None:
    document = make_document()
    holding = make_license(company, documents=[document], is_shown=False)
    useless = [make_license(company), make_collection(company), make_license(other_company, documents=[document])]
    document_request = document_request_for(document, colleague)

    offered = as_admin.get(url_of(document_request, "approve")).content.decode()
    assert holding.name in offered
    for wrong in [*useless, None]:
        assert wrong is None or wrong.name not in offered
        answer = as_admin.post(url_of(document_request, "approve"), {"license": wrong.pk if wrong else "9" * 30})
        assert answer.status_code == 200
        assert 'class="error-summary"' in answer.content.decode()
    document_request.refresh_from_db()
    assert document_request.is_open


def test_approving_a_document_without_a_usable_licence_says_so(as_admin: Client, colleague: User) -> None:
    document_request = document_request_for(make_document(), colleague)

    assert "no custom collection to add it to" in main_text(as_admin.get(url_of(document_request, "approve")))


@pytest.mark.parametrize("why_not", ["open already", "nothing to put it in", "asked already", "another country"])
def test_the_form_for_a_document_that_cannot_be_requested_redirects_to_its_page(
    why_not: str, as_colleague: Client, colleague: User, company: Company
) -> None:
    document = make_document(
        is_free=why_not == "open already", plus_countries=["FR"] if why_not == "another country" else []
    )
    if why_not != "nothing to put it in":
        make_collection(company)
    if why_not == "asked already":
        document_request_for(document, colleague)
    before = DocumentRequest.objects.count()
    url = reverse("requests:request_document", args=[document.pk])

    read, sent = as_colleague.get(url), as_colleague.post(url, {"reason": "x"})

    assert read["Location"] == sent["Location"] == reverse("documents:document", args=[document.pk])
    assert messages_of(sent)
    assert DocumentRequest.objects.count() == before


def test_the_request_pages_are_a_404_for_a_personal_account(personal: User, sign_in: SignIn) -> None:
    for name in (*LISTS, ASK):
        assert sign_in(personal).get(reverse(name)).status_code == 404
