"""Make faults happen in turn; each function does so to the site and returns a short description."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from bench.fault_test.site import LEASE, FaultSite
from bench.sink import UNKNOWN_EVERY
from nenconnect.demo.processes import ManagedProgram

# Seconds in which mail must come through although a service is down: beat runs every 15 seconds at most.
_LIMIT_WITHOUT_REDIS = 25
_LIMIT_TO_RECONNECT = 40  # seconds
_SECONDS_AFTER_RESUME = 4  # seconds in which a resumed worker could send mails whose lease has passed
_FLUSH_DELAY = 0.3  # seconds after which the record of the mail server is complete
_MAX_UNDER_WAY = 3  # mails: of two workers and beat
_CLAIMS = "SELECT DISTINCT claim FROM mail_outboxmail WHERE claim IS NOT NULL"
_STILL_CLAIMED = "SELECT count(*) FROM mail_outboxmail WHERE status = 'waiting' AND claim = ANY(%s)"
_LOCK = """
SELECT id FROM mail_outboxmail WHERE status = 'waiting' AND claim IS NULL ORDER BY due_at, id LIMIT 20
FOR UPDATE SKIP LOCKED
"""
_HEARTBEATS_SINCE = "SELECT count(*) FROM mail_heartbeat WHERE name = 'worker' AND at > to_timestamp(%s)"


@dataclass(frozen=True)
class FaultPhase:
    name: str
    mails: int
    seconds: float  # in which people write the mails
    cause: Callable[[FaultSite], str]
    has_unknown: bool = False


def cause_nothing(site: FaultSite) -> str:
    return "all is well"


def kill_worker(site: FaultSite, stage: str, number: int) -> str:
    site.kill_and_restart(site.catch_worker_in_mail(stage, number))
    moment = {"RCPT": "before the text", "TEXT": "text taken, no answer", "DONE": "just answered"}[stage]
    return f"kill -9 at mail {number}: {moment}"


def kill_redis(site: FaultSite, seconds_down: float, *, with_proof: bool = False) -> str:
    site.redis.kill()
    if with_proof:
        time.sleep(1)  # nudges that were already received are handled
        site.check_mail_goes_on(within=_LIMIT_WITHOUT_REDIS, although="Redis was away")
    time.sleep(seconds_down)
    site.start(site.redis)
    restarted_at = time.time()
    site.check(
        happen=lambda: site.number_of(_HEARTBEATS_SINCE, restarted_at) > 0,
        within=_LIMIT_TO_RECONNECT,
        else_say=f"no worker heard of Redis within {_LIMIT_TO_RECONNECT} s after it came back",
    )
    return "kill -9, away, back empty" + (", mail went on" if with_proof else "")


def misbehave(site: FaultSite, orders: Mapping[str, str], seconds: float) -> str:
    """Give the mail server each order for so many seconds.

    Mail that comes through meanwhile is a problem of the test, except a few mails that were under way.
    """
    for name, order in orders.items():
        site.sink.order(order)
        time.sleep(_FLUSH_DELAY)
        before = site.sink.count()
        time.sleep(seconds)
        if site.sink.count() > before + _MAX_UNDER_WAY:
            site.problems.append(f"mail came through in spite of: {name}")
    site.sink.order("accept")
    return f"{', '.join(orders)}: {seconds:.0f} s each"


def drop_mails(site: FaultSite, every: int, seconds: float) -> str:
    site.sink.order(f"drop {every}")
    time.sleep(seconds)
    site.sink.order("accept")
    return f"no answer to 1 mail in {every} that it took"


def unknown_mailboxes(site: FaultSite) -> str:
    return f"for 1 mailbox in {UNKNOWN_EVERY}, for good"


def kill_postgres(site: FaultSite, *, while_recording: bool) -> str:
    if while_recording:
        site.catch_worker_in_mail("TEXT", 10)
    site.kill_postgres()
    site.sink.order("go on")
    time.sleep(2)
    site.start(site.postgres)
    return "-m immediate, " + ("a mail sent and not yet noted" if while_recording else "whatever went on")


def run_two_beats(site: FaultSite, seconds: float) -> str:
    site.start(site.beats[1])
    time.sleep(seconds)
    site.beats[1].stop()
    return f"both for {seconds:.0f} s"


def lock_rows(site: FaultSite) -> str:
    """Lock the oldest mails, as a worker that stops while it claims them; other workers must skip them."""
    site.stop_mail_server_until_waiting(20)
    with site.connection() as connection, connection.transaction():
        site.check(
            happen=lambda: len(connection.execute(_LOCK).fetchall()) > 0,
            within=20,
            else_say="there was no mail to lock",
        )
        site.sink.order("accept")
        time.sleep(1)  # mails that were claimed before are sent
        site.check_mail_goes_on(within=8, although="the oldest mails were locked")
    return "the oldest 20 locked by a session"


class StoppedWorker:
    def __init__(self) -> None:
        self.worker: ManagedProgram | None = None
        self.claims: list[UUID] = []
        self.since = 0.0

    def stop(self, site: FaultSite) -> str:
        self.worker = site.catch_worker_in_mail("RCPT", 10)
        site.send_signal(self.worker, signal.SIGSTOP)
        site.sink.order("go on")
        self.since = time.monotonic()
        with site.connection() as connection:
            self.claims = [claim for (claim,) in connection.execute(_CLAIMS)]
        return "SIGSTOP in the middle of a mail"

    def resume(self, site: FaultSite, after: float) -> str:
        assert self.worker is not None
        time.sleep(max(0, self.since + after - time.monotonic()))
        site.check(
            happen=lambda: site.number_of(_STILL_CLAIMED, self.claims) == 0,
            within=10,
            else_say="no worker took over the mails of the stopped worker",
        )
        stopped_seconds = time.monotonic() - self.since
        site.send_signal(self.worker, signal.SIGCONT)
        time.sleep(_SECONDS_AFTER_RESUME)
        return f"SIGCONT after {stopped_seconds:.0f} s, its lease had passed"

    def stop_and_resume(self, site: FaultSite, after: float) -> str:
        self.stop(site)
        return self.resume(site, after)


def phases_in_full() -> Iterator[FaultPhase]:
    yield FaultPhase("all is well", 900, 8, cause_nothing)
    for turn, (stage, number) in enumerate(_KILL_MOMENTS, 1):
        yield FaultPhase(f"worker killed, {turn} of 5", 500, 6, partial(kill_worker, stage=stage, number=number))
    for turn in (1, 2, 3):
        yield FaultPhase(
            f"Redis killed, {turn} of 3", 500, 8, partial(kill_redis, seconds_down=3, with_proof=turn == 2)
        )
    yield from _mail_server_phases(scale=6)
    yield FaultPhase("Postgres restarted", 500, 6, partial(kill_postgres, while_recording=True))
    yield FaultPhase("Postgres restarted again", 500, 6, partial(kill_postgres, while_recording=False))
    yield FaultPhase("two beats", 1000, 20, partial(run_two_beats, seconds=20))
    yield FaultPhase("rows locked", 700, 10, lock_rows)
    yield FaultPhase("a worker stopped for 60 s", 1500, 50, partial(StoppedWorker().stop_and_resume, after=60))


def phases_in_short() -> Iterator[FaultPhase]:
    """Yield a short run.

    One worker is stopped while everything but Postgres fails: it must resume with the mails that it had.
    """
    stopped = StoppedWorker()
    yield FaultPhase("Postgres restarted", 40, 1, partial(kill_postgres, while_recording=True))
    yield FaultPhase("a worker stopped", 60, 1.5, stopped.stop)
    yield FaultPhase("worker killed", 60, 1.5, partial(kill_worker, stage="TEXT", number=15))
    yield FaultPhase("Redis killed", 40, 3, partial(kill_redis, seconds_down=0, with_proof=True))
    yield from _mail_server_phases(scale=1)
    yield FaultPhase("two beats", 30, 3, partial(run_two_beats, seconds=3))
    yield FaultPhase("rows locked", 80, 6, lock_rows)
    yield FaultPhase("it goes on", 0, 0, partial(stopped.resume, after=LEASE + 2))


# The stage of the conversation, and the number of the mail, at which a worker is killed.
_KILL_MOMENTS = [("RCPT", 20), ("TEXT", 40), ("DONE", 30), ("TEXT", 25), ("DONE", 60)]


def _mail_server_phases(scale: int) -> Iterator[FaultPhase]:
    mails, seconds = 30 * scale, 2 * scale
    orders_by_phase = {
        "mail server refuses": {"connection refused": "refuse"},
        "mail server says 451": {
            "to the recipient": "answer RCPT 451 4.3.0 Later",
            "to us": "answer MAIL 451 4.7.1 Not now",
        },
        "mail server hangs": {"no answer": "hang"},
    }
    for name, orders in orders_by_phase.items():
        act = partial(
            misbehave, orders=orders, seconds=seconds + 0.5
        )  # longer than EMAIL_TIMEOUT with this MAIL_HASTE
        yield FaultPhase(name, mails, seconds * len(orders), act)
    yield FaultPhase("mail server hangs up", mails, seconds, partial(drop_mails, every=10, seconds=seconds))
    yield FaultPhase("mail server says 550", mails, seconds, unknown_mailboxes, has_unknown=True)
