"""Link the one step that is recommended for a colleague."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from accounts.next_step import NextStep, PersonStep

POSTS = {
    PersonStep.UNBLOCK: "company:unblock",
    PersonStep.END_LOCK: "company:end_lock",
    PersonStep.SEND_ADDRESS_CHANGE: "company:send_address_change_again",
    PersonStep.SEND_REGISTRATION: "company:send_registration_again",
}


def step_urls(person: User, next_step: NextStep, *, keep: str) -> dict[str, str]:
    """Return `post_url` for a step done at once, `link_url` for a page, or neither."""
    if name := POSTS.get(next_step.step):
        return {"post_url": reverse(name, args=[person.pk]) + keep}
    if next_step.step == PersonStep.CHANGE_ADDRESS:
        return {"link_url": reverse("company:change_address", args=[person.pk]) + keep}
    if next_step.step == PersonStep.GIVE_LICENSE:
        return {"link_url": "#licences"}
    return {}
