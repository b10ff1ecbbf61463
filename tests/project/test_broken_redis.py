"""Test that with a broken Redis sign-in works, mails wait for beat and locked accounts stay out (C34).

bench/broken_redis.py measures the time; here only the configured timeouts are tested.
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
from nenconnect import settings as site_settings
from nenconnect.celery import app
from nenconnect.demo.processes import ManagedProgram
from nenconnect.demo.redis_server import redis_part, redis_url
from nenconnect.jobs import wake_worker
from nenconnect.mail.models import OutboxMail
from nenconnect.throttle.actions import count
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

WRONG = "een-verkeerd-wachtwoord"


def use_broker(url: str) -> None:
    app.conf.update(broker_url=url, broker_write_url=url)


@pytest.fixture
def restore_broker() -> Iterator[None]:
    yield
    use_broker(settings.CELERY_BROKER_URL)


@pytest.fixture
def redis(restore_broker: None) -> Iterator[ManagedProgram]:
    """Start a Redis for this test alone, which it may kill."""
    with TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        part = redis_part(folder / "redis", folder / "redis.sock", folder / "redis.log")
        part.start()
        part.wait_until_ready(30)
        use_broker(redis_url(folder / "redis.sock"))
        yield part
        part.stop()


@pytest.fixture(params=["killed", "suspended", "black hole"])
def broken(request: pytest.FixtureRequest, redis: ManagedProgram) -> Iterator[str]:
    """Break Redis in one of three ways and restore it.

    A killed Redis refuses connections, a suspended one leaves them waiting, a black hole never answers.
    """
    with closing(socket.create_server(("127.0.0.1", 0))) as black_hole:
        if request.param == "killed":
            redis.kill()
        elif request.param == "suspended":
            assert redis.process is not None
            redis.process.send_signal(signal.SIGSTOP)
        else:
            use_broker(f"redis://127.0.0.1:{black_hole.getsockname()[1]}/0")
        yield request.param
        if redis.process is not None:
            redis.process.send_signal(signal.SIGCONT)


def waiting_mail_events() -> list[str]:
    return sorted(OutboxMail.objects.filter(status=OutboxMail.Status.WAITING).values_list("event", flat=True))


def test_registering_works_without_redis(broken: str, client: Client) -> None:
    response = client.post(reverse("sign_in:register"), {"name": "Noor", "email": "noor@bedrijf.example"})
    assert response.status_code == 302
    assert User.objects.get().registration_round == 1
    assert waiting_mail_events() == ["registration_requested"]


def test_requesting_a_new_password_works_without_redis(broken: str, client: Client, colleague: User) -> None:
    response = client.post(reverse("sign_in:forgot_password"), {"email": colleague.email})
    assert response.status_code == 302
    assert waiting_mail_events() == ["password_reset"]


def test_signing_in_works_without_redis(broken: str, client: Client, colleague: User) -> None:
    response = client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    assert response.status_code == 302
    assert client.get(reverse("profile:profile")).status_code == 200


def test_an_admin_can_add_a_user_without_redis(
    broken: str, sign_in: Callable[[User], Client], admin: User
) -> None:
    form_data = {"role": "user", "email": "nieuw@voorbeeld.example", "name": "Noor Nieuw"}
    response = sign_in(admin).post(reverse("company:add_user"), form_data)
    assert response.status_code == 302
    assert waiting_mail_events() == ["registration_invited"]


def test_a_locked_account_cannot_sign_in_without_redis(broken: str, client: Client, colleague: User) -> None:
    for _time in range(4):
        client.post(reverse("account_login"), {"login": colleague.email, "password": WRONG})
    locked = locked_until(colleague.email)
    response = client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    assert response.status_code == 200
    assert locked is not None
    assert locked_until(colleague.email) == locked
    assert client.get(reverse("profile:profile")).status_code == 302


def test_an_account_locked_before_redis_broke_cannot_sign_in_after(
    redis: ManagedProgram, client: Client, colleague: User
) -> None:
    for _time in range(4):
        client.post(reverse("account_login"), {"login": colleague.email, "password": WRONG})
    redis.kill()
    response = client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    assert response.status_code == 200
    assert locked_until(colleague.email) is not None


def test_the_throttle_stops_a_flood_without_redis(broken: str) -> None:
    with override_settings(LARGEST_OFFICE=10):
        assert sum(count("register", "198.51.100.7") for _time in range(40)) == 15


def test_a_session_continues_without_redis_until_the_person_is_blocked(
    broken: str, sign_in: Callable[[User], Client], colleague: User
) -> None:
    browser = sign_in(colleague)
    assert browser.get(reverse("home:home")).status_code == 200
    User.objects.filter(pk=colleague.pk).update(is_blocked=True)
    assert browser.get(reverse("profile:profile")).status_code == 302


def test_the_timeouts_for_redis_add_up_to_less_than_a_second() -> None:
    assert sum(wake_worker._QUICK.values()) < 1
    # Shorter than the even answer, so that the response time does not show whether a mail was queued (C20).
    assert wake_worker._QUICK["socket_timeout"] < site_settings.EVEN_ANSWER_SECONDS


def test_sessions_and_caches_are_not_in_redis() -> None:
    # Sessions, the lock and the throttle are in Postgres; Redis carries only nudges (C34).
    assert settings.SESSION_ENGINE == "accounts.sessions"
    assert "redis" not in str(settings.CACHES).lower()
