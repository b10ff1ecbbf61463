"""Limit the size of uploaded tables; the messages tell what to do with a larger file (C41)."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

from django.utils.translation import gettext as _

from nenconnect.rules.errors import RuleError

MAX_BYTES = 50 * 2**20  # of an uploaded table
MAX_COLUMNS = 100
MAX_CELLS = 3_000_000  # between the first filled cell and the last
MAX_CELL_LENGTH = 5_000  # characters
# What zipfile raises for an archive that is damaged, locked, packed in an unknown way, or no archive.
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


def unreadable() -> RuleError:
    return RuleError(_("We cannot read this file. Save it as Excel (.xlsx) or as CSV, and upload it again."))


def too_large() -> RuleError:
    return RuleError(_("This file is far too large once it is unpacked. Nothing of it was read."))


def too_many_columns() -> RuleError:
    return RuleError(
        _("This table has more than %(max)s columns. Delete those that are not part of it.") % {"max": MAX_COLUMNS}
    )


def too_many_rows(last_row: int) -> RuleError:
    return RuleError(
        _("Line %(line)s of this file is not part of the table. Delete the lines around the table.")
        % {"line": last_row}
    )
