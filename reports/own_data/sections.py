"""What a section of one's own data is made of."""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]
