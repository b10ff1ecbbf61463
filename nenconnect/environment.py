"""Read the environment for settings.py; a wrong value stops the start with one line that names the variable."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from ipaddress import ip_address
from typing import NoReturn, TypeVar
from urllib.parse import SplitResult, urlsplit

T = TypeVar("T")


class WrongValue(Exception):
    """Tell `read` that a value is wrong; `read` prints the expected form."""


def read(name: str, expects: str, parse: Callable[[str], T], default: str | None = None) -> T:
    """Return the parsed value of a variable; stop the program with one line when it is missing or wrong."""
    raw = os.environ.get(name) or default
    if raw is None:
        refuse(name, expects, "it is not set")
    try:
        return parse(raw)
    except (WrongValue, ValueError):
        refuse(name, expects, f"got {_loggable_value(name, raw)}")


def read_if_set(name: str, expects: str, parse: Callable[[str], T]) -> T | None:
    return read(name, expects, parse) if os.environ.get(name) else None


def refuse(name: str, expects: str, why: str) -> NoReturn:
    sys.exit(f"{name}: {why}; expected {expects}.")


def boolean(raw: str) -> bool:
    lowered = raw.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise WrongValue


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        number = int(raw)
        if not low <= number <= high:
            raise WrongValue
        return number

    return parse


def site_url(raw: str) -> SplitResult:
    parts = urlsplit(raw.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise WrongValue
    return parts


def url_with_scheme(*schemes: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        _ = parts.port  # raises ValueError on a port that is none
        if parts.scheme not in schemes:
            raise WrongValue
        return raw

    return parse


def imap_url(raw: str) -> str:
    """Parse the address of a mailbox; it holds a password, so TLS is required except on this machine."""
    parts = urlsplit(url_with_scheme("imap", "imaps")(raw))
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not (parts.hostname and parts.username and parts.password) or (parts.scheme == "imap" and not is_here):
        raise WrongValue
    return raw


def name_servers(raw: str) -> list[tuple[str, int]]:
    """Parse addresses separated by commas, each with an optional port; IPv6 with a port needs brackets."""
    servers = []
    for server in raw.split(","):
        parts = urlsplit(f"//{server.strip()}")
        ip_address(parts.hostname or "")  # raises ValueError: a name would have to be looked up itself
        servers.append((str(parts.hostname), parts.port or 53))
    return servers


def long_secret(raw: str) -> str:
    if not re.fullmatch(r"[\w.~+/=-]{20,}", raw, re.ASCII):
        raise WrongValue
    return raw


def host_names(raw: str) -> list[str]:
    """Parse names or addresses separated by commas; refuse patterns, because they would allow any host (C15)."""
    names = [name.strip() for name in raw.split(",") if name.strip()]
    if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\]", name) for name in names):
        raise WrongValue
    return names


def folder_path(raw: str) -> str:
    if not re.fullmatch(r"/([\w.-]+/)+", raw, re.ASCII):
        raise WrongValue
    return raw


def _loggable_value(name: str, raw: str) -> str:
    """Return the wrong value as it may be logged: no secrets, keys or passwords in URLs."""
    if any(word in name for word in ("SECRET", "PASSWORD", "TOKEN")):
        return "a value of the wrong form"
    return repr(re.sub(r"//[^/@]*@", "//…@", raw))
