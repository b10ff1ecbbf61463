"""Every change leaves who, what and when, and neither names nor addresses (R38)."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.verbs import VERB_IN_WORDS
from nenconnect.translations import ROOMS
from tests.audit.admin_acts import BY_ADMIN
from tests.audit.personal_acts import BY_A_VISITOR, BY_ONESELF

pytestmark = pytest.mark.django_db

# What must never stand in the trail: it is kept for ever, and people can ask to be forgotten.
SECRETS = ("geheim", "99887766", "@")

Act = Callable[[Company, User], object]

# Tests beside the journeys do these: tests/licenses/opening/, tests/licenses/document_import/,
# tests/licenses/changes/.
ON_DOCUMENTS = {
    "company_wide_ending",
    "document_added",
    "document_changed",
    "document_file_back",
    "document_file_missing",
    "documents_loaded",
    "documents_uploaded",
    "license_document_removed",
    "license_end_changed",
    "licenserequest_in_line",
}
# Tests of the roles at NEN do it: tests/desk/roles/.
BY_ADMINISTRATORS = {"staff_role_changed"}
# NEN merges two accounts: tests/desk/people/test_merging.py does it.
BY_MERGING = {"account_closed", "accounts_merged", "license_moved_along"}
# What nobody does: tests/accounts/test_forgetting.py, test_domain_proof.py and tests/requests/test_waiting.py let
# the time pass.
BY_THE_CLOCK = {
    "registration_forgotten",
    "domain_proof_lapsed",
    "domain_proven",
    "deputy_began",
    "licenserequest_expired",
    "documentrequest_expired",
}
# What happens to the mail queue: tests/desk/mails/ and tests/mail/test_rerouting.py do it.
BY_THE_DESK = {"mail_queue_paused", "mail_queue_resumed", "mails_sent_again", "mail_rerouted"}


@pytest.mark.parametrize(("verb", "act"), BY_ADMIN.items(), ids=BY_ADMIN)
def test_what_an_admin_does_is_written_down(company: Company, admin: User, verb: str, act: Act) -> None:
    before = timezone.now()

    act(company, admin)

    entry = AuditEntry.objects.get(verb=verb)
    assert entry.actor_id == admin.pk
    assert entry.subjects
    assert before <= entry.at <= timezone.now()
    if verb not in {"company_created", "company_deleted", "terms_published"}:
        assert entry.company_id == company.pk
    check_holds_no_secret()


@pytest.mark.parametrize(("verb", "act"), BY_ONESELF.items(), ids=BY_ONESELF)
def test_what_one_does_oneself_is_written_down(
    company: Company, verb: str, act: Callable[[Company], User]
) -> None:
    user = act(company)

    entry = AuditEntry.objects.get(verb=verb)
    assert (entry.actor_id, entry.company_id, entry.subjects["user"]) == (user.pk, company.pk, user.pk)
    check_holds_no_secret()


@pytest.mark.parametrize(("verb", "act"), BY_A_VISITOR.items(), ids=BY_A_VISITOR)
def test_what_a_visitor_asks_is_written_down(colleague: User, verb: str, act: Callable[[User], None]) -> None:
    act(colleague)

    assert AuditEntry.objects.get(verb=verb).actor_id is None
    check_holds_no_secret()


def test_every_verb_of_the_actions_stands_above() -> None:
    apps = [room for room in ROOMS if room != "nenconnect"]
    sources = [path for app in apps for path in Path(settings.BASE_DIR, app).rglob("*.py")]

    used = {verb for source in sources for verb in verbs_in(source)}

    assert used
    assert used <= {
        *BY_ADMIN,
        *BY_ONESELF,
        *BY_A_VISITOR,
        *BY_THE_CLOCK,
        *BY_ADMINISTRATORS,
        *BY_MERGING,
        *ON_DOCUMENTS,
    }


def test_every_verb_has_words_for_people() -> None:
    elsewhere = {*BY_THE_CLOCK, *BY_ADMINISTRATORS, *BY_MERGING, *BY_THE_DESK, *ON_DOCUMENTS}
    assert set(VERB_IN_WORDS) == {*BY_ADMIN, *BY_ONESELF, *BY_A_VISITOR, *elsewhere}


def verbs_in(source: Path) -> list[str]:
    """What is handed to `record` and to membership's `_change`, where it stands there in full."""
    calls = [node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in {"record", "_change"}]
    words = [argument.value for call in named for argument in call.args if isinstance(argument, ast.Constant)]
    return [word for word in words if isinstance(word, str)]


def check_holds_no_secret() -> None:
    for entry in AuditEntry.objects.all():
        written = json.dumps([entry.verb, entry.subjects, entry.details]).lower()
        assert not [secret for secret in SECRETS if secret in written], written
