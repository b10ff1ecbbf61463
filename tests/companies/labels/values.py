from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import User
from companies.models import Company, LabelValue

LABEL = reverse("company:label")


def value(company: Company, name: str) -> LabelValue:
    return LabelValue.objects.create(company=company, name=name)


def names(company: Company) -> list[str]:
    return [value.name for value in LabelValue.objects.of(company)]


def label_of(user: User) -> str | None:
    label = User.objects.select_related("label").get(pk=user.pk).label
    return label.name if label else None


def url(name: str, thing: LabelValue | User) -> str:
    return reverse(f"company:{name}", args=[thing.pk])


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def refusal(answer: Any) -> str:
    assert answer.status_code == 200, messages_of(answer)
    return " ".join(error for errors in answer.context["form"].errors.values() for error in errors)
