"""An Excel file made to do harm costs a process of its own, and nothing else (C41)."""

from __future__ import annotations

import io
import resource
import subprocess
import zipfile

import psutil
import pytest

from nenconnect.tables import excel
from tests.project.test_tables import FIRST, GOOD, changed, read, refused, sheet
from tests.project.test_tables import excel as excel_file

MEGABYTE = 2**20


def shared_text(megabytes: int, cells: int) -> bytes:
    """A small file in which many cells show one long text."""
    shared = f"<sst><si><t>Naam</t></si><si><t>{'a' * megabytes * MEGABYTE}</t></si></sst>"
    rows = [f'<c r="A{number}" t="s"><v>1</v></c>' for number in range(2, cells + 2)]
    return changed(GOOD, sheet=sheet(FIRST, *rows), shared=shared)


def zeroes() -> bytes:
    """An archive of 300 kB that unpacks to 300 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 300 * MEGABYTE)
    return file.getvalue()


def test_a_file_that_unpacks_to_gigabytes_leaves_our_own_memory_alone() -> None:
    content = shared_text(megabytes=4, cells=1000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kB

    assert "far too large" in refused(content, max_lines=5000)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def open_document() -> bytes:
    """A sheet of LibreOffice, which the reader could read; people are told to save it as Excel instead."""
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


def test_a_sheet_of_another_program_is_refused_with_what_to_do() -> None:
    assert "Save it as Excel" in refused(open_document())


def test_an_archive_of_zeroes_is_refused() -> None:
    assert "We cannot read this file" in refused(zeroes())


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_MEMORY", 100 * MEGABYTE), ("MAX_OUTPUT", 10_000), ("MAX_CELLS", 100)]
)
def test_each_limit_of_the_reader_refuses_the_file(
    limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = excel_file(["Naam", "Gebruikersnaam"], *([["x" * 5000, f"{row}@acme.nl"] for row in range(20_000)]))
    monkeypatch.setattr(excel, limit, value)

    assert "far too large" in refused(content, max_lines=50_000)


def test_a_reader_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MAX_SECONDS", 0.001)

    assert "far too large" in refused(GOOD)
    assert [child.name() for child in psutil.Process().children() if "python" in child.name()] == []


def test_a_reader_that_is_killed_is_a_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    reader = tmp_path / "reader.py"
    reader.write_text("import os, signal\nprint([1, 2, 2])\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setattr(excel, "READER", reader)

    assert "far too large" in refused(GOOD)


def test_a_reader_with_a_fault_of_ours_is_no_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    reader = tmp_path / "reader.py"
    reader.write_text("raise ValueError('a fault of ours')\n")
    monkeypatch.setattr(excel, "READER", reader)

    with pytest.raises(RuntimeError, match="a fault of ours"):
        read(GOOD)


def test_the_reader_gets_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    environments = []
    run = subprocess.run

    def watch(*arguments, **options):
        environments.append(options["env"])
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", watch)
    read(GOOD)

    assert environments == [{}]
