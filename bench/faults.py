"""Mails flow while everything that can die or misbehave does so; none may be lost (R31, C33–C40).

python -m bench.faults [--short]. Takes about six minutes, the short form less than one. Brings its own services.
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

from bench.fault_test.faults import Phase, in_full, in_short
from bench.fault_test.site import Site, site_in
from bench.fault_test.verdict import Story, read_story

MOST_SECONDS = 600
SECONDS_TO_HEAL = 150
_SECONDS_TO_WRITE = 200  # what one phase has to write, over what it should take
_FLUSHED = 0.3  # seconds after which the mail server's list is complete
_WIDTHS = ("<27", "<50", ">8", ">8", ">8", ">8", ">8")
_COLUMNS = ("phase", "what was done", "written", "through", "doubles", "waiting", "seconds")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    parser.add_argument("--short", action="store_true", help="a few hundred mails, each kind of fault once")
    is_short = parser.parse_args().short
    return run(list(in_short() if is_short else in_full()))


def run(phases: list[Phase]) -> int:
    """Prints the table; the exit code."""
    began = time.monotonic()
    written = sum(phase.mails for phase in phases)
    with _folder() as folder, site_in(folder, most=2 * written) as site:
        try:
            story = _whole_story(site, phases)
        except Exception:
            _print_logs(folder)
            raise
        problems = [*site.problems, *story.problems(site.kills)]
        if problems:
            _print_logs(folder)
    seconds = time.monotonic() - began
    _print_totals(story, site.kills, seconds)
    if len(story.changes) != written:
        problems.append(f"{len(story.changes)} changes instead of {written}")
    if seconds > MOST_SECONDS:
        problems.append(f"it took {seconds:.0f} seconds, more than {MOST_SECONDS}")
    for problem in problems:
        print(f"FAILED: {problem}")
    return 1 if problems else 0


def _whole_story(site: Site, phases: list[Phase]) -> Story:
    _print_line(_COLUMNS)
    for phase in phases:
        _go_through(site, phase)
    _heal(site)
    with site.connection() as connection:
        return read_story(connection.cursor(), site.sink.taken(), site.journal.read_text())


def _go_through(site: Site, phase: Phase) -> None:
    began, before = time.monotonic(), site.sink.count()
    kinds = "unknown" if phase.has_unknown else "usual"
    site.people.give(f"{phase.mails} {phase.seconds} {kinds}")
    what = phase.act(site)
    site.people.wait(phase.seconds + _SECONDS_TO_WRITE)
    _print_phase(site, phase.name, what, phase.mails, before, began)


def _heal(site: Site) -> None:
    """By itself: nothing is done but wait."""
    began, before = time.monotonic(), site.sink.count()
    site.must(happen=lambda: site.waiting() == 0, within=SECONDS_TO_HEAL, else_say="it did not heal")
    _print_phase(site, "all is well again", "nothing", 0, before, began)


def _print_phase(site: Site, name: str, what: str, written: int, before: int, began: float) -> None:
    time.sleep(_FLUSHED)
    taken = site.sink.taken()
    doubles = len(taken) - len(Counter(mail.recipient for mail in taken))
    seconds = f"{time.monotonic() - began:.1f}"
    _print_line((name, what, written, len(taken) - before, doubles, site.waiting(), seconds))


def _print_line(cells: Iterable[object]) -> None:
    print("".join(format(str(cell), width) for cell, width in zip(cells, _WIDTHS, strict=True)), flush=True)


def _print_totals(story: Story, kills: int, seconds: float) -> None:
    by_status = Counter(mail.status for mail in story.mails)
    totals = {
        "changes": len(story.changes),
        "changes undone": len(story.undone),
        "mails sent": by_status["sent"],
        "mails refused for good": by_status["failed"],
        "lost (0)": len(story.lost),
        "without a change (0)": len(story.without_change),
        f"double (at most {kills} kills + {story.drops} drops)": story.doubles,
        f"  of which not after a drop (at most {kills} kills)": story.doubles_of_nothing_dropped,
        "  of which with another Message-ID (0)": len(story.with_another_message_id),
        "seconds": round(seconds),
    }
    for name, number in totals.items():
        print(f"{name:<52}{number:>8}")


def _print_logs(folder: Path) -> None:
    for path in sorted(folder.glob("*.log")):
        lines = path.read_text(errors="replace").splitlines()
        print(f"--- {path.name}", *lines[-10:], sep="\n")


@contextmanager
def _folder() -> Iterator[Path]:
    """With a short path, for the sockets; Postgres has to pass when it runs as another account than root."""
    folder = Path(tempfile.mkdtemp(prefix="nen-connect-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
