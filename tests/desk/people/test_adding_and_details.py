"""Test that NEN staff add people and change their details."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import SignInAttempts, User
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from tests.factories import PASSWORD


def person_form(**changes: Any) -> dict[str, Any]:
    posted = {
        "email": "vers@elders.example",
        "name": "Vera Vers",
        "role": "user",
        "language": "nl",
        "country": "NL",
    }
    return posted | changes


def test_a_user_whom_staff_add_to_a_company_gets_a_registration_mail(sign_in, staff, company):
    answer = sign_in(staff).post(reverse("admin:accounts_user_add"), person_form(company=company.pk, role="admin"))
    assert answer.status_code == 302
    user = User.objects.get(email="vers@elders.example")
    assert (user.company, user.role, user.registration_origin) == (company, "admin", "nen")
    assert OutboxMail.objects.get().recipient == user


def test_adding_a_user_with_the_address_of_another_company_is_refused(sign_in, staff, company, other_admin):
    data = person_form(company=company.pk, email=other_admin.email)
    answer = sign_in(staff).post(reverse("admin:accounts_user_add"), data)
    assert "email" in answer.context["adminform"].form.errors
    other_admin.refresh_from_db()
    assert other_admin.company != company


def test_the_details_form_of_a_user_changes_no_role_company_block_or_password(sign_in, staff, company, admin):
    url = reverse("admin:accounts_user_change", args=[admin.pk])
    data = person_form(name="Anneke de Baas", role="user", is_blocked="on", password="x", company="")
    assert sign_in(staff).post(url, data).status_code == 302
    admin.refresh_from_db()
    assert (admin.name, admin.role, admin.company) == ("Anneke de Baas", "admin", company)
    assert not admin.is_blocked
    assert admin.check_password(PASSWORD)
    assert AuditEntry.objects.filter(verb="details_changed", actor_id=staff.pk).exists()


def test_staff_cannot_see_a_password_or_delete_a_user(sign_in, staff, colleague):
    page = sign_in(staff).get(reverse("admin:accounts_user_change", args=[colleague.pk])).content.decode()
    assert "password" not in page.lower().replace("password_change", "")
    assert sign_in(staff).post(reverse("admin:accounts_user_delete", args=[colleague.pk])).status_code == 403


def test_staff_can_end_the_lock_of_a_known_or_unknown_address(sign_in, staff, colleague):
    until = timezone.now() + timedelta(minutes=20)
    rows = [
        SignInAttempts.objects.create(address=address, failures=4, locked_until=until)
        for address in (colleague.email, "onbekend@voorbeeld.example")
    ]
    data = {"action": "end_lock", "_selected_action": [row.pk for row in rows]}
    sign_in(staff).post(reverse("admin:accounts_signinattempts_changelist"), data)
    assert not SignInAttempts.objects.exclude(failures=0, locked_until=None).exists()
    assert AuditEntry.objects.filter(verb="lock_ended", actor_id=staff.pk).count() == 1
