"""Test that adding a colleague twice, or by two admins at once, makes one account and one mail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from nenconnect.mail.models import OutboxMail
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_admin, make_company

ADDRESS = "noor@voorbeeld.example"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number_of_admins", [1, 2])
def test_a_double_click_adds_a_colleague_once(sign_in: Callable[[User], Client], number_of_admins: int) -> None:
    company = make_company("Voorbeeld BV", "voorbeeld.example")
    admins = [make_admin(company, f"beheerder{number}@voorbeeld.example") for number in range(number_of_admins)]
    browsers = [sign_in(admins[click % number_of_admins]) for click in range(4)]
    form = {"role": "user", "email": ADDRESS, "name": "Noor Nieuw"}

    with slow_writes("accounts_user"):
        answers = run_at_once([partial(browser.post, reverse("company:add_user"), form) for browser in browsers])

    assert sorted(getattr(answer, "status_code", str(answer)) for answer in answers) == [200, 200, 200, 302]
    assert User.objects.filter(email=ADDRESS).count() == 1
    assert OutboxMail.objects.filter(recipient__email=ADDRESS).count() == 1
