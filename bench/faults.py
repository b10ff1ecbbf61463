"""Send mails while everything that can die or misbehave does so; no mail may be lost (R31, C33–C40).

python -m bench.faults [--short]. Takes about six minutes, the short form less than one. Starts its own services.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.fault_test.faults import FaultPhase, phases_in_full, phases_in_short
from bench.fault_test.site import FaultSite, site_in
from bench.fault_test.verdict import FaultTestOutcome, read_story

MAX_SECONDS = 600
SECONDS_TO_RECOVER = 150
_SECONDS_TO_WRITE = 200  # extra time for the changes of one phase
_FLUSH_DELAY = 0.3  # seconds after which the mail server's list is complete
_WIDTHS = ("<27", "<50", ">8", ">8", ">8", ">8", ">8")
_COLUMNS = ("phase", "what was done", "written", "through", "doubles", "waiting", "seconds")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    parser.add_argument("--short", action="store_true", help="a few hundred mails, each kind of fault once")
    is_short = parser.parse_args().short
    return run(list(phases_in_short() if is_short else phases_in_full()))


def run(phases: list[FaultPhase]) -> int:
    started_at = time.monotonic()
    written = sum(phase.mails for phase in phases)
    with _short_folder() as folder, site_in(folder, max_changes=2 * written) as site:
        try:
            outcome = _run_phases(site, phases)
        except Exception:
            _print_logs(folder)
            raise
        problems = [*site.problems, *outcome.problems(site.kills)]
        if problems:
            _print_logs(folder)
    seconds = time.monotonic() - started_at
    _print_totals(outcome, site.kills, seconds)
    if len(outcome.changes) != written:
        problems.append(f"{len(outcome.changes)} changes instead of {written}")
    if seconds > MAX_SECONDS:
        problems.append(f"it took {seconds:.0f} seconds, more than {MAX_SECONDS}")
    for problem in problems:
        print(f"FAILED: {problem}")
    return 1 if problems else 0


def _run_phases(site: FaultSite, phases: list[FaultPhase]) -> FaultTestOutcome:
    _print_line(_COLUMNS)
    for phase in phases:
        _run_phase(site, phase)
    _wait_for_recovery(site)
    with site.connection() as connection:
        return read_story(connection.cursor(), site.sink.taken(), site.journal.read_text())


def _run_phase(site: FaultSite, phase: FaultPhase) -> None:
    started_at, mails_before = time.monotonic(), site.sink.count()
    mailboxes = "unknown" if phase.has_unknown else "usual"
    site.people.send_order(f"{phase.mails} {phase.seconds} {mailboxes}")
    action = phase.cause(site)
    site.people.wait_until_done(phase.seconds + _SECONDS_TO_WRITE)
    _print_phase(site, phase.name, action, phase.mails, mails_before, started_at)


def _wait_for_recovery(site: FaultSite) -> None:
    # Nothing is done but wait: the site must recover by itself.
    started_at, mails_before = time.monotonic(), site.sink.count()
    site.check(happen=lambda: site.waiting() == 0, within=SECONDS_TO_RECOVER, else_say="it did not recover")
    _print_phase(site, "all is well again", "nothing", 0, mails_before, started_at)


def _print_phase(
    site: FaultSite, name: str, action: str, written: int, mails_before: int, started_at: float
) -> None:
    time.sleep(_FLUSH_DELAY)
    taken = site.sink.taken()
    doubles = len(taken) - len(Counter(mail.recipient for mail in taken))
    seconds = f"{time.monotonic() - started_at:.1f}"
    _print_line((name, action, written, len(taken) - mails_before, doubles, site.waiting(), seconds))


def _print_line(cells: Iterable[object]) -> None:
    print("".join(format(str(cell), width) for cell, width in zip(cells, _WIDTHS, strict=True)), flush=True)


def _print_totals(outcome: FaultTestOutcome, kills: int, seconds: float) -> None:
    by_status = Counter(mail.status for mail in outcome.mails)
    totals = {
        "changes": len(outcome.changes),
        "changes undone": len(outcome.undone),
        "mails sent": by_status["sent"],
        "mails refused for good": by_status["failed"],
        "lost (0)": len(outcome.recipients_without_mail),
        "without a change (0)": len(outcome.recipients_without_change),
        f"double (at most {kills} kills + {outcome.dropped_mails} drops)": outcome.double_mails,
        f"  of which not after a drop (at most {kills} kills)": outcome.double_mails_without_a_drop,
        "  of which with another Message-ID (0)": len(outcome.recipients_with_two_message_ids),
        "seconds": round(seconds),
    }
    for name, number in totals.items():
        print(f"{name:<52}{number:>8}")


def _print_logs(folder: Path) -> None:
    for path in sorted(folder.glob("*.log")):
        lines = path.read_text(errors="replace").splitlines()
        print(f"--- {path.name}", *lines[-10:], sep="\n")


@contextmanager
def _short_folder() -> Iterator[Path]:
    """Yield a folder with a path short enough for sockets, which the account of Postgres may enter."""
    folder = Path(tempfile.mkdtemp(prefix="nen-connect-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
