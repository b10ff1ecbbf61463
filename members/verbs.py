"""Name what the audit records when colleagues come, change and go (R38)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from nenconnect.audit.verbs import Topic, Verb

ACCOUNT_CLOSED = Verb(
    "account_closed",
    Topic.USERS,
    label=_("Account closed: merged into another of the same person"),
    sentence=_("The account of %(user)s was closed by %(who)s: merged into another of the same person"),
)
ACCOUNTS_MERGED = Verb(
    "accounts_merged",
    Topic.USERS,
    label=_("Two accounts of one person merged"),
    sentence=_("%(who)s merged another account into that of %(user)s"),
)
PEOPLE_CHANGED = Verb(
    "people_changed",
    Topic.USERS,
    label=_("Several users changed at once"),
    sentence=_("%(who)s changed several users at once"),
)
PEOPLE_LEFT = Verb(
    "people_left",
    Topic.USERS,
    label=_("Users who left blocked or removed"),
    sentence=_("%(who)s had colleagues blocked or removed who left"),
)
PEOPLE_LEFT_UNDONE = Verb(
    "people_left_undone",
    Topic.USERS,
    label=_("Users who left brought back"),
    sentence=_("%(who)s brought back colleagues who had left"),
)
PEOPLE_LOADED = Verb(
    "people_loaded",
    Topic.USERS,
    label=_("Table of users imported"),
    sentence=_("%(who)s imported a table of users"),
)
PEOPLE_UPLOADED = Verb(
    "people_uploaded",
    Topic.USERS,
    label=_("Table of users uploaded"),
    sentence=_("%(who)s uploaded a table of users"),
)
RETURNED_TO_COMPANY = Verb(
    "returned_to_company",
    Topic.USERS,
    label=_("User brought back into the company"),
    sentence=_("%(who)s brought %(user)s back into the company"),
)
USER_DELETED = Verb(
    "user_deleted",
    Topic.USERS,
    label=_("Account deleted"),
    sentence=_("The account of %(user)s was deleted by %(who)s"),
)
