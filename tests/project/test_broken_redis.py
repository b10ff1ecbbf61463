"""Redis is gone or hangs: every door works as before, mails wait for beat, and nobody who is locked gets in (C34).

How long it takes is measured by bench/broken_redis.py; here only what the program is told to wait.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from accounts.actions.sign_in import locked_until
from accounts.models import User
from nenconnect import settings as as_written
from nenconnect.celery import app
from nenconnect.demo.processes import Part
from nenconnect.demo.redis_server import redis_part, redis_url
from nenconnect.jobs import wake_worker
from nenconnect.mail.models import OutboxMail
from nenconnect.throttle.actions import count
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

WRONG = "een-verkeerd-wachtwoord"


def point(url: str) -> None:
    app.conf.update(broker_url=url, broker_write_url=url)


@pytest.fixture
def back_to_redis() -> Iterator[None]:
    yield
    point(settings.CELERY_BROKER_URL)


@pytest.fixture
def redis(back_to_redis: None) -> Iterator[Part]:
    """One of this test alone, to be killed."""
    with TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        part = redis_part(folder / "redis", folder / "redis.sock", folder / "redis.log")
        part.start()
        part.wait_until_ready(30)
        point(redis_url(folder / "redis.sock"))
        yield part
        part.stop()


@pytest.fixture(params=["killed", "suspended", "black hole"])
def broken(request: pytest.FixtureRequest, redis: Part) -> Iterator[str]:
    """Killed: nobody listens. Suspended: connections wait. A black hole takes the call and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as black_hole:
        if request.param == "killed":
            redis.kill()
        elif request.param == "suspended":
            assert redis.process is not None
            redis.process.send_signal(signal.SIGSTOP)
        else:
            point(f"redis://127.0.0.1:{black_hole.getsockname()[1]}/0")
        yield request.param
        if redis.process is not None:
            redis.process.send_signal(signal.SIGCONT)


def wait_for_beat() -> list[str]:
    return sorted(OutboxMail.objects.filter(status=OutboxMail.Status.WAITING).values_list("event", flat=True))


def test_registering_works(broken: str, client: Client) -> None:
    answer = client.post(reverse("sign_in:register"), {"name": "Noor", "email": "noor@bedrijf.example"})
    assert answer.status_code == 302
    assert User.objects.get().registration_round == 1
    assert wait_for_beat() == ["registration_requested"]


def test_a_new_password_is_asked_and_chosen(broken: str, client: Client, colleague: User) -> None:
    answer = client.post(reverse("sign_in:forgot_password"), {"email": colleague.email})
    assert answer.status_code == 302
    assert wait_for_beat() == ["password_reset"]


def test_signing_in_works(broken: str, client: Client, colleague: User) -> None:
    answer = client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get(reverse("profile:profile")).status_code == 200


def test_an_admin_adds_a_user(broken: str, sign_in: Callable[[User], Client], admin: User) -> None:
    typed = {"role": "user", "email": "nieuw@voorbeeld.example", "name": "Noor Nieuw"}
    answer = sign_in(admin).post(reverse("company:add_user"), typed)
    assert answer.status_code == 302
    assert wait_for_beat() == ["registration_invited"]


def test_whoever_is_locked_stays_out(broken: str, client: Client, colleague: User) -> None:
    for _time in range(4):
        client.post(reverse("account_login"), {"login": colleague.email, "password": WRONG})
    until = locked_until(colleague.email)
    answer = client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert until is not None
    assert locked_until(colleague.email) == until
    assert client.get(reverse("profile:profile")).status_code == 302


def test_who_was_locked_before_redis_broke_stays_out_after(redis: Part, client: Client, colleague: User) -> None:
    for _time in range(4):
        client.post(reverse("account_login"), {"login": colleague.email, "password": WRONG})
    redis.kill()
    answer = client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert locked_until(colleague.email) is not None


def test_a_flood_is_stopped_as_before(broken: str) -> None:
    with override_settings(LARGEST_OFFICE=10):
        assert sum(count("register", "198.51.100.7") for _time in range(40)) == 15


def test_an_open_session_goes_on_and_a_blocked_one_ends(
    broken: str, sign_in: Callable[[User], Client], colleague: User
) -> None:
    browser = sign_in(colleague)
    assert browser.get(reverse("home:home")).status_code == 200
    User.objects.filter(pk=colleague.pk).update(is_blocked=True)
    assert browser.get(reverse("profile:profile")).status_code == 302


def test_the_program_is_told_to_wait_less_than_a_second() -> None:
    """And less than the even answer, so that a mail that is queued does not show in the time (C20)."""
    assert sum(wake_worker._QUICK.values()) < 1
    assert wake_worker._QUICK["socket_timeout"] < as_written.EVEN_ANSWER_SECONDS


def test_nothing_that_decides_who_comes_in_is_kept_in_redis() -> None:
    """Sessions, the lock and the throttle stand in Postgres; Redis carries nudges alone (C34)."""
    assert settings.SESSION_ENGINE == "accounts.sessions"
    assert "redis" not in str(settings.CACHES).lower()
