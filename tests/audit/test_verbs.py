"""Test that every change records who, what and when, without names or addresses (R38)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone, translation

from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.sentences import AuditReader
from nenconnect.audit.verbs import VERBS
from tests.audit.admin_acts import BY_ADMIN
from tests.audit.personal_acts import BY_A_VISITOR, BY_ONESELF

pytestmark = pytest.mark.django_db

TESTS = Path(__file__).parents[1]
# What the audit must never hold: it is kept for ever, and people can ask to be forgotten.
SECRETS = ("geheim", "99887766", "@")

Act = Callable[[Company, User], object]

ABOUT_NO_COMPANY = {
    "company_created",
    "company_deleted",
    "documents_loaded",
    "documents_uploaded",
    "terms_published",
}


@pytest.mark.parametrize(("verb", "act"), BY_ADMIN.items(), ids=BY_ADMIN)
def test_each_action_of_an_admin_is_recorded_in_the_audit(
    company: Company, admin: User, verb: str, act: Act
) -> None:
    before = timezone.now()

    act(company, admin)

    entry = AuditEntry.objects.get(verb=verb)
    assert entry.actor_id == admin.pk
    assert entry.subjects
    assert before <= entry.at <= timezone.now()
    if verb not in ABOUT_NO_COMPANY:
        assert entry.company_id == company.pk
    check_sentence_names_all(entry)
    check_holds_no_secret()


@pytest.mark.parametrize(("verb", "act"), BY_ONESELF.items(), ids=BY_ONESELF)
def test_each_action_of_a_person_on_their_own_account_is_recorded(
    company: Company, verb: str, act: Callable[[Company], User]
) -> None:
    user = act(company)

    entry = AuditEntry.objects.get(verb=verb)
    assert (entry.actor_id, entry.company_id, entry.subjects["user"]) == (user.pk, company.pk, user.pk)
    check_sentence_names_all(entry)
    check_holds_no_secret()


@pytest.mark.parametrize(("verb", "act"), BY_A_VISITOR.items(), ids=BY_A_VISITOR)
def test_each_action_of_a_visitor_is_recorded_without_an_actor(
    colleague: User, verb: str, act: Callable[[User], None]
) -> None:
    act(colleague)

    entry = AuditEntry.objects.get(verb=verb)
    assert entry.actor_id is None
    check_sentence_names_all(entry)
    check_holds_no_secret()


def test_every_verb_is_recorded_by_a_test() -> None:
    # Above, or in a test elsewhere that looks for it.
    here = {*BY_ADMIN, *BY_ONESELF, *BY_A_VISITOR}
    elsewhere = [path.read_text() for path in TESTS.rglob("test_*.py") if path != Path(__file__)]

    assert here <= set(VERBS)
    assert not [verb for verb in set(VERBS) - here if not any(f'"{verb}"' in text for text in elsewhere)]


def check_sentence_names_all(entry: AuditEntry) -> None:
    with translation.override("en"):
        assert "no longer known" not in AuditReader([entry]).sentence(entry)


def check_holds_no_secret() -> None:
    for entry in AuditEntry.objects.all():
        written = json.dumps([entry.verb, entry.subjects, entry.details]).lower()
        assert not [secret for secret in SECRETS if secret in written], written
