"""Before Django reads its settings: the Postgres, Redis and mail server that the tests talk to.

Hooked in by `-p tests.services_plugin` in pyproject.toml. DATABASE_URL and REDIS_URL of the environment are
used when they are set; everything else is made up, so that no run depends on the machine's settings.
With pytest-xdist the workers share the controller's Postgres and Redis; each has its own test database
(pytest-django sees to it), its own numbered Redis database and its own mail server.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from nenconnect.demo.processes import StartError
from nenconnect.demo.redis_server import with_database_number
from nenconnect.demo.temporary import temporary_services
from tests.smtp_sink import SmtpSink

pytest_plugins = ["tests.chromium", "tests.live"]
# What stands beside the tests asserts too: a failure there says what was compared.
pytest.register_assert_rewrite(
    "tests.accounts",
    "tests.audit",
    "tests.browser",
    "tests.cases",
    "tests.companies",
    "tests.desk",
    "tests.licenses",
    "tests.mail",
    "tests.members",
    "tests.pages",
    "tests.project",
    "tests.reports",
    "tests.requests",
)

_stack = ExitStack()
_sink: SmtpSink | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    try:
        if worker is None:
            _start_services()
        else:  # its environment is the controller's
            number = 1 + int(worker.removeprefix("gw"))
            os.environ["REDIS_URL"] = with_database_number(os.environ["REDIS_URL"], number)
        _start_sink()
    except StartError as error:
        raise pytest.UsageError(str(error)) from None
    return (yield)


def pytest_unconfigure() -> None:
    _stack.close()


def _start_services() -> None:
    given = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    os.environ.update(_stack.enter_context(temporary_services(given)))


def _start_sink() -> None:
    global _sink
    folder = _stack.enter_context(tempfile.TemporaryDirectory(prefix="nen-connect-mails-"))
    _sink = SmtpSink(Path(folder))
    _sink.start()
    _stack.callback(_sink.stop)
    os.environ["EMAIL_URL"] = _sink.url


@pytest.fixture(autouse=True, scope="session")
def _static_files_as_they_lie_in_the_apps() -> Iterator[None]:
    """Spares every run collecting them; the demo, which a browser test visits, does collect."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=django_settings.STORAGES | {"staticfiles": plain}):
        yield


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[SmtpSink]:
    """A real mail server, empty and in a good mood; Django mails to it as it does in production."""
    assert _sink is not None
    _sink.reset()
    settings.EMAIL_BACKEND = "nenconnect.mail.smtp.Backend"
    yield _sink
    _sink.reset()


@pytest.fixture(autouse=True)
def _settings_come_back() -> Iterator[None]:
    """Refuse a test that leaves its settings to the next: mixed with the fixture, `override_settings` may."""
    before = vars(django_settings)["_wrapped"]
    yield
    assert vars(django_settings)["_wrapped"] is before
