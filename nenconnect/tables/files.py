"""Tables that people upload and download: CSV as Excel and others write it, and Excel's own files (C31, C41).

What is read is text, line by line, with the number of the line as the person sees it; what a line means is the
caller's. python-calamine reads Excel's files, XlsxWriter writes them.
"""

from __future__ import annotations

import csv
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook
from xlsxwriter import Workbook

from nenconnect.rules.errors import RuleError
from nenconnect.tables.excel_check import MAX_COLUMNS, NoExcelFile, SafeCopy, too_large, too_many_columns

MAX_BYTES = 50 * 2**20  # of an uploaded table
MAX_UNPACKED = 400 * 2**20  # bytes of an Excel file once unpacked: what is larger is a zip bomb (C41)
MAX_CELL = 5_000  # characters
EMPTY_LINES = 10_000  # that may stand between the others
FORMULA = tuple("=+-@\t\r")  # a cell that begins so would be a formula (C31)
EXCEL, CSV = "xlsx", "csv"
# What reading an archive raises that is none, or is damaged, locked or packed in a way we do not know.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)

Cell = str | int | float | bool | date | datetime | time | None


@dataclass(frozen=True)
class Column:
    """`name` is ours; `headings` are the words that people may put above it, the first one in our own tables."""

    name: str
    headings: tuple[str, ...]
    is_needed: bool = False


@dataclass(frozen=True)
class Line:
    number: int  # as the person's own program counts: the headings are line 1
    values: dict[str, str]  # of the columns that the table has: what it has not, it says nothing about


def read_table(file: IO[bytes], columns: Sequence[Column], *, max_lines: int) -> Iterator[Line]:
    """The lines that are not empty. Raises RuleError, then or later on, for a file that is no such table."""
    file.seek(0, io.SEEK_END)
    if file.tell() > MAX_BYTES:
        raise RuleError(_("This file is larger than %(max)s MB. Split it up.") % {"max": MAX_BYTES // 2**20})
    file.seek(0)
    is_excel = file.read(4) == b"PK\x03\x04"
    rows = _excel_rows(file, max_rows=max_lines + EMPTY_LINES) if is_excel else _csv_rows(file)
    return _lines(rows, columns, max_lines)


def _lines(rows: Iterator[list[str]], columns: Sequence[Column], max_lines: int) -> Iterator[Line]:
    names = _names_of(next(rows, []), columns)
    filled = 0
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        filled += 1
        if filled > max_lines:
            raise RuleError(
                _("This table has more than %(max)s lines. Split it up, and upload the parts one by one.")
                % {"max": f"{max_lines:,}".replace(",", ".")}
            )
        cells += [""] * (len(names) - len(cells))
        yield Line(number, {name: cell for name, cell in zip(names, cells, strict=False) if name})


def _names_of(headings: list[str], columns: Sequence[Column]) -> list[str]:
    """The column of each heading; "" for an empty one. Raises RuleError that names what is wrong."""
    if len(headings) > MAX_COLUMNS:
        raise too_many_columns()
    known = {_plain(heading): column.name for column in columns for heading in (column.name, *column.headings)}
    names = [known.get(_plain(heading), "") for heading in headings]
    strange = [heading.strip() for heading in headings if heading.strip() and _plain(heading) not in known]
    missing = [column.headings[0] for column in columns if column.is_needed and column.name not in names]
    twice = [name for name in names if name and names.count(name) > 1]
    expected = ", ".join(column.headings[0] for column in columns)
    if missing or strange or twice:
        raise RuleError(
            _trouble(missing, strange, twice) + " " + _("The columns are: %(all)s.") % {"all": expected}
        )
    return names


def _trouble(missing: list[str], strange: list[str], twice: list[str]) -> str:
    if missing:
        return _("The first line has no column %(columns)s.") % {"columns": _quoted(missing)}
    if strange:
        return _("We do not know the column %(columns)s.") % {"columns": _quoted(strange)}
    return _("A column stands there twice.")


def _quoted(words: list[str]) -> str:
    return ", ".join(f"“{word[:60]}”" for word in words[:5])


def _plain(heading: str) -> str:
    return " ".join(heading.replace("*", " ").replace("_", " ").split()).casefold()


# CSV ------------------------------------------------------------------------------------------------


def _csv_rows(file: IO[bytes]) -> Iterator[list[str]]:
    file.seek(0)
    start = file.read(64 * 1024)
    file.seek(0)
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _no_table()
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="", errors="strict")
    try:
        separator = _separator(text.readline())
        text.seek(0)
        for row in csv.reader(text, delimiter=separator):
            yield [_cell(_without_guard(cell)) for cell in row]
    except (csv.Error, UnicodeDecodeError):
        raise _no_table() from None
    finally:
        with suppress(ValueError):  # whoever reads no further may have closed the file
            text.detach()


def _encoding(file: IO[bytes]) -> str:
    """UTF-8, with or without its mark, or what Excel in the Netherlands writes: Windows-1252."""
    begin = file.read(2)
    file.seek(0)
    if begin in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    decoder = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        while decoder.read(2**16):
            pass
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        decoder.detach()
        file.seek(0)
    return "utf-8-sig"


def _separator(first_line: str) -> str:
    return max(";,\t", key=first_line.count)


def _without_guard(cell: str) -> str:
    """What our own CSV puts before a cell that would be a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _no_table() -> RuleError:
    return RuleError(_("We cannot read this file. Save it as Excel (.xlsx) or as CSV, and upload it again."))


def _cell(text: str) -> str:
    if len(text) > MAX_CELL or "\x00" in text:
        raise RuleError(_("A cell of this table is longer than %(max)s characters.") % {"max": MAX_CELL})
    return text


# Excel ----------------------------------------------------------------------------------------------


def _excel_rows(file: IO[bytes], *, max_rows: int) -> Iterator[list[str]]:
    check_unpacked(file, limit=MAX_UNPACKED)
    sheet = _sheet(file, max_rows)
    for _empty in range(sheet.start[0] if sheet.start else 0):
        yield []  # lines above the first filled one count as well
    for row in sheet.iter_rows():
        yield [_cell(_as_text(cell)) for cell in row]


def _sheet(file: IO[bytes], max_rows: int) -> CalamineSheet:
    try:
        copy = SafeCopy(file, max_rows=max_rows)
    except (*DAMAGED, NoExcelFile):
        raise _no_table() from None
    try:
        with copy.file:
            return CalamineWorkbook.from_filelike(copy.file).get_sheet_by_index(0)
    except (CalamineError, IndexError, OSError):
        raise (copy.left_out if str(copy.left_out) else _no_table()) from None


def _as_text(cell: Any) -> str:
    """As the person sees it: 9001 and not 9001.0, a day without its hours."""
    if isinstance(cell, bool):
        return "ja" if cell else "nee"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)


def check_unpacked(file: IO[bytes], *, limit: int) -> None:
    """Raises RuleError for an archive that is none, or that holds more bytes than `limit` (C41).

    The sizes that an archive states may be lies, and Excel's readers do not mind them: each part is unpacked and
    counted here.
    """
    left = limit
    try:
        with zipfile.ZipFile(file) as archive:
            for part in archive.infolist():
                left -= _unpacked_size(file, part, left)
    except DAMAGED:
        raise _no_table() from None
    if left < 0:
        raise too_large()


def _unpacked_size(file: IO[bytes], part: zipfile.ZipInfo, limit: int) -> int:
    """At most a little more than `limit`."""
    if part.compress_type == zipfile.ZIP_STORED:
        return part.compress_size
    if part.compress_type != zipfile.ZIP_DEFLATED or limit < 0:
        return limit + 1
    file.seek(part.header_offset)
    name_length, extra_length = struct.unpack("<HH", file.read(30)[26:30])
    file.seek(name_length + extra_length, io.SEEK_CUR)
    inflater, size, packed = zlib.decompressobj(-15), 0, part.compress_size
    while packed > 0 and size <= limit and (chunk := file.read(min(packed, 2**16))):
        packed -= len(chunk)
        while chunk and size <= limit:
            size += len(inflater.decompress(chunk, 2**20))
            chunk = inflater.unconsumed_tail
    return size


# Writing --------------------------------------------------------------------------------------------


def csv_pieces(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Line by line, as Excel in the Netherlands opens it by a double click: semicolons, UTF-8 with its mark."""
    yield "\ufeff".encode()
    for row in rows:
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=";").writerow([_guarded(_written(cell)) for cell in row])
        yield line.getvalue().encode()


def excel_file(rows: Iterable[Sequence[Cell]], *, widths: Sequence[int] = ()) -> IO[bytes]:
    """A file on disk, written line by line; every text is a text and never a formula (C31)."""
    file = TemporaryFile()  # noqa: SIM115 -- the answer that streams it closes it
    book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                sheet.write_number(number, place, cell)
            else:
                sheet.write_string(number, place, _written(cell), None if number else bold)
    book.close()
    file.seek(0)
    return file


def _written(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    return "" if cell is None else str(cell)


def _guarded(text: str) -> str:
    """An apostrophe makes a text of what would be a formula (C31); `read_table` takes it away again."""
    return f"'{text}" if text.startswith(FORMULA) else text
