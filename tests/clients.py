"""Sign people in at Django's test client."""

from __future__ import annotations

from django.test import Client

from accounts.models import User
from accounts.second_step import has_second_step
from tests.factories import add_authenticator_app


def signed_in(user: User) -> Client:
    """Return a client in which this person is signed in; NEN staff with their second step.

    One page is opened, so that what the first page writes does not count among the queries of the next.
    """
    if user.is_staff and not has_second_step(user):
        add_authenticator_app(user)
    client = Client()
    client.force_login(user)
    client.get("/mijn-profiel/e-mails/")
    return client


def copy_of(client: Client) -> Client:
    """Return a client with the same cookies: signing out in the copy leaves the original signed in."""
    copy = Client()
    for name, morsel in client.cookies.items():
        copy.cookies[name] = morsel.value
    return copy
