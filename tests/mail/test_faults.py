"""No mail is lost, whatever dies (R31, C33–C40): the short form of bench/faults.py, and what its verdict sees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from bench.fault_test.verdict import AuditedChange, FaultTestOutcome, RecordedMail
from bench.program import ROOT
from bench.sink_process import TakenMail


def test_whatever_dies_every_change_is_mailed_and_nothing_else():
    """Workers, Redis, Postgres and the mail server, each at least once. Takes most of a minute."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.faults", "--short"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def story() -> FaultTestOutcome:
    """Two people whose mails went well, and one without a mailbox."""
    people = {"jan@bedrijf.example": "sent", "piet@bedrijf.example": "sent", "onbekend@bedrijf.example": "failed"}
    return FaultTestOutcome(
        changes=[AuditedChange("password_reset", who) for who in people],
        mails=[RecordedMail(f"<{who}>", "password_reset", who, status) for who, status in people.items()],
        taken=[TakenMail(f"<{who}>", who, "taken") for who, status in people.items() if status == "sent"],
        done=set(people),
        undone={"klaas@bedrijf.example"},
    )


def test_a_story_that_went_well_has_no_problems():
    assert story().problems(kills=0) == []


def _lost(told: FaultTestOutcome) -> None:
    told.taken.pop()


def _forgotten_by_the_database(told: FaultTestOutcome) -> None:
    told.done.add("marie@bedrijf.example")


def _mailed_though_undone(told: FaultTestOutcome) -> None:
    told.taken.append(TakenMail("<1>", "klaas@bedrijf.example", "taken"))


def _written_without_a_change(told: FaultTestOutcome) -> None:
    told.changes.pop(0)


def _changed_without_a_mail(told: FaultTestOutcome) -> None:
    told.mails.pop(0)
    told.taken.pop(0)


def _to_somebody_else(told: FaultTestOutcome) -> None:
    told.taken[0] = told.taken[0]._replace(recipient="piet@bedrijf.example")


def _double(told: FaultTestOutcome) -> None:
    told.taken.append(told.taken[0])


def _double_though_only_another_was_dropped(told: FaultTestOutcome) -> None:
    told.taken[1] = told.taken[1]._replace(outcome="dropped")
    told.taken.append(told.taken[0])


def _double_with_another_message_id(told: FaultTestOutcome) -> None:
    told.taken[0] = told.taken[0]._replace(outcome="dropped")
    told.taken.append(TakenMail("<2>", told.taken[0].recipient, "taken"))


def _still_waiting(told: FaultTestOutcome) -> None:
    told.mails[0] = told.mails[0]._replace(status="waiting")


def _given_up(told: FaultTestOutcome) -> None:
    told.mails[0] = told.mails[0]._replace(status="failed")


def _refused_and_still_tried(told: FaultTestOutcome) -> None:
    told.mails[2] = told.mails[2]._replace(status="waiting")


def _paused(told: FaultTestOutcome) -> None:
    told.is_paused = True


def _held(told: FaultTestOutcome) -> None:
    told.is_held = True


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_lost, "lost: piet@"),
        (_forgotten_by_the_database, "lost: marie@"),
        (_mailed_though_undone, "without a change: klaas@"),
        (_written_without_a_change, "without a change: jan@"),
        (_changed_without_a_mail, "3 changes are 2 mails"),
        (_to_somebody_else, "without a change: piet@"),
        (_double, "double: 1, more than 0 kills and 0 drops"),
        (_double_though_only_another_was_dropped, "double although nothing was dropped: 1"),
        (_double_with_another_message_id, "another Message-ID: jan@"),
        (_still_waiting, "not all sent: 1 waiting, 1 sent"),
        (_given_up, "not all sent: 1 failed, 1 sent"),
        (_refused_and_still_tried, "yet not all failed: 1 waiting"),
        (_paused, "still paused"),
        (_held, "in the hands of a worker"),
    ],
)
def test_what_goes_wrong_is_told(spoil: Callable[[FaultTestOutcome], None], words: str):
    told = story()

    spoil(told)

    assert any(words in problem for problem in told.problems(kills=0)), told.problems(kills=0)


def test_a_double_is_forgiven_for_each_kill():
    told = story()
    _double(told)

    assert told.problems(kills=1) == []
