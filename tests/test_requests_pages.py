"""„Aanvragen" and the first sign-in: asking, looking on without names, deciding (R18, R26–R29, C27–C30)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company, LabelKind, LabelValue
from licenses.models import License
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from requests_app.actions import document_requests, license_requests
from requests_app.models import DocumentRequest, LicenseRequest, RequestStatus
from tests.factories import admin_of, collection_for, document, granted, license_for, person

SignIn = Callable[[User], Client]
Row = TypeVar("Row", LicenseRequest, DocumentRequest)

CHOICE = "requests:license_choice"
ASK = "requests:request_license"
LISTS = ("requests:license_requests", "requests:document_requests")


@pytest.fixture
def english(db: None) -> None:
    """Asked for after the people of a test: its pages are then in the words of the source strings."""
    User.objects.update(language="en")


@pytest.fixture
def as_colleague(colleague: User, english: None, sign_in: SignIn) -> Client:
    return sign_in(colleague)


@pytest.fixture
def as_admin(admin: User, english: None, sign_in: SignIn) -> Client:
    User.objects.update(language="en")
    return sign_in(admin)


def request_for(license: License, by: User, **fields: Any) -> LicenseRequest:
    """As it stands in the database, without the mails; `days_ago` sets when it was sent."""
    return _written(LicenseRequest(company=license.company, license=license, user=by), **fields)


def document_request_for(one: Any, by: User, **fields: Any) -> DocumentRequest:
    return _written(DocumentRequest(company=by.company, document=one, user=by), **fields)


def _written(row: Row, days_ago: float = 0, **fields: Any) -> Row:
    for name, value in fields.items():
        setattr(row, name, value)
    if not row.is_open:
        row.decided_at = timezone.now()
        is_by_nobody = row.status in {RequestStatus.WITHDRAWN, RequestStatus.EXPIRED}
        row.decided_by = None if is_by_nobody else admin_of(row.company)
    row.save()
    type(row)._default_manager.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    return row


def url_of(row: LicenseRequest | DocumentRequest, do: str = "") -> str:
    kind = "license" if isinstance(row, LicenseRequest) else "document"
    return reverse(f"requests:{do}_{kind}" if do else f"requests:{kind}_request", args=[row.pk])


def shown(answer: Any) -> str:
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def rows_of(answer: Any) -> list[int]:
    return [row.pk for row in answer.context["page_obj"]]


# The first sign-in ----------------------------------------------------------------------------------


def test_the_choice_shows_what_is_open_and_what_can_be_requested(as_colleague: Client, company: Company) -> None:
    license_for(company, name="Basis", is_company_wide=True)
    license_for(company, name="Techniek")
    license_for(company, name="Geheim", is_shown=False)
    license_for(company, name="Verlopen", ends_on=timezone.localdate() - timedelta(days=1))

    page = shown(as_colleague.get(reverse(CHOICE)))

    before, after = page.split("You can request this")
    assert "Basis" in before
    assert "Techniek" in after
    assert "Skip" in after
    assert "Geheim" not in page
    assert "Verlopen" not in page


def test_the_name_of_a_licence_or_its_documents_lead_to_what_is_in_it(
    as_colleague: Client, company: Company
) -> None:
    licenses = [license_for(company, is_company_wide=True), license_for(company)]

    for url in (reverse(CHOICE), reverse("profile:profile_licenses")):
        page = as_colleague.get(url).content.decode()
        for license in licenses:
            assert f'href="{reverse("documents:documents")}?license={license.pk}"' in page


def test_several_are_asked_for_at_once_with_one_reason(as_colleague: Client, company: Company) -> None:
    wanted = [license_for(company), license_for(company)]

    answer = as_colleague.post(reverse(CHOICE), {"licenses": [one.pk for one in wanted], "reason": "Project"})

    assert answer["Location"] == reverse("home:home")
    assert "2 requests were sent" in said(answer)
    assert {(row.license, row.reason) for row in LicenseRequest.objects.all()} == {
        (one, "Project") for one in wanted
    }


def test_choosing_nothing_is_told_and_pressing_twice_goes_home(as_colleague: Client, company: Company) -> None:
    license = license_for(company)
    assert "Choose at least one licence" in shown(as_colleague.post(reverse(CHOICE), {"reason": "x"}))
    for _press in range(2):
        assert as_colleague.post(reverse(CHOICE), {"licenses": [license.pk]})["Location"] == reverse("home:home")
    assert LicenseRequest.objects.count() == 1


def test_with_nothing_to_choose_the_first_sign_in_goes_home(
    as_colleague: Client, personal: User, sign_in: SignIn
) -> None:
    assert as_colleague.get(reverse(CHOICE))["Location"] == reverse("home:home")
    assert sign_in(personal).get(reverse(CHOICE))["Location"] == reverse("home:home")


def test_when_one_of_the_chosen_cannot_be_requested_none_is(as_colleague: Client, company: Company) -> None:
    fine, hidden = license_for(company), license_for(company, is_shown=False)

    answer = as_colleague.post(reverse(CHOICE), {"licenses": [fine.pk, hidden.pk]})

    assert "You cannot request this licence" in shown(answer)
    assert not LicenseRequest.objects.exists()


# Asking for a licence -------------------------------------------------------------------------------


def test_above_the_reason_it_says_who_reads_it(as_colleague: Client, company: Company) -> None:
    license_for(company)
    for url in (reverse(CHOICE), reverse(ASK)):
        page = as_colleague.get(url).content.decode()
        assert page.index("Your colleagues see this reason, but not your name") < page.index("<textarea")
        assert 'aria-describedby="id_reason_helptext"' in page


def test_a_licence_from_a_documents_page_is_chosen_already(as_colleague: Client, company: Company) -> None:
    license_for(company)
    wanted = license_for(company)

    page = as_colleague.get(reverse(ASK), {"license": wanted.pk}).content.decode()

    assert re.search(rf'value="{wanted.pk}"[^>]*checked', page)
    assert page.count(" checked") == 1


def test_a_company_without_licences_is_not_said_to_have_them_all(as_colleague: Client, company: Company) -> None:
    assert "no licence that can be requested" in shown(as_colleague.get(reverse(ASK)))
    license_for(company, is_company_wide=True)
    assert "you have them all" in shown(as_colleague.get(reverse(ASK)))


def test_asking_leads_to_ones_own_request(as_colleague: Client, colleague: User, company: Company) -> None:
    license = license_for(company)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk, "reason": " Nodig \r\n voor A "})

    asked = LicenseRequest.objects.get()
    assert (asked.user, asked.license, asked.reason) == (colleague, license, "Nodig \n voor A")
    assert answer["Location"] == url_of(asked)
    assert "Your own request" in shown(as_colleague.get(url_of(asked)))


@pytest.fixture
def forbidden(company: Company, other_company: Company, colleague: User) -> dict[str, Any]:
    """Ids that the colleague cannot request, and things that are no id at all."""
    today = timezone.localdate()
    mine = license_for(company)
    granted(mine, colleague)
    return {
        "hidden": license_for(company, is_shown=False).pk,
        "ended": license_for(company, ends_on=today - timedelta(days=1)).pk,
        "not begun": license_for(company, starts_on=today + timedelta(days=1)).pk,
        "of another company": license_for(other_company).pk,
        "company-wide": license_for(company, is_company_wide=True).pk,
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
    license_for(company)  # so that there is something to choose

    answer = as_colleague.post(reverse(page), {"license": forbidden[which], "licenses": [forbidden[which]]})

    assert answer.status_code == 200
    assert 'class="error-summary"' in answer.content.decode()
    assert not LicenseRequest.objects.exists()


def test_asking_for_the_same_twice_is_told(as_colleague: Client, colleague: User, company: Company) -> None:
    license = license_for(company, name="Techniek")
    request_for(license, colleague)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk})

    assert "You have already requested “Techniek”." in shown(answer)
    assert LicenseRequest.objects.count() == 1


def test_no_field_of_a_request_can_be_posted(as_colleague: Client, colleague: User, admin: User) -> None:
    assert colleague.company is not None
    license = license_for(colleague.company)
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
    as_colleague.post(reverse(ASK), {"license": license_for(company).pk, "reason": typed})

    assert LicenseRequest.objects.get().reason == kept


def test_a_reason_that_is_too_long_comes_back_with_what_was_typed(as_colleague: Client, company: Company) -> None:
    typed = "nodig " * 16_667  # 100,000 characters

    answer = as_colleague.post(reverse(ASK), {"license": license_for(company).pk, "reason": typed})

    assert "Use at most 1,000 characters. You used 100,001." in shown(answer)
    assert typed.strip() in answer.content.decode()
    assert not LicenseRequest.objects.exists()


@pytest.mark.parametrize("hidden", ["\x00", "\x0b", "\x1b", "\u202e", "\u2066"])
def test_hidden_characters_are_taken_out_and_told_then_it_can_be_sent(
    hidden: str, as_colleague: Client, company: Company
) -> None:
    license = license_for(company)

    answer = as_colleague.post(reverse(ASK), {"license": license.pk, "reason": f"voor{hidden} project"})

    assert "We removed characters that cannot be shown" in shown(answer)
    assert "voor project</textarea>" in answer.content.decode()
    assert not LicenseRequest.objects.exists()


def test_what_people_type_is_text_on_every_page(as_admin: Client, colleague: User, company: Company) -> None:
    row = request_for(
        license_for(company), colleague, status="rejected", reason="<b>1</b> http://evil.example/a",
        rejection_reason="<i>2</i>\nhttp://evil.example/b",
    )  # fmt: skip
    for url in (reverse(LISTS[0]), url_of(row)):
        page = as_admin.get(url).content.decode()
        assert "&lt;b&gt;1&lt;/b&gt;" in page
        assert "&lt;i&gt;2&lt;/i&gt;" in page
        assert 'href="http://evil' not in page


# The lists ------------------------------------------------------------------------------------------


def test_the_label_stands_once_on_the_page_for_who_asked_and_who_decides_only(
    as_admin: Client, colleague: User, company: Company, sign_in: SignIn
) -> None:
    company.request_label = "Project"
    company.save()
    project = LabelValue.objects.create(company=company, kind=LabelKind.REQUESTS, name="Brug bij Kampen")
    row = request_for(license_for(company), colleague, label=project)
    url = reverse("requests:license_request", args=[row.pk])

    for reader, times in [(as_admin, 1), (sign_in(colleague), 1), (sign_in(person(company=company)), 0)]:
        assert reader.get(url).content.decode().count("Brug bij Kampen") == times


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {0, 5, 20}),
        ("period=week", {0, 5}),
        ("period=quarter", {0, 5, 20, 60}),
        ("period=year", {0, 5, 20, 60, 300}),
        ("period=all", {0, 5, 20, 60, 300, 500}),
        ("period=unknown&status=unknown", {0, 5, 20}),
        ("period=week\x00&status=open'--", {0, 5}),
        ("status=rejected", set()),
        ("period=all&status=open", {0, 5, 20, 60, 300, 500}),
    ],
)
def test_the_period_is_the_past_month_until_another_is_chosen(
    query: str, expected: set[int], as_colleague: Client, company: Company
) -> None:
    days = {
        request_for(license_for(company), person(company=company), days_ago=n).pk: n
        for n in (0, 5, 20, 60, 300, 500)
    }

    answer = as_colleague.get(f"{reverse(LISTS[0])}?{query.replace(chr(0), '')}")

    assert {days[pk] for pk in rows_of(answer)} == expected


def test_the_status_narrows_both_lists(as_colleague: Client, company: Company) -> None:
    for status in RequestStatus.values:
        request_for(license_for(company), person(company=company), status=status)
        document_request_for(document(), person(company=company), status=status)
    for name in LISTS:
        for status in RequestStatus.values:
            found = as_colleague.get(reverse(name), {"status": status}).context["page_obj"]
            assert [row.status for row in found] == [status]


def test_admins_see_what_is_open_first_and_that_older_ones_wait(
    as_admin: Client, as_colleague: Client, company: Company
) -> None:
    open_one = request_for(license_for(company), person(company=company), days_ago=20)
    closed = request_for(license_for(company), person(company=company), status="approved")
    old = request_for(license_for(company), person(company=company), days_ago=60)

    answer = as_admin.get(reverse(LISTS[0]))

    assert rows_of(answer) == [open_one.pk, closed.pk]
    assert "1 older request still waits for a decision." in shown(answer)
    assert rows_of(as_admin.get(reverse(LISTS[0]), {"period": "all", "status": "open"})) == [open_one.pk, old.pk]
    assert rows_of(as_colleague.get(reverse(LISTS[0]))) == [closed.pk, open_one.pk]


def test_a_page_has_25_requests(as_colleague: Client, company: Company) -> None:
    license = license_for(company)
    for _number in range(26):
        request_for(license, person(company=company))

    assert len(rows_of(as_colleague.get(reverse(LISTS[0])))) == 25
    assert len(rows_of(as_colleague.get(reverse(LISTS[0]), {"page": 2}))) == 1


def test_an_empty_list_says_so(as_colleague: Client, company: Company) -> None:
    for name in LISTS:
        assert "Nobody at your company has sent a request yet." in shown(as_colleague.get(reverse(name)))
    other = person(company=company)
    request_for(license_for(company), other, days_ago=60)
    document_request_for(document(), other, days_ago=60)
    for name in LISTS:
        assert "There are no requests in this period" in shown(as_colleague.get(reverse(name)))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", ["admin", "colleague"])
def test_a_list_takes_as_many_queries_for_3_as_for_30_requests(
    name: str, who: str, request: pytest.FixtureRequest, sign_in: SignIn, company: Company
) -> None:
    user: User = request.getfixturevalue(who)
    client = sign_in(user)

    def fill(count: int) -> None:
        for number in range(count):
            status = RequestStatus.values[number % 4]
            request_for(license_for(company), person(company=company), status=status)
            document_request_for(document(), person(company=company), status=status)
        request_for(license_for(company), user)
        document_request_for(document(), user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name), {"period": "year"}).status_code == 200
        return len(captured)

    fill(2)
    few = queries()
    fill(20)
    assert queries() == few


def test_the_choice_takes_as_many_queries_for_3_as_for_30_licences(as_colleague: Client, company: Company) -> None:
    def queries(licenses: int) -> int:
        for _number in range(licenses):
            license_for(company, documents=[document()])
            license_for(company, documents=[document()], is_company_wide=True)
        with CaptureQueriesContext(connection) as captured:
            as_colleague.get(reverse(CHOICE))
            as_colleague.get(reverse(ASK))
        return len(captured)

    assert queries(3) == queries(27)


# Who sees whom --------------------------------------------------------------------------------------

CANARY = 987654321


@pytest.fixture
def canary(company: Company) -> User:
    """A requester whose name, address and number are like no other."""
    return person("kanarie.q7x@voorbeeld.example", company=company, name="Kanarie Vogelzang", pk=CANARY)


@pytest.fixture
def asked_by_the_canary(canary: User, admin: User, company: Company) -> list[LicenseRequest | DocumentRequest]:
    """Requests of both kinds in every status; the last document was asked for by the colleague as well."""
    collection_for(company, name="Collectie")
    rows: list[LicenseRequest | DocumentRequest] = []
    for status in RequestStatus.values:
        rows.append(
            request_for(license_for(company), canary, status=status, reason="Piep", rejection_reason="Nee")
        )
        rows.append(document_request_for(document(), canary, status=status, reason="Piep", rejection_reason="Nee"))
    return rows


def leaks(text: str) -> list[str]:
    """The traces of the canary in a page or mail: name, address, number."""
    traces = ("kanarie", "vogelzang", "q7x", str(CANARY), "987.654.321", "987,654,321")
    return [trace for trace in traces if trace in text.lower()]


def test_no_page_tells_a_colleague_who_asked(
    as_colleague: Client, asked_by_the_canary: list[Any], colleague: User, company: Company
) -> None:
    urls = [f"{reverse(name)}?period={period}" for name in LISTS for period in ("week", "month", "year", "all")]
    urls += [url_of(row) for row in asked_by_the_canary]
    urls += [url_of(row, do) for row in asked_by_the_canary for do in ("approve", "reject")]
    urls += [reverse(name) for name in (CHOICE, ASK, "home:home", "profile:profile", "documents:documents")]
    for row in asked_by_the_canary:
        if isinstance(row, DocumentRequest):
            urls += [reverse("documents:document", args=[row.document_id])]
            urls += [reverse("requests:request_document", args=[row.document_id])]
    for url in urls:
        answer = as_colleague.get(url)
        headers = "".join(f"{name}: {value}" for name, value in answer.items())
        assert leaks(answer.content.decode() + headers) == [], url


def test_no_answer_to_a_colleagues_button_tells_who_asked(
    as_colleague: Client, asked_by_the_canary: list[Any]
) -> None:
    for row in asked_by_the_canary:
        for do in ("approve", "reject", "withdraw"):
            answer = as_colleague.post(url_of(row, do), {"reason": "x", "license": "1"}, follow=True)
            assert leaks(answer.content.decode() + said(answer)) == [], (do, row)
        row.refresh_from_db()
    assert [row.status for row in asked_by_the_canary[::2]] == RequestStatus.values


def test_no_mail_tells_a_colleague_who_asked(canary: User, colleague: User, admin: User, company: Company) -> None:
    license, one, collection = license_for(company), document(), collection_for(company)
    document_request_for(one, colleague, status="rejected", days_ago=200)
    license_requests.approve(license_requests.request_license(license, by=canary, reason="Piep"), by=admin)
    wanted = document_requests.request_document(one, by=canary, reason="Piep")
    document_requests.approve(wanted, license=collection, by=admin)
    drain()

    to_colleague = [message for message in mail.outbox if message.to == [colleague.email]]
    assert [one.event for one in OutboxMail.objects.filter(recipient=colleague)] == ["document_added"]
    assert len(to_colleague) == 1
    assert leaks(str(to_colleague[0].message())) == []
    assert leaks("".join(str(message.message()) for message in mail.outbox if message.to == [admin.email]))


def test_admins_see_who_asked_and_colleagues_load_no_name(
    as_admin: Client, admin: User, colleague: User, asked_by_the_canary: list[Any]
) -> None:
    for row in asked_by_the_canary:
        assert leaks(as_admin.get(url_of(row)).content.decode())
    for name in LISTS:
        assert leaks(as_admin.get(reverse(name)).content.decode())
    for model in (LicenseRequest, DocumentRequest):
        for seen in model.objects.visible_to(colleague):
            assert seen.get_deferred_fields() == {"user_id", "decided_by_id", "rejection_note"}


def test_c29_the_rows_of_a_colleagues_list_carry_no_name(
    as_colleague: Client, asked_by_the_canary: list[Any]
) -> None:
    for name in LISTS:
        rows = as_colleague.get(reverse(name)).context["page_obj"].object_list
        assert rows
        for row in rows:
            assert {"user_id", "decided_by_id", "rejection_note"} <= row.get_deferred_fields()


def test_the_order_of_a_list_does_not_follow_the_names(as_colleague: Client, company: Company) -> None:
    license = license_for(company)
    rows = [request_for(license, person(company=company, name=name), days_ago=days) for name, days in
            (("Bea", 3), ("Adam", 2), ("Cas", 1))]  # fmt: skip

    assert rows_of(as_colleague.get(reverse(LISTS[0]))) == [row.pk for row in reversed(rows)]


def test_ones_own_request_is_marked_for_oneself_and_can_be_withdrawn(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    own = request_for(license_for(company), colleague)
    other = request_for(license_for(company), person(company=company))

    page = as_colleague.get(reverse(LISTS[0])).content.decode()
    answer = as_colleague.post(url_of(own, "withdraw"))

    assert page.count("Your own request") == 1
    assert url_of(own, "withdraw") in page
    assert url_of(other, "withdraw") not in page
    assert said(answer) == "You have withdrawn your request. You can request the licence again later."
    own.refresh_from_db()
    assert own.status == "withdrawn"


def test_somebody_elses_request_is_not_withdrawn(as_colleague: Client, company: Company) -> None:
    row = request_for(license_for(company), person(company=company))

    answer = as_colleague.post(url_of(row, "withdraw"))

    assert "Only the person who asked" in said(answer)
    row.refresh_from_db()
    assert row.is_open


@pytest.mark.parametrize("do", ["", "approve", "reject", "withdraw"])
def test_a_request_of_another_company_does_not_exist(
    do: str, other_admin: User, sign_in: SignIn, colleague: User, company: Company
) -> None:
    client = sign_in(other_admin)
    for row in (request_for(license_for(company), colleague), document_request_for(document(), colleague)):
        method = client.post if do else client.get
        assert method(url_of(row, do)).status_code == 404
        row.refresh_from_db()
        assert row.is_open


# Deciding -------------------------------------------------------------------------------------------


def test_the_admins_page_shows_what_a_decision_needs(as_admin: Client, company: Company) -> None:
    requester = person(company=company, name="Rita Vraagt")
    granted(license_for(company, name="Bouw"), requester)
    license = license_for(company, name="Techniek", seats=5)
    granted(license, person(company=company))
    row = request_for(license, requester, reason="Voor het project")

    page = shown(as_admin.get(url_of(row)))

    for text in ("Rita Vraagt", requester.email, "Techniek", "1 of 5 seats in use", "Voor het project", "Bouw"):
        assert text in page


def test_approving_gives_access_and_goes_back_to_the_list(as_admin: Client, company: Company) -> None:
    license = license_for(company, name="Techniek")
    row = request_for(license, person(company=company, name="Rita Vraagt"))

    answer = as_admin.post(url_of(row, "approve"))

    assert answer["Location"] == reverse(LISTS[0])
    assert "Rita Vraagt can use “Techniek” now" in said(answer)
    assert row.user
    assert License.objects.open_to(row.user).get() == license


def test_above_the_rejection_reason_it_says_who_reads_it(as_admin: Client, company: Company) -> None:
    for row in (
        request_for(license_for(company), person(company=company)),
        document_request_for(document(), person(company=company)),
    ):
        page = as_admin.get(url_of(row, "reject")).content.decode()
        for box, hint in (
            ("note", "Only the person who asked and those who decide read this."),
            ("reason", "Everyone at your company reads this in the list of requests"),
        ):
            assert 0 < page.index(hint) < re.search(rf'<textarea[^>]*id="id_{box}"', page).start()  # type: ignore[union-attr]


def test_a_rejection_is_shown_with_its_reason_to_colleagues(
    as_admin: Client, as_colleague: Client, company: Company
) -> None:
    row = request_for(license_for(company), person(company=company))

    as_admin.post(url_of(row, "reject"), {"reason": "Budget is op"})

    assert "Budget is op" in shown(as_colleague.get(reverse(LISTS[0])))
    assert "Budget is op" in shown(as_colleague.get(url_of(row)))


def test_a_rejection_reason_that_is_too_long_rejects_nothing(as_admin: Client, company: Company) -> None:
    row = request_for(license_for(company), person(company=company))

    answer = as_admin.post(url_of(row, "reject"), {"reason": "x" * 1001})

    assert "Use at most 1,000 characters" in shown(answer)
    row.refresh_from_db()
    assert row.is_open


@pytest.mark.parametrize("second", ["approve", "reject"])
@pytest.mark.parametrize("kind", ["license", "document"])
def test_the_second_of_two_admins_is_told_by_whom_and_when(
    kind: str, second: str, as_admin: Client, company: Company
) -> None:
    collection = collection_for(company, is_shown=False)
    asked: LicenseRequest | DocumentRequest
    if kind == "license":
        asked = license_requests.request_license(license_for(company), by=person(company=company))
        license_requests.reject(asked, by=admin_of(company, name="Eerste Beheerder"))
    else:
        asked = document_requests.request_document(document(), by=person(company=company))
        document_requests.reject(asked, by=admin_of(company, name="Eerste Beheerder"))
    mails = OutboxMail.objects.count()

    answer = as_admin.post(url_of(asked, second), {"license": collection.pk}, follow=True)

    assert answer.status_code == 200
    assert "Eerste Beheerder already decided this on" in shown(answer)
    assert OutboxMail.objects.count() == mails
    asked.refresh_from_db()
    assert asked.status == "rejected"


def test_a_decided_request_offers_no_decision(as_admin: Client, company: Company) -> None:
    row = request_for(license_for(company), person(company=company), status="approved")

    page = as_admin.get(url_of(row)).content.decode()

    assert url_of(row, "approve") not in page
    assert as_admin.get(url_of(row, "reject"))["Location"] == url_of(row)


def test_what_stands_in_the_way_is_told_on_the_requests_page(as_admin: Client, company: Company) -> None:
    full = license_for(company, seats=1)
    granted(full, person(company=company))
    ended = license_for(company, ends_on=timezone.localdate() - timedelta(days=1))
    blocked = person(company=company, is_blocked=True)

    assert "All seats are in use" in shown(as_admin.get(url_of(request_for(full, person(company=company)))))
    assert "not valid today" in shown(as_admin.get(url_of(request_for(ended, person(company=company)))))
    gone = request_for(license_for(company), blocked)
    assert "cannot sign in at your company any more" in shown(as_admin.get(url_of(gone)))
    assert "cannot sign in" in said(as_admin.post(url_of(gone, "approve")))
    gone.refresh_from_db()
    assert gone.is_open


def test_who_left_the_company_is_named_without_a_link(as_admin: Client, company: Company) -> None:
    gone = person(company=company, name="Weg Gegaan")
    request_for(license_for(company), gone)
    User.objects.filter(pk=gone.pk).update(company=None)

    page = as_admin.get(reverse(LISTS[0])).content.decode()

    assert "Weg Gegaan" in page
    assert "Not in your company any more" in page
    assert reverse("company:user", args=[gone.pk]) not in page


# Asking for a document ------------------------------------------------------------------------------


def test_a_document_is_asked_for_on_its_page_and_added_to_the_collection(
    as_colleague: Client, as_admin: Client, colleague: User, company: Company
) -> None:
    one, collection = document("NEN 7510:2024"), collection_for(company, name="Collectie", is_shown=False)
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
    one = document()
    holding = license_for(company, documents=[one], is_shown=False)
    useless = [license_for(company), collection_for(company), license_for(other_company, documents=[one])]
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
    asked = document_request_for(document(), colleague)

    assert "no custom collection to add it to" in shown(as_admin.get(url_of(asked, "approve")))


@pytest.mark.parametrize("why_not", ["open already", "nothing to put it in", "asked already", "another country"])
def test_a_document_that_cannot_be_asked_for_leads_back_to_its_page(
    why_not: str, as_colleague: Client, colleague: User, company: Company
) -> None:
    one = document(
        is_free=why_not == "open already", plus_countries=["FR"] if why_not == "another country" else []
    )
    if why_not != "nothing to put it in":
        collection_for(company)
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
