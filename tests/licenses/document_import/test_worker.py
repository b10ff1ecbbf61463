"""Test the worker that loads documents, however often it dies (C41)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from licenses.actions import document_import
from licenses.actions.document_import import run_imports, start_import
from licenses.models import Document, DocumentImport
from nenconnect.audit.models import AuditEntry
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.jobs.work import MAX_ATTEMPTS
from tests.at_once import run_at_once
from tests.factories import make_person
from tests.licenses.document_import.tables import counts, line, reasons, table

State = DocumentImport.State


class TestDocumentWorker:
    def test_a_table_that_is_lost_fails_the_import(self, staff: User) -> None:
        row = start_import(table=table(line("NEN 1")), archive=None, only_good=True, by=staff)
        row.table.storage.delete(row.table.name or "")

        run_imports()

        row.refresh_from_db()
        assert (row.state, reasons(row)[0][2]) == (State.FAILED, "The file is no longer there. Upload it again.")

    def test_an_unexpected_error_fails_the_import_with_a_message(
        self, staff: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = start_import(table=table(line("NEN 1")), archive=None, only_good=True, by=staff)
        monkeypatch.setattr(document_import, "BATCH", "no number")

        run_imports()

        row.refresh_from_db()
        assert (row.state, reasons(row)[0][2][:21]) == (State.FAILED, "Something went wrong ")

    def test_an_import_on_which_workers_die_again_and_again_is_given_up(self, staff: User) -> None:
        row = start_import(table=table(line("NEN 1")), archive=None, only_good=True, by=staff)
        DocumentImport.objects.update(attempts=MAX_ATTEMPTS)

        run_imports()

        row.refresh_from_db()
        assert (row.state, row.attempts) == (State.FAILED, 0)

    def test_another_task_continues_an_import_that_ran_out_of_time(
        self, staff: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(document_import, "BATCH", 2)
        lines = [line(f"NEN {number}") for number in range(5)] + [line("NEN 0")]
        row = start_import(table=table(*lines), archive=None, only_good=True, by=staff)
        for step in (2, 4, 6):
            run_imports(seconds=0)
            row.refresh_from_db()
            assert row.total == step
        run_imports()
        row.refresh_from_db()
        assert (row.state, counts(row)) == (State.READY, (5, 0, 0, 1))

        document_import.load(row, by=staff)
        run_imports(seconds=0)
        assert Document.objects.count() == 2
        run_imports()
        row.refresh_from_db()
        assert (row.state, Document.objects.count()) == (State.DONE, 5)

    def test_an_import_claimed_by_another_worker_is_left_alone(self, staff: User) -> None:
        row = start_import(table=table(line("NEN 1")), archive=None, only_good=True, by=staff)
        DocumentImport.objects.update(touched_at=timezone.now() - timedelta(minutes=4))
        run_imports()
        row.refresh_from_db()
        assert row.state == State.CHECKING

        DocumentImport.objects.update(touched_at=timezone.now() - timedelta(minutes=6))
        run_imports()
        row.refresh_from_db()
        assert row.state == State.READY


@pytest.mark.django_db(transaction=True)
def test_one_of_ten_workers_takes_an_import() -> None:
    staff = make_person(is_staff=True)
    row = start_import(table=table(line("NEN 1")), archive=None, only_good=True, by=staff)
    run_at_once([run_imports] * 10)

    row.refresh_from_db()
    assert (row.state, counts(row)) == (State.READY, (1, 0, 0, 0))


def test_a_worker_that_is_killed_halfway_is_followed_by_another(
    celery_worker: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    # A real worker, killed −9 while it loads; the next one goes on, and each document is there once.
    settings.MEDIA_ROOT = os.environ["DOCUMENTS_DIR"]
    staff = make_person(is_staff=True)
    lines = [line(f"NEN {number}") for number in range(3000)]
    row = start_import(table=table(*lines), archive=None, only_good=False, by=staff)
    wait_for(row, lambda: row.state == State.READY)
    document_import.load(row, by=staff)
    wait_for(row, lambda: row.done > 0)
    celery_worker.kill()
    row.refresh_from_db()
    assert row.state == State.LOADING

    DocumentImport.objects.update(touched_at=timezone.now() - timedelta(minutes=6))  # its lease has ended
    celery_worker.start()
    wake_worker(document_import.TASK)

    wait_for(row, lambda: row.state == State.DONE)
    assert Document.objects.count() == 3000
    assert AuditEntry.objects.filter(verb="document_added").count() == 3000


def wait_for(row: DocumentImport, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < end, (row.state, row.done)
        time.sleep(0.05)
        row.refresh_from_db()
