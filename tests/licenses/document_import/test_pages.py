"""Test the pages of the import, and a ZIP with the PDFs (C41)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from licenses.actions.document_import import run_imports, start_import
from licenses.models import Document, DocumentImport
from tests.licenses.document_import.tables import PDF, checked, counts, line, loaded, pdfs, reasons, table

SignIn = Callable[[User], Client]
State = DocumentImport.State


@pytest.fixture
def as_staff(staff: User, sign_in: SignIn) -> Client:
    return sign_in(staff)


def zipped(*parts: tuple[str, bytes], form: int = zipfile.ZIP_DEFLATED) -> bytearray:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", form) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return bytearray(file.getvalue())


class TestZip:
    def test_a_zip_with_two_files_of_the_same_name_is_refused(self, staff: User) -> None:
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

    def test_a_zip_of_an_unsupported_version_gives_an_error_beside_its_field(self, as_staff: Client) -> None:
        content = zipped(("a.pdf", PDF))
        content[content.find(b"PK\x01\x02") + 6] = 99
        upload = {
            "table": SimpleUploadedFile("tabel.csv", table(line("NEN 1")).read()),
            "archive": SimpleUploadedFile("pdfs.zip", bytes(content)),
        }

        answer = as_staff.post(reverse("admin:licenses_documentimport_add"), upload)

        assert "The file with the PDFs is not a zip file." in answer.content.decode()


class TestDocumentImportPages:
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

    def test_the_example_table_can_be_loaded(self, as_staff: Client, staff: User) -> None:
        answer = as_staff.get(reverse("admin:licenses_documentimport_example"))
        example = ContentFile(b"".join(answer), name="documenten.xlsx")

        row = start_import(table=example, archive=pdfs(**{"nen-en-iso-9001-2015": PDF}), only_good=False, by=staff)
        run_imports()

        row.refresh_from_db()
        assert (row.state, counts(row)) == (State.READY, (1, 0, 0, 0))

    def test_a_file_that_is_not_a_zip_gives_an_error_beside_its_field(self, as_staff: Client) -> None:
        upload = {
            "table": SimpleUploadedFile("tabel.csv", table(line("NEN 1")).read()),
            "archive": SimpleUploadedFile("pdfs.zip", b"no zip at all"),
        }

        answer = as_staff.post(reverse("admin:licenses_documentimport_add"), upload)

        assert "The file with the PDFs is not a zip file." in answer.content.decode()
        assert not DocumentImport.objects.exists()

    def test_loading_too_early_says_so(self, as_staff: Client, staff: User) -> None:
        row = start_import(table=table(line("NEN 1")), archive=None, only_good=False, by=staff)

        answer = as_staff.post(reverse("admin:licenses_documentimport_load", args=[row.pk]), follow=True)

        assert "You cannot load this import now." in answer.content.decode()
