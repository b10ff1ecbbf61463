"""Test the file of a document: whole, in ranges, never cached, or missing (R25)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import Document, Opening
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from tests.factories import make_document, make_person
from tests.licenses.opening.reading import PDF, press, read, shown, with_file


def bytes_of(answer: Any) -> bytes:
    return b"".join(answer)


class TestFile:
    def test_the_file_is_the_pdf_and_is_not_cached(self, as_colleague: Client, free: Document) -> None:
        answer = read(as_colleague, free)

        assert answer.status_code == 200
        assert bytes_of(answer) == PDF
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'inline; filename="NEN-EN-ISO_9001_2015+A1_2024_ontw.pdf"'
        assert answer["Content-Length"] == str(len(PDF))
        assert answer["Accept-Ranges"] == "bytes"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("byte_range", "first", "last"),
        [
            ("bytes=0-4", 0, 4),
            ("bytes=5-", 5, len(PDF) - 1),
            ("bytes=-6", len(PDF) - 6, len(PDF) - 1),
            ("bytes=-9999", 0, len(PDF) - 1),
            ("bytes=3-99999", 3, len(PDF) - 1),
        ],
    )
    def test_a_range_gets_its_bytes(
        self, byte_range: str, first: int, last: int, as_colleague: Client, free: Document
    ) -> None:
        answer = read(as_colleague, free, range=byte_range)

        assert answer.status_code == 206
        assert bytes_of(answer) == PDF[first : last + 1]
        assert answer["Content-Range"] == f"bytes {first}-{last}/{len(PDF)}"
        assert answer["Content-Length"] == str(last - first + 1)
        assert answer["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("byte_range", ["bytes=9999-", f"bytes={len(PDF)}-", "bytes=8-3", "bytes=-0"])
    def test_a_range_that_the_file_does_not_have_is_refused(
        self, byte_range: str, as_colleague: Client, free: Document
    ) -> None:
        answer = read(as_colleague, free, range=byte_range)

        assert answer.status_code == 416
        assert answer["Content-Range"] == f"bytes */{len(PDF)}"

    @pytest.mark.parametrize(
        "byte_range", ["bytes=0-1,4-5", "bytes=-", "lines=1-2", "bytes=a-b", f"bytes={'9' * 30}-"]
    )
    def test_a_request_for_no_single_range_gets_the_whole_file(
        self, byte_range: str, as_colleague: Client, free: Document
    ) -> None:
        answer = read(as_colleague, free, range=byte_range)

        assert answer.status_code == 200
        assert bytes_of(answer) == PDF

    def test_a_range_of_an_older_version_gets_the_whole_new_file(
        self, as_colleague: Client, free: Document
    ) -> None:
        same = read(as_colleague, free)["ETag"]

        assert read(as_colleague, free, **{"range": "bytes=0-1", "if-range": same}).status_code == 206
        assert read(as_colleague, free, **{"range": "bytes=0-1", "if-range": '"old"'}).status_code == 200

    def test_head_returns_the_length_of_the_file(self, as_colleague: Client, free: Document) -> None:
        answer = as_colleague.head(press(as_colleague, free)["Location"], headers={"range": "bytes=0-1"})

        assert (answer.status_code, answer["Content-Length"]) == (200, str(len(PDF)))

    def test_a_proxy_in_front_sends_the_file_after_our_check(
        self, as_colleague: Client, free: Document, settings: Any
    ) -> None:
        settings.DOCUMENTS_BY_PROXY = "/bestanden/"
        Document.objects.update(file="documents/2026/NEN 9001 – définitief?.pdf")
        place = Path(settings.MEDIA_ROOT) / "documents/2026"
        place.mkdir(parents=True, exist_ok=True)
        (place / "NEN 9001 – définitief?.pdf").write_bytes(PDF)

        answer = read(as_colleague, free)

        assert answer["X-Accel-Redirect"] == (
            "/bestanden/documents/2026/NEN%209001%20%E2%80%93%20d%C3%A9finitief%3F.pdf"
        )
        assert answer.content == b""
        assert answer["Content-Type"] == "application/pdf"
        closed = with_file(make_document())
        assert "X-Accel-Redirect" not in press(as_colleague, closed)


class TestMissing:
    def test_a_document_that_never_had_a_file_shows_no_button_and_sends_no_mail(
        self, as_colleague: Client
    ) -> None:
        make_person(is_staff=True, is_superuser=True)
        document = make_document(is_free=True)

        for page in (reverse("documents:document", args=[document.pk]), reverse("documents:documents")):
            assert reverse("documents:open", args=[document.pk]) not in as_colleague.get(page).content.decode()
        answer = press(as_colleague, document)

        assert answer.status_code == 404
        assert "as soon as NEN has put in its file" in shown(answer)
        assert not OutboxMail.objects.filter(event="file_missing").exists()
        document.refresh_from_db()
        assert document.file_missing_since is None

    def test_thirty_missing_files_give_one_mail_a_day_to_each_administrator(
        self, as_colleague: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        administrator = make_person(is_staff=True, is_superuser=True)
        shelf = [with_file(make_document(is_free=True)) for _ in range(30)]
        for document in shelf:
            Path(document.file.path).unlink()
            press(as_colleague, document)

        sent = OutboxMail.objects.filter(event="file_missing")
        assert [mail.recipient for mail in sent] == [administrator]
        assert shelf[-1].number in render(sent[0]).subject
        assert Document.objects.filter(file_missing_since__isnull=False).count() == 30

        tomorrow = timezone.localdate() + timedelta(days=1)
        monkeypatch.setattr(timezone, "localdate", lambda *_: tomorrow)
        press(as_colleague, shelf[0])
        assert sent.all().count() == 2

    def test_a_missing_file_gets_a_clear_page_and_nothing_is_counted(
        self, as_colleague: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        document = with_file(make_document(is_free=True))
        Path(document.file.path).unlink()

        answer = press(as_colleague, document)

        assert answer.status_code == 404
        assert "its file is not in its place" in shown(answer)
        assert f"document {document.pk}" in caplog.text
        assert not Opening.objects.exists()

    def test_administrators_are_mailed_once_a_day_about_a_missing_file_until_it_is_back(
        self, as_colleague: Client
    ) -> None:
        administrator = make_person(is_staff=True, is_superuser=True)
        make_person(is_staff=True)
        document = with_file(make_document(is_free=True))
        Path(document.file.path).unlink()

        press(as_colleague, document)
        press(as_colleague, document)
        assert [mail.recipient for mail in OutboxMail.objects.filter(event="file_missing")] == [administrator]

        document.refresh_from_db()
        read(as_colleague, with_file(document))
        document.refresh_from_db()
        assert document.file_missing_since is None
        assert [entry.verb for entry in AuditEntry.objects.filter(verb__startswith="document_")] == [
            "document_file_back",
            "document_file_missing",
        ]
        Path(document.file.path).unlink()
        press(as_colleague, document)
        assert Document.objects.get().file_missing_since is not None
        assert OutboxMail.objects.filter(event="file_missing").count() == 1

    def test_a_file_that_disappears_during_reading_shows_the_page_about_a_missing_file(
        self, as_colleague: Client, free: Document
    ) -> None:
        place = press(as_colleague, free)["Location"]
        Path(free.file.path).unlink()

        assert as_colleague.get(place).status_code == 404

    def test_a_file_path_in_the_database_cannot_lead_out_of_the_folder(self, as_colleague: Client) -> None:
        document = make_document(is_free=True)
        Document.objects.update(file="../../../../etc/passwd")

        assert press(as_colleague, document).status_code == 404
        opening = Opening.objects.create(document=document, user=User.objects.get(), company=Company.objects.get())
        assert as_colleague.get(f"/documenten/{document.pk}/lezen/{opening.pk}/").status_code == 404
