"""Test that no mail is lost when a service dies (R31, C33–C40).

Runs the short form of bench/faults.py, and checks its verdict.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from bench.fault_test.verdict import AuditedChange, FaultTestOutcome, RecordedMail
from bench.program import ROOT
from bench.sink_process import TakenMail


def test_the_short_fault_run_mails_every_change_and_nothing_else():
    """Kill workers, Redis, Postgres and the mail server, each at least once. Takes most of a minute."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.faults", "--short"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def faultless_run() -> FaultTestOutcome:
    """Return a run with two people whose mails were sent, and one without a mailbox."""
    people = {"jan@bedrijf.example": "sent", "piet@bedrijf.example": "sent", "onbekend@bedrijf.example": "failed"}
    return FaultTestOutcome(
        changes=[AuditedChange("password_reset", who) for who in people],
        mails=[RecordedMail(f"<{who}>", "password_reset", who, status) for who, status in people.items()],
        taken=[TakenMail(f"<{who}>", who, "taken") for who, status in people.items() if status == "sent"],
        done=set(people),
        undone={"klaas@bedrijf.example"},
    )


def test_a_faultless_run_has_no_problems():
    assert faultless_run().problems(kills=0) == []


def _lost_by_the_mail_server(outcome: FaultTestOutcome) -> None:
    outcome.taken.pop()


def _forgotten_by_the_database(outcome: FaultTestOutcome) -> None:
    outcome.done.add("marie@bedrijf.example")


def _mailed_though_undone(outcome: FaultTestOutcome) -> None:
    outcome.taken.append(TakenMail("<1>", "klaas@bedrijf.example", "taken"))


def _written_without_a_change(outcome: FaultTestOutcome) -> None:
    outcome.changes.pop(0)


def _changed_without_a_mail(outcome: FaultTestOutcome) -> None:
    outcome.mails.pop(0)
    outcome.taken.pop(0)


def _sent_to_another_address(outcome: FaultTestOutcome) -> None:
    outcome.taken[0] = outcome.taken[0]._replace(recipient="piet@bedrijf.example")


def _double(outcome: FaultTestOutcome) -> None:
    outcome.taken.append(outcome.taken[0])


def _double_though_only_another_was_dropped(outcome: FaultTestOutcome) -> None:
    outcome.taken[1] = outcome.taken[1]._replace(outcome="dropped")
    outcome.taken.append(outcome.taken[0])


def _double_with_another_message_id(outcome: FaultTestOutcome) -> None:
    outcome.taken[0] = outcome.taken[0]._replace(outcome="dropped")
    outcome.taken.append(TakenMail("<2>", outcome.taken[0].recipient, "taken"))


def _still_waiting(outcome: FaultTestOutcome) -> None:
    outcome.mails[0] = outcome.mails[0]._replace(status="waiting")


def _given_up(outcome: FaultTestOutcome) -> None:
    outcome.mails[0] = outcome.mails[0]._replace(status="failed")


def _refused_and_still_tried(outcome: FaultTestOutcome) -> None:
    outcome.mails[2] = outcome.mails[2]._replace(status="waiting")


def _paused(outcome: FaultTestOutcome) -> None:
    outcome.is_paused = True


def _in_the_hands_of_a_worker(outcome: FaultTestOutcome) -> None:
    outcome.is_held = True


@pytest.mark.parametrize(
    ("spoil", "problem_text"),
    [
        (_lost_by_the_mail_server, "lost: piet@"),
        (_forgotten_by_the_database, "lost: marie@"),
        (_mailed_though_undone, "without a change: klaas@"),
        (_written_without_a_change, "without a change: jan@"),
        (_changed_without_a_mail, "3 changes are 2 mails"),
        (_sent_to_another_address, "without a change: piet@"),
        (_double, "double: 1, more than 0 kills and 0 drops"),
        (_double_though_only_another_was_dropped, "double although nothing was dropped: 1"),
        (_double_with_another_message_id, "another Message-ID: jan@"),
        (_still_waiting, "not all sent: 1 waiting, 1 sent"),
        (_given_up, "not all sent: 1 failed, 1 sent"),
        (_refused_and_still_tried, "yet not all failed: 1 waiting"),
        (_paused, "still paused"),
        (_in_the_hands_of_a_worker, "in the hands of a worker"),
    ],
)
def test_the_verdict_names_each_kind_of_problem(spoil: Callable[[FaultTestOutcome], None], problem_text: str):
    outcome = faultless_run()

    spoil(outcome)

    assert any(problem_text in problem for problem in outcome.problems(kills=0)), outcome.problems(kills=0)


def test_the_verdict_allows_one_double_mail_for_each_kill():
    outcome = faultless_run()
    _double(outcome)

    assert outcome.problems(kills=1) == []
