"""Test the worker that loads colleagues, however often it dies (C41)."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from members.actions import people_import
from members.actions.people_import import batches, load, run_imports, start_import
from members.models import PeopleImport, PeopleImportLine
from nenconnect.audit.models import AuditEntry
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.jobs.work import MAX_ATTEMPTS
from nenconnect.mail.models import OutboxMail
from tests.at_once import run_at_once
from tests.factories import make_license
from tests.members.people_import.tables import checked, line, loaded, outcomes, refusals, table, wait_for

State = PeopleImport.State


class TestPeopleWorker:
    def test_an_import_fails_after_the_maximum_number_of_attempts(self, admin: User) -> None:
        assert admin.company
        row = start_import(admin.company, table=table(line("a@voorbeeld.example")), by=admin)
        PeopleImport.objects.update(attempts=MAX_ATTEMPTS)

        run_imports()

        row.refresh_from_db()
        assert (row.state, row.reason[:23]) == (State.FAILED, "This table is too much ")

    def test_an_unexpected_error_makes_the_import_fail(self, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        assert admin.company
        row = start_import(admin.company, table=table(line("a@voorbeeld.example")), by=admin)
        monkeypatch.setattr(batches, "BATCH", "no number")

        run_imports()

        row.refresh_from_db()
        assert (row.state, row.reason[:21]) == (State.FAILED, "Something went wrong ")

    def test_an_import_that_runs_out_of_time_continues_in_the_next_task(
        self, admin: User, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "BATCH", 2)
        make_license(company, name="Bouw", seats=3)
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
        assert refusals(row)[7][1] == "This address is also on line 2."

        load(row, only_good=True, by=admin)
        run_imports(seconds=0)
        assert User.objects.count() == 3
        run_imports()
        row.refresh_from_db()
        assert (row.state, outcomes(row), User.objects.count()) == (State.DONE, foreseen, 4)

    def test_registration_mails_of_an_import_are_spread_over_time(
        self, admin: User, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "BATCH", 40)
        loaded(*(line(f"p{number}@voorbeeld.example") for number in range(120)), by=admin)

        due = list(OutboxMail.objects.order_by("due_at").values_list("due_at", flat=True))
        assert len(due) == 120
        assert timedelta(seconds=5) <= due[-1] - due[0] <= timedelta(seconds=6)

    def test_a_worker_skips_an_import_that_another_worker_handles(self, admin: User, company: Company) -> None:
        row = start_import(company, table=table(line("a@voorbeeld.example")), by=admin)
        PeopleImport.objects.update(touched_at=timezone.now() - timedelta(minutes=4))
        run_imports()
        row.refresh_from_db()
        assert row.state == State.CHECKING

        PeopleImport.objects.update(touched_at=timezone.now() - timedelta(minutes=6))
        run_imports()
        row.refresh_from_db()
        assert row.state == State.READY

    def test_old_imports_are_deleted(self, admin: User, company: Company, tmp_path: Any) -> None:
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
class TestImportsAtOnce:
    def test_ten_workers_at_once_check_an_import_only_once(self, admin: User, company: Company) -> None:
        row = start_import(company, table=table(line("a@voorbeeld.example")), by=admin)
        run_at_once([run_imports] * 10)

        row.refresh_from_db()
        assert (row.state, outcomes(row)) == (State.READY, ["new"])

    def test_two_simultaneous_imports_of_the_same_people_add_each_person_once(
        self, admin: User, company: Company
    ) -> None:
        lines = [line(f"p{number}@voorbeeld.example") for number in range(300)]
        rows = [checked(*lines, by=admin) for _number in range(2)]
        for row in rows:
            load(row, only_good=False, by=admin)
        run_at_once([run_imports] * 2)

        assert User.objects.count() == 301
        assert OutboxMail.objects.count() == 300
        assert AuditEntry.objects.filter(verb="user_added").count() == 300

    def test_simultaneous_imports_by_two_companies_add_each_person_to_a_single_company(
        self, admin: User, other_admin: User, company: Company
    ) -> None:
        assert other_admin.company
        other_admin.company.domains.create(name="voorbeeld.example")
        lines = [line(f"p{number}@voorbeeld.example") for number in range(300)]
        first = checked(*lines, by=admin)
        second = checked(*reversed(lines), by=other_admin)
        load(first, only_good=False, by=admin)
        load(second, only_good=False, by=other_admin)
        run_at_once([run_imports] * 2)

        assert User.objects.count() == 302
        assert sorted(outcomes(first) + outcomes(second)) == ["new"] * 300 + ["refused"] * 300


def test_another_worker_finishes_the_import_of_a_killed_worker(
    celery_worker: Any, settings: Any, company: Company, admin: User
) -> None:
    # A real worker, killed −9 while it loads; the next one goes on, and each colleague is there once.
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
    wake_worker(people_import.TASK)

    wait_for(row, lambda: row.state == State.DONE)
    assert User.objects.count() == 3001
    assert AuditEntry.objects.filter(verb="user_added").count() == 3000
    assert OutboxMail.objects.filter(event="registration_invited").count() == 3000
