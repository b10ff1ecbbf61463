"""Finding anybody among a million people."""

from __future__ import annotations

from typing import cast

from django.db.models import Q, QuerySet

from accounts.models import User, UserQuerySet
from nenconnect.long_lists import found_by


def people_found(rows: QuerySet[User], text: str) -> QuerySet[User]:
    """Whose address begins so, by its index; where nobody's does, who has each word in name or address."""
    text = text.strip()
    if not text:
        return rows
    by_address = Q(email__startswith=text.lower())
    if rows.filter(by_address).exists():
        return found_by(rows, [by_address])
    return cast(UserQuerySet, rows).matching(text)
