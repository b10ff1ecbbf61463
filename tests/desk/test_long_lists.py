"""Test that lists of NEN's desk use an index, with a million rows as with ten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import PersonStatus, SignInAttempts, User
from companies.models import Company
from desk.long_lists import LongList
from desk.people.people_list import say_statuses
from licenses.access import has_active_license
from licenses.models import Document, Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import (
    make_admin,
    make_company,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

LONG = [model for model, its_admin in admin.site._registry.items() if isinstance(its_admin, LongList)]
SMALL = {"mail_heartbeat", "accounts_termsversion"}  # tables that stay so
NAMES = sorted(model._meta.label_lower for model in LONG)


def rows(number: int) -> None:
    # So many in each list, each by and about others.
    for _row in range(number):
        count = Company.objects.count()
        company = make_company(f"Bedrijf & Co {count}", f"b{count}.example")
        user, other = make_admin(company), make_person(name="", company=company)
        license, standard = make_license(company), make_document()
        make_grants(license, user)
        Grant.objects.filter(license=license).update(granted_by=other)
        decided: dict[str, Any] = {"status": "approved", "decided_by": other, "decided_at": timezone.now()}
        LicenseRequest.objects.create(company=company, user=user, license=license, **decided)
        DocumentRequest.objects.create(company=company, user=other, document=standard)
        OutboxMail.objects.create(event="password_reset", key=f"{count}", message_id=f"<{count}>", recipient=user)
        AuditEntry.objects.create(
            verb="blocked", actor_id=user.pk, company_id=company.pk, subjects={"user": other.pk}
        )


def address_of(name: str) -> str:
    return reverse(f"admin:{name.replace('.', '_')}_changelist")


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in(make_person("nina@nen.example", name="Nina <Nieuw>", is_staff=True, is_superuser=True))


def test_every_table_that_grows_has_a_long_list_at_the_desk() -> None:
    assert NAMES == [
        "accounts.user",
        "audit.auditentry",
        "licenses.document",
        "licenses.grant",
        "licenses.license",
        "mail.outboxmail",
        "requests_app.documentrequest",
        "requests_app.licenserequest",
    ]


def test_the_link_of_a_row_remembers_the_filter_of_the_list(desk: Client) -> None:
    rows(1)

    page = desk.get(address_of("accounts.user"), {"role__exact": "admin"}).content.decode()

    assert re.search(r'/beheer/accounts/user/\d+/change/\?_changelist_filters=role__exact%3Dadmin"', page)


@pytest.mark.parametrize("name", NAMES)
def test_a_long_list_needs_as_many_queries_for_30_rows_as_for_3(name: str, desk: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(address_of(name)).status_code == 200
        return len(captured)

    rows(3)
    few = queries()
    rows(12)  # two people in each: 30

    assert queries() == few


@pytest.mark.parametrize("name", NAMES)
def test_a_long_list_mentions_that_the_list_is_cut_off(
    name: str, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(3)
    says = "Deze lijst eindigt na 1.000"
    assert says not in desk.get(address_of(name)).content.decode()

    monkeypatch.setattr("desk.long_lists.MOST", 2)

    assert says in desk.get(address_of(name)).content.decode()


class TestStatuses:
    @pytest.fixture
    def people(self, company: Company) -> list[User]:
        today = timezone.localdate()
        wide = make_license(
            make_company("Breed", "breed.example"), is_company_wide_approved=True, is_company_wide=True
        )
        ended = make_license(company, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
        reading, late = make_person(company=company), make_person(company=company)
        make_grants(make_license(company), reading)
        make_grants(ended, late)
        locked = make_person(company=company)
        moment = timezone.now() + timedelta(minutes=9)
        SignInAttempts.objects.create(address=locked.email, failures=4, locked_until=moment)
        make_pending_person("wacht@voorbeeld.example", company=company)
        make_pending_person("laat@voorbeeld.example", company=company, registration_deadline=today)
        make_person(company=company, is_blocked=True)
        make_person(company=wide.company)
        make_person()
        return list(User.objects.order_by("pk"))

    def test_the_people_list_shows_the_same_statuses_as_the_database_query(self, people: list[User]) -> None:
        say_statuses(people)

        statuses = {person.pk: str(person.status) for person in people}  # type: ignore[attr-defined]
        rows = User.objects.with_status(has_active_license())
        assert statuses == {person.pk: person.status for person in rows}  # type: ignore[attr-defined]
        assert set(statuses.values()) == set(PersonStatus.values)
        locks = {person.pk: person.locked_until for person in people}  # type: ignore[attr-defined]
        assert locks == {person.pk: person.locked_until for person in rows}  # type: ignore[attr-defined]

    def test_an_empty_people_list_gives_no_error(self) -> None:
        say_statuses([])


class TestSearching:
    # With sequential scans made dear, one that is left has no index to go by. Switched off alone is not
    # enough: of two ways to answer an EXISTS, Postgres 18 takes the cheaper by price, and what it thinks a
    # table holds differs with what other tests left there.

    ASKED = (
        ("accounts.user", ["jan", "jan.jansen@", "jansen jan", "nobody at all"]),
        ("companies.company", ["bedrijf", "K-1", "b1.exam", "nergens"]),
        ("companies.domain", ["b1.exam", "bedrijf", "nergens"]),
        ("accounts.signinattempts", ["jan.jansen@"]),
        ("accounts.termsacceptance", ["jan", "nobody at all"]),
        ("licenses.license", ["licentie", "bedrijf", "nergens"]),
        ("licenses.document", ["nen", "norm", "nergens"]),
        ("licenses.grant", ["jan", "licentie", "bedrijf"]),
        ("requests_app.licenserequest", ["jan", "bedrijf"]),
        ("requests_app.documentrequest", ["jan", "bedrijf", "nen"]),
        ("mail.outboxmail", ["jan.jansen@", "<1>"]),
        ("audit.auditentry", ["jan", "bedrijf"]),
    )

    @pytest.fixture(autouse=True)
    def _something(self, desk: Client) -> Iterator[None]:
        rows(3)
        make_person("jan.jansen@elders.example", name="Jan Jansen")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL seq_page_cost = 1000000")
            yield
            cursor.execute("SET LOCAL enable_seqscan = on")

    @pytest.mark.parametrize(("name", "texts"), ASKED)
    def test_every_search_at_the_desk_uses_an_index(self, name: str, texts: list[str], desk: Client) -> None:
        for text in texts:
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(address_of(name), {"q": text}).status_code == 200
            for captured_query in queries.captured_queries:
                if captured_query["sql"].startswith("SELECT"):
                    plan = plan_of(captured_query["sql"])
                    assert set(re.findall(r"Seq Scan on (\w+)", plan)) <= SMALL, (
                        text,
                        captured_query["sql"],
                        plan,
                    )

    def test_a_search_in_the_middle_of_words_scans_the_whole_table(self) -> None:
        within = License.objects.filter(name__icontains="icenti").values("pk")

        with CaptureQueriesContext(connection) as queries:
            list(within)

        assert "Seq Scan on licenses_license" in plan_of(queries.captured_queries[0]["sql"])


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


class TestWords:
    @pytest.mark.parametrize(
        "text",
        ["fatima", "FATIMA el", "el-ami", "ouali", "laan", "f.ouali@", "ouali fat", "d'arc", "voorbeeldlaan.exa"],
    )
    def test_searching_people_finds_a_name_or_address_by_the_start_of_words(self, text: str, desk: Client) -> None:
        make_person("f.ouali@voorbeeld-laan.example", name="Fatima el-Amine d'Arc")
        if text == "voorbeeldlaan.exa":
            make_person("iemand@voorbeeldlaan.example", name="Fatima twee")

        page = desk.get(address_of("accounts.user"), {"q": text}).content.decode()

        assert "Fatima" in page

    @pytest.mark.parametrize("text", ["&", "' | '", "a:*", "%", "\\", "<->", "!"])
    def test_special_characters_in_a_desk_search_cause_no_error(self, text: str, desk: Client) -> None:
        for name in NAMES:
            assert desk.get(address_of(name), {"q": text}).status_code == 200

    def test_searching_the_desk_finds_a_company_a_licence_and_a_document(self, desk: Client) -> None:
        company = make_company("Van Houten & Zonen", "vanhouten.example")
        make_license(company, name="Bouwpakket Utrecht")
        Document.objects.create(number="NEN-EN 1991", title_nl="Belastingen op constructies", kind="NEN-EN",
                                published_on=timezone.localdate())  # fmt: skip
        sought = {
            "companies.company": ["houten", "zonen van", "vanhou", company.customer_number],
            "licenses.license": ["utrecht", "houten"],
            "licenses.document": ["nenen19", "1991", "constructies belast"],
        }
        for name, texts in sought.items():
            for text in texts:
                assert desk.get(address_of(name), {"q": text}).context["cl"].result_count == 1, (name, text)
