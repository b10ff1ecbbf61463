"""What goes wrong, in turn. Each of these does it to the site, and says in a few words what it did."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from bench.fault_test.site import LEASE, Site
from bench.sink import UNKNOWN_EVERY
from nenconnect.demo.processes import Part

# Seconds in which mail must come through although something is away: beat goes round every 15 at the most.
_WITHOUT_REDIS = 25
_TO_HEAR_AGAIN = 40  # seconds
_TO_COME_ROUND = 4  # seconds: it could now send what is no longer its own
_FLUSHED = 0.3  # seconds after which the mail server's list is complete
_UNDER_WAY = 3  # mails: of two workers and beat
_CLAIMS = "SELECT DISTINCT claim FROM mail_outboxmail WHERE claim IS NOT NULL"
_STILL_CLAIMED = "SELECT count(*) FROM mail_outboxmail WHERE status = 'waiting' AND claim = ANY(%s)"
_LOCK = """
SELECT id FROM mail_outboxmail WHERE status = 'waiting' AND claim IS NULL ORDER BY due_at, id LIMIT 20
FOR UPDATE SKIP LOCKED
"""
_HEARD_SINCE = "SELECT count(*) FROM mail_heartbeat WHERE name = 'worker' AND at > to_timestamp(%s)"


@dataclass(frozen=True)
class Phase:
    name: str
    mails: int
    seconds: float  # over which people write them
    act: Callable[[Site], str]
    has_unknown: bool = False


def nothing(site: Site) -> str:
    return "all is well"


def kill_worker(site: Site, stage: str, number: int) -> str:
    site.kill(site.catch_worker(stage, number))
    moment = {"RCPT": "before the text", "TEXT": "text taken, no answer", "DONE": "just answered"}[stage]
    return f"kill -9 at mail {number}: {moment}"


def kill_redis(site: Site, away: float, *, with_proof: bool = False) -> str:
    """With proof that mail goes on meanwhile."""
    site.redis.kill()
    if with_proof:
        time.sleep(1)  # what had been heard already is through
        site.must_go_on(within=_WITHOUT_REDIS, although="Redis was away")
    time.sleep(away)
    site.start(site.redis)
    came_back = time.time()
    site.must(
        happen=lambda: site.number_of(_HEARD_SINCE, came_back) > 0,
        within=_TO_HEAR_AGAIN,
        else_say=f"no worker heard of Redis within {_TO_HEAR_AGAIN} s after it came back",
    )
    return "kill -9, away, back empty" + (", mail went on" if with_proof else "")


def misbehave(site: Site, orders: Mapping[str, str], seconds: float) -> str:
    """Each for so long. No mail may come through meanwhile, or it is no test; a few were under way."""
    for name, order in orders.items():
        site.sink.tell(order)
        time.sleep(_FLUSHED)
        before = site.sink.count()
        time.sleep(seconds)
        if site.sink.count() > before + _UNDER_WAY:
            site.problems.append(f"mail came through in spite of: {name}")
    site.sink.tell("accept")
    return f"{', '.join(orders)}: {seconds:.0f} s each"


def drop(site: Site, every: int, seconds: float) -> str:
    site.sink.tell(f"drop {every}")
    time.sleep(seconds)
    site.sink.tell("accept")
    return f"no answer to 1 mail in {every} that it took"


def unknown_mailboxes(site: Site) -> str:
    return f"for 1 mailbox in {UNKNOWN_EVERY}, for good"


def kill_postgres(site: Site, *, while_noting: bool) -> str:
    """While a worker has to note that a mail was sent, or whenever it is."""
    if while_noting:
        site.catch_worker("TEXT", 10)
    site.kill_postgres()
    site.sink.tell("go on")
    time.sleep(2)
    site.start(site.postgres)
    return "-m immediate, " + ("a mail sent and not yet noted" if while_noting else "whatever went on")


def two_beats(site: Site, seconds: float) -> str:
    site.start(site.beats[1])
    time.sleep(seconds)
    site.beats[1].stop()
    return f"both for {seconds:.0f} s"


def lock_rows(site: Site) -> str:
    """As a worker would that stands still just when it claims: the others must pass by what it has locked."""
    site.pile_up(20)
    with site.connection() as connection, connection.transaction():
        site.must(
            happen=lambda: len(connection.execute(_LOCK).fetchall()) > 0,
            within=20,
            else_say="there was no mail to lock",
        )
        site.sink.tell("accept")
        time.sleep(1)  # what was claimed before is through
        site.must_go_on(within=8, although="the oldest mails were locked")
    return "the oldest 20 locked by a session"


class StoppedWorker:
    def __init__(self) -> None:
        self.worker: Part | None = None
        self.claims: list[UUID] = []
        self.since = 0.0

    def stop(self, site: Site) -> str:
        self.worker = site.catch_worker("RCPT", 10)
        site.signal(self.worker, signal.SIGSTOP)
        site.sink.tell("go on")
        self.since = time.monotonic()
        with site.connection() as connection:
            self.claims = [claim for (claim,) in connection.execute(_CLAIMS)]
        return "SIGSTOP in the middle of a mail"

    def go_on(self, site: Site, after: float) -> str:
        """Its lease must have passed to others by then."""
        assert self.worker is not None
        time.sleep(max(0, self.since + after - time.monotonic()))
        site.must(
            happen=lambda: site.number_of(_STILL_CLAIMED, self.claims) == 0,
            within=10,
            else_say="nobody took over what the stopped worker held",
        )
        stood = time.monotonic() - self.since
        site.signal(self.worker, signal.SIGCONT)
        time.sleep(_TO_COME_ROUND)
        return f"SIGCONT after {stood:.0f} s, its lease had passed"

    def stop_and_go_on(self, site: Site, after: float) -> str:
        self.stop(site)
        return self.go_on(site, after)


def in_full() -> Iterator[Phase]:
    yield Phase("all is well", 900, 8, nothing)
    for turn, (stage, number) in enumerate(_MOMENTS, 1):
        yield Phase(f"worker killed, {turn} of 5", 500, 6, partial(kill_worker, stage=stage, number=number))
    for turn in (1, 2, 3):
        yield Phase(f"Redis killed, {turn} of 3", 500, 8, partial(kill_redis, away=3, with_proof=turn == 2))
    yield from _misbehaving(scale=6)
    yield Phase("Postgres restarted", 500, 6, partial(kill_postgres, while_noting=True))
    yield Phase("Postgres restarted again", 500, 6, partial(kill_postgres, while_noting=False))
    yield Phase("two beats", 1000, 20, partial(two_beats, seconds=20))
    yield Phase("rows locked", 700, 10, lock_rows)
    yield Phase("a worker stopped for 60 s", 1500, 50, partial(StoppedWorker().stop_and_go_on, after=60))


def in_short() -> Iterator[Phase]:
    """One worker stands still while the rest goes wrong, but for Postgres: it must come back to what it had."""
    stopped = StoppedWorker()
    yield Phase("Postgres restarted", 40, 1, partial(kill_postgres, while_noting=True))
    yield Phase("a worker stopped", 60, 1.5, stopped.stop)
    yield Phase("worker killed", 60, 1.5, partial(kill_worker, stage="TEXT", number=15))
    yield Phase("Redis killed", 40, 3, partial(kill_redis, away=0, with_proof=True))
    yield from _misbehaving(scale=1)
    yield Phase("two beats", 30, 3, partial(two_beats, seconds=3))
    yield Phase("rows locked", 80, 6, lock_rows)
    yield Phase("it goes on", 0, 0, partial(stopped.go_on, after=LEASE + 2))


# How far the conversation has come, and with which mail.
_MOMENTS = [("RCPT", 20), ("TEXT", 40), ("DONE", 30), ("TEXT", 25), ("DONE", 60)]


def _misbehaving(scale: int) -> Iterator[Phase]:
    """The mail server."""
    mails, seconds = 30 * scale, 2 * scale
    ways = {
        "mail server refuses": {"connection refused": "refuse"},
        "mail server says 451": {
            "to the recipient": "answer RCPT 451 4.3.0 Later",
            "to us": "answer MAIL 451 4.7.1 Not now",
        },
        "mail server hangs": {"no answer": "hang"},
    }
    for name, orders in ways.items():
        act = partial(misbehave, orders=orders, seconds=seconds + 0.5)  # past EMAIL_TIMEOUT in this haste
        yield Phase(name, mails, seconds * len(orders), act)
    yield Phase("mail server hangs up", mails, seconds, partial(drop, every=10, seconds=seconds))
    yield Phase("mail server says 550", mails, seconds, unknown_mailboxes, has_unknown=True)
