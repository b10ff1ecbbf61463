"""Create about 200 documents with real-looking numbers and titles that NEN never published (documents.csv)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.text import slugify
from fpdf import FPDF

from licenses.models import Document, DocumentStatus

TABLE = Path(__file__).with_name("documents.csv")
PARTS = {
    "general": ("Algemene eisen", "General requirements"),
    "terms": ("Termen en definities", "Terms and definitions"),
    "design": ("Ontwerp en berekening", "Design and calculation"),
    "method": ("Bepalingsmethode", "Method of determination"),
    "execution": ("Uitvoering", "Execution"),
    "testing": ("Beproevingsmethoden", "Test methods"),
    "inspection": ("Keuring en onderhoud", "Inspection and maintenance"),
    "guidance": ("Toelichting en voorbeelden", "Guidance and examples"),
    "competence": ("Vakbekwaamheid van personeel", "Competence of personnel"),
    "data": ("Gegevensuitwisseling", "Data exchange"),
    "existing": ("Bestaande bouw", "Existing buildings"),
}
PDF_CREATED_AT = datetime(2026, 1, 1, tzinfo=UTC)  # in every file, so that a file has the same bytes each time


@dataclass(frozen=True)
class Edition:
    """Hold one document and the number of the document that replaced it."""

    topic: str
    document: Document
    replaced_by: str = ""


def load_documents() -> dict[str, list[Document]]:
    editions = [edition for row in _rows() for edition in _current_and_older_editions(row)]
    Document.objects.bulk_create([edition.document for edition in editions], ignore_conflicts=True)
    by_number = Document.objects.in_bulk([edition.document.number for edition in editions], field_name="number")
    _link_to_successors(editions, by_number)
    _write_missing_files(list(by_number.values()))
    topics: dict[str, list[Document]] = {}
    for edition in editions:
        document = by_number[edition.document.number]
        if document.status == DocumentStatus.CURRENT:
            topics.setdefault(edition.topic, []).append(document)
    return topics


def _rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _current_and_older_editions(row: dict[str, str]) -> Iterator[Edition]:
    for part, (nl, en) in enumerate(_titles(row), start=1):
        has_parts = bool(row["parts"])
        number_without_year = f"{row['kind']} {row['number']}" + (f"-{part}" if has_parts else "")
        number = f"{number_without_year}:{row['year']}"
        yield Edition(row["topic"], _document(row, number, int(row["year"]), nl, en))
        if row["older"]:
            older = _document(row, f"{number_without_year}:{row['older']}", int(row["older"]), nl, en)
            older.status = DocumentStatus.REPLACED
            yield Edition(row["topic"], older, replaced_by=number)


def _titles(row: dict[str, str]) -> list[tuple[str, str]]:
    parts = [PARTS[name] for name in row["parts"].split()]
    numbered = [
        (f"{row['nl']} - Deel {number}: {nl}", f"{row['en']} - Part {number}: {en}")
        for number, (nl, en) in enumerate(parts, start=1)
    ]
    return numbered or [(row["nl"], row["en"])]


def _document(row: dict[str, str], number: str, year: int, nl: str, en: str) -> Document:
    chance = Random(number)
    countries = row["plus"].split()
    return Document(
        number=number,
        kind=row["kind"],
        title_nl=nl,
        title_en=en,
        published_on=date(year, chance.randint(1, 12), chance.randint(1, 28)),
        status=DocumentStatus.WITHDRAWN if row["state"] == "withdrawn" else DocumentStatus.CURRENT,
        is_free=row["state"] == "free",
        is_plus=bool(countries),
        plus_countries=countries,
        file=f"demo/{slugify(number.replace(':', '-'))}.pdf",
    )


def _link_to_successors(editions: list[Edition], by_number: dict[str, Document]) -> None:
    changed = []
    for edition in editions:
        document = by_number[edition.document.number]
        if edition.replaced_by and document.replaced_by_id is None:
            document.replaced_by = by_number[edition.replaced_by]
            changed.append(document)
    Document.objects.bulk_update(changed, ["replaced_by"])


def _write_missing_files(documents: list[Document]) -> None:
    for document in documents:
        name = document.file.name or ""
        if name.startswith("demo/") and not default_storage.exists(name):
            default_storage.save(name, ContentFile(sample_pdf(document)))


def sample_pdf(document: Document) -> bytes:
    pdf = FPDF()
    pdf.set_creation_date(PDF_CREATED_AT)
    pdf.set_title(document.number)
    pdf.set_lang("nl")
    pdf.set_margin(25)
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 22)
    pdf.multi_cell(0, 12, document.number, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", size=13)
    pdf.multi_cell(0, 8, f"{document.title_nl}\n{document.title_en}\n\n", new_x="LMARGIN", new_y="NEXT")
    pdf.multi_cell(0, 8, SAMPLE_TEXT, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


SAMPLE_TEXT = (
    "Dit is een voorbeeld: deze norm bestaat niet, en deze pagina is de hele inhoud.\n"
    "This is a sample: there is no such standard, and this page is all there is to it."
)
