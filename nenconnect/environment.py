"""Reads the environment for settings.py: a wrong value stops the start with one line that names it."""

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
    """Raised by a parser below; its text says what the variable expects."""


def read(name: str, expects: str, parse: Callable[[str], T], default: str | None = None) -> T:
    """The parsed value of variable `name`; stops the program with one line when it is missing or wrong."""
    raw = os.environ.get(name) or default
    if raw is None:
        refuse(name, expects, "it is not set")
    try:
        return parse(raw)
    except (WrongValue, ValueError):
        refuse(name, expects, f"got {_shown(name, raw)}")


def read_if_set(name: str, expects: str, parse: Callable[[str], T]) -> T | None:
    """As read, for what is simply not there when the variable is not set."""
    return read(name, expects, parse) if os.environ.get(name) else None


def refuse(name: str, expects: str, why: str) -> NoReturn:
    """Stops the start with one line on standard error."""
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
    """Of a mailbox; without TLS only on this machine, for the password stands in it."""
    parts = urlsplit(url_with_scheme("imap", "imaps")(raw))
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not (parts.hostname and parts.username and parts.password) or (parts.scheme == "imap" and not is_here):
        raise WrongValue
    return raw


def name_servers(raw: str) -> list[tuple[str, int]]:
    """Addresses with commas between, each with a port where it is not 53; an IPv6 one in brackets then."""
    servers = []
    for one in raw.split(","):
        parts = urlsplit(f"//{one.strip()}")
        ip_address(parts.hostname or "")  # raises ValueError: a name would have to be looked up itself
        servers.append((str(parts.hostname), parts.port or 53))
    return servers


def long_secret(raw: str) -> str:
    if not re.fullmatch(r"[\w.~+/=-]{20,}", raw, re.ASCII):
        raise WrongValue
    return raw


def host_names(raw: str) -> list[str]:
    """Names or addresses with commas between; no pattern, which would let in any name (C15)."""
    names = [name.strip() for name in raw.split(",") if name.strip()]
    if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\]", name) for name in names):
        raise WrongValue
    return names


def folder_path(raw: str) -> str:
    """A path of the site that begins and ends with a slash."""
    if not re.fullmatch(r"/([\w.-]+/)+", raw, re.ASCII):
        raise WrongValue
    return raw


def _shown(name: str, raw: str) -> str:
    """The wrong value, but never a secret: passwords in URLs and keys stay out of logs."""
    if any(word in name for word in ("SECRET", "PASSWORD", "TOKEN")):
        return "a value of the wrong form"
    return repr(re.sub(r"//[^/@]*@", "//…@", raw))
