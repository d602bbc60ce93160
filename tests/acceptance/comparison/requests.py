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
from .matching import Bindings

_INVALID = b"\0" * 512


class Requests:
    """:param now: the emulator's time."""

    def __init__(self, bindings: Bindings, now: Callable[[], datetime]) -> None:
        self._bindings, self._now = bindings, now
        self._materials: dict[str, bytes] = {}
        self._specs: dict[str, str] = {}
        # By the number of the import token: the wrapping algorithm and the wrapping public key.
        self._parameters: dict[int, tuple[str, bytes]] = {}

    def make(self, call: Call) -> dict[str, Any]:
        """:raises Unknown: the call names something that no earlier answer has shown."""
        return {name: self._value(call, name, value) for name, value in call["request"].items()}

    def remember(self, call: Call, answer: dict[str, Any]) -> None:
        """What later requests need of an answer of the emulator."""
        number = inner(call, "answer", "ImportToken", "number")
        if call["operation"] == "GetParametersForImport" and isinstance(number, int):
            self._parameters[number] = (call["request"]["WrappingAlgorithm"], answer["PublicKey"])
        arn = inner(metadata_of(call), "Arn")
        # The emulator's own metadata has the spec: the record may lack it.
        spec = inner(metadata_of({"answer": answer}), "KeySpec")
        if isinstance(arn, str) and spec:
            self._specs[_key_of(arn)] = spec

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
        if token not in self._parameters or inner(call, "error", "code") == "InvalidCiphertextException":
            return _INVALID
        algorithm, public_key = self._parameters[token]
        return wrap(algorithm, public_key, self._material(call))

    def _material(self, call: Call) -> bytes:
        """The key material that has this ID in the record; of an HMAC or asymmetric key, its only one."""
        key = _key_of(call["request"]["KeyId"])
        spec = self._specs.get(key, SYMMETRIC)
        if inner(call, "error", "code") == "IncorrectKeyMaterialException":
            return other_material(spec)
        name = inner(call, "answer", "KeyMaterialId") if spec == SYMMETRIC else key
        return self._materials.setdefault(str(name or f"{key} of {call['at']}"), new_material(spec))

    def _mac(self, call: Call) -> bytes:
        """A MAC that was not made by KMS: the right one, where KMS took it."""
        key = _key_of(call["request"]["KeyId"])
        if "error" in call or key not in self._materials or self._specs.get(key) not in HMAC_SHORTEST:
            return os.urandom(call["request"]["Mac"]["bytes"])
        digest = call["request"]["MacAlgorithm"].removeprefix("HMAC_").replace("_", "").lower()
        message = self._bytes(call, "Message", call["request"]["Message"])
        return hmac.digest(self._materials[key], message, digest)


def _key_of(text: str) -> str:
    """The number of a key, from its ARN. Replica keys have that of their primary key."""
    return text.rpartition("/")[2]


def inner(value: Any, *names: str) -> Any:
    """A field of a field; None if it does not exist, or if the form is another one."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def metadata_of(call: Any) -> Any:
    """The metadata of a key, in the answer to a call."""
    return inner(call, "answer", "KeyMetadata") or inner(call, "answer", "ReplicaKeyMetadata")
