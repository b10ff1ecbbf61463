"""Declare what the audit records about mail (R38)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from nenconnect.audit.verbs import Verb

MAIL_QUEUE_PAUSED = Verb(
    "mail_queue_paused", None, label=_("Mail queue paused"), sentence=_("%(who)s paused the mail queue")
)
MAIL_QUEUE_RESUMED = Verb(
    "mail_queue_resumed", None, label=_("Mail queue resumed"), sentence=_("%(who)s let the mail queue run again")
)
MAIL_REROUTED = Verb(
    "mail_rerouted",
    None,
    label=_("Mail sent to others instead"),
    sentence=_("A mail for %(user)s went to others instead"),
)
MAILS_SENT_AGAIN = Verb(
    "mails_sent_again", None, label=_("Mails sent again"), sentence=_("%(who)s had failed mails sent again")
)
