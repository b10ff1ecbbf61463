"""Mark the challenge of a passkey with its use, so that another use refuses the answer.

allauth keeps one challenge in the session for every use; the second step asks less of a passkey than the sign-in
without a password does.
"""

from __future__ import annotations

from allauth.mfa.webauthn.internal import auth as webauthn

DOOR = "door"
SECOND_STEP, WITHOUT_PASSWORD = "second_step", "without_password"


def sign(door: str) -> None:
    webauthn.set_state((webauthn.get_state() or {}) | {DOOR: door})


def is_of(door: str) -> bool:
    return (webauthn.get_state() or {}).get(DOOR) == door


def demands_finger_face_or_pin() -> bool:
    return (webauthn.get_state() or {}).get("user_verification") == "required"


def forget(door: str) -> None:
    if is_of(door):
        webauthn.clear_state()
