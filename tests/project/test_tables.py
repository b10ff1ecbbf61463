"""Test reading and writing tables that people upload and download, also harmful ones (C31, C41)."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from nenconnect.rules.errors import RuleError
from nenconnect.tables import files
from nenconnect.tables.files import Column, TableLine, csv_pieces, excel_file, read_table

COLUMNS = [
    Column("email", ("Gebruikersnaam", "E-mailadres"), is_needed=True),
    Column("name", ("Naam",), is_needed=True),
    Column("phone", ("Telefoonnummer",)),
]


def read_lines(content: bytes, max_lines: int = 100) -> list[TableLine]:
    return list(read_table(io.BytesIO(content), COLUMNS, max_lines=max_lines))


def excel_bytes_of(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    book = Workbook(file)
    sheet_xml = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet_xml.write(
                number,
                column,
                cell,
                book.add_format({"num_format": "d-m-yyyy"}) if isinstance(cell, date) else None,
            )
    book.close()
    return file.getvalue()


def refusal_of(content: bytes, **options: int) -> str:
    with translation.override("en"), pytest.raises(RuleError) as error:
        read_lines(content, **options)
    return str(error.value)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_is_read_with_every_separator_encoding_and_line_end(
    separator: str, encoding: str, line_end: str
) -> None:
    rows = [["Gebruikersnaam*", "Naam*"], ["jan@acme.nl", "José Müller"], ["", ""], ["piet@acme.nl", " Piet "]]
    content = line_end.join(separator.join(row) for row in rows).encode(encoding)

    assert read_lines(content) == [
        TableLine(2, {"email": "jan@acme.nl", "name": "José Müller"}),
        TableLine(4, {"email": "piet@acme.nl", "name": "Piet"}),
    ]


def test_a_cell_may_hold_separators_and_quotes() -> None:
    content = b'naam;e-mailadres;telefoonnummer\r\n"Jan; ""de"" Wit";jan@acme.nl;06-1\r\n'

    assert read_lines(content)[0].values == {"email": "jan@acme.nl", "name": 'Jan; "de" Wit', "phone": "06-1"}


def test_dates_and_numbers_in_excel_are_read_as_text() -> None:
    content = excel_bytes_of(
        ["NAAM", "Gebruikersnaam", "telefoonnummer"], [date(2026, 3, 14), "jan@acme.nl", 612345678]
    )

    assert read_lines(content) == [
        TableLine(2, {"email": "jan@acme.nl", "name": "2026-03-14", "phone": "612345678"})
    ]


def test_line_numbers_of_excel_count_empty_lines() -> None:
    content = excel_bytes_of(["Naam", "Gebruikersnaam"], [], ["Jan", "jan@acme.nl"])

    assert [line.number for line in read_lines(content)] == [3]


def test_a_formula_in_excel_is_read_as_its_result() -> None:
    file = io.BytesIO()
    book = Workbook(file)
    sheet_xml = book.add_worksheet()
    sheet_xml.write_row(0, 0, ["Naam", "Gebruikersnaam"])
    sheet_xml.write_formula(1, 0, '="Jan"&" Wit"', value="Jan Wit")
    sheet_xml.write_string(1, 1, "jan@acme.nl")
    book.close()

    assert read_lines(file.getvalue())[0].values["name"] == "Jan Wit"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The first line has no column “Gebruikersnaam”, “Naam”."),
        (b"Naam\nJan\n", "The first line has no column “Gebruikersnaam”."),
        (b"Naam;Gebruikersnaam;Schoenmaat\n", "We do not know the column “Schoenmaat”."),
        (b"Naam;Gebruikersnaam;E-mailadres\n", "The table has two columns with the same heading."),
    ],
)
def test_a_refusal_names_the_wrong_columns_and_lists_the_right_columns(content: bytes, message: str) -> None:
    assert refusal_of(content) == f"{message} The columns are: Gebruikersnaam, Naam, Telefoonnummer."


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00",
        b"%PDF-1.7\x00\x01",
        b"PK\x03\x04 and then nothing that is a zip",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00",
        b"Naam;Gebruikersnaam\n" + b"\x81\x8d\x8f",  # no letter in Windows-1252
    ],
)
def test_a_file_that_is_no_table_is_refused_with_advice(content: bytes) -> None:
    assert (
        refusal_of(content) == "We cannot read this file. Save it as Excel (.xlsx) or as CSV, and upload it again."
    )


def test_a_zip_that_is_no_excel_file_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hallo.txt", "hallo")

    assert "We cannot read this file" in refusal_of(file.getvalue())


def test_too_many_lines_are_refused() -> None:
    content = b"Naam;Gebruikersnaam\n" + b"Jan;jan@acme.nl\n" * 11

    assert len(read_lines(content, max_lines=11)) == 11
    assert "more than 10 lines" in refusal_of(content, max_lines=10)


def test_empty_lines_do_not_count_towards_the_maximum() -> None:
    content = b"Naam;Gebruikersnaam\n" + b";\n" * 1000 + b"Jan;jan@acme.nl\n"

    assert read_lines(content, max_lines=1)[0].number == 1002


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10)

    assert "larger than" in refusal_of(b"Naam;Gebruikersnaam\n")


def test_a_cell_of_more_than_5000_letters_is_refused() -> None:
    assert "longer than 5000" in refusal_of(b"Naam;Gebruikersnaam\n" + b"x" * 6000 + b";y\n")


SHEET = "xl/worksheets/sheet1.xml"
SHARED_STRINGS = "xl/sharedStrings.xml"


def with_parts(content: bytes, **parts: str) -> bytes:
    """Return the Excel file with another `sheet` or `shared` part."""
    names = {"sheet": SHEET, "shared": SHARED_STRINGS}
    new_parts = {names[name]: text for name, text in parts.items()}
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old_archive,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new_archive,
    ):
        for name in old_archive.namelist():
            new_archive.writestr(name, new_parts.get(name) or old_archive.read(name))
    return file.getvalue()


def sheet_xml(*cells: str) -> str:
    rows = "".join(f"<row>{cell}</row>" for cell in cells)
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{name}"><sheetData>{rows}</sheetData></worksheet>'


VALID_EXCEL = excel_bytes_of(["Naam", "Gebruikersnaam"], ["Jan", "jan@acme.nl"])
FIRST_CELL = '<c r="A1" t="s"><v>0</v></c>'


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ('<c r="XFD1048576"><v>1</v></c>', "far too large"),
        ('<c r="XFD2"><v>1</v></c>', "more than 100 columns"),
        ('<c r="A99999"><v>1</v></c>', "Line 99999 of this file is not part"),
        ('<c r="a99999" t="inlineStr"><is><t>x</t></is></c>', "Line 99999 of this file is not part"),
    ],
)
def test_a_sheet_with_a_cell_far_away_is_refused(last: str, message: str) -> None:
    assert message in refusal_of(with_parts(VALID_EXCEL, sheet=sheet_xml(FIRST_CELL, last)))


def test_an_empty_cell_with_only_a_style_is_ignored() -> None:
    with zipfile.ZipFile(io.BytesIO(VALID_EXCEL)) as archive:
        sheet_with_style = archive.read(SHEET).decode().replace("</row>", '<c r="XFD9" s="0"/></row>', 1)

    assert read_lines(with_parts(VALID_EXCEL, sheet=sheet_with_style))[0].values["name"] == "Jan"


@pytest.mark.parametrize(
    "text",
    [
        sheet_xml('<c r="A1B"><v>1</v></c>'),
        "<worksheet><sheetData>",
        "<" + "a" * 6 * 2**20,
    ],
)
def test_xml_that_excel_never_writes_is_refused(text: str) -> None:
    assert "We cannot read this file" in refusal_of(with_parts(VALID_EXCEL, sheet=text))


def test_a_large_second_sheet_is_ignored() -> None:
    file = io.BytesIO()
    book = Workbook(file)
    book.add_worksheet().write_row(0, 0, ["Naam", "Gebruikersnaam"])
    book.worksheets()[0].write_row(1, 0, ["Jan", "jan@acme.nl"])
    book.add_worksheet().write(900_000, 200, "far away")
    book.close()

    assert len(read_lines(file.getvalue())) == 1


def test_a_line_with_a_hundred_thousand_columns_is_refused() -> None:
    assert "more than 100 columns" in refusal_of(b"Naam;" * 100_000)


@pytest.mark.parametrize("text", ["=1+1@acme.nl", "+31 6 12345678", "-1", "@jan", "\tx", "\rx"])
def test_text_that_looks_like_a_formula_is_escaped_and_read_back_unchanged(text: str) -> None:
    rows = [["Gebruikersnaam", "Naam"], [text, "Jan"]]

    csv = b"".join(csv_pieces(rows))
    assert f"'{text}".encode() in csv
    assert read_lines(csv)[0].values["email"] == text.strip()
    excel_bytes = excel_file(rows).read()
    assert b"<f>" not in b"".join(part for part in _parts(excel_bytes))
    assert read_lines(excel_bytes)[0].values["email"] == text.strip()


def _parts(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_an_apostrophe_that_the_person_typed_is_kept() -> None:
    assert read_lines(b"Naam;Gebruikersnaam\n's Gravesande;jan@acme.nl\n")[0].values["name"] == "'s Gravesande"


def test_csv_and_excel_files_that_we_write_can_be_read_by_other_programs() -> None:
    rows: list[list[files.Cell]] = [
        ["Naam", "Aantal", "Gezien", "Plus"],
        ["José", 3, datetime(2026, 3, 14, 9, 30), True],
    ]

    with translation.override("nl"):
        assert (
            b"".join(csv_pieces(rows)).decode("utf-8-sig")
            == "Naam;Aantal;Gezien;Plus\r\nJosé;3;2026-03-14 09:30;ja\r\n"
        )
        read_back = CalamineWorkbook.from_filelike(excel_file(rows)).get_sheet_by_index(0).to_python()
    assert read_back[1] == ["José", 3.0, "2026-03-14 09:30", "ja"]
