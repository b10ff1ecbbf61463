"""Check and load tables of documents as a worker does."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import User
from licenses.actions import document_import
from licenses.actions.document_import import run_imports, start_import
from licenses.actions.document_table import COLUMNS
from licenses.models import DocumentImport

PDF = b"%PDF-1.7 a standard %%EOF"
HEADINGS = [column.headings[0] for column in COLUMNS]


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
