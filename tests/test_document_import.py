"""NEN loads documents: one by one, and many at once by a table with their PDFs (C41)."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from licenses.actions import document_import
from licenses.actions.document_import import run_imports, start_import
from licenses.actions.document_table import COLUMNS
from licenses.models import Document, DocumentImport
from nenconnect.audit.models import AuditEntry
from nenconnect.jobs.wake_worker import ask_worker
from nenconnect.jobs.work import MAX_ATTEMPTS
from nenconnect.rules.errors import RuleError
from tests.at_once import at_once
from tests.factories import document, person

SignIn = Callable[[User], Client]
State = DocumentImport.State

PDF = b"%PDF-1.7 a standard %%EOF"
HEADINGS = [column.headings[0] for column in COLUMNS]


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def staff(db: None) -> User:
    return person("nen@nen.example", is_staff=True, is_superuser=True, language="en")


@pytest.fixture
def as_staff(staff: User, sign_in: SignIn) -> Client:
    return sign_in(staff)


def line(number: str, **cells: str) -> str:
    values = {"number": number, "title_nl": f"Titel {number}", "kind": "NEN", "published_on": "2024-03-14"} | cells
    return ";".join(values.get(column.name, "") for column in COLUMNS)


def table(*lines: str) -> ContentFile:
    return ContentFile("\n".join([";".join(HEADINGS), *lines]).encode(), name="tabel.csv")


def pdfs(**contents: bytes) -> ContentFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(f"map/{name}.pdf", content)
    return ContentFile(file.getvalue(), name="pdfs.zip")


def checked(*lines: str, by: User, archive: ContentFile | None = None, only_good: bool = False) -> DocumentImport:
    row = start_import(table=table(*lines), archive=archive, only_good=only_good, by=by)
    run_imports()
    row.refresh_from_db()
    return row


def loaded(*lines: str, by: User, **options: Any) -> DocumentImport:
    row = checked(*lines, by=by, **options)
    document_import.load(row, by=by)
    run_imports()
    row.refresh_from_db()
    return row


def counts(row: DocumentImport) -> tuple[int, int, int, int]:
    return row.new, row.changed, row.unchanged, len(row.problems)


def reasons(row: DocumentImport) -> list[tuple[int, str, str]]:
    return [(problem["line"], problem["column"], problem["reason"]) for problem in row.problems]


class TestTable:
    def test_nothing_is_loaded_before_staff_have_seen_what_will_happen(self, staff: User) -> None:
        row = checked(line("NEN 1"), line("NEN 2"), by=staff)

        assert (row.state, counts(row)) == (State.READY, (2, 0, 0, 0))
        assert not Document.objects.exists()

    def test_a_line_becomes_a_document_with_everything_on_it(self, staff: User) -> None:
        cells = {
            "title_en": "Title",
            "kind": "nen-en-iso",
            "published_on": "14-03-2024",
            "status": "Ingetrokken",
            "plus_countries": "be, nl",
            "file": "EEN.PDF",
        }
        row = loaded(line("NEN-EN-ISO  9001:2015", **cells), by=staff, archive=pdfs(een=PDF))

        one = Document.objects.get()
        assert (row.state, row.done) == (State.DONE, 1)
        assert (one.number, one.title_en, one.kind) == ("NEN-EN-ISO 9001:2015", "Title", "NEN-EN-ISO")
        assert (one.published_on, one.status) == (date(2024, 3, 14), "withdrawn")
        assert (one.is_free, one.is_plus, one.plus_countries) == (False, True, ["BE", "NL"])
        assert one.file.read() == PDF

    def test_a_second_time_changes_nothing(self, staff: User) -> None:
        lines = [line("NEN 1", file="een.pdf"), line("NEN 2", replaced_by="NEN 1", status="vervangen")]
        loaded(*lines, by=staff, archive=pdfs(een=PDF))
        names = list(Document.objects.values_list("file", flat=True))
        told = AuditEntry.objects.filter(verb__in=["document_added", "document_changed"]).count()

        row = loaded(*lines, by=staff, archive=pdfs(een=PDF))

        assert counts(row) == (0, 0, 2, 0)
        assert list(Document.objects.values_list("file", flat=True)) == names
        assert AuditEntry.objects.filter(verb__in=["document_added", "document_changed"]).count() == told

    def test_what_differs_is_changed(self, staff: User) -> None:
        document("NEN 1", title_nl="Oud", is_free=True)

        row = loaded(line("NEN 1", is_free="nee", file="een.pdf"), by=staff, archive=pdfs(een=PDF))

        one = Document.objects.get()
        assert counts(row) == (0, 1, 0, 0)
        assert (one.title_nl, one.is_free, one.file.read()) == ("Titel NEN 1", False, PDF)

    def test_a_document_may_be_replaced_by_one_further_down(self, staff: User) -> None:
        loaded(line("NEN 1", replaced_by="NEN 2"), line("NEN 2"), by=staff)

        assert str(Document.objects.get(number="NEN 1").replaced_by) == "NEN 2"

    def test_a_document_keeps_its_file_when_the_table_names_none(self, staff: User) -> None:
        loaded(line("NEN 1", file="een.pdf"), by=staff, archive=pdfs(een=PDF))
        loaded(line("NEN 1", title_en="New"), by=staff)

        assert Document.objects.get().file.read() == PDF

    def test_every_refused_line_is_told_with_its_column_and_reason(self, staff: User, settings: Any) -> None:
        staff.language = "en"
        staff.save()
        archive = pdfs(geen=b"<html>", half=b"%PDF-1.7 cut off")
        row = checked(
            line("NEN 1"),
            line("NEN 1"),
            line("", title_nl="Zonder nummer"),
            line("NEN 3", kind="DIN"),
            line("NEN 4", published_on="gisteren"),
            line("NEN 5", status="misschien"),
            line("NEN 6", is_free="soms"),
            line("NEN 7", plus_countries="NL, XX"),
            line("NEN 8", file="bestaat-niet.pdf"),
            line("NEN 9", file="geen.pdf"),
            line("NEN 10", file="half.pdf"),
            line("NEN 11", replaced_by="NEN 99"),
            line("NEN 12", title_nl=""),
            line("N" * 61),
            by=staff,
            archive=archive,
        )

        told = {number: (column, reason) for number, column, reason in reasons(row)}
        assert told[3] == ("Nummer", "This number stands on line 2 too.")
        assert told[4] == ("Nummer", "This field cannot be blank.")
        assert told[5][0] == "Soort"
        assert told[6] == ("Publicatiedatum", "Write the date as 2026-03-14 or 14-03-2026.")
        assert told[7] == ("Status", "Use “geldig”, “vervangen” or “ingetrokken”.")
        assert told[8] == ("Gratis", "Use “ja” or “nee”.")
        assert told[9] == ("Plus-landen", "“XX” is no code of a country, such as NL or BE.")
        assert told[10] == ("Bestand", "“bestaat-niet.pdf” is not in the zip.")
        assert told[11] == told[12] == ("Bestand", "This file is no PDF. Choose the PDF of the document.")
        assert told[13] == ("Vervangen door", "There is no document “NEN 99”.")
        assert told[14] == ("Titel (Nederlands)", "This field cannot be blank.")
        assert told[15][0] == "Nummer"
        assert (counts(row)[0], len(told)) == (1, 13)

    def test_with_refused_lines_only_the_good_ones_are_loaded_and_only_when_asked(self, staff: User) -> None:
        bad = [line("NEN 1"), line("NEN 2", kind="DIN")]
        with pytest.raises(RuleError):
            loaded(*bad, by=staff)
        assert not Document.objects.exists()

        row = loaded(*bad, by=staff, only_good=True)

        assert (row.state, [one.number for one in Document.objects.all()]) == (State.DONE, ["NEN 1"])

    @pytest.mark.parametrize(
        "content", [b"", b"nummer;schoenmaat\n1;2", b"\x89PNG\r\n\x00\x00", b"PK\x03\x04 no zip", b"\xff\xfe\x00"]
    )
    def test_what_is_no_such_table_is_refused_whole(self, content: bytes, staff: User) -> None:
        row = start_import(table=ContentFile(content, name="x.csv"), archive=None, only_good=True, by=staff)
        run_imports()

        row.refresh_from_db()
        assert row.state == State.FAILED
        assert [bool(reason) for _line, _column, reason in reasons(row)] == [True]

    def test_a_table_of_too_many_lines_is_refused_whole(
        self, staff: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(document_import, "MAX_LINES", 3)

        row = checked(*(line(f"NEN {number}") for number in range(4)), by=staff)

        assert (row.state, reasons(row)[0][2][:31]) == (State.FAILED, "This table has more than 3 line")

    def test_an_import_is_loaded_once(self, staff: User) -> None:
        row = loaded(line("NEN 1"), by=staff)

        with pytest.raises(RuleError):
            document_import.load(row, by=staff)


class TestWhatIsLeftAlone:
    def test_a_column_that_the_table_has_not_leaves_documents_as_they_are(self, staff: User) -> None:
        other = document("NEN 5", plus_countries=["NL"], status="withdrawn", title_en="Five")
        document("NEN 6", is_free=True, replaced_by=other, status="replaced")
        content = "Nummer;Titel;Soort;Publicatiedatum\n" + "".join(
            f"NEN {number};Nieuw;NEN;2024-03-14\n" for number in (5, 6, 7)
        )
        row = start_import(
            table=ContentFile(content.encode(), name="x.csv"), archive=None, only_good=False, by=staff
        )
        run_imports()
        document_import.load(row, by=staff)
        run_imports()

        five, six, seven = Document.objects.order_by("number")
        assert (five.title_nl, five.title_en, five.status) == ("Nieuw", "Five", "withdrawn")
        assert (five.is_plus, five.plus_countries) == (True, ["NL"])
        assert (six.is_free, six.status, six.replaced_by) == (True, "replaced", other)
        assert (seven.is_free, seven.status, seven.plus_countries) == (False, "current", [])

    def test_a_document_that_replaces_itself_is_refused_and_the_rest_is_loaded(self, staff: User) -> None:
        row = loaded(line("NEN 1"), line("NEN 2", replaced_by="NEN 2"), by=staff, only_good=True)

        assert (row.state, counts(row), reasons(row)[0][:2]) == (State.DONE, (1, 0, 0, 1), (3, "Vervangen door"))

    def test_a_number_written_in_another_way_is_no_new_document(self, staff: User) -> None:
        document("NEN-EN 1:2020")

        row = checked(line("nen-en 1:2020"), line("NEN EN 1:2020"), line("NEN 2"), line("nen-2"), by=staff)

        assert counts(row) == (1, 0, 0, 3)
        assert "“NEN-EN 1:2020”" in reasons(row)[0][2]

    def test_a_refused_line_is_never_loaded_however_many_there_are(
        self, staff: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(document_import, "MAX_PROBLEMS", 2)
        bad = [line(f"NEN 9{number}", kind="X") for number in range(3)]

        row = loaded(*bad, line("NEN 1"), line("NEN 1", title_nl="Tweede"), by=staff, only_good=True)

        assert (row.state, len(row.problems), row.refused_lines) == (State.DONE, 2, {2, 3, 4, 6})
        assert [one.title_nl for one in Document.objects.all()] == ["Titel NEN 1"]


def zipped(*parts: tuple[str, bytes], form: int = zipfile.ZIP_DEFLATED) -> bytearray:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", form) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return bytearray(file.getvalue())


class TestZip:
    def test_two_files_of_one_name_are_refused(self, staff: User) -> None:
        archive = ContentFile(bytes(zipped(("2015/a.pdf", PDF), ("2020/a.pdf", PDF + b" %%EOF"))), name="p.zip")

        row = checked(line("NEN 1", file="a.pdf"), by=staff, archive=archive)

        assert (counts(row), reasons(row)[0][1]) == ((0, 0, 0, 1), "Bestand")

    @pytest.mark.parametrize("name", ["..", "...pdf", "x." + "e" * 140])
    def test_a_file_gets_a_name_of_our_own(self, name: str, staff: User) -> None:
        archive = ContentFile(bytes(zipped((name, PDF))), name="p.zip")

        row = loaded(line("NEN-EN 1:2020", file=name), by=staff, archive=archive)

        stored = Document.objects.get().file
        assert (row.state, stored.read()) == (State.DONE, PDF)
        assert (stored.name or "").rpartition("/")[2] == "nen-en-1-2020.pdf"

    @pytest.mark.parametrize("form", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
    def test_a_damaged_file_refuses_its_line_alone(self, form: int, staff: User) -> None:
        content = zipped(("a.pdf", PDF + bytes(range(256)) * 20 + PDF), form=form)
        begin = content.find(b"a.pdf") + 13
        content[begin : begin + 60] = b"\xff" * 60

        row = checked(
            line("NEN 1", file="a.pdf"),
            line("NEN 2"),
            by=staff,
            archive=ContentFile(bytes(content), name="p.zip"),
        )

        assert (row.state, counts(row), reasons(row)[0][0]) == (State.READY, (1, 0, 0, 1), 2)

    def test_a_zip_of_a_later_kind_is_told_beside_its_field(self, as_staff: Client) -> None:
        content = zipped(("a.pdf", PDF))
        content[content.find(b"PK\x01\x02") + 6] = 99
        upload = {
            "table": SimpleUploadedFile("tabel.csv", table(line("NEN 1")).read()),
            "archive": SimpleUploadedFile("pdfs.zip", bytes(content)),
        }

        answer = as_staff.post(reverse("admin:licenses_documentimport_add"), upload)

        assert "The file with the PDFs is no zip." in answer.content.decode()


class TestWorker:
    def test_a_table_that_is_lost_fails_the_import(self, staff: User) -> None:
        row = start_import(table=table(line("NEN 1")), archive=None, only_good=True, by=staff)
        row.table.storage.delete(row.table.name or "")

        run_imports()

        row.refresh_from_db()
        assert (row.state, reasons(row)[0][2]) == (State.FAILED, "The file is no longer there. Upload it again.")

    def test_what_nobody_foresaw_fails_the_import(self, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
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

    def test_out_of_time_another_task_goes_on_where_it_stopped(
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

    def test_what_another_worker_holds_is_left_alone(self, staff: User) -> None:
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
def test_of_ten_workers_at_once_one_takes_it() -> None:
    staff = person(is_staff=True)
    row = start_import(table=table(line("NEN 1")), archive=None, only_good=True, by=staff)
    at_once([run_imports] * 10)

    row.refresh_from_db()
    assert (row.state, counts(row)) == (State.READY, (1, 0, 0, 0))


class TestPages:
    def test_staff_upload_look_and_load(self, as_staff: Client, staff: User) -> None:
        upload = {
            "table": SimpleUploadedFile("tabel.csv", table(line("NEN 1"), line("NEN 2", kind="DIN")).read()),
            "only_good": "on",
        }
        answer = as_staff.post(reverse("admin:licenses_documentimport_add"), upload)
        page = answer["Location"]
        assert answer.status_code == 302

        waiting = as_staff.get(page)
        assert "being checked" in waiting.content.decode()
        assert waiting["Refresh"] == "2"

        run_imports()
        ready = as_staff.get(page)
        assert "Load the good lines" in ready.content.decode()
        assert "Refresh" not in ready.headers
        assert "Soort" in ready.content.decode()

        row = DocumentImport.objects.get()
        as_staff.post(reverse("admin:licenses_documentimport_load", args=[row.pk]))
        assert "<progress" in as_staff.get(page).content.decode()
        run_imports()
        assert "The documents are loaded." in as_staff.get(page).content.decode()
        assert Document.objects.get().number == "NEN 1"

    def test_the_report_has_every_refused_line(self, as_staff: Client, staff: User) -> None:
        row = checked(line("NEN 1", kind="=1+1"), by=staff)

        answer = as_staff.get(reverse("admin:licenses_documentimport_report", args=[row.pk]))

        assert b"".join(answer).decode("utf-8-sig").startswith("Line;Column;Reason\r\n2;Soort;")

    def test_the_example_table_is_one_that_loads(self, as_staff: Client, staff: User) -> None:
        answer = as_staff.get(reverse("admin:licenses_documentimport_example"))
        example = ContentFile(b"".join(answer), name="documenten.xlsx")

        row = start_import(table=example, archive=pdfs(**{"nen-en-iso-9001-2015": PDF}), only_good=False, by=staff)
        run_imports()

        row.refresh_from_db()
        assert (row.state, counts(row)) == (State.READY, (1, 0, 0, 0))

    def test_a_file_that_is_no_zip_is_told_beside_its_field(self, as_staff: Client) -> None:
        upload = {
            "table": SimpleUploadedFile("tabel.csv", table(line("NEN 1")).read()),
            "archive": SimpleUploadedFile("pdfs.zip", b"no zip at all"),
        }

        answer = as_staff.post(reverse("admin:licenses_documentimport_add"), upload)

        assert "The file with the PDFs is no zip." in answer.content.decode()
        assert not DocumentImport.objects.exists()

    def test_loading_too_early_says_so(self, as_staff: Client, staff: User) -> None:
        row = start_import(table=table(line("NEN 1")), archive=None, only_good=False, by=staff)

        answer = as_staff.post(reverse("admin:licenses_documentimport_load", args=[row.pk]), follow=True)

        assert "This import is not waiting to be loaded." in answer.content.decode()


def test_a_worker_that_is_killed_halfway_is_followed_by_another(
    celery_worker: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A real worker, killed −9 while it loads; the next one goes on, and each document is there once."""
    settings.MEDIA_ROOT = os.environ["DOCUMENTS_DIR"]
    staff = person(is_staff=True)
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
    ask_worker(document_import.TASK)

    wait_for(row, lambda: row.state == State.DONE)
    assert Document.objects.count() == 3000
    assert AuditEntry.objects.filter(verb="document_added").count() == 3000


def wait_for(row: DocumentImport, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < end, (row.state, row.done)
        time.sleep(0.05)
        row.refresh_from_db()
