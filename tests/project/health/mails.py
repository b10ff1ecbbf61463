from __future__ import annotations

from typing import Any

from nenconnect.mail.models import OutboxMail
from tests.factories import make_person

TOKEN = "een-lange-sleutel-voor-monitoring"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def mail(**fields: Any) -> OutboxMail:
    number = OutboxMail.objects.count()
    defaults = {"event": "account_exists", "key": f"health{number}", "message_id": f"<{number}@testserver>"}
    return OutboxMail.objects.create(recipient=make_person(), **defaults | fields)
