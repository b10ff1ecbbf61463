"""Simulate a security key without a browser, with answers chosen by the test."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from allauth.account.utils import user_pk_to_url_str
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts.models import User

FLAG = AuthenticatorData.FLAG


class SoftKey:
    def __init__(self) -> None:
        self._secret = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(32)
        self._site = sha256(str(urlsplit(settings.SITE_URL).hostname).encode()).digest()

    def registration(self, challenge: str = "", *, verified: bool = True) -> dict[str, Any]:
        public = ES256.from_cryptography_key(self._secret.public_key())  # type: ignore[no-untyped-call]
        key = AttestedCredentialData.create(b"\0" * 16, self._id, public)
        authenticator_data = AuthenticatorData.create(self._site, FLAG.AT | _flags(verified), 0, key)
        sent = {
            "clientDataJSON": self._client_data("webauthn.create", challenge),
            "attestationObject": AttestationObject.create("none", authenticator_data, {}),
        }
        return self._credential(sent)

    def assertion(self, challenge: str, user: User, *, verified: bool) -> str:
        authenticator_data = AuthenticatorData.create(self._site, _flags(verified), 1)
        client_data = self._client_data("webauthn.get", challenge)
        sent = {
            "clientDataJSON": client_data,
            "authenticatorData": authenticator_data,
            "signature": self._secret.sign(authenticator_data + client_data.hash, ec.ECDSA(hashes.SHA256())),
            "userHandle": user_pk_to_url_str(user).encode(),
        }
        return json.dumps(self._credential(sent))

    def _client_data(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(challenge), settings.SITE_URL)

    def _credential(self, sent: dict[str, bytes]) -> dict[str, Any]:
        response = {name: websafe_encode(value) for name, value in sent.items()}
        key_id = websafe_encode(self._id)
        return {
            "id": key_id,
            "rawId": key_id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }


def _flags(verified: bool) -> AuthenticatorData.FLAG:
    return FLAG.UP | FLAG.UV if verified else FLAG.UP


def no_key(user: User, *, authenticator_data: bytes = b"\0" * 37, client_data: bytes = b"") -> str:
    # What no key says of itself, in the form in which a key would say it.
    client_data = client_data or CollectedClientData.create("webauthn.get", b"x" * 32, settings.SITE_URL)
    sent = {
        "clientDataJSON": client_data,
        "authenticatorData": authenticator_data,
        "userHandle": user_pk_to_url_str(user).encode(),
    }
    response = {name: websafe_encode(value) for name, value in sent.items()} | {"signature": "aaaa"}
    return json.dumps({"id": "aaaa", "rawId": "aaaa", "type": "public-key", "response": response})
