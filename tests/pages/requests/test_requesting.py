"""Requesting a licence or a document, and the reason that goes with it (R26, R29)."""

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
    request_for,
    said,
    shown,
    url_of,
)

SignIn = Callable[[User], Client]


# Asking for a licence -------------------------------------------------------------------------------


def test_above_the_reason_it_says_who_reads_it(as_colleague: Client, company: Company) -> None:
    make_license(company)
    for url in (reverse(CHOICE), reverse(ASK)):
        page = as_colleague.get(url).content.decode()
        assert page.index("Your colleagues see this reason, but not your name") < page.index("<textarea")
        assert 'aria-describedby="id_reason_helptext"' in page


def test_a_licence_from_a_documents_page_is_chosen_already(as_colleague: Client, company: Company) -> None:
    make_license(company)
    wanted = make_license(company)

    page = as_colleague.get(reverse(ASK), {"license": wanted.pk}).content.decode()

    assert re.search(rf'value="{wanted.pk}"[^>]*checked', page)
    assert page.count(" checked") == 1


def test_a_company_without_licences_is_not_said_to_have_them_all(as_colleague: Client, company: Company) -> None:
    assert "no licence that can be requested" in shown(as_colleague.get(reverse(ASK)))
    make_license(company, is_company_wide=True)
    assert "you have them all" in shown(as_colleague.get(reverse(ASK)))


def test_asking_leads_to_ones_own_request(as_colleague: Client, colleague: User, company: Company) -> None:
    license = make_license(company)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk, "reason": " Nodig \r\n voor A "})

    asked = LicenseRequest.objects.get()
    assert (asked.user, asked.license, asked.reason) == (colleague, license, "Nodig \n voor A")
    assert answer["Location"] == url_of(asked)
    assert "Your own request" in shown(as_colleague.get(url_of(asked)))


@pytest.fixture
def forbidden(company: Company, other_company: Company, colleague: User) -> dict[str, Any]:
    """Ids that the colleague cannot request, and things that are no id at all."""
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
def test_posting_another_id_saves_nothing_and_is_a_form_error(
    which: str, page: str, forbidden: dict[str, Any], as_colleague: Client, company: Company
) -> None:
    make_license(company)  # so that there is something to choose

    answer = as_colleague.post(reverse(page), {"license": forbidden[which], "licenses": [forbidden[which]]})

    assert answer.status_code == 200
    assert 'class="error-summary"' in answer.content.decode()
    assert not LicenseRequest.objects.exists()


def test_asking_for_the_same_twice_is_told(as_colleague: Client, colleague: User, company: Company) -> None:
    license = make_license(company, name="Techniek")
    request_for(license, colleague)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk})

    assert "You have already requested “Techniek”." in shown(answer)
    assert LicenseRequest.objects.count() == 1


def test_no_field_of_a_request_can_be_posted(as_colleague: Client, colleague: User, admin: User) -> None:
    assert colleague.company is not None
    license = make_license(colleague.company)
    as_colleague.post(
        reverse(ASK),
        {"license": license.pk, "user": admin.pk, "status": "approved", "company": 1, "decided_by": admin.pk},
    )

    asked = LicenseRequest.objects.get()
    assert (asked.user, asked.status, asked.decided_by) == (colleague, "open", None)


# Reasons --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
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
def test_a_reason_is_kept_as_it_was_typed(typed: str, kept: str, as_colleague: Client, company: Company) -> None:
    as_colleague.post(reverse(ASK), {"license": make_license(company).pk, "reason": typed})

    assert LicenseRequest.objects.get().reason == kept


def test_a_reason_that_is_too_long_comes_back_with_what_was_typed(as_colleague: Client, company: Company) -> None:
    typed = "nodig " * 16_667  # 100,000 characters

    answer = as_colleague.post(reverse(ASK), {"license": make_license(company).pk, "reason": typed})

    assert "Use at most 1,000 characters. You used 100,001." in shown(answer)
    assert typed.strip() in answer.content.decode()
    assert not LicenseRequest.objects.exists()


@pytest.mark.parametrize("hidden", ["\x00", "\x0b", "\x1b", "\u202e", "\u2066"])
def test_hidden_characters_are_taken_out_and_told_then_it_can_be_sent(
    hidden: str, as_colleague: Client, company: Company
) -> None:
    license = make_license(company)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk, "reason": f"voor{hidden} project"})

    assert "We removed characters that cannot be shown" in shown(answer)
    assert "voor project</textarea>" in answer.content.decode()
    assert not LicenseRequest.objects.exists()


def test_what_people_type_is_text_on_every_page(as_admin: Client, colleague: User, company: Company) -> None:
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


def test_a_document_is_asked_for_on_its_page_and_added_to_the_collection(
    as_colleague: Client, as_admin: Client, colleague: User, company: Company
) -> None:
    one, collection = make_document("NEN 7510:2024"), make_collection(company, name="Collectie", is_shown=False)
    url = reverse("requests:request_document", args=[one.pk])
    assert "NEN 7510:2024" in shown(as_colleague.get(url))

    asked_answer = as_colleague.post(url, {"reason": "Zorg"})
    asked = DocumentRequest.objects.get()
    form = as_admin.get(url_of(asked, "approve"))
    done = as_admin.post(url_of(asked, "approve"), {"license": collection.pk})

    assert asked_answer["Location"] == url_of(asked)
    assert "Collectie" in shown(form)
    assert re.search(rf'type="hidden" name="license" value="{collection.pk}"', form.content.decode())
    assert 'type="radio"' not in form.content.decode()  # with one there is nothing to choose
    assert done["Location"] == reverse(LISTS[1])
    assert one in collection.documents.all()
    assert as_colleague.get(reverse("documents:document", args=[one.pk])).context["reason"].is_open
    assert "Collectie" in shown(as_colleague.get(url_of(asked)))


def test_only_licences_that_help_are_offered_and_accepted(
    as_admin: Client, colleague: User, company: Company, other_company: Company
) -> None:
    one = make_document()
    holding = make_license(company, documents=[one], is_shown=False)
    useless = [make_license(company), make_collection(company), make_license(other_company, documents=[one])]
    asked = document_request_for(one, colleague)

    offered = as_admin.get(url_of(asked, "approve")).content.decode()
    assert holding.name in offered
    for wrong in [*useless, None]:
        assert wrong is None or wrong.name not in offered
        answer = as_admin.post(url_of(asked, "approve"), {"license": wrong.pk if wrong else "9" * 30})
        assert answer.status_code == 200
        assert 'class="error-summary"' in answer.content.decode()
    asked.refresh_from_db()
    assert asked.is_open


def test_without_a_licence_that_helps_the_admin_is_told_so(as_admin: Client, colleague: User) -> None:
    asked = document_request_for(make_document(), colleague)

    assert "no custom collection to add it to" in shown(as_admin.get(url_of(asked, "approve")))


@pytest.mark.parametrize("why_not", ["open already", "nothing to put it in", "asked already", "another country"])
def test_a_document_that_cannot_be_asked_for_leads_back_to_its_page(
    why_not: str, as_colleague: Client, colleague: User, company: Company
) -> None:
    one = make_document(
        is_free=why_not == "open already", plus_countries=["FR"] if why_not == "another country" else []
    )
    if why_not != "nothing to put it in":
        make_collection(company)
    if why_not == "asked already":
        document_request_for(one, colleague)
    before = DocumentRequest.objects.count()
    url = reverse("requests:request_document", args=[one.pk])

    read, sent = as_colleague.get(url), as_colleague.post(url, {"reason": "x"})

    assert read["Location"] == sent["Location"] == reverse("documents:document", args=[one.pk])
    assert said(sent)
    assert DocumentRequest.objects.count() == before


def test_a_personal_account_has_no_requests(personal: User, sign_in: SignIn) -> None:
    for name in (*LISTS, ASK):
        assert sign_in(personal).get(reverse(name)).status_code == 404
