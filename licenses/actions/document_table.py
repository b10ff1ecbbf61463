"""What a line of a table of documents means: which document, what changes on it, or why it is refused."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
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
from licenses.models import Document, DocumentStatus
from nenconnect.errors import RuleError
from nenconnect.tables import Column, Line

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
    """The PDFs that came along, found by name whatever folder they lie in."""

    def __init__(self, file: IO[bytes] | None) -> None:
        try:
            self._zip = zipfile.ZipFile(file) if file else None
        except (zipfile.BadZipFile, OSError, ValueError):
            raise RuleError(
                _("The file with the PDFs is no zip. Make a zip of them, and upload it again.")
            ) from None

    @cached_property
    def _parts(self) -> dict[str, zipfile.ZipInfo]:
        parts = self._zip.infolist() if self._zip else []
        return {PurePosixPath(part.filename).name.casefold(): part for part in parts if not part.is_dir()}

    def unpacked_size(self) -> int:
        """In bytes, as stated; Python's reader never unpacks more than that."""
        return sum(part.file_size for part in self._parts.values())

    def crc(self, name: str) -> int | None:
        part = self._parts.get(name.casefold())
        return part.CRC if part else None

    def pdf(self, name: str) -> File:
        """A copy on disk. Raises RuleError for what is not there, too large, damaged or no PDF."""
        part = self._parts.get(name.casefold())
        if self._zip is None or part is None:
            raise RuleError(_("“%(name)s” is not in the zip.") % {"name": name[:100]}, field="file")
        if part.file_size > MAX_PDF:
            raise RuleError(_("This file is larger than %(max)s MB.") % {"max": MAX_PDF // 2**20}, field="file")
        copy = TemporaryFile()  # noqa: SIM115 -- closed with the File around it
        try:
            with self._zip.open(part) as packed:
                while piece := packed.read(2**20):
                    copy.write(piece)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
            raise RuleError(_("“%(name)s” in the zip is damaged.") % {"name": name[:100]}, field="file") from None
        pdf = File(copy, name=PurePosixPath(part.filename).name)
        check_pdf(pdf)
        return pdf


def check_archive(file: IO[bytes]) -> None:
    """Raises RuleError for what is no zip, and for one that holds far too much."""
    archive = Archive(file)
    if archive.unpacked_size() > MAX_ARCHIVE:
        raise RuleError(_("This file is far too large once it is unpacked. Nothing of it was read."))
    file.seek(0)


@dataclass(frozen=True)
class Plan:
    """What a line asks for. `replaced_by` is a number: that document may stand further down in the table."""

    document: Document
    fields: dict[str, Any]
    replaced_by: str
    file: str  # its name in the zip; "" when the document keeps what it has

    @property
    def is_new(self) -> bool:
        return self.document.pk is None

    @property
    def is_changed(self) -> bool:
        old = self.document.replaced_by.number if self.document.replaced_by else ""
        differs = any(getattr(self.document, name) != value for name, value in self.fields.items())
        return differs or bool(self.file) or old != self.replaced_by


def plan(line: Line, known: dict[str, Document], archive: Archive, *, looks_into_file: bool) -> Plan:
    """Raises RuleError, with the column, for a line that cannot be. `known` has the documents by number."""
    values = line.values
    number = number_of(values["number"])
    document = known.get(number) or Document()
    fields = _fields(values) | {"number": number}
    file = _new_file(document, values["file"], archive)
    if file and looks_into_file:
        archive.pdf(file).close()
    would_be = Document(**fields)
    check_document(would_be)
    return Plan(document, fields, number_of(values["replaced_by"]), file)


def number_of(text: str) -> str:
    return " ".join(text.split())


def known_documents(lines: Iterable[Line]) -> dict[str, Document]:
    numbers = {number_of(line.values["number"]) for line in lines}
    found = Document.objects.select_related("replaced_by").filter(number__in=numbers)
    return {document.number: document for document in found}


def _fields(values: dict[str, str]) -> dict[str, Any]:
    plus = _countries(values["plus_countries"])
    return {
        "title_nl": values["title_nl"],
        "title_en": values["title_en"],
        "kind": values["kind"].upper(),
        "published_on": _day(values["published_on"]),
        "status": _status(values["status"]),
        "is_free": _is_yes(values["is_free"]),
        "is_plus": bool(plus),
        "plus_countries": plus,
    }


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise RuleError(_("Write the date as 2026-03-14 or 14-03-2026."), field="published_on")


def _status(text: str) -> str:
    if text.casefold() not in _STATUSES:
        raise RuleError(_("Use “geldig”, “vervangen” or “ingetrokken”."), field="status")
    return str(_STATUSES[text.casefold()].value)


def _is_yes(text: str) -> bool:
    if text.casefold() not in _YES | _NO:
        raise RuleError(_("Use “ja” or “nee”."), field="is_free")
    return text.casefold() in _YES


def _countries(text: str) -> list[str]:
    codes = sorted({code.upper() for code in text.replace(",", " ").replace(";", " ").split()})
    if strange := [code for code in codes if code not in dict(countries)]:
        raise RuleError(
            _("“%(code)s” is no code of a country, such as NL or BE.") % {"code": strange[0][:20]},
            field="plus_countries",
        )
    return codes


def _new_file(document: Document, name: str, archive: Archive) -> str:
    """ "" when there is none, or the document has this very file already."""
    if not name:
        return ""
    crc = archive.crc(name)
    if crc is None:
        raise RuleError(_("“%(name)s” is not in the zip.") % {"name": name[:100]}, field="file")
    return "" if document.file and _crc_of(document) == crc else name


def _crc_of(document: Document) -> int | None:
    crc = 0
    try:
        with document.file.open("rb") as file:
            while piece := file.read(2**20):
                crc = zlib.crc32(piece, crc)
    except (OSError, ValueError):
        return None
    return crc
