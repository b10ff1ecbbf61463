from __future__ import annotations

import os
import sys
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from nenconnect.mail.bounces import BounceOutcome, record_bounce
from nenconnect.mail.delivery_reports import LARGEST

# What mail servers understand of a program that they hand a message to (sysexits.h).
EXIT_CODES = {BounceOutcome.NOT_OURS: os.EX_NOUSER, BounceOutcome.NO_REPORT: os.EX_DATAERR}
PIECE = 64 * 1024


class Command(BaseCommand):
    help = (
        "Reads a delivery status message (RFC 3464) on standard input and marks the mail and the address. "
        "Exit code 0: done, or nothing to do; 65: no such message; 67: about no mail of ours; 75: try again later."
    )
    requires_system_checks = []  # a mail server starts this once for each message

    def handle(self, *args: Any, **options: Any) -> None:
        raw = _read(sys.stdin.buffer)
        try:
            recorded = record_bounce(raw)
        except DatabaseError as error:
            raise CommandError(f"try again later: {type(error).__name__}", returncode=os.EX_TEMPFAIL) from error
        if code := EXIT_CODES.get(recorded.outcome):
            raise CommandError(recorded.line, returncode=code)
        self.stdout.write(recorded.line)


def _read(stream: BinaryIO) -> bytes:
    """Return the first bytes; read the rest too, so that the mail server finds no closed pipe."""
    raw = b""
    while piece := stream.read(PIECE):
        raw += piece[: LARGEST - len(raw)]
    return raw
