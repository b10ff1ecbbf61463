"""Name what the audit records about requests (R38)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from nenconnect.audit.verbs import Topic, Verb

READY_SENTENCE_ADDED = Verb(
    "ready_sentence_added",
    Topic.USERS,
    label=_("Ready-made sentence added"),
    sentence=_("%(who)s added a ready-made sentence"),
)
READY_SENTENCE_CHANGED = Verb(
    "ready_sentence_changed",
    Topic.USERS,
    label=_("Ready-made sentence changed"),
    sentence=_("%(who)s changed a ready-made sentence"),
)
READY_SENTENCE_DELETED = Verb(
    "ready_sentence_deleted",
    Topic.USERS,
    label=_("Ready-made sentence deleted"),
    sentence=_("%(who)s deleted a ready-made sentence"),
)
DOCUMENT_REQUEST_ADDED_TO = Verb(
    "documentrequest_added_to",
    Topic.REQUESTS,
    label=_("Standard request added to"),
    sentence=_("%(who)s added something to the request for %(documentrequest)s"),
)
DOCUMENT_REQUEST_ANSWERED = Verb(
    "documentrequest_answered",
    Topic.REQUESTS,
    label=_("Question about a standard request answered"),
    sentence=_("%(who)s answered the question about the request for %(documentrequest)s"),
)
DOCUMENT_REQUEST_APPROVED = Verb(
    "documentrequest_approved",
    Topic.REQUESTS,
    label=_("Standard request approved"),
    sentence=_("%(who)s approved the request of %(user)s for %(documentrequest)s"),
)
DOCUMENT_REQUEST_ASKED = Verb(
    "documentrequest_asked",
    Topic.REQUESTS,
    label=_("Question about a standard request"),
    sentence=_("%(who)s asked %(user)s something about the request for %(documentrequest)s"),
)
DOCUMENT_REQUEST_CREATED = Verb(
    "documentrequest_created",
    Topic.REQUESTS,
    label=_("Standard requested"),
    sentence=_("%(who)s requested %(document)s"),
)
DOCUMENT_REQUEST_EXPIRED = Verb(
    "documentrequest_expired",
    Topic.REQUESTS,
    label=_("Standard request closed by itself"),
    sentence=_("The request of %(user)s for %(documentrequest)s closed by itself"),
)
DOCUMENT_REQUEST_NUDGED = Verb(
    "documentrequest_nudged",
    Topic.REQUESTS,
    label=_("Admins reminded of a standard request"),
    sentence=_("%(who)s reminded the admins of the request for %(documentrequest)s"),
)
DOCUMENT_REQUEST_REJECTED = Verb(
    "documentrequest_rejected",
    Topic.REQUESTS,
    label=_("Standard request rejected"),
    sentence=_("%(who)s rejected the request of %(user)s for %(documentrequest)s"),
)
DOCUMENT_REQUEST_WITHDRAWN = Verb(
    "documentrequest_withdrawn",
    Topic.REQUESTS,
    label=_("Standard request withdrawn"),
    sentence=_("The request of %(user)s for %(documentrequest)s was withdrawn by %(who)s"),
)
LICENSE_REQUEST_ADDED_TO = Verb(
    "licenserequest_added_to",
    Topic.REQUESTS,
    label=_("Licence request added to"),
    sentence=_("%(who)s added something to the request for “%(licenserequest)s”"),
)
LICENSE_REQUEST_ANSWERED = Verb(
    "licenserequest_answered",
    Topic.REQUESTS,
    label=_("Question about a licence request answered"),
    sentence=_("%(who)s answered the question about the request for “%(licenserequest)s”"),
)
LICENSE_REQUEST_APPROVED = Verb(
    "licenserequest_approved",
    Topic.REQUESTS,
    label=_("Licence request approved"),
    sentence=_("%(who)s approved the request of %(user)s for “%(licenserequest)s”"),
)
LICENSE_REQUEST_ASKED = Verb(
    "licenserequest_asked",
    Topic.REQUESTS,
    label=_("Question about a licence request"),
    sentence=_("%(who)s asked %(user)s something about the request for “%(licenserequest)s”"),
)
LICENSE_REQUEST_CREATED = Verb(
    "licenserequest_created",
    Topic.REQUESTS,
    label=_("Licence requested"),
    sentence=_("%(who)s requested the licence “%(license)s”"),
)
LICENSE_REQUEST_EXPIRED = Verb(
    "licenserequest_expired",
    Topic.REQUESTS,
    label=_("Licence request closed by itself"),
    sentence=_("The request of %(user)s for “%(licenserequest)s” closed by itself"),
)
LICENSE_REQUEST_IN_LINE = Verb(
    "licenserequest_in_line",
    Topic.REQUESTS,
    label=_("Licence request put in line"),
    sentence=_("%(who)s put a request for “%(license)s” in line"),
)
LICENSE_REQUEST_NUDGED = Verb(
    "licenserequest_nudged",
    Topic.REQUESTS,
    label=_("Admins reminded of a licence request"),
    sentence=_("%(who)s reminded the admins of the request for “%(licenserequest)s”"),
)
LICENSE_REQUEST_REJECTED = Verb(
    "licenserequest_rejected",
    Topic.REQUESTS,
    label=_("Licence request rejected"),
    sentence=_("%(who)s rejected the request of %(user)s for “%(licenserequest)s”"),
)
LICENSE_REQUEST_WITHDRAWN = Verb(
    "licenserequest_withdrawn",
    Topic.REQUESTS,
    label=_("Licence request withdrawn"),
    sentence=_("The request of %(user)s for “%(licenserequest)s” was withdrawn by %(who)s"),
)


@dataclass(frozen=True)
class RequestVerbs:
    """List what can happen to a request of one kind; `decided` by the status that follows."""

    created: Verb
    added_to: Verb
    nudged: Verb
    question: Verb
    answered: Verb
    decided: Mapping[str, Verb]


LICENSE_REQUEST_VERBS = RequestVerbs(
    created=LICENSE_REQUEST_CREATED,
    added_to=LICENSE_REQUEST_ADDED_TO,
    nudged=LICENSE_REQUEST_NUDGED,
    question=LICENSE_REQUEST_ASKED,
    answered=LICENSE_REQUEST_ANSWERED,
    decided={
        "approved": LICENSE_REQUEST_APPROVED,
        "rejected": LICENSE_REQUEST_REJECTED,
        "withdrawn": LICENSE_REQUEST_WITHDRAWN,
        "expired": LICENSE_REQUEST_EXPIRED,
    },
)
DOCUMENT_REQUEST_VERBS = RequestVerbs(
    created=DOCUMENT_REQUEST_CREATED,
    added_to=DOCUMENT_REQUEST_ADDED_TO,
    nudged=DOCUMENT_REQUEST_NUDGED,
    question=DOCUMENT_REQUEST_ASKED,
    answered=DOCUMENT_REQUEST_ANSWERED,
    decided={
        "approved": DOCUMENT_REQUEST_APPROVED,
        "rejected": DOCUMENT_REQUEST_REJECTED,
        "withdrawn": DOCUMENT_REQUEST_WITHDRAWN,
        "expired": DOCUMENT_REQUEST_EXPIRED,
    },
)
