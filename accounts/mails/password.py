"""Declare the mail with the link to choose a new password."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mail_cast
from accounts.mails.rerouting import person_of
from accounts.models import User
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.events import Context, Unwanted, mail
from nenconnect.mail.models import OutboxMail

MAX_RESETS_PER_DAY = 10


class _ResetTokens(PasswordResetTokenGenerator):
    """Keep a link dead that was mailed before a block, also after unblocking (C12, C19)."""

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        assert isinstance(user, User)
        return f"{super()._make_hash_value(user, timestamp)}{user.session_round}"


reset_tokens = _ResetTokens()


def may_send_password_reset(user: User) -> bool:
    """Allow one mail a minute and ten a day (C11)."""
    now = timezone.now()
    recent = OutboxMail.objects.filter(recipient=user, event="password_reset")
    return (
        not recent.filter(created_at__gte=now - timedelta(minutes=1)).exists()
        and recent.filter(created_at__gte=now - timedelta(days=1)).count() < MAX_RESETS_PER_DAY
    )


def send_password_reset(user: User) -> None:
    queue_mail("password_reset", to=user, about=user, once_per=f"{timezone.now():%Y%m%d%H%M%S}")


@mail(
    label=_("Link to choose a new password"),
    sample=lambda: mail_cast.about_person() | {"link": mail_cast.link("sign_in:password_reset")},
)
def password_reset(mail: OutboxMail) -> Context:
    person = person_of(mail)
    if not person.is_active:
        raise Unwanted("the account is not active")
    token = f"{person.pk}-{reset_tokens.make_token(person)}"
    return {"person": person, "link": reverse("sign_in:password_reset", args=[token])}
