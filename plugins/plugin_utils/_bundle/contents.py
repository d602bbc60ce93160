# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The contents of bundles: import parameters to the exporter's machine without network, and wrapped key material back.
Pure.

Neither contains plaintext key material.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ...module_utils._errors import Refusal
from ...module_utils._json import from_base64, to_json
from ...module_utils._key.expiration import format_time
from ...module_utils._key.expiration_options import parse_time
from ...module_utils._key.specs import (
    KEY_SPECS,
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SPECS,
)
from ...module_utils._kms.identifiers import region_of_arn
from ...module_utils._kms.provenance import Provenance
from .._cryptography.evidence import Evidence
from .._cryptography.wrapping import public_key_sha256
from .file import (
    BundleError,
    check_code,
    open_bundle,
    serialize,
    sha256,
)

__all__ = ("TOKEN_LIFETIME", "Bundle", "ImportParameters", "WrappedKeyMaterial")

TOKEN_LIFETIME = timedelta(hours=24)
"""Of an import token and its wrapping public key (GetParametersForImport, ParametersValidTo)."""
# How much the clock of a machine without a network may be behind KMS.
_CLOCK_DIFFERENCE = timedelta(minutes=10)
_LONGEST_TEXT = 1024
# Of ImportToken, and of EncryptedKeyMaterial, in bytes (ImportKeyMaterial, API Reference).
_LARGEST_TOKEN = _LARGEST_CIPHERTEXT = 6144


@dataclass(frozen=True)
class Bundle:
    """The common fields of both kinds.

    :ivar key_arn: the only key, in the only Region, that the import token is for.
    :ivar parameters_valid_to: when KMS stops accepting the import token.
    :ivar endpoint: the endpoint that returned the import parameters, and
    :ivar connection: the Ansible connection over which they came, and
    :ivar certificates: how the endpoint's certificate was verified. All three are claims of the bundle's author.
    """

    FORMAT: t.ClassVar[str]

    key_arn: str
    key_id: str
    key_spec: str
    region: str
    wrapping_algorithm: str
    wrapping_key_spec: str
    wrapping_public_key_sha256: str
    import_token: bytes = field(repr=False)
    parameters_valid_to: datetime
    endpoint: str
    connection: str
    certificates: str

    def to_json(self) -> dict[str, str | None]:
        values = {entry.name: to_json(getattr(self, entry.name)) for entry in dataclasses.fields(self)}
        return {"format": self.FORMAT, **values}

    @property
    def content(self) -> bytes:
        """The content of the file."""
        return serialize(self.to_json())

    @property
    def value(self) -> dict[str, str | None]:
        """The content as a dictionary, for variables."""
        values: dict[str, str | None] = json.loads(self.content)
        return values

    @property
    def check_code(self) -> str:
        return check_code(self.content)

    @property
    def provenance(self) -> Provenance:
        """The provenance, as claimed by the bundle's author."""
        return Provenance(self.endpoint, self.certificates, connection=self.connection)

    @property
    def summary(self) -> dict[str, t.Any]:
        """The fields for results: none of them is a secret, or could become one."""
        return {
            "key_arn": self.key_arn,
            "key_spec": self.key_spec,
            "region": self.region,
            "wrapping_algorithm": self.wrapping_algorithm,
            "wrapping_key_spec": self.wrapping_key_spec,
            "wrapping_public_key_sha256": self.wrapping_public_key_sha256,
            "parameters_valid_to": format_time(self.parameters_valid_to),
            "endpoint": self.endpoint,
            "connection": self.connection,
            "check_code": self.check_code,
        }

    @classmethod
    def from_content(cls, content: bytes, what: str) -> t.Self:
        """Parse a bundle, and verify that it is complete and consistent.

        :param what: the bundle, as the subject of a sentence.
        :raises BundleError: with a message.
        """
        values = open_bundle(content, cls.FORMAT, what)
        del values["format"]
        fields = dataclasses.fields(cls)
        if set(values) != {entry.name for entry in fields}:
            raise BundleError(
                f"{what} does not have the fields of a bundle of format {cls.FORMAT}. Give a bundle that this"
                " collection has written."
            )
        read = {
            entry.name: _from_text(values[entry.name], str(entry.type), f"{what}: {entry.name}") for entry in fields
        }
        bundle = cls(**read)
        wrong = bundle._contradiction()
        if wrong:
            raise BundleError(
                f"{what} is inconsistent: {wrong}. It was not written by this collection. Give a bundle that this"
                " collection has written."
            )
        return bundle

    def refuse_expired(self, now: datetime, min_validity: timedelta, what: str, remedy: str) -> None:
        """:raises BundleError: less than *min_validity* is left, or more than KMS ever grants."""
        left = self.parameters_valid_to - now
        if left > TOKEN_LIFETIME + _CLOCK_DIFFERENCE:
            raise BundleError(
                f"{what} claims that its import token is valid until {format_time(self.parameters_valid_to)}, but it"
                f" is now {format_time(now)}. KMS grants 24 hours. Either the bundle does not contain what KMS"
                f" returned, or the clock of this machine or of the machine that created the bundle is wrong. {remedy}"
            )
        if left <= timedelta(0):
            raise BundleError(
                f"{what} has expired: its import token was valid until {format_time(self.parameters_valid_to)}, and"
                f" it is now {format_time(now)}. {remedy}"
            )
        if left < min_validity:
            minutes = int(left.total_seconds() // 60)
            raise BundleError(
                f"{what} expires too soon: its import token is valid until {format_time(self.parameters_valid_to)},"
                f" and only {minutes} {'minute is' if minutes == 1 else 'minutes are'} left. {remedy} Or set a"
                " shorter min_validity."
            )

    def _contradiction(self) -> str | None:
        """A clause. It contains no text of the bundle, whose author may want it to be read, or even typed."""
        if self.key_spec not in KEY_SPECS:
            return "its key spec is not one of KMS's"
        if self.wrapping_algorithm not in WRAPPING_ALGORITHMS or self.wrapping_key_spec not in WRAPPING_KEY_SPECS:
            return "its wrapping algorithm or wrapping key spec is not one of KMS's"
        if len(self.import_token) > _LARGEST_TOKEN:
            return f"its import token has {len(self.import_token)} bytes, but KMS accepts at most {_LARGEST_TOKEN}"
        if region_of_arn(self.key_arn) != self.region or self.key_arn.rpartition("/")[2] != self.key_id:
            return "its key ARN does not match its key ID and Region"
        return None


@dataclass(frozen=True)
class ImportParameters(Bundle):
    """The result of KMS's GetParametersForImport for one key.

    :ivar wrapping_public_key: SubjectPublicKeyInfo, DER.
    """

    FORMAT = "cloudkeys.aws/import-parameters/v1"

    wrapping_public_key: bytes = field(repr=False)

    def _contradiction(self) -> str | None:
        if public_key_sha256(self.wrapping_public_key) != self.wrapping_public_key_sha256:
            return "wrapping_public_key_sha256 does not match its wrapping public key"
        return super()._contradiction()


@dataclass(frozen=True)
class WrappedKeyMaterial(Bundle):
    """Key material encrypted for one key, with the import token that belongs to it.

    It also contains evidence that KMS can confirm after the import. For symmetric key material there is none: a
    fingerprint would be only another claim, and could be used to check guesses.

    :ivar parameters_sha256: of the file of the import parameters that it was made with.
    :ivar public_key: of a private key; SubjectPublicKeyInfo, DER.
    :ivar mac_message: random, and
    :ivar mac: the MAC that an HMAC key makes of it.
    """

    FORMAT = "cloudkeys.aws/wrapped-key-material/v1"

    parameters_sha256: str
    encrypted_key_material: bytes = field(repr=False)
    public_key: bytes | None = field(default=None, repr=False)
    mac_message: bytes | None = field(default=None, repr=False)
    mac: bytes | None = field(default=None, repr=False)

    @property
    def claims(self) -> Evidence:
        """The bundle's claims about its content, for keys that are not symmetric. They are proven only after KMS
        confirms them.
        """
        mac = None
        if self.mac_message is not None and self.mac is not None:
            mac = (self.mac_message, self.mac)
        return Evidence(public_key=self.public_key, mac=mac)

    def _contradiction(self) -> str | None:
        length = len(self.encrypted_key_material)
        if length > _LARGEST_CIPHERTEXT:
            return f"its encrypted key material has {length} bytes, but KMS accepts at most {_LARGEST_CIPHERTEXT}"
        return super()._contradiction() or self._impossible_claim()

    def _impossible_claim(self) -> str | None:
        """Claims that KMS could never confirm for such a key. They would count as temporarily unverifiable."""
        kind = KEY_SPECS[self.key_spec].kind
        if self.public_key is not None and kind not in ("rsa", "ecc"):
            return "it has a public key, but its key spec has none"
        if (self.mac_message is None) != (self.mac is None) or (self.mac is not None and kind != "hmac"):
            return "its message and MAC do not match each other or its key spec"
        return None

    @classmethod
    def of(cls, parameters: ImportParameters, encrypted_key_material: bytes, **proof: t.Any) -> WrappedKeyMaterial:
        shared = {entry.name: getattr(parameters, entry.name) for entry in dataclasses.fields(Bundle)}
        return cls(
            **shared,
            parameters_sha256=sha256(parameters.content),
            encrypted_key_material=encrypted_key_material,
            **proof,
        )


def _from_text(value: t.Any, kind: str, what: str) -> t.Any:
    """:param kind: the field's annotation, for example ``bytes | None``."""
    kind, _bar, optional = kind.partition(" | ")
    if value is None and optional:
        return None
    reader: t.Callable[[t.Any], t.Any] = _READERS.get(kind, _text)
    read = reader(value)
    if read is None:
        raise BundleError(
            f"{what} has an invalid value. The bundle was not written by this collection. Give a bundle that this"
            " collection has written."
        )
    return read


def _bytes(value: t.Any) -> bytes | None:
    try:
        return from_base64(value)
    except ValueError:
        return None


def _time(value: t.Any) -> datetime | None:
    try:
        return parse_time(value, "parameters_valid_to")
    except Refusal:
        return None


def _text(value: t.Any) -> str | None:
    # Some texts are displayed, and a terminal interprets control characters.
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST_TEXT else None


_READERS: dict[str, t.Callable[[t.Any], t.Any]] = {"bytes": _bytes, "datetime": _time}
