"""Test that entries are only added, and none by refusals or changes without effect (R38)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from accounts.actions import details, membership
from accounts.models import User
from companies.models import Company
from licenses.actions import granting, switches
from licenses.actions import terms as license_terms
from nenconnect.audit.details import details_in_words
from nenconnect.audit.models import AuditEntry
from tests.factories import make_admin, make_license, make_person

pytestmark = pytest.mark.django_db


def test_a_refused_action_leaves_no_audit_entry(company: Company, admin: User, colleague: User) -> None:
    with pytest.raises(Exception, match=r"only active admin|enige actieve"):
        membership.block(admin, by=admin)
    with pytest.raises(Exception, match="NEN"):
        switches.set_company_wide(make_license(company), True, by=admin)

    assert not AuditEntry.objects.exists()


def test_an_action_without_effect_leaves_no_audit_entry(company: Company, admin: User, colleague: User) -> None:
    license = make_license(company)
    membership.change_role(colleague, User.Role.USER, by=admin)
    membership.unblock(colleague, by=admin)
    details.change_details(colleague, by=admin, name=colleague.name)
    granting.take_away(license, user=colleague, by=admin)
    switches.set_shown(license, True, by=admin)
    license_terms.change_terms(license, by=admin, name=license.name)

    assert not AuditEntry.objects.exists()


def test_the_audit_of_a_person_outlives_them(company: Company, admin: User) -> None:
    user = make_person(company=company)
    membership.block(user, by=admin)
    User.objects.filter(pk=user.pk).delete()

    assert AuditEntry.objects.get(verb="blocked").subjects == {"user": user.pk}


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_audit_is_only_added_to(company: Company, admin: User, act: str) -> None:
    membership.block(make_person(company=company), by=admin)
    second = make_admin(company)

    with pytest.raises(IntegrityError), transaction.atomic():
        _do(act, second)
    assert AuditEntry.objects.get().actor_id == admin.pk


def _do(act: str, user: User) -> None:
    if act == "update":
        AuditEntry.objects.update(actor_id=user.pk)
    else:
        AuditEntry.objects.all().delete()


@pytest.mark.parametrize(("model", "label"), [("license", "last day"), ("grant", "until")])
def test_a_changed_field_is_named_as_in_the_subject_of_the_entry(model: str, label: str) -> None:
    with translation.override("en"):
        details = details_in_words({"fields": ["ends_on"], "changes": {}}, {model: 1, "user": 2})
    assert details.endswith(f": {label}")
