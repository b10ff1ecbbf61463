"""Looks into an Excel file before its reader does (C41).

The reader holds every cell between the first filled one and the last, and each cell's text by itself: a file of
two kilobytes would take all memory, and the worker with it. So each part is streamed first, and the reader gets a
copy of those parts alone that were found harmless.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from array import array
from tempfile import TemporaryFile
from typing import IO
from xml.parsers import expat

from django.utils.translation import gettext as _

from nenconnect.rules.errors import RuleError

MAX_COLUMNS = 100
MAX_CELLS = 3_000_000  # between the first filled one and the last
MAX_TEXT = 200 * 2**20  # bytes of all cells together, a shared text counted for each cell that shows it
MAX_ELEMENTS = 15_000_000
PIECE = 2**18  # bytes
SHARED = "xl/sharedstrings.xml"
NOT_OURS = {"xl/workbook.bin", "content.xml"}  # of other programs' files, whose parts nobody looks into
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class NoExcelFile(ValueError):
    """What is inside is not as Excel writes it."""


class SafeCopy:
    """`file` is what may be read. `left_out` says why, where a sheet is missing from it."""

    def __init__(self, file: IO[bytes], *, max_rows: int) -> None:
        """Raises NoExcelFile, RuleError, and what zipfile raises for a damaged file."""
        self.file, self.left_out = TemporaryFile(), RuleError("")  # noqa: SIM115 -- whoever reads it closes it
        self._check = _Check(max_rows)
        with (
            zipfile.ZipFile(file) as old,
            zipfile.ZipFile(self.file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
        ):
            for part in _parts(old):
                self._copy(old, part, new)
        self.file.seek(0)

    def _copy(self, old: zipfile.ZipFile, part: zipfile.ZipInfo, new: zipfile.ZipFile) -> None:
        try:
            with old.open(part) as content:
                self._check.look_at(content, is_shared=part.filename.casefold() == SHARED)
        except RuleError as error:
            self.left_out = error
            return
        with old.open(part) as content, new.open(part.filename, "w") as copy:
            shutil.copyfileobj(content, copy, PIECE)


def _parts(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Those that the reader may look at, the shared texts first."""
    parts = {part.filename.casefold(): part for part in archive.infolist()}
    if len(parts) != len(archive.infolist()) or NOT_OURS & set(parts) or "xl/workbook.xml" not in parts:
        raise NoExcelFile
    names = sorted(parts, key=lambda name: name != SHARED)
    return [parts[name] for name in names if name.endswith((".xml", ".rels"))]


class _Check:
    """Counts what the reader would hold, part after part."""

    def __init__(self, max_rows: int) -> None:
        self.max_rows = max_rows
        self.elements = 0
        self.shared = array("Q")  # the length of each shared text

    def look_at(self, content: IO[bytes], *, is_shared: bool) -> None:
        """Raises RuleError for what is too much, NoExcelFile for what is no XML as Excel writes it."""
        part = _Part(self, is_shared=is_shared)
        parser = expat.ParserCreate("utf-8")  # whatever it says it is: the reader takes it for UTF-8 as well
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = part.begin, part.end
        parser.CharacterDataHandler = part.text
        parser.StartDoctypeDeclHandler = _no_doctype
        fed = 0
        try:
            while piece := content.read(PIECE):
                parser.Parse(piece, False)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > 16 * PIECE:  # a tag that never ends
                    raise NoExcelFile
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise NoExcelFile from None


class _Part:
    """One part, read from its begin to its end."""

    def __init__(self, check: _Check, *, is_shared: bool) -> None:
        self.check, self.is_shared = check, is_shared
        self.in_sheet = self.in_cell = self.is_reference = False
        self.row, self.column = 1, 0  # as the reader counts where a file does not say it
        self.rows, self.columns = (2**31, 0), (2**31, 0)  # the first filled one and the last
        self.place = 1, 1  # of the cell
        self.bytes, self.value = 0, ""

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        self.check.elements += 1
        if self.check.elements > MAX_ELEMENTS:
            raise too_large()
        name = tag.rpartition(":")[2]
        if name == "si":
            self._begin_text()
        elif name == "sheetData":
            self.in_sheet = True
        elif not self.in_sheet:
            return
        elif name == "row":
            self.row, self.column = _number(attributes.get("r", str(self.row))), 0
        elif name == "c":
            self._begin_cell(attributes)
        elif self.in_cell:
            self._fill()

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "sheetData":
            self.in_sheet = False
        elif name == "row":
            self.row, self.column = self.row + 1, 0
        elif name == "c":
            self.in_cell = False
        elif name == "v" and self.in_cell and self.is_reference:
            place = _number(self.value.strip() or "0")
            self._add(self.check.shared[place] if place < len(self.check.shared) else 0)

    def text(self, text: str) -> None:
        size = len(text.encode())
        if self.is_shared and self.check.shared:
            self.check.shared[-1] += size
        if self.in_cell and self.is_reference:
            self.value = (self.value + text)[:20]
        elif self.in_cell:
            self._add(size)

    def _begin_text(self) -> None:
        if not self.is_shared:
            raise NoExcelFile
        self.check.shared.append(0)
        if len(self.check.shared) > MAX_CELLS:
            raise too_large()

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self.column += 1
        if "r" in attributes:
            self.place = _place(attributes["r"])
            self.column = self.place[1]
        else:
            self.place = self.row, self.column
        self.in_cell, self.is_reference, self.value = True, attributes.get("t") == "s", ""

    def _fill(self) -> None:
        """An empty cell that only looks nice takes no place in the reader's memory."""
        self.value = ""
        row, column = self.place
        self.rows = min(self.rows[0], row), max(self.rows[1], row)
        self.columns = min(self.columns[0], column), max(self.columns[1], column)
        if row > self.check.max_rows:
            raise RuleError(
                _("Something stands on line %(line)s of this table. Delete the lines that are not part of it.")
                % {"line": row}
            )
        if column > MAX_COLUMNS:
            raise too_many_columns()
        if (self.rows[1] - self.rows[0] + 1) * (self.columns[1] - self.columns[0] + 1) > MAX_CELLS:
            raise too_large()

    def _add(self, size: int) -> None:
        self.bytes += size
        if self.bytes > MAX_TEXT:
            raise too_large()


def _place(text: str) -> tuple[int, int]:
    """Row and column of a cell, both from one."""
    found = _PLACE.fullmatch(text.upper())
    if not found:
        raise NoExcelFile
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NoExcelFile
    return int(text)


def _no_doctype(*_declaration: object) -> None:
    raise NoExcelFile


def too_large() -> RuleError:
    return RuleError(_("This file is far too large once it is unpacked. Nothing of it was read."))


def too_many_columns() -> RuleError:
    return RuleError(
        _("This table has more than %(max)s columns. Delete those that are not part of it.") % {"max": MAX_COLUMNS}
    )
