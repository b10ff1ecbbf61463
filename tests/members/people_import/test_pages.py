"""Test importing and exporting colleagues of the admin's own company."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django_countries import countries

from accounts.models import User
from companies.models import Company, LabelValue
from members.actions.import_columns import columns_of
from members.actions.people_import import run_imports, start_import
from members.models import PeopleImport
from nenconnect.tables.files import read_table
from tests.factories import make_grants, make_license, make_pending_person, make_person
from tests.members.people_import.tables import checked, line, loaded, outcomes, table

SignIn = Callable[[User], Client]
State = PeopleImport.State


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    return sign_in(admin)


def body(answer: Any) -> bytes:
    return b"".join(answer)


def upload(*lines: list[str]) -> dict[str, Any]:
    return {"table": SimpleUploadedFile("collegas.csv", table(*lines).read())}


class TestImportPages:
    def test_an_admin_uploads_a_table_previews_the_lines_and_imports_users(self, as_admin: Client) -> None:
        answer = as_admin.post(
            reverse("company:import_users"), upload(line("a@voorbeeld.example"), line("b@elders.example"))
        )
        page = answer["Location"]

        waiting = as_admin.get(page)
        assert "The table is being checked" in waiting.content.decode()
        assert waiting["Refresh"] == "2"

        run_imports()
        ready = as_admin.get(page)
        assert "Refresh" not in ready.headers
        assert "Import only the good lines" in ready.content.decode()
        assert "elders.example is not an allowed domain" in ready.content.decode()

        row = PeopleImport.objects.get()
        as_admin.post(reverse("company:load_import", args=[row.pk]), {"only_good": "1"})
        assert "<progress" in as_admin.get(page).content.decode()
        run_imports()
        assert "The import is done." in as_admin.get(page).content.decode()
        assert User.objects.filter(email="a@voorbeeld.example").exists()

    def test_refused_lines_stop_an_import_unless_the_admin_skips_refused_lines(
        self, as_admin: Client, admin: User
    ) -> None:
        row = checked(line("a@voorbeeld.example"), line("b@elders.example"), by=admin)

        answer = as_admin.post(reverse("company:load_import", args=[row.pk]), follow=True)

        assert "Some lines are refused." in answer.content.decode()
        run_imports()
        assert not User.objects.filter(email="a@voorbeeld.example").exists()

    @pytest.mark.django_db(transaction=True)
    def test_an_admin_can_discard_an_uploaded_table(self, as_admin: Client, admin: User, tmp_path: Any) -> None:
        row = checked(line("a@voorbeeld.example"), by=admin)

        as_admin.post(reverse("company:discard_import", args=[row.pk]))

        assert not PeopleImport.objects.exists()
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_the_import_report_lists_every_line_without_addresses(self, as_admin: Client, admin: User) -> None:
        row = loaded(line("a@voorbeeld.example"), line("b@elders.example"), by=admin)

        answer = as_admin.get(reverse("company:import_report", args=[row.pk]))

        report = body(answer).decode("utf-8-sig")
        assert report.splitlines()[:2] == ["Line;Outcome;Column;Reason", "2;New;;"]
        assert report.splitlines()[2].startswith("3;Refused;Gebruikersnaam;elders.example is not an allowed")
        assert "@" not in report
        assert answer["Cache-Control"] == "no-store"

    def test_the_example_table_can_be_imported(self, as_admin: Client, admin: User, company: Company) -> None:
        make_license(company)
        company.user_label = "Afdeling"
        company.save()
        LabelValue.objects.create(company=company, name="Verkoop")
        example = body(as_admin.get(reverse("company:import_template")))

        row = start_import(company, table=ContentFile(example, name="x.xlsx"), by=admin)
        run_imports()

        assert outcomes(row) == ["new"]

    @pytest.mark.parametrize("name", ["people_import", "import_report"])
    def test_an_admin_cannot_see_an_import_of_another_company(
        self, name: str, admin: User, other_admin: User, sign_in: SignIn
    ) -> None:
        row = checked(line("a@voorbeeld.example"), by=admin)

        browser = sign_in(other_admin)
        assert browser.get(reverse(f"company:{name}", args=[row.pk])).status_code == 404
        assert admin.name not in browser.get(reverse("company:import_users")).content.decode()

    def test_an_admin_cannot_load_or_discard_an_import_of_another_company(
        self, admin: User, other_admin: User, sign_in: SignIn
    ) -> None:
        row = checked(line("a@voorbeeld.example"), by=admin)
        for name in ("load_import", "discard_import"):
            assert sign_in(other_admin).post(reverse(f"company:{name}", args=[row.pk])).status_code == 404
        row.refresh_from_db()
        assert row.state == State.READY

    def test_the_import_page_needs_as_many_queries_for_600_lines_as_for_6(
        self, as_admin: Client, admin: User
    ) -> None:
        numbers = []
        for size in (3, 300):
            domains = ["voorbeeld.example", "elders.example"] * size
            row = checked(*(line(f"p{n}@{domain}") for n, domain in enumerate(domains)), by=admin)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                as_admin.get(reverse("company:people_import", args=[row.pk]))
            numbers.append(len(queries))
        assert numbers[0] == numbers[1]

    def test_an_import_file_that_is_too_large_is_refused_beside_the_field(
        self, as_admin: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pages.company.users.table_forms.MAX_BYTES", 10)
        answer = as_admin.post(reverse("company:import_users"), upload(line("a@voorbeeld.example")))

        assert "Split it up." in answer.content.decode()
        assert not PeopleImport.objects.exists()


@pytest.fixture
def everybody(company: Company, admin: User) -> None:
    company.user_label = "Afdeling"
    company.save()
    sales = LabelValue.objects.create(company=company, name="Verkoop; binnen")
    first, second = make_license(company, name="Bouw"), make_license(company, name="Zorg | welzijn")
    make_license(company, name="Alles", is_company_wide=True)
    coen = make_person("coen@voorbeeld.example", company=company, name="=1+1", phone="+31 6 12345678", label=sales)
    make_grants(first, coen, admin)
    make_grants(second, admin)
    make_pending_person("noor@voorbeeld.example", company=company, name="@Noor; 'Nieuw'", country="BE")
    make_person("bram@voorbeeld.example", company=company, is_blocked=True, is_mail_rerouted=True, country="")
    make_person("olga@elders.example", company=company, name="Olga, buiten het domein", last_login=timezone.now())


@pytest.mark.usefixtures("everybody")
class TestExport:
    @pytest.mark.parametrize("language", ["nl", "en"])
    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_importing_an_exported_list_of_users_changes_nothing(
        self, form: str, language: str, admin: User, company: Company, as_admin: Client
    ) -> None:
        User.objects.filter(pk=admin.pk).update(language=language)
        exported = body(as_admin.get(reverse("company:export_users"), {"format": form}))

        row = start_import(company, table=ContentFile(exported, name=f"x.{form}"), by=admin)
        run_imports()

        row.refresh_from_db()
        assert (row.state, outcomes(row)) == (State.READY, ["unchanged"] * 5), list(row.lines.values())

    def test_the_export_of_users_escapes_spreadsheet_formulas(self, as_admin: Client) -> None:
        text = body(as_admin.get(reverse("company:export_users"), {"format": "csv"})).decode("utf-8-sig")

        assert ";'=1+1;" in text
        assert ";'+31 6 12345678;" in text
        assert ";\"'@Noor; 'Nieuw'\";" in text

    def test_the_export_of_users_contains_only_the_filtered_users_of_the_company(
        self, as_admin: Client, other_admin: User, company: Company
    ) -> None:
        license = company.licenses.get(name="Bouw")
        queries: tuple[tuple[dict[str, Any], list[str]], ...] = (
            ({"q": "coen"}, ["coen@voorbeeld.example"]),
            ({"status": "blocked"}, ["bram@voorbeeld.example"]),
            ({"license": license.pk}, ["beheerder@voorbeeld.example", "coen@voorbeeld.example"]),
            ({"q": "bouwbedrijf"}, []),
        )
        for query, names in queries:
            answer = as_admin.get(reverse("company:export_users"), {"format": "csv", **query})
            lines = read_table(io.BytesIO(body(answer)), columns_of(company), max_lines=100)
            assert sorted(line.values["email"] for line in lines) == names

    def test_the_export_of_users_has_a_dated_file_name_and_is_not_cached(self, as_admin: Client) -> None:
        answer = as_admin.get(reverse("company:export_users"), {"format": "xlsx"})

        assert f"gebruikers-voorbeeld-bv-{timezone.localdate():%Y-%m-%d}.xlsx" in answer["Content-Disposition"]
        assert answer["Cache-Control"] == "no-store"

    def test_the_list_of_users_links_to_the_export_with_its_filter(self, as_admin: Client) -> None:
        page = as_admin.get(reverse("company:users"), {"q": "coen", "sort": "email"}).content.decode()

        assert f"{reverse('company:export_users')}?q=coen&amp;format=csv" in page

    def test_the_export_of_users_needs_no_more_queries_with_more_users(
        self, as_admin: Client, company: Company
    ) -> None:
        license = company.licenses.get(name="Bouw")
        numbers = []
        for _round in range(2):
            with CaptureQueriesContext(connection) as queries:
                body(as_admin.get(reverse("company:export_users"), {"format": "csv"}))
            numbers.append(len(queries))
            make_grants(license, *(make_person(company=company) for _number in range(30)))
        assert numbers[0] == numbers[1]


def test_an_import_recognises_every_country_by_code_and_by_dutch_or_english_name() -> None:
    from members.actions.import_columns import _read_country

    for code, _name in countries:
        assert _read_country(code.lower()) == code
        for language in ("nl", "en"):
            with translation.override(language):
                assert _read_country(str(countries.name(code)).upper()) == code


def test_loading_an_import_twice_shows_an_error(as_admin: Client, admin: User) -> None:
    row = loaded(line("a@voorbeeld.example"), by=admin)

    answer = as_admin.post(reverse("company:load_import", args=[row.pk]), follow=True)

    assert "You cannot load this import now." in answer.content.decode()
