# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make requests for the emulator from recorded ones. Unrecorded bytes, such as key material, are generated."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from support.materials import HMAC_SHORTEST, SYMMETRIC, new_material, other_material
from support.wrapping import wrap

from ..record import Call
from .calls import error_code, inner, key_metadata, last_part
from .matching import Bindings

_INVALID = b"\0" * 512


class Requests:
    """:param now: returns the emulator's time."""

    def __init__(self, bindings: Bindings, now: Callable[[], datetime]) -> None:
        self._bindings, self._now = bindings, now
        self._materials: dict[str, bytes] = {}
        self._specs: dict[str, str] = {}
        # The wrapping algorithm and the wrapping public key, by the number of the import token.
        self._parameters: dict[int, tuple[str, bytes]] = {}

    def make(self, call: Call) -> dict[str, Any]:
        """:raises Unknown: the call names something that no earlier answer has shown."""
        return {name: self._value(call, name, value) for name, value in call["request"].items()}

    def remember(self, call: Call, answer: dict[str, Any]) -> None:
        """Keep the parts of an answer of the emulator that later requests need."""
        number = inner(call, "answer", "ImportToken", "number")
        if call["operation"] == "GetParametersForImport" and isinstance(number, int):
            self._parameters[number] = (call["request"]["WrappingAlgorithm"], answer["PublicKey"])
        arn = inner(key_metadata(call), "Arn")
        # The emulator's own metadata has the key spec. The record may lack it.
        spec = inner(key_metadata({"answer": answer}), "KeySpec")
        if isinstance(arn, str) and spec:
            self._specs[last_part(arn)] = spec

    def _value(self, call: Call, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return self._bindings.insert(value)
        if isinstance(value, list):
            return [self._value(call, name, one) for one in value]
        if not isinstance(value, dict):
            return value
        if "bytes" in value:
            return self._bytes(call, name, value)
        if "date" in value:
            return self._date(value)
        if set(value) == {"text"}:
            return "x" * value["text"]
        return {inner: self._value(call, inner, one) for inner, one in value.items()}

    def _date(self, value: dict[str, Any]) -> datetime:
        bound: datetime | None = self._bindings.bound("date", value["date"])
        if bound is None:
            bound = (self._now() + timedelta(seconds=value["seconds_later"])).replace(microsecond=0)
            self._bindings.bind("date", value["date"], bound)
        return bound

    def _bytes(self, call: Call, name: str, value: dict[str, Any]) -> bytes:
        if name == "EncryptedKeyMaterial":
            return self._encrypted(call)
        bound: bytes | None = self._bindings.bound("bytes", value["number"])
        if bound is None:
            bound = self._mac(call) if name == "Mac" else os.urandom(value["bytes"])
            self._bindings.bind("bytes", value["number"], bound)
        return bound

    def _encrypted(self, call: Call) -> bytes:
        token = inner(call, "request", "ImportToken", "number")
        if token not in self._parameters or error_code(call) == "InvalidCiphertextException":
            return _INVALID
        algorithm, public_key = self._parameters[token]
        return wrap(algorithm, public_key, self._material(call))

    def _material(self, call: Call) -> bytes:
        """Return the key material with the recorded ID, or the only one of an HMAC or asymmetric key."""
        key = last_part(call["request"]["KeyId"])
        spec = self._specs.get(key, SYMMETRIC)
        if error_code(call) == "IncorrectKeyMaterialException":
            return other_material(spec)
        name = inner(call, "answer", "KeyMaterialId") if spec == SYMMETRIC else key
        return self._materials.setdefault(str(name or f"{key} of {call['at']}"), new_material(spec))

    def _mac(self, call: Call) -> bytes:
        """Return a MAC that KMS did not generate. It is correct if KMS accepted the recorded one."""
        key = last_part(call["request"]["KeyId"])
        if "error" in call or key not in self._materials or self._specs.get(key) not in HMAC_SHORTEST:
            return os.urandom(call["request"]["Mac"]["bytes"])
        digest = call["request"]["MacAlgorithm"].replace("HMAC_SHA_", "sha")
        message = self._bytes(call, "Message", call["request"]["Message"])
        return hmac.digest(self._materials[key], message, digest)
