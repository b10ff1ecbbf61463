"""Read and write the tables of people: CSV as Excel and others save it, and Excel files (C31, C41).

Every cell is read as text, with the line number that the person sees; the caller gives it a meaning.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from tempfile import TemporaryFile
from typing import IO

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from nenconnect.rules.errors import RuleError
from nenconnect.tables.excel import excel_rows
from nenconnect.tables.limits import MAX_BYTES, MAX_CELL_LENGTH, MAX_COLUMNS, too_many_columns, unreadable

EMPTY_LINES = 10_000  # that may stand between the others
FORMULA = tuple("=+-@\t\r")  # a cell that begins so would be a formula (C31)
EXCEL, CSV = "xlsx", "csv"

Cell = str | int | float | bool | date | datetime | time | None


@dataclass(frozen=True)
class Column:
    """Describe a column: its name in the code and the headings that people may use, preferred first."""

    name: str
    headings: tuple[str, ...]
    is_needed: bool = False


@dataclass(frozen=True)
class TableLine:
    number: int  # as the person's own program counts: the headings are line 1
    values: dict[str, str]  # only of the columns that the table has


def read_table(file: IO[bytes], columns: Sequence[Column], *, max_lines: int) -> Iterator[TableLine]:
    """Yield the lines that are not empty.

    Raises RuleError, at once or while reading, for a file that is no such table.
    """
    file.seek(0, io.SEEK_END)
    if file.tell() > MAX_BYTES:
        raise RuleError(_("This file is larger than %(max)s MB. Split it up.") % {"max": MAX_BYTES // 2**20})
    file.seek(0)
    is_excel = file.read(4) == b"PK\x03\x04"
    rows = excel_rows(file, max_rows=max_lines + EMPTY_LINES) if is_excel else _csv_rows(file)
    return _lines(map(_check_length, rows), columns, max_lines)


def _lines(rows: Iterator[list[str]], columns: Sequence[Column], max_lines: int) -> Iterator[TableLine]:
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
        yield TableLine(number, {name: cell for name, cell in zip(names, cells, strict=False) if name})


def _names_of(headings: list[str], columns: Sequence[Column]) -> list[str]:
    """Return the column of each heading, "" for an empty heading. Raises RuleError that names the fault."""
    if len(headings) > MAX_COLUMNS:
        raise too_many_columns()
    by_heading = {
        _plain(heading): column.name for column in columns for heading in (column.name, *column.headings)
    }
    names = [by_heading.get(_plain(heading), "") for heading in headings]
    strange = [heading.strip() for heading in headings if heading.strip() and _plain(heading) not in by_heading]
    missing = [column.headings[0] for column in columns if column.is_needed and column.name not in names]
    twice = [name for name in names if name and names.count(name) > 1]
    expected = ", ".join(column.headings[0] for column in columns)
    if missing or strange or twice:
        raise RuleError(
            _column_faults(missing, strange, twice) + " " + _("The columns are: %(all)s.") % {"all": expected}
        )
    return names


def _column_faults(missing: list[str], strange: list[str], twice: list[str]) -> str:
    if missing:
        return _("The first line has no column %(columns)s.") % {"columns": _quoted(missing)}
    if strange:
        return _("We do not know the column %(columns)s.") % {"columns": _quoted(strange)}
    return _("The table has two columns with the same heading.")


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
        raise unreadable()
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="", errors="strict")
    try:
        separator = _separator(text.readline())
        text.seek(0)
        for row in csv.reader(text, delimiter=separator):
            yield [_without_guard(cell) for cell in row]
    except (csv.Error, UnicodeDecodeError):
        raise unreadable() from None
    finally:
        with suppress(ValueError):  # a caller that stops reading may have closed the file
            text.detach()


def _encoding(file: IO[bytes]) -> str:
    """Return utf-16, utf-8-sig, or else cp1252, which Excel in the Netherlands writes."""
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
    """Remove the apostrophe that `_guarded_against_formulas` put before a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _check_length(row: list[str]) -> list[str]:
    if any(len(cell) > MAX_CELL_LENGTH or "\x00" in cell for cell in row):
        raise RuleError(_("A cell of this table is longer than %(max)s characters.") % {"max": MAX_CELL_LENGTH})
    return row


# Writing --------------------------------------------------------------------------------------------


def csv_pieces(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield CSV that Excel in the Netherlands opens by a double click: semicolons, UTF-8 with byte order mark."""
    yield "\ufeff".encode()
    for row in rows:
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=";").writerow([_guarded_against_formulas(_cell_text(cell)) for cell in row])
        yield line.getvalue().encode()


def excel_file(rows: Iterable[Sequence[Cell]], *, widths: Sequence[int] = ()) -> IO[bytes]:
    """Write an Excel file on disk, row by row; every text stays a text and never becomes a formula (C31)."""
    file = TemporaryFile()  # noqa: SIM115 -- the response that streams it closes it
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
                sheet.write_string(number, place, _cell_text(cell), None if number else bold)
    book.close()
    file.seek(0)
    return file


def _cell_text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    return "" if cell is None else str(cell)


def _guarded_against_formulas(text: str) -> str:
    """Put an apostrophe before a text that would be a formula (C31); `read_table` removes it."""
    return f"'{text}" if text.startswith(FORMULA) else text
