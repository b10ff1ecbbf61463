"""Test checking and loading a table of documents (C41)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile

from accounts.models import User
from licenses.actions import document_import
from licenses.actions.document_import import run_imports, start_import
from licenses.models import Document, DocumentImport
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.factories import make_document
from tests.licenses.document_import.tables import PDF, checked, counts, line, loaded, pdfs, reasons

State = DocumentImport.State


class TestDocumentTable:
    def test_a_document_table_is_not_loaded_before_staff_saw_its_preview(self, staff: User) -> None:
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

        document = Document.objects.get()
        assert (row.state, row.done) == (State.DONE, 1)
        assert (document.number, document.title_en, document.kind) == (
            "NEN-EN-ISO 9001:2015",
            "Title",
            "NEN-EN-ISO",
        )
        assert (document.published_on, document.status) == (date(2024, 3, 14), "withdrawn")
        assert (document.is_free, document.is_plus, document.plus_countries) == (False, True, ["BE", "NL"])
        assert document.file.read() == PDF

    def test_a_second_time_changes_nothing(self, staff: User) -> None:
        lines = [line("NEN 1", file="een.pdf"), line("NEN 2", replaced_by="NEN 1", status="vervangen")]
        loaded(*lines, by=staff, archive=pdfs(een=PDF))
        names = list(Document.objects.values_list("file", flat=True))
        results = AuditEntry.objects.filter(verb__in=["document_added", "document_changed"]).count()

        row = loaded(*lines, by=staff, archive=pdfs(een=PDF))

        assert counts(row) == (0, 0, 2, 0)
        assert list(Document.objects.values_list("file", flat=True)) == names
        assert AuditEntry.objects.filter(verb__in=["document_added", "document_changed"]).count() == results

    def test_what_differs_is_changed(self, staff: User) -> None:
        make_document("NEN 1", title_nl="Oud", is_free=True)

        row = loaded(line("NEN 1", is_free="nee", file="een.pdf"), by=staff, archive=pdfs(een=PDF))

        document = Document.objects.get()
        assert counts(row) == (0, 1, 0, 0)
        assert (document.title_nl, document.is_free, document.file.read()) == ("Titel NEN 1", False, PDF)

    def test_a_document_can_be_replaced_by_a_document_on_a_later_line(self, staff: User) -> None:
        loaded(line("NEN 1", replaced_by="NEN 2"), line("NEN 2"), by=staff)

        assert str(Document.objects.get(number="NEN 1").replaced_by) == "NEN 2"

    def test_a_document_keeps_its_file_when_the_table_names_none(self, staff: User) -> None:
        loaded(line("NEN 1", file="een.pdf"), by=staff, archive=pdfs(een=PDF))
        loaded(line("NEN 1", title_en="New"), by=staff)

        assert Document.objects.get().file.read() == PDF

    def test_every_refused_line_is_shown_with_its_column_and_reason(self, staff: User, settings: Any) -> None:
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

        results = {number: (column, reason) for number, column, reason in reasons(row)}
        assert results[3] == ("Nummer", "This number is also on line 2.")
        assert results[4] == ("Nummer", "This field cannot be blank.")
        assert results[5][0] == "Soort"
        assert results[6] == ("Publicatiedatum", "Write the date as 2026-03-14 or 14-03-2026.")
        assert results[7] == ("Status", "Use “geldig”, “vervangen” or “ingetrokken”.")
        assert results[8] == ("Gratis", "Use “ja” or “nee”.")
        assert results[9] == ("Plus-landen", "“XX” is not a country code. Use a code such as NL or BE.")
        assert results[10] == ("Bestand", "“bestaat-niet.pdf” is not in the zip.")
        assert results[11] == results[12] == ("Bestand", "This file is not a PDF. Choose the PDF of the document.")
        assert results[13] == ("Vervangen door", "There is no document “NEN 99”.")
        assert results[14] == ("Titel (Nederlands)", "This field cannot be blank.")
        assert results[15][0] == "Nummer"
        assert (counts(row)[0], len(results)) == (1, 13)

    def test_a_table_with_refused_lines_loads_its_good_lines_only_if_staff_choose_so(self, staff: User) -> None:
        bad = [line("NEN 1"), line("NEN 2", kind="DIN")]
        with pytest.raises(RuleError):
            loaded(*bad, by=staff)
        assert not Document.objects.exists()

        row = loaded(*bad, by=staff, only_good=True)

        assert (row.state, [document.number for document in Document.objects.all()]) == (State.DONE, ["NEN 1"])

    @pytest.mark.parametrize(
        "content", [b"", b"nummer;schoenmaat\n1;2", b"\x89PNG\r\n\x00\x00", b"PK\x03\x04 no zip", b"\xff\xfe\x00"]
    )
    def test_a_file_that_is_not_a_document_table_is_refused_as_a_whole(self, content: bytes, staff: User) -> None:
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
        other = make_document("NEN 5", plus_countries=["NL"], status="withdrawn", title_en="Five")
        make_document("NEN 6", is_free=True, replaced_by=other, status="replaced")
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
        make_document("NEN-EN 1:2020")

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
        assert [document.title_nl for document in Document.objects.all()] == ["Titel NEN 1"]
