"""The prepared templates of mails say what Django's own rendering of them says, in every language."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.template import Context, engines
from django.utils import translation

from nenconnect.mail import flat
from nenconnect.mail.events import context_of
from nenconnect.mail.flat import flat_template
from nenconnect.mail.models import OutboxMail
from tests.every_mail import write_every_mail
from tests.factories import person

pytestmark = pytest.mark.django_db

PARTS = [("text", "subject.txt"), ("text", "body.txt"), ("django", "body.html")]
TEXTS: Any = engines["text"]
LANGUAGES = [language for language, _name in settings.LANGUAGES]


def contexts_of(mail: OutboxMail) -> list[dict[str, Any]]:
    """As it goes to its recipient, to an admin in their stead, and to the contact person."""
    plain = {"reader": mail.recipient, "site_url": settings.SITE_URL, "on_behalf_of": None, **context_of(mail)}
    stand_in = plain | {"on_behalf_of": person(name="Jan & <b>Zn</b>"), "stop_link": "/stop/"}
    return [plain, stand_in, stand_in | {"is_to_contact_person": True}]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_comes_out_the_same(language: str) -> None:
    for mail in write_every_mail():
        for context in contexts_of(mail):
            for engine, part in PARTS:
                name = f"mail/{mail.event}/{part}"
                with translation.override(language):
                    expected = engines[engine].get_template(name).render(dict(context))
                    found = flat_template(engine, name, language).render(dict(context))
                assert found == expected, name


def test_a_template_is_prepared_for_each_language_once() -> None:
    dutch, english = (flat_template("text", "mail/layout.txt", language) for language in LANGUAGES)

    assert dutch is flat_template("text", "mail/layout.txt", "nl")
    assert dutch.render({}) != english.render({})


def test_what_it_does_not_know_stays_as_it_is() -> None:
    source = (
        "{% load i18n %}{% translate word|upper %} {% blocktranslate count number=number %}one{% plural %}"
        "{{ number }}{% endblocktranslate %} {% blocktranslate %}{{ outside }} 100%{% endblocktranslate %}"
    )
    template = TEXTS.engine.from_string(source)
    context = {"word": "ja", "number": 3, "outside": "buiten"}

    template.nodelist = flat._Flattening(template.engine).of(template.nodelist, {})

    assert template.render(Context(context)) == "JA 3 buiten 100%"


def test_what_is_set_in_a_block_ends_with_it() -> None:
    source = "{% load i18n %}{% block one %}{% translate 'Yes' as label %}{{ label }}{% endblock %}[{{ label }}]"
    template = TEXTS.engine.from_string(source)

    with translation.override("en"):
        template.nodelist = flat._Flattening(template.engine).of(template.nodelist, {})

    assert template.render(Context({})) == "Yes[]"
