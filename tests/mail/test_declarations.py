"""Check that a declared function and a folder of templates are all that a mail needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.mail_cast import about_person
from accounts.models import User
from nenconnect.mail import people
from nenconnect.mail.events import DECLARATIONS, LABELS, Context, known_events, mail
from nenconnect.mail.models import OutboxMail
from tests.factories import make_person

FILES = {
    "subject.txt": "New subject",
    "body.txt": "{{ person.name }}",
    "body.html": "<p>{{ person.name }}</p>",
}


def test_mail_declarations_and_template_folders_match() -> None:
    folders = sorted(path.name for path in (project.BASE_DIR / "templates/mail").iterdir() if path.is_dir())

    assert folders == known_events()


@pytest.mark.parametrize("event", known_events())
def test_each_mail_has_three_templates_and_a_label(event: str) -> None:
    files = {path.name for path in (project.BASE_DIR / "templates/mail" / event).iterdir()}

    assert set(FILES) <= files
    assert str(LABELS[event]).strip()


def test_two_mails_cannot_have_the_same_name() -> None:
    def account_exists(mail: OutboxMail) -> Context:
        return {}

    with pytest.raises(ValueError, match="two mails account_exists"):
        mail(label="Again", sample=about_person)(account_exists)


@pytest.fixture
def new_mail(tmp_path: Path, settings: Any) -> Iterator[str]:
    """Declare a new mail as a developer does: with a folder and a function."""
    folder = tmp_path / "mail/something_new"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    engines = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], tmp_path]} for engine in engines]

    @mail(label="Something new", sample=about_person)
    def something_new(mail: OutboxMail) -> Context:
        return {}

    yield "something_new"
    del DECLARATIONS["something_new"], LABELS["something_new"]


@pytest.mark.django_db
def test_a_newly_declared_mail_appears_in_the_samples_with_its_label(
    new_mail: str, sign_in: Callable[[User], Client]
) -> None:
    staff = sign_in(make_person("nieuw@nen.example", is_staff=True, language="en"))

    everything = staff.get(reverse("mail_samples:samples")).content.decode()
    page = staff.get(reverse("mail_samples:sample", args=[new_mail, "nl"])).content.decode()

    assert "Something new" in everything
    assert "New subject" in page
    assert OutboxMail(event=new_mail).in_words == "Something new"


def test_a_system_check_fails_when_no_app_supplies_the_people_of_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    # Otherwise mails would go to people whose mails are rerouted (R32).
    assert "mail.E001" not in {message.id for message in checks.run_checks()}

    monkeypatch.setattr(people, "_registered", [])

    assert "mail.E001" in {message.id for message in checks.run_checks()}
    with pytest.raises(ImproperlyConfigured):
        people.people()
