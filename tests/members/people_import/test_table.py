"""Test the imported table as a whole: its form, its size, and changes before it is loaded (C41)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile

from accounts.actions import details, membership
from accounts.models import User
from companies.domains import remove_domain
from companies.models import Company
from members.actions import people_import
from members.actions.people_import import batches, load, run_imports, start_import
from members.models import PeopleImport
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import excel_file
from tests.factories import make_admin, make_grants, make_license
from tests.members.people_import.tables import checked, line, loaded, outcomes, refusals, table

State = PeopleImport.State


class TestPeopleTable:
    def test_good_lines_beside_refused_lines_are_loaded_only_on_request(self, admin: User) -> None:
        lines = [line("a@voorbeeld.example"), line("b@elders.example")]
        with pytest.raises(RuleError):
            loaded(*lines, by=admin, only_good=False)
        assert User.objects.count() == 1
        PeopleImport.objects.all().delete()

        row = loaded(*lines, by=admin)

        assert (row.state, outcomes(row), User.objects.count()) == (State.DONE, ["new", "refused"], 2)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"Gebruikersnaam;Naam",
            b"Gebruikersnaam;Schoenmaat\na@voorbeeld.example;2",
            b"Gebruikersnaam;Naam;Label\na@voorbeeld.example;A;B",
            b"\x89PNG\r\n\x00\x00",
            b"PK\x03\x04 no zip",
            b"\xff\xfe\x00",
        ],
    )
    def test_an_invalid_import_table_is_refused_as_a_whole(self, content: bytes, admin: User) -> None:
        assert admin.company
        row = start_import(admin.company, table=ContentFile(content, name="x.csv"), by=admin)
        run_imports()

        row.refresh_from_db()
        assert (row.state, bool(row.reason), bool(row.table)) == (State.FAILED, True, False)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    @pytest.mark.parametrize("separator", [";", ","])
    def test_an_import_reads_csv_files_in_several_encodings_and_separators(
        self, encoding: str, separator: str, admin: User
    ) -> None:
        assert admin.company
        text = f"Gebruikersnaam*{separator}Naam*\r\na@voorbeeld.example{separator}José Müller\r\n"
        row = start_import(admin.company, table=ContentFile(text.encode(encoding), name="x.csv"), by=admin)
        run_imports()
        load(row, only_good=False, by=admin)
        run_imports()

        assert User.objects.get(email="a@voorbeeld.example").name == "José Müller"

    def test_an_import_reads_an_excel_file(self, admin: User) -> None:
        assert admin.company
        rows = [["User name", "Name", "Phone number"], ["a@voorbeeld.example", "=1+1", "0612"]]
        row = start_import(admin.company, table=ContentFile(excel_file(rows).read(), name="x.xlsx"), by=admin)
        run_imports()
        load(row, only_good=False, by=admin)
        run_imports()

        person = User.objects.get(email="a@voorbeeld.example")
        assert (person.name, person.phone) == ("=1+1", "0612")

    def test_an_import_table_with_too_many_lines_is_refused_as_a_whole(
        self, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "MAX_LINES", 3)

        row = checked(*(line(f"p{number}@voorbeeld.example") for number in range(4)), by=admin)

        assert (row.state, row.reason[:31]) == (State.FAILED, "This table has more than 3 line")

    def test_the_uploaded_table_is_deleted_after_the_import(self, admin: User, tmp_path: Any) -> None:
        row = loaded(line("a@voorbeeld.example"), by=admin)

        assert not row.table
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


class TestBetweenLookingAndLoading:
    def test_a_user_deleted_after_the_import_preview_is_not_added_again(
        self, admin: User, colleague: User
    ) -> None:
        row = checked(line(colleague.email, "Coen Anders"), by=admin)
        colleague.delete()
        load(row, only_good=False, by=admin)
        run_imports()

        assert refusals(row)[2][1].startswith("Another person changed this.")
        assert not User.objects.filter(email="collega@voorbeeld.example").exists()

    def test_an_import_refuses_a_line_whose_user_changed_after_the_preview(
        self, admin: User, colleague: User
    ) -> None:
        row = checked(line(colleague.email, "Coen Anders", country="nl"), by=admin)
        details.change_details(colleague, by=admin, country="BE")
        load(row, only_good=False, by=admin)
        run_imports()

        colleague.refresh_from_db()
        assert (outcomes(row), str(colleague.country), colleague.name) == (["refused"], "BE", "Coen Collega")

    def test_an_import_refuses_a_line_whose_domain_was_removed_after_the_preview(
        self, admin: User, company: Company
    ) -> None:
        row = checked(line("a@voorbeeld.example"), by=admin)
        remove_domain(company.domains.get(), by=admin)
        load(row, only_good=False, by=admin)
        run_imports()

        assert "is not an allowed domain" in refusals(row)[2][1]

    def test_the_second_of_two_equal_imports_changes_nothing(self, admin: User) -> None:
        first, second = (checked(line("a@voorbeeld.example"), by=admin) for _number in range(2))
        for row in (first, second):
            load(row, only_good=False, by=admin)
        run_imports()

        assert (outcomes(first), outcomes(second)) == (["new"], ["unchanged"])
        assert OutboxMail.objects.count() == 1

    def test_an_import_refuses_a_line_whose_seat_was_taken_after_the_preview(
        self, admin: User, company: Company, colleague: User
    ) -> None:
        license = make_license(company, name="Bouw", seats=1)
        row = checked(line("a@voorbeeld.example", licenses="Bouw"), by=admin)
        make_grants(license, colleague)
        load(row, only_good=False, by=admin)
        run_imports()

        assert refusals(row)[2][0] == "licenses"
        assert User.objects.filter(email="a@voorbeeld.example").count() == 0

    @pytest.mark.parametrize("what", ["block", "change_role"])
    def test_an_import_from_a_blocked_or_former_admin_fails(
        self, what: str, admin: User, company: Company
    ) -> None:
        other = make_admin(company)
        row = checked(line("a@voorbeeld.example"), by=admin)
        load(row, only_good=False, by=admin)
        membership.block(admin, by=other) if what == "block" else membership.change_role(admin, "user", by=other)
        run_imports()

        row.refresh_from_db()
        assert (row.state, bool(row.reason), bool(row.table)) == (State.FAILED, True, False)
        assert not User.objects.filter(email="a@voorbeeld.example").exists()

    def test_an_import_cannot_be_loaded_twice(self, admin: User) -> None:
        row = loaded(line("a@voorbeeld.example"), by=admin)

        with pytest.raises(RuleError):
            load(row, only_good=True, by=admin)

    def test_the_number_of_waiting_imports_of_a_company_is_limited(self, admin: User, company: Company) -> None:
        for _number in range(people_import.MAX_WAITING):
            start_import(company, table=table(), by=admin)
        with pytest.raises(RuleError):
            start_import(company, table=table(), by=admin)
