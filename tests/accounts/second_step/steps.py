"""Sign in with a second step, one function per step, for the tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.mails.second_step import SECOND_STEP_CHANGES
from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from tests.factories import PASSWORD

CODE_PAGE, SIGN_IN, SECURITY = "mfa_authenticate", "account_login", "mfa_index"
WRONG = "000000"


def type_password(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post(reverse(SIGN_IN), {"login": user.email, "password": password})


def type_code(client: Client, code: str) -> Any:
    return client.post(reverse(CODE_PAGE), {"code": code})


def half_way(user: User) -> Client:
    # A browser where the password was right and the second step is asked.
    client = Client()
    answer = type_password(client, user)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer["Location"] == reverse(CODE_PAGE)
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("profile:profile")).status_code == 200


def confirm(client: Client) -> Client:
    # With the password typed again, so that the second step may be changed.
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302
    return client


def changes_mailed(user: User) -> list[str]:
    mails = OutboxMail.objects.filter(event="second_step_changed", recipient=user).order_by("pk")
    return [next(word for word in SECOND_STEP_CHANGES if mail.key_has(word)) for mail in mails]


def verbs(user: User) -> list[str]:
    about = AuditEntry.objects.filter(subjects__user=user.pk).order_by("pk")
    return list(about.values_list("verb", flat=True))


def ask(company: Company, who: str = "everyone", *, days: int = 0) -> None:
    day = timezone.localdate() + timedelta(days=days)
    Company.objects.filter(pk=company.pk).update(second_step_for=who, second_step_from=day)


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))
