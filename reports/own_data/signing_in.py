"""Collect devices, wrong passwords, second steps and sign-ins."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from accounts import browsers
from accounts.models import Arrival, SignInAttempts, User
from reports.own_data.sections import Facts


def devices(user: User) -> list[Facts]:
    return [
        {
            "device": browsers.browser_in_words(row.user_agent),
            "browser_says": row.user_agent,
            "internet_address": row.ip,
            "signed_in_since": row.created_at,
            "last_seen": row.last_seen_at,
        }
        for row in UserSession.objects.filter(user=user).order_by("pk")
    ]


def sign_in_attempts(user: User) -> list[Facts]:
    rows = SignInAttempts.objects.filter(address=user.email)
    return [{"wrong_passwords": row.failures, "locked_until": row.locked_until} for row in rows]


def second_steps(user: User) -> list[Facts]:
    rows = Authenticator.objects.filter(user=user).order_by("pk")
    return [
        {"kind": row.get_type_display(), "since": row.created_at, "last_used_at": row.last_used_at} for row in rows
    ]


def arrivals(user: User) -> list[Facts]:
    rows = Arrival.objects.filter(user=user).order_by("pk")
    return [{"at": row.at, "what": row.get_door_display(), "device": row.device} for row in rows]
