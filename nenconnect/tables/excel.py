"""Read an Excel file through a process of its own, under limits of memory, time, rows, columns and cells (C41)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from nenconnect.tables.excel_reader import NO_EXCEL, OK, TOO_LARGE
from nenconnect.tables.limits import (
    DAMAGED,
    MAX_CELL_LENGTH,
    MAX_CELLS,
    MAX_COLUMNS,
    too_large,
    too_many_columns,
    too_many_rows,
    unreadable,
)

READER = Path(__file__).with_name("excel_reader.py")
MAX_MEMORY = 2**30  # bytes of address space; 60,000 rows of 40 filled columns take half of it
MAX_OUTPUT = 2**29  # bytes of JSON
MAX_SECONDS = 60


def excel_rows(file: IO[bytes], *, max_rows: int) -> Iterator[list[str]]:
    """Yield the rows of the first sheet as texts. Raises RuleError that says what to do."""
    if not _is_xlsx(file):
        raise unreadable()
    with TemporaryFile() as copy, TemporaryFile() as output:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        _run_reader(copy, output, max_rows)
        output.seek(0)
        last_row, last_column, cells = json.loads(output.readline())
        if last_row > max_rows:
            raise too_many_rows(last_row)
        if last_column > MAX_COLUMNS:
            raise too_many_columns()
        if cells > MAX_CELLS:
            raise too_large()
        yield from map(json.loads, output)


def _is_xlsx(file: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return "xl/workbook.xml" in {name.casefold() for name in archive.namelist()}
    except DAMAGED:
        return False


def _run_reader(file: IO[bytes], output: IO[bytes], max_rows: int) -> None:
    """Write the sheet as JSON into `output`. Raises RuleError."""
    limits = {
        "memory": MAX_MEMORY,
        "output": MAX_OUTPUT,
        "rows": max_rows,
        "columns": MAX_COLUMNS,
        "cells": MAX_CELLS,
        "cell_length": MAX_CELL_LENGTH + 1,  # one more, so that the caller sees that it is too long
    }
    command = [sys.executable, "-I", str(READER), json.dumps(limits)]
    try:
        done = subprocess.run(  # noqa: S603 -- our own program; the file is its input
            command, stdin=file, stdout=output, stderr=subprocess.PIPE, env={}, timeout=MAX_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_large() from None
    if done.returncode == NO_EXCEL:
        raise unreadable()
    if done.returncode == TOO_LARGE or done.returncode < 0:  # below zero: killed by a limit
        raise too_large()
    if done.returncode != OK:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
