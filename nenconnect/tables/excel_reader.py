"""Print the first sheet of an Excel file as JSON, in a process that can fail alone (C41).

Run as `python -I excel_reader.py LIMITS < file`, without Django: it starts in a twentieth of a second and has no
secrets. The first line is the last row, the last column and the number of cells, both counted from one; then comes
one list of texts for each row, if those numbers are within the limits.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
from datetime import datetime, time
from typing import Any

from python_calamine import CalamineWorkbook

OK, NO_EXCEL, TOO_LARGE = 0, 3, 4  # exit codes


def main(limits: dict[str, int]) -> int:
    """Print the sheet and return the exit code; the kernel kills a process above its limits."""
    _limit(resource.RLIMIT_AS, limits["memory"])
    _limit(resource.RLIMIT_FSIZE, limits["output"])
    try:
        code = _print_sheet(limits)
        sys.stdout.flush()
    except MemoryError:
        return TOO_LARGE
    except OSError as error:
        return TOO_LARGE if error.errno == errno.EFBIG else NO_EXCEL
    except BaseException:  # calamine panics on some damaged files, which is no Exception
        return NO_EXCEL
    return code


def _print_sheet(limits: dict[str, int]) -> int:
    sheet = CalamineWorkbook.from_filelike(sys.stdin.buffer).get_sheet_by_index(0)
    if sheet.start is None or sheet.end is None:
        _write([0, 0, 0])
        return OK
    (first_row, first_column), (last_row, last_column) = sheet.start, sheet.end
    cells = (last_row - first_row + 1) * (last_column - first_column + 1)
    _write([last_row + 1, last_column + 1, cells])
    if last_row >= limits["rows"] or last_column >= limits["columns"] or cells > limits["cells"]:
        return OK
    for _empty_row in range(first_row):  # rows above the first filled one count as well
        _write([])
    for row in sheet.iter_rows():
        _write([_as_text(cell)[: limits["cell_length"]] for cell in row])
    return OK


def _write(line: list[Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


def _limit(kind: int, limit: int) -> None:
    resource.setrlimit(kind, (limit, limit))


def _as_text(cell: Any) -> str:
    """Return a cell as the person sees it: 9001 and not 9001.0, a day without its hours."""
    if isinstance(cell, bool):
        return "ja" if cell else "nee"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)


if __name__ == "__main__":
    os._exit(main(json.loads(sys.argv[1])))  # at a usual exit Python would flush what does not fit once more
