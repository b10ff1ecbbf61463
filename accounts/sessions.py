from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """Look up only keys of the form that we give out: a NUL in a cookie would break the query."""
        # The stubs do not know this method of Django's.
        return bool(key) and str(key).isalnum() and str(key).isascii() and super()._validate_session_key(key)  # type: ignore[misc]
