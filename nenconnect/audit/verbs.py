"""Define the verbs of the audit; each app declares its own in `verbs.py`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERBS: dict[str, Verb] = {}  # by name; complete once AuditConfig is ready


class Topic(models.TextChoices):
    """List the headings of the company's log, in their order."""

    REQUESTS = "requests", _("Requests")
    LICENSES = "licenses", _("Licences")
    COMPANY = "company", _("Company")
    SIGN_IN = "sign_in", _("Signing in")
    USERS = "users", _("Users")


@dataclass(frozen=True, eq=False)
class Verb:
    """Declare a kind of audit entry. The constant is all there is to it: its name is what rows keep.

    The sentence may use %(who)s, %(domain)s and each subject by its model's name; no full stop.
    """

    name: str
    topic: Topic | None  # None: NEN's own, which no company reads
    label: Promise
    sentence: Promise
    hides_actor: bool = False  # from the company: another one's admin did it (R13)
    states_changes: bool = False  # the sentence says what changed; it is not repeated

    def __post_init__(self) -> None:
        if self.name in VERBS:
            raise ValueError(f"The audit verb “{self.name}” is declared twice.")
        VERBS[self.name] = self

    def __str__(self) -> str:
        return self.name


def verb_in_words(name: str) -> str | Promise:
    """Return the label of a verb, or its name if the code no longer has this verb."""
    return VERBS[name].label if name in VERBS else name


def names_hidden_from_companies() -> list[str]:
    return [verb.name for verb in VERBS.values() if verb.topic is None]


@cache
def topics_of_a_company(_language: str | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the choices of the log's filter: headings with their verbs, in the active language.

    The argument is that language, for the cache.
    """
    return [
        (
            str(topic.label),
            sorted(
                [(verb.name, str(verb.label)) for verb in VERBS.values() if verb.topic is topic],
                key=lambda choice: choice[1],
            ),
        )
        for topic in Topic
    ]
