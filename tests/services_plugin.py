"""Start the Postgres, Redis and mail server of the tests before Django reads its settings.

`-p tests.services_plugin` in pyproject.toml loads it. DATABASE_URL and REDIS_URL of the environment are used when
they are set; everything else gets a test value, so that no run depends on the settings of the machine.
With pytest-xdist the workers share the controller's Postgres and Redis; each has its own test database
(created by pytest-django), its own numbered Redis database and its own mail server.
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
# Modules beside the tests assert too; with this, a failure there shows the compared values.
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
    overrides = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    os.environ.update(_stack.enter_context(temporary_services(overrides)))


def _start_sink() -> None:
    global _sink
    folder = _stack.enter_context(tempfile.TemporaryDirectory(prefix="nen-connect-mails-"))
    _sink = SmtpSink(Path(folder))
    _sink.start()
    _stack.callback(_sink.stop)
    os.environ["EMAIL_URL"] = _sink.url


@pytest.fixture(autouse=True, scope="session")
def _uncollected_static_files() -> Iterator[None]:
    """Read static files from the apps, which saves collecting them; the demo in the browser tests does collect."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=django_settings.STORAGES | {"staticfiles": plain}):
        yield


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[SmtpSink]:
    """Let Django mail over SMTP, as in production, to an empty mail server that accepts everything."""
    assert _sink is not None
    _sink.reset()
    settings.EMAIL_BACKEND = "nenconnect.mail.smtp.Backend"
    yield _sink
    _sink.reset()


@pytest.fixture(autouse=True)
def _refuse_changed_settings() -> Iterator[None]:
    """Refuse a test that leaves changed settings to the next: `override_settings` mixed with the fixture may."""
    before = vars(django_settings)["_wrapped"]
    yield
    assert vars(django_settings)["_wrapped"] is before
