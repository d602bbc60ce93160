# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The key material on the controller: read from files and values into the memory of the only process that wraps it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal
from ...module_utils._material.wanted import Source
from .._controller.files import read_controller_file
from .._cryptography.key_material import KeyMaterial, parse_key_material
from .._cryptography.passphrase import (
    Passphrase,
    passphrase_from_file,
    passphrase_from_value,
)
from .._cryptography.text_encodings import decode, is_hex, is_text

if t.TYPE_CHECKING:
    from .._bundle.contents import WrappedKeyMaterial

__all__ = ("Sources", "read_sources")


@dataclass(frozen=True)
class Sources:
    """One key material that the task gives: plaintext; or encrypted, with its import token, bundled or not; or none.

    :ivar key_material_format: the format of *content*.
    :ivar content: the bytes of the file or value, not parsed yet, because parsing depends on the key spec.
    :ivar origin: the source of these bytes, or of the bundle, for messages.
    :ivar bundle: the bundle that the ciphertext and the token are from, if there is one.
    :ivar check_code_compared: whether the bundle matches the check code that the task expects.
    """

    content: bytes | None = field(default=None, repr=False)
    key_material_format: str = "auto"
    origin: str = ""
    passphrase: Passphrase | None = None
    encrypted_key_material: bytes | None = field(default=None, repr=False)
    import_token: bytes | None = field(default=None, repr=False)
    bundle: WrappedKeyMaterial | None = None
    check_code_compared: bool = False

    def key_material(self, key_spec: str, region: str) -> KeyMaterial | None:
        """The plaintext key material, parsed for a key with this key spec; None if there is none.

        :raises KeyMaterialError: with a message.
        """
        if self.content is None:
            return None
        return parse_key_material(
            self.content,
            key_spec=key_spec,
            key_material_format=self.key_material_format,
            passphrase=self.passphrase,
            origin=self.origin,
            region=region,
        )

    @property
    def kind(self) -> Source:
        """How a declaration names this kind of source."""
        if self.content is not None:
            return "given"
        return "none" if self.encrypted_key_material is None else "wrapped"


def read_sources(action: ActionBase, options: t.Mapping[str, t.Any], secrets: t.Mapping[str, t.Any]) -> Sources:
    """:raises Refusal: a file cannot be read, a value is not base64, or a bundle is incomplete."""
    if options.get("wrapped_bundle_src") is not None or "wrapped_bundle" in secrets:
        return _from_bundle(action, options, secrets)
    passphrase = _passphrase(action, options, secrets)
    material = _bytes_of(action, "key_material", options, secrets)
    encrypted = _bytes_of(action, "encrypted_key_material", options, secrets)
    token = _bytes_of(action, "import_token", options, secrets)
    for name, data in (("encrypted_key_material", encrypted), ("import_token", token)):
        if data is not None:
            _refuse_not_binary(name, data, options)
    return Sources(
        content=material,
        key_material_format=str(options.get("key_material_format") or "auto"),
        origin=str(options.get("key_material_src") or "key_material"),
        passphrase=passphrase,
        encrypted_key_material=encrypted,
        import_token=token,
    )


def _from_bundle(action: ActionBase, options: t.Mapping[str, t.Any], secrets: t.Mapping[str, t.Any]) -> Sources:
    # Imported here because Ansible compiles all imports again in every task, and few tasks have bundles.
    from .._bundle.contents import WrappedKeyMaterial
    from .._bundle.reading import read_bundle

    bundle, what = read_bundle(action, WrappedKeyMaterial, "wrapped_bundle", options, secrets)
    return Sources(
        origin=what,
        encrypted_key_material=bundle.encrypted_key_material,
        import_token=bundle.import_token,
        bundle=bundle,
        check_code_compared=bool(options.get("expected_check_code")),
    )


def _passphrase(
    action: ActionBase, options: t.Mapping[str, t.Any], secrets: t.Mapping[str, t.Any]
) -> Passphrase | None:
    src = options.get("key_material_passphrase_src")
    if src is not None:
        return passphrase_from_file(read_controller_file(action, src), src)
    value = secrets.get("key_material_passphrase")
    return None if value is None else passphrase_from_value(str(value))


def _bytes_of(
    action: ActionBase, name: str, options: t.Mapping[str, t.Any], secrets: t.Mapping[str, t.Any]
) -> bytes | None:
    src = options.get(f"{name}_src")
    if src is not None:
        content = read_controller_file(action, src)
        if not content:
            raise Refusal(f"The file {src} ({name}_src) is empty. Give the right file.")
        return content
    value = secrets.get(name)
    return None if value is None else _from_base64(name, str(value))


def _from_base64(name: str, value: str) -> bytes:
    # Hex text in complete groups of four digits is also valid base64, and KMS would accept the bytes that it
    # represents.
    if is_hex(value.encode("utf-8")):
        raise Refusal(
            f"The value of {name} is hex, but must be base64. Apply the filter b64encode to it, and set"
            " key_material_format: hex."
            if name == "key_material"
            else f"The value of {name} is hex, but must be base64. Convert it."
        )
    decoded = decode(value.encode("utf-8"), "base64")
    if decoded is None:
        raise Refusal(
            f"The value of {name} is not base64. Give the base64 text of the file's bytes. For a lookup that returns"
            " text, such as PEM, apply the filter b64encode."
        )
    return decoded


def _refuse_not_binary(name: str, data: bytes, options: t.Mapping[str, t.Any]) -> None:
    where = f"The file {options[f'{name}_src']}" if options.get(f"{name}_src") else f"The value of {name}"
    if not data:
        raise Refusal(f"{where} is empty. Give the right file or value.")
    # EncryptedKeyMaterial and ImportToken: at most 6144 bytes (ImportKeyMaterial, API reference).
    if len(data) > 6144:
        raise Refusal(f"{where} has {len(data)} bytes, but KMS accepts at most 6144. Give the right file or value.")
    if is_text(data):
        raise Refusal(
            f"{where} is text, but KMS expects binary data. The AWS CLI prints base64: decode it, for example with"
            " openssl enc -d -base64 -A."
        )
