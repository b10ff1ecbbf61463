"""Test that a harmful Excel file costs one separate process and nothing else (C41)."""

from __future__ import annotations

import io
import resource
import subprocess
import zipfile

import psutil
import pytest

from nenconnect.tables import excel
from tests.project.test_tables import (
    FIRST_CELL,
    VALID_EXCEL,
    excel_bytes_of,
    read_lines,
    refusal_of,
    sheet_xml,
    with_parts,
)

MEGABYTE = 2**20


def excel_with_shared_text(megabytes: int, cells: int) -> bytes:
    """Return a small file in which many cells share one long text."""
    shared = f"<sst><si><t>Naam</t></si><si><t>{'a' * megabytes * MEGABYTE}</t></si></sst>"
    rows = [f'<c r="A{number}" t="s"><v>1</v></c>' for number in range(2, cells + 2)]
    return with_parts(VALID_EXCEL, sheet=sheet_xml(FIRST_CELL, *rows), shared=shared)


def archive_of_zeroes() -> bytes:
    """Return an archive of 300 kB that unpacks to 300 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 300 * MEGABYTE)
    return file.getvalue()


def test_a_file_that_unpacks_to_gigabytes_does_not_use_our_memory() -> None:
    content = excel_with_shared_text(megabytes=4, cells=1000)
    memory_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kB

    assert "far too large" in refusal_of(content, max_lines=5000)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory_before < 100_000


def libreoffice_sheet() -> bytes:
    """Return a LibreOffice sheet, which calamine could read; people are told to save it as Excel instead."""
    names = "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in [("office", "office"), ("table", "table"), ("text", "text")]
    )
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        for text in ("Naam", "Gebruikersnaam")
    )
    row = f"<table:table-row>{cells}</table:table-row>"
    table = f'<table:table table:name="Blad1">{row}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"<office:document-content{names}>{body}</office:document-content>")
    return file.getvalue()


def test_a_libreoffice_sheet_is_refused_with_advice() -> None:
    assert "Save it as Excel" in refusal_of(libreoffice_sheet())


def test_an_archive_of_zeroes_is_refused() -> None:
    assert "We cannot read this file" in refusal_of(archive_of_zeroes())


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_MEMORY", 100 * MEGABYTE), ("MAX_OUTPUT", 10_000), ("MAX_CELLS", 100)]
)
def test_each_limit_of_the_reader_refuses_the_file(
    limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = excel_bytes_of(
        ["Naam", "Gebruikersnaam"], *([["x" * 5000, f"{row}@acme.nl"] for row in range(20_000)])
    )
    monkeypatch.setattr(excel, limit, value)

    assert "far too large" in refusal_of(content, max_lines=50_000)


def test_a_reader_process_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MAX_SECONDS", 0.001)

    assert "far too large" in refusal_of(VALID_EXCEL)
    commands = [child.cmdline() for child in psutil.Process().children()]
    assert not [command for command in commands if str(excel.READER) in command]


def test_a_file_whose_reader_process_is_killed_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    reader = tmp_path / "reader.py"
    reader.write_text("import os, signal\nprint([1, 2, 2])\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setattr(excel, "READER", reader)

    assert "far too large" in refusal_of(VALID_EXCEL)


def test_an_error_in_the_reader_itself_is_raised_and_is_no_refusal(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    reader = tmp_path / "reader.py"
    reader.write_text("raise ValueError('a fault of ours')\n")
    monkeypatch.setattr(excel, "READER", reader)

    with pytest.raises(RuntimeError, match="a fault of ours"):
        read_lines(VALID_EXCEL)


def test_the_reader_process_gets_an_empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    environments = []
    run = subprocess.run

    def record_environment(*arguments, **options):
        environments.append(options["env"])
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", record_environment)
    read_lines(VALID_EXCEL)

    assert environments == [{}]
