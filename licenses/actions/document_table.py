"""Read a line of a table of documents: which document, what changes, or why the line is refused."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files.base import File
from django.utils.translation import gettext as _
from django_countries import countries

from licenses.actions.documents import MAX_PDF, check_document, check_pdf
from licenses.models import Document, DocumentStatus, bare
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import Column, TableLine
from nenconnect.tables.limits import DAMAGED

MAX_LINES = 50_000
MAX_ARCHIVE = 50 * 2**30  # bytes of all PDFs together
COLUMNS = [
    Column("number", ("Nummer", "Number"), is_needed=True),
    Column("title_nl", ("Titel (Nederlands)", "Titel", "Title (Dutch)"), is_needed=True),
    Column("title_en", ("Titel (Engels)", "Title (English)")),
    Column("kind", ("Soort", "Kind"), is_needed=True),
    Column("published_on", ("Publicatiedatum", "Publication date"), is_needed=True),
    Column("status", ("Status",)),
    Column("replaced_by", ("Vervangen door", "Replaced by")),
    Column("is_free", ("Gratis", "Free")),
    Column("plus_countries", ("Plus-landen", "Plus countries")),
    Column("file", ("Bestand", "File")),
]
EXAMPLE = {
    "number": "NEN-EN-ISO 9001:2015",
    "title_nl": "Kwaliteitsmanagementsystemen",
    "title_en": "Quality management systems",
    "kind": "NEN-EN-ISO",
    "published_on": "2015-10-01",
    "status": "geldig",
    "is_free": "nee",
    "file": "nen-en-iso-9001-2015.pdf",
}
_YES, _NO = {"ja", "yes", "1", "x", "true"}, {"", "nee", "no", "0", "false"}
_STATUSES = {
    "": DocumentStatus.CURRENT,
    **dict.fromkeys(("geldig", "actueel", "current"), DocumentStatus.CURRENT),
    **dict.fromkeys(("vervangen", "replaced"), DocumentStatus.REPLACED),
    **dict.fromkeys(("ingetrokken", "withdrawn"), DocumentStatus.WITHDRAWN),
}


class Archive:
    """Find the uploaded PDFs by file name, whatever folder of the zip they are in."""

    def __init__(self, file: IO[bytes] | None) -> None:
        try:
            self._zip = zipfile.ZipFile(file) if file else None
        except DAMAGED:
            raise RuleError(
                _("The file with the PDFs is not a zip file. Put the PDFs in a zip file and upload it again.")
            ) from None

    @cached_property
    def _parts(self) -> dict[str, list[zipfile.ZipInfo]]:
        parts_by_name: dict[str, list[zipfile.ZipInfo]] = {}
        for part in self._zip.infolist() if self._zip else []:
            if not part.is_dir():
                parts_by_name.setdefault(PurePosixPath(part.filename).name.casefold(), []).append(part)
        return parts_by_name

    def _part(self, name: str) -> zipfile.ZipInfo:
        parts = self._parts.get(name.casefold(), [])
        if not parts:
            raise RuleError(_("“%(name)s” is not in the zip.") % {"name": name[:100]}, field="file")
        if len(parts) > 1:
            message = _("Several files in the zip are called “%(name)s”. Give each file a different name.")
            raise RuleError(message % {"name": name[:100]}, field="file")
        return parts[0]

    def unpacked_size(self) -> int:
        # In bytes, as the zip states; Python's reader never unpacks more.
        return sum(part.file_size for parts in self._parts.values() for part in parts)

    def crc(self, name: str) -> int:
        """Return the checksum of a PDF.

        Raises: RuleError for a name that is missing or ambiguous.
        """
        return self._part(name).CRC

    def pdf(self, name: str) -> File:
        """Return a copy on disk.

        Raises: RuleError for a file that is missing, ambiguous, too large, damaged or not a PDF.
        """
        part = self._part(name)
        if part.file_size > MAX_PDF:
            raise RuleError(_("This file is larger than %(max)s MB.") % {"max": MAX_PDF // 2**20}, field="file")
        copy = TemporaryFile()  # noqa: SIM115 -- closed with the File around it
        for piece in self._pieces(part):
            copy.write(piece)
        pdf = File(copy, name="document.pdf")
        check_pdf(pdf)
        return pdf

    def _pieces(self, part: zipfile.ZipInfo) -> Iterator[bytes]:
        assert self._zip
        try:
            with self._zip.open(part) as packed:
                while piece := packed.read(2**20):
                    yield piece
        except DAMAGED:
            name = PurePosixPath(part.filename).name[:100]
            raise RuleError(_("“%(name)s” in the zip is damaged.") % {"name": name}, field="file") from None


def check_archive(file: IO[bytes]) -> None:
    archive = Archive(file)
    if archive.unpacked_size() > MAX_ARCHIVE:
        raise RuleError(_("This file is far too large once it is unpacked. Nothing of it was read."))
    file.seek(0)


@dataclass(frozen=True)
class DocumentPlan:
    """State what a line changes on which document.

    `replaced_by` is a number, as that document may be further down in the table. A column that is not in the table
    changes nothing: `fields` does not have it, and `replaced_by` is None.
    """

    document: Document
    fields: dict[str, Any]
    replaced_by: str | None
    file: str  # the name in the zip; "" when the document keeps its file

    @property
    def outcome(self) -> str:
        if self.document.pk:
            return "changed" if self._is_changed else "unchanged"
        return "new"

    @property
    def _is_changed(self) -> bool:
        old = self.document.replaced_by.number if self.document.replaced_by else ""
        differs = any(getattr(self.document, name) != value for name, value in self.fields.items())
        return differs or bool(self.file) or self.replaced_by not in {None, old}


def plan(
    line: TableLine, documents: dict[str, Document], archive: Archive, *, looks_into_file: bool
) -> DocumentPlan:
    """Check a line and plan its change; `documents` must come from `known_documents`.

    Raises: RuleError, with the column, for a line that cannot be loaded.
    """
    values = line.values
    number = number_of(values["number"])
    document = _document_with(number, documents)
    fields = _read_fields(values) | {"number": number}
    file = _file_to_save(document, values.get("file", ""), archive)
    if file and looks_into_file:
        archive.pdf(file).close()
    check_document(Document(**fields))
    replaced_by = number_of(values["replaced_by"]) if "replaced_by" in values else None
    if replaced_by == number:
        raise RuleError(_("A document cannot replace itself."), field="replaced_by")
    return DocumentPlan(document, fields, replaced_by, file)


def number_of(text: str) -> str:
    return " ".join(text.split())


def known_documents(lines: Iterable[TableLine]) -> dict[str, Document]:
    numbers = {number_of(line.values["number"]) for line in lines}
    all_documents = Document.objects.select_related("replaced_by")
    documents = {document.number: document for document in all_documents.filter(number__in=numbers)}
    # A number that the table spells differently is a key by its bare number.
    others = all_documents.filter(bare_number__in={bare(number) for number in numbers - set(documents)} - {""})
    return {bare(document.number): document for document in others} | documents


def _document_with(number: str, documents: dict[str, Document]) -> Document:
    document = documents.get(number) or documents.get(bare(number)) or Document()
    if document.pk and document.number != number:
        message = _("This document already exists as “%(number)s”. Write the number like that.")
        raise RuleError(message % {"number": document.number}, field="number")
    return document


def _read_fields(values: dict[str, str]) -> dict[str, Any]:
    readers: dict[str, Callable[[str], Any]] = {
        "title_nl": str,
        "title_en": str,
        "kind": str.upper,
        "published_on": _read_date,
        "status": _read_status,
        "is_free": _read_yes_or_no,
        "plus_countries": _read_countries,
    }
    fields = {name: read(values[name]) for name, read in readers.items() if name in values}
    return fields | ({"is_plus": bool(fields["plus_countries"])} if "plus_countries" in fields else {})


def _read_date(text: str) -> date:
    for form in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise RuleError(_("Write the date as 2026-03-14 or 14-03-2026."), field="published_on")


def _read_status(text: str) -> str:
    if text.casefold() not in _STATUSES:
        raise RuleError(_("Use “geldig”, “vervangen” or “ingetrokken”."), field="status")
    return str(_STATUSES[text.casefold()].value)


def _read_yes_or_no(text: str) -> bool:
    if text.casefold() not in _YES | _NO:
        raise RuleError(_("Use “ja” or “nee”."), field="is_free")
    return text.casefold() in _YES


def _read_countries(text: str) -> list[str]:
    codes = sorted({code.upper() for code in text.replace(",", " ").replace(";", " ").split()})
    if strange := [code for code in codes if code not in dict(countries)]:
        raise RuleError(
            _("“%(code)s” is not a country code. Use a code such as NL or BE.") % {"code": strange[0][:20]},
            field="plus_countries",
        )
    return codes


def _file_to_save(document: Document, name: str, archive: Archive) -> str:
    if not name:
        return ""
    crc = archive.crc(name)
    return "" if document.file and _checksum_of(document) == crc else name


def _checksum_of(document: Document) -> int | None:
    crc = 0
    try:
        with document.file.open("rb") as file:
            while piece := file.read(2**20):
                crc = zlib.crc32(piece, crc)
    except (OSError, ValueError):
        return None
    return crc
