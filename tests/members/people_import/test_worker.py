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
class TestImportsAtOnce:
    def test_of_ten_workers_one_takes_it(self, admin: User, company: Company) -> None:
        row = start_import(company, table=table(line("a@voorbeeld.example")), by=admin)
        run_at_once([run_imports] * 10)

        row.refresh_from_db()
        assert (row.state, outcomes(row)) == (State.READY, ["new"])

    def test_two_imports_of_the_same_people_add_each_once(self, admin: User, company: Company) -> None:
        lines = [line(f"p{number}@voorbeeld.example") for number in range(300)]
        rows = [checked(*lines, by=admin) for _number in range(2)]
        for row in rows:
            load(row, only_good=False, by=admin)
        run_at_once([run_imports] * 2)

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
        run_at_once([run_imports] * 2)

        assert User.objects.count() == 302
        assert sorted(outcomes(first) + outcomes(second)) == ["new"] * 300 + ["refused"] * 300


def test_a_worker_that_is_killed_halfway_is_followed_by_another(
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
