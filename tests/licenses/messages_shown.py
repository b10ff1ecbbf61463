from __future__ import annotations

import re
from typing import Any

from accounts.models import User
from nenconnect.mail.models import OutboxMail


def shown(answer: Any) -> str:
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def people_mailed(event: str) -> list[User]:
    return [mail.recipient for mail in OutboxMail.objects.filter(event=event).order_by("pk") if mail.recipient]
