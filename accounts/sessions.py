"""Sessions in the database. Kept apart from Django's only for what a cookie may hold."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """Only what we gave out ourselves is looked up: a NUL in a cookie would break the query."""
        # The stubs do not know this method of Django's.
        return bool(key) and str(key).isalnum() and str(key).isascii() and super()._validate_session_key(key)  # type: ignore[misc]
