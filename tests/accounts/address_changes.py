from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.mails.address_change import ADDRESS_SALT
from accounts.models import AddressChange, User

NEW = "c.collega@voorbeeld.example"


def token_of(user: User) -> str:
    change = AddressChange.objects.get(user=user)
    return signing.Signer(salt=ADDRESS_SALT).sign_object([change.pk, change.round])


def link_of(user: User) -> str:
    return reverse("profile:confirm_address", args=[token_of(user)])


def later(**by: int) -> None:
    AddressChange.objects.update(sent_at=timezone.now() - timedelta(**by))


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)
