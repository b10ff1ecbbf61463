"""An admin loads many colleagues by a table: checked first, nothing that was not shown, nothing twice (C41)."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.actions import details, membership
from accounts.models import JoinInvitation, User
from companies.domains import remove_domain
from companies.models import Company, LabelValue
from licenses.models import Grant
from members.actions import people_import
from members.actions.import_columns import heading_of
from members.actions.people_import import batches, load, run_imports, start_import
from members.models import PeopleImport, PeopleImportLine
from nenconnect.audit.models import AuditEntry
from nenconnect.jobs.wake_worker import ask_worker
from nenconnect.jobs.work import MAX_ATTEMPTS
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import excel_file
from requests_app.actions.license_requests import request_license
from tests.at_once import at_once
from tests.factories import admin_of, granted, license_for, pending_person, person

State = PeopleImport.State
HEADINGS = ["email", "name", "role", "phone", "country", "is_blocked", "is_mail_rerouted", "licenses"]


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def admin(company: Company) -> User:
    return admin_of(company, "beheerder@voorbeeld.example", name="Anneke Beheerder", language="en")


def line(email: str, name: str = "Jan Jansen", **cells: str) -> list[str]:
    values = {"email": email, "name": name} | cells
    return [values.get(column, "") for column in HEADINGS]


def table(*lines: list[str], label: bool = False) -> ContentFile:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow([heading_of(column) for column in HEADINGS] + (["Label"] if label else []))
    writer.writerows(lines)
    return ContentFile(file.getvalue().encode(), name="collegas.csv")


def checked(*lines: list[str], by: User, label: bool = False) -> PeopleImport:
    assert by.company
    row = start_import(by.company, table=table(*lines, label=label), by=by)
    run_imports()
    row.refresh_from_db()
    return row


def loaded(*lines: list[str], by: User, label: bool = False, only_good: bool = True) -> PeopleImport:
    row = checked(*lines, by=by, label=label)
    load(row, only_good=only_good, by=by)
    run_imports()
    row.refresh_from_db()
    return row


def outcomes(row: PeopleImport) -> list[str]:
    return list(row.lines.values_list("outcome", flat=True))


def refusals(row: PeopleImport) -> dict[int, tuple[str, str]]:
    return {one.number: (one.columns, one.reason) for one in row.lines.filter(outcome="refused")}


class TestTable:
    def test_nothing_is_loaded_before_the_admin_has_seen_what_will_happen(self, admin: User) -> None:
        row = checked(line("a@voorbeeld.example"), line("b@voorbeeld.example"), by=admin)

        assert (row.state, outcomes(row)) == (State.READY, ["new", "new"])
        assert User.objects.count() == 1
        assert not OutboxMail.objects.exists()

    def test_a_line_becomes_a_colleague_with_everything_on_it(self, admin: User, company: Company) -> None:
        one, two = license_for(company, name="Bouw"), license_for(company, name="Zorg")
        company.user_label = "Afdeling"
        company.save()
        value = LabelValue.objects.create(company=company, name="Verkoop")
        cells = {
            "role": "Bedrijfsbeheerder",
            "phone": "06-12345678",
            "country": "belgië",
            "is_mail_rerouted": "ja",
            "licenses": "bouw; Zorg",
        }

        row = loaded([*line(" Jan@VOORBEELD.example ", "José Ünal", **cells), "verkoop"], by=admin, label=True)

        jan = User.objects.get(email="jan@voorbeeld.example")
        assert (row.state, row.done, outcomes(row)) == (State.DONE, 1, ["new"])
        assert (jan.name, jan.role, jan.phone, str(jan.country)) == ("José Ünal", "admin", "06-12345678", "BE")
        assert (jan.is_blocked, jan.is_mail_rerouted, jan.label) == (False, True, value)
        assert jan.is_pending
        assert not jan.has_usable_password()
        assert (jan.registration_round, jan.registration_origin) == (1, User.Origin.COMPANY)
        assert set(Grant.objects.filter(user=jan).values_list("license", flat=True)) == {one.pk, two.pk}
        mail = OutboxMail.objects.get()
        assert (mail.event, mail.recipient) == ("registration_invited", jan)
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
        assert verbs == {"people_uploaded", "people_loaded", "user_added", "license_granted"}

    def test_an_imported_colleague_is_as_one_who_was_added(self, admin: User, company: Company) -> None:
        from accounts.actions.registration import NewColleague, add_user

        add_user(company, NewColleague(email="een@voorbeeld.example", name="Jan Jansen"), by=admin)
        loaded(line("twee@voorbeeld.example"), by=admin)

        one, two = (User.objects.values().get(email=f"{name}@voorbeeld.example") for name in ("een", "twee"))
        own = {"id", "email", "searched", "password", "created_at", "registration_sent_at"}
        assert {k: v for k, v in one.items() if k not in own} == {k: v for k, v in two.items() if k not in own}
        mails = [
            (mail.event, mail.key.replace(str(mail.recipient_id), "#"), list(mail.about))
            for mail in OutboxMail.objects.all()
        ]
        assert mails[0] == mails[1]
        trail = [(e.verb, list(e.subjects), e.details) for e in AuditEntry.objects.filter(verb="user_added")]
        assert trail[0] == trail[1]

    def test_whoever_is_blocked_gets_no_mail(self, admin: User) -> None:
        loaded(line("a@voorbeeld.example", is_blocked="ja"), by=admin)

        assert not OutboxMail.objects.exists()
        blocked = User.objects.get(email="a@voorbeeld.example")
        assert (blocked.is_blocked, blocked.registration_sent_at) == (True, None)

    def test_a_second_time_changes_nothing(self, admin: User, company: Company, personal: User) -> None:
        license_for(company, name="Bouw", seats=3)
        company.domains.create(name="bedrijf.example")
        lines = [
            line("a@voorbeeld.example", phone="+31 6 1234", country="nl", role="admin", licenses="Bouw"),
            line("b@voorbeeld.example", is_blocked="ja", is_mail_rerouted="x"),
            line(personal.email, "Pim Zonder"),
        ]
        assert outcomes(loaded(*lines, by=admin)) == ["new", "new", "invited"]
        before = list(User.objects.order_by("pk").values())
        mails, told = OutboxMail.objects.count(), AuditEntry.objects.exclude(verb__startswith="people_").count()

        row = loaded(*lines, by=admin)

        assert outcomes(row) == ["unchanged"] * 3
        assert list(User.objects.order_by("pk").values()) == before
        assert OutboxMail.objects.count() == mails
        assert AuditEntry.objects.exclude(verb__startswith="people_").count() == told

    def test_what_differs_is_changed_and_an_empty_cell_says_nothing(
        self, admin: User, company: Company, colleague: User
    ) -> None:
        license = license_for(company, name="Bouw")
        request_license(license, by=colleague, reason="")
        User.objects.filter(pk=colleague.pk).update(phone="015", is_blocked=True)
        cells = {"role": "beheerder", "country": "Duitsland", "is_blocked": "nee", "licenses": "Bouw"}

        row = loaded(line("Collega@Voorbeeld.Example", "Coen Anders", **cells), by=admin)

        colleague.refresh_from_db()
        assert row.lines.get().columns == "name,role,country,is_blocked,licenses"
        assert (colleague.name, colleague.role, colleague.phone) == ("Coen Anders", "admin", "015")
        assert (str(colleague.country), colleague.is_blocked) == ("DE", False)
        assert Grant.objects.get(user=colleague).origin == Grant.Origin.REQUEST
        assert OutboxMail.objects.filter(event="license_request_approved", recipient=colleague).exists()

    def test_a_pending_colleague_is_not_mailed_again(self, admin: User, pending: User) -> None:
        row = loaded(line(pending.email, "Noor Anders"), by=admin)

        pending.refresh_from_db()
        assert (outcomes(row), pending.name) == (["changed"], "Noor Anders")
        assert not OutboxMail.objects.exists()

    def test_who_is_registering_oneself_is_taken_in(self, admin: User, company: Company) -> None:
        stranger = pending_person("zelf@voorbeeld.example", registration_origin=User.Origin.SELF)

        row = loaded(line(stranger.email, "Zoë Zelf", role="admin"), by=admin)

        stranger.refresh_from_db()
        assert (outcomes(row), stranger.company, stranger.name) == (["new"], company, "Zoë Zelf")
        assert (stranger.role, stranger.registration_round) == ("admin", 2)

    def test_the_owner_of_a_personal_account_is_invited(self, admin: User, company: Company) -> None:
        owner = person("eigen@voorbeeld.example", name="Els Eigen")

        row = loaded(line(owner.email, "Iemand Anders", role="admin"), by=admin)

        owner.refresh_from_db()
        assert (outcomes(row), owner.company, owner.name) == (["invited"], None, "Els Eigen")
        assert JoinInvitation.objects.get(user=owner, company=company).role == "admin"
        assert OutboxMail.objects.get().event == "join_invited"

    def test_every_refused_line_is_told_with_its_column_and_reason(
        self, admin: User, company: Company, other_admin: User, staff: User
    ) -> None:
        company.user_label = "Afdeling"
        company.save()
        other = person("elders@voorbeeld.example", company=other_admin.company)
        nen = person("nel@voorbeeld.example", is_staff=True)
        shut_out = person("weg@voorbeeld.example", is_blocked=True)
        license_for(company, name="Oud", ends_on=timezone.localdate() - timedelta(days=1))
        for name in ("Dubbel", "Dubbel"):
            license_for(company, name=name)
        lines = [
            line("a@voorbeeld.example"),
            line("A@voorbeeld.example"),
            line("a@evilvoorbeeld.example"),
            line("a@voorbeeld.example.evil.com"),
            line("a@vооrbeeld.example"),  # two Cyrillic o's
            line("a@b@voorbeeld.example"),
            line(other.email),
            line(nen.email),
            line(shut_out.email),
            line("c@voorbeeld.example", phone="bel maar"),
            line("d@voorbeeld.example", country="Atlantis"),
            line("e@voorbeeld.example", role="baas"),
            line("f@voorbeeld.example", licenses="Bestaat niet"),
            line("g@voorbeeld.example", licenses="Oud"),
            line("h@voorbeeld.example", licenses="Dubbel"),
            line("i@voorbeeld.example", "N" * 151),
            line("j@voorbeeld.example", "Jan\u202eJansen"),
            line("k@voorbeeld.example", ""),
            line("l@voorbeeld.example", is_blocked="misschien"),
            line("m@voorbeeld.example", phone="0" * 41),
            line(""),
            [*line("n@voorbeeld.example"), "Inkoop"],
        ]

        row = checked(*lines, by=admin, label=True)

        told = refusals(row)
        assert told[3] == ("email", "This address stands on line 2 too.")
        assert told[4][1].startswith("evilvoorbeeld.example is not an allowed domain. Allowed: voorbeeld.example")
        assert "voorbeeld.example.evil.com is not" in told[5][1]
        assert "xn--" in told[6][1]
        assert told[7][0] == "email"
        assert {told[8], told[9], told[10]} == {
            ("email", "This address cannot be added. NEN Klantenservice can help.")
        }
        columns = [told[number][0] for number in range(11, 24)]
        assert columns == [
            "phone",
            "country",
            "role",
            "licenses",
            "licenses",
            "licenses",
            "name",
            "name",
            "name",
            "is_blocked",
            "phone",
            "email",
            "label",
        ]
        assert told[23][1].startswith("“Inkoop” is no value of “Afdeling”. Add it to the list first")
        assert outcomes(row).count("new") == 1

    def test_seats_are_counted_along_the_lines(self, admin: User, company: Company, colleague: User) -> None:
        license = license_for(company, name="Bouw", seats=2)
        granted(license, colleague)
        lines = [line(f"{name}@voorbeeld.example", licenses="Bouw") for name in "abc"]

        row = loaded(*lines, by=admin)

        assert outcomes(row) == ["new", "refused", "refused"]
        assert refusals(row)[3][0] == "licenses"
        assert Grant.objects.filter(license=license).count() == 2
        assert not User.objects.filter(email="b@voorbeeld.example").exists()

    def test_a_company_wide_licence_is_everybodys_already(self, admin: User, company: Company) -> None:
        license_for(company, name="Alles", is_company_wide=True)

        loaded(line("a@voorbeeld.example", licenses="Alles"), by=admin)

        assert not Grant.objects.exists()

    @pytest.mark.parametrize("name", ["A; B", "A|B", "C"])
    def test_a_licence_may_be_called_anything(self, name: str, admin: User, company: Company) -> None:
        license_for(company, name=name)

        row = loaded(line("a@voorbeeld.example", licenses=name), by=admin)

        assert (outcomes(row), Grant.objects.count()) == (["new"], 1)

    @pytest.mark.parametrize(("column", "cell"), [("role", "gebruiker"), ("is_blocked", "ja")])
    def test_the_last_active_admin_stays(self, column: str, cell: str, company: Company) -> None:
        one, two = (admin_of(company, language="en") for _number in range(2))
        third = admin_of(company)

        row = loaded(*(line(who.email, who.name, **{column: cell}) for who in (third, two, one)), by=one)

        assert outcomes(row) == ["changed", "changed", "refused"]
        assert "You are the only active admin" in refusals(row)[4][1]
        assert list(User.objects.active_admins_of(company)) == [one]

    def test_whoever_imports_stays_an_admin(self, admin: User, company: Company) -> None:
        admin_of(company)

        row = checked(line(admin.email, admin.name, role="gebruiker"), by=admin)

        assert refusals(row)[2][1].startswith("This is you.")

    def test_with_refused_lines_the_good_ones_are_loaded_only_when_asked(self, admin: User) -> None:
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
    def test_what_is_no_such_table_is_refused_whole(self, content: bytes, admin: User) -> None:
        assert admin.company
        row = start_import(admin.company, table=ContentFile(content, name="x.csv"), by=admin)
        run_imports()

        row.refresh_from_db()
        assert (row.state, bool(row.reason), bool(row.table)) == (State.FAILED, True, False)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    @pytest.mark.parametrize("separator", [";", ","])
    def test_as_excel_and_others_write_it(self, encoding: str, separator: str, admin: User) -> None:
        assert admin.company
        text = f"Gebruikersnaam*{separator}Naam*\r\na@voorbeeld.example{separator}José Müller\r\n"
        row = start_import(admin.company, table=ContentFile(text.encode(encoding), name="x.csv"), by=admin)
        run_imports()
        load(row, only_good=False, by=admin)
        run_imports()

        assert User.objects.get(email="a@voorbeeld.example").name == "José Müller"

    def test_excel(self, admin: User) -> None:
        assert admin.company
        rows = [["User name", "Name", "Phone number"], ["a@voorbeeld.example", "=1+1", "0612"]]
        row = start_import(admin.company, table=ContentFile(excel_file(rows).read(), name="x.xlsx"), by=admin)
        run_imports()
        load(row, only_good=False, by=admin)
        run_imports()

        one = User.objects.get(email="a@voorbeeld.example")
        assert (one.name, one.phone) == ("=1+1", "0612")

    def test_too_many_lines_are_refused_whole(self, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(batches, "MAX_LINES", 3)

        row = checked(*(line(f"p{number}@voorbeeld.example") for number in range(4)), by=admin)

        assert (row.state, row.reason[:31]) == (State.FAILED, "This table has more than 3 line")

    def test_the_table_is_gone_once_it_is_loaded(self, admin: User, tmp_path: Any) -> None:
        row = loaded(line("a@voorbeeld.example"), by=admin)

        assert not row.table
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


class TestBetweenLookingAndLoading:
    def test_a_person_who_was_deleted_is_not_added_unseen(self, admin: User, colleague: User) -> None:
        row = checked(line(colleague.email, "Coen Anders"), by=admin)
        colleague.delete()
        load(row, only_good=False, by=admin)
        run_imports()

        assert refusals(row)[2][1].startswith("Somebody changed this meanwhile.")
        assert not User.objects.filter(email="collega@voorbeeld.example").exists()

    def test_a_change_that_was_not_shown_is_not_made(self, admin: User, colleague: User) -> None:
        row = checked(line(colleague.email, "Coen Anders", country="nl"), by=admin)
        details.change_details(colleague, by=admin, country="BE")
        load(row, only_good=False, by=admin)
        run_imports()

        colleague.refresh_from_db()
        assert (outcomes(row), str(colleague.country), colleague.name) == (["refused"], "BE", "Coen Collega")

    def test_a_domain_that_was_removed_lets_nobody_in(self, admin: User, company: Company) -> None:
        row = checked(line("a@voorbeeld.example"), by=admin)
        remove_domain(company.domains.get(), by=admin)
        load(row, only_good=False, by=admin)
        run_imports()

        assert "is not an allowed domain" in refusals(row)[2][1]

    def test_what_was_done_meanwhile_is_unchanged(self, admin: User) -> None:
        first, second = (checked(line("a@voorbeeld.example"), by=admin) for _number in range(2))
        for row in (first, second):
            load(row, only_good=False, by=admin)
        run_imports()

        assert (outcomes(first), outcomes(second)) == (["new"], ["unchanged"])
        assert OutboxMail.objects.count() == 1

    def test_a_seat_that_was_taken_refuses_the_line(self, admin: User, company: Company, colleague: User) -> None:
        license = license_for(company, name="Bouw", seats=1)
        row = checked(line("a@voorbeeld.example", licenses="Bouw"), by=admin)
        granted(license, colleague)
        load(row, only_good=False, by=admin)
        run_imports()

        assert refusals(row)[2][0] == "licenses"
        assert User.objects.filter(email="a@voorbeeld.example").count() == 0

    @pytest.mark.parametrize("what", ["block", "change_role"])
    def test_whoever_is_no_admin_any_more_imports_nothing(self, what: str, admin: User, company: Company) -> None:
        other = admin_of(company)
        row = checked(line("a@voorbeeld.example"), by=admin)
        load(row, only_good=False, by=admin)
        membership.block(admin, by=other) if what == "block" else membership.change_role(admin, "user", by=other)
        run_imports()

        row.refresh_from_db()
        assert (row.state, bool(row.reason), bool(row.table)) == (State.FAILED, True, False)
        assert not User.objects.filter(email="a@voorbeeld.example").exists()

    def test_an_import_is_loaded_once(self, admin: User) -> None:
        row = loaded(line("a@voorbeeld.example"), by=admin)

        with pytest.raises(RuleError):
            load(row, only_good=True, by=admin)

    def test_no_more_than_a_few_wait(self, admin: User, company: Company) -> None:
        for _number in range(people_import.MAX_WAITING):
            start_import(company, table=table(), by=admin)
        with pytest.raises(RuleError):
            start_import(company, table=table(), by=admin)


class TestWorker:
    def test_an_import_on_which_workers_die_again_and_again_is_given_up(self, admin: User) -> None:
        assert admin.company
        row = start_import(admin.company, table=table(line("a@voorbeeld.example")), by=admin)
        PeopleImport.objects.update(attempts=MAX_ATTEMPTS)

        run_imports()

        row.refresh_from_db()
        assert (row.state, row.reason[:23]) == (State.FAILED, "This table is too much ")

    def test_what_nobody_foresaw_fails_the_import(self, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        assert admin.company
        row = start_import(admin.company, table=table(line("a@voorbeeld.example")), by=admin)
        monkeypatch.setattr(batches, "BATCH", "no number")

        run_imports()

        row.refresh_from_db()
        assert (row.state, row.reason[:21]) == (State.FAILED, "Something went wrong ")

    def test_out_of_time_another_task_goes_on_where_it_stopped(
        self, admin: User, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "BATCH", 2)
        license_for(company, name="Bouw", seats=3)
        lines = [line(f"p{number}@voorbeeld.example", licenses="Bouw") for number in range(5)]
        row = start_import(company, table=table(*lines, line("p0@voorbeeld.example")), by=admin)
        for step in (2, 4, 6):
            run_imports(seconds=0)
            row.refresh_from_db()
            assert row.total == step
        run_imports()
        row.refresh_from_db()
        foreseen = ["new", "new", "new", "refused", "refused", "refused"]
        assert (row.state, outcomes(row)) == (State.READY, foreseen)
        assert refusals(row)[7][1] == "This address stands on line 2 too."

        load(row, only_good=True, by=admin)
        run_imports(seconds=0)
        assert User.objects.count() == 3
        run_imports()
        row.refresh_from_db()
        assert (row.state, outcomes(row), User.objects.count()) == (State.DONE, foreseen, 4)

    def test_mails_follow_each_other_across_batches(
        self, admin: User, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "BATCH", 40)
        loaded(*(line(f"p{number}@voorbeeld.example") for number in range(120)), by=admin)

        due = list(OutboxMail.objects.order_by("due_at").values_list("due_at", flat=True))
        assert len(due) == 120
        assert timedelta(seconds=5) <= due[-1] - due[0] <= timedelta(seconds=6)

    def test_what_another_worker_holds_is_left_alone(self, admin: User, company: Company) -> None:
        row = start_import(company, table=table(line("a@voorbeeld.example")), by=admin)
        PeopleImport.objects.update(touched_at=timezone.now() - timedelta(minutes=4))
        run_imports()
        row.refresh_from_db()
        assert row.state == State.CHECKING

        PeopleImport.objects.update(touched_at=timezone.now() - timedelta(minutes=6))
        run_imports()
        row.refresh_from_db()
        assert row.state == State.READY

    def test_what_is_old_is_forgotten(self, admin: User, company: Company, tmp_path: Any) -> None:
        checked(line("a@voorbeeld.example"), by=admin)
        loaded(line("b@voorbeeld.example"), by=admin)
        PeopleImport.objects.update(created_at=timezone.now() - timedelta(days=8))
        people_import.forget_imports()
        assert [row.state for row in PeopleImport.objects.all()] == [State.DONE]

        PeopleImport.objects.update(created_at=timezone.now() - timedelta(days=31))
        people_import.forget_imports()
        assert not PeopleImport.objects.exists()
        assert not PeopleImportLine.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_ten_workers_one_takes_it(self, admin: User, company: Company) -> None:
        row = start_import(company, table=table(line("a@voorbeeld.example")), by=admin)
        at_once([run_imports] * 10)

        row.refresh_from_db()
        assert (row.state, outcomes(row)) == (State.READY, ["new"])

    def test_two_imports_of_the_same_people_add_each_once(self, admin: User, company: Company) -> None:
        lines = [line(f"p{number}@voorbeeld.example") for number in range(300)]
        rows = [checked(*lines, by=admin) for _number in range(2)]
        for row in rows:
            load(row, only_good=False, by=admin)
        at_once([run_imports] * 2)

        assert User.objects.count() == 301
        assert OutboxMail.objects.count() == 300
        assert AuditEntry.objects.filter(verb="user_added").count() == 300

    def test_two_companies_with_one_domain_share_the_people_out(
        self, admin: User, other_admin: User, company: Company
    ) -> None:
        assert other_admin.company
        other_admin.company.domains.create(name="voorbeeld.example")
        lines = [line(f"p{number}@voorbeeld.example") for number in range(300)]
        first = checked(*lines, by=admin)
        second = checked(*reversed(lines), by=other_admin)
        load(first, only_good=False, by=admin)
        load(second, only_good=False, by=other_admin)
        at_once([run_imports] * 2)

        assert User.objects.count() == 302
        assert sorted(outcomes(first) + outcomes(second)) == ["new"] * 300 + ["refused"] * 300


def test_a_worker_that_is_killed_halfway_is_followed_by_another(
    celery_worker: Any, settings: Any, company: Company, admin: User
) -> None:
    """A real worker, killed −9 while it loads; the next one goes on, and each colleague is there once."""
    settings.MEDIA_ROOT = os.environ["DOCUMENTS_DIR"]
    row = start_import(company, table=table(*(line(f"p{n}@voorbeeld.example") for n in range(3000))), by=admin)
    wait_for(row, lambda: row.state == State.READY)
    load(row, only_good=False, by=admin)
    wait_for(row, lambda: row.done > 0)
    celery_worker.kill()
    row.refresh_from_db()
    assert row.state == State.LOADING

    PeopleImport.objects.update(touched_at=timezone.now() - timedelta(minutes=6))  # its lease has ended
    celery_worker.start()
    ask_worker(people_import.TASK)

    wait_for(row, lambda: row.state == State.DONE)
    assert User.objects.count() == 3001
    assert AuditEntry.objects.filter(verb="user_added").count() == 3000
    assert OutboxMail.objects.filter(event="registration_invited").count() == 3000


def wait_for(row: PeopleImport, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, (row.state, row.done)
        time.sleep(0.05)
        row.refresh_from_db()
