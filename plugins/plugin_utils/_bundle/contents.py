# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What crosses an air gap: the import parameters on the way out, the wrapped key material on the way back. Pure.

Neither holds key material in plain.
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
# By how much a machine without a network may be behind KMS.
_CLOCK_DIFFERENCE = timedelta(minutes=10)
_LONGEST_TEXT = 1024
# Of ImportToken, and of EncryptedKeyMaterial, in bytes (ImportKeyMaterial, API Reference).
_LARGEST_TOKEN = _LARGEST_CIPHERTEXT = 6144


@dataclass(frozen=True)
class Bundle:
    """What both kinds say.

    :ivar key_arn: the one key, in the one Region, that the import token is for.
    :ivar parameters_valid_to: when KMS stops taking the import token.
    :ivar endpoint: from which the import parameters came, and
    :ivar connection: over which of Ansible's connections, and
    :ivar certificates: how the endpoint's certificate was checked. Whoever made the bundle says so.
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
        """Of the file."""
        return serialize(self.to_json())

    @property
    def value(self) -> dict[str, str | None]:
        """What the content says, to be handed on in variables."""
        values: dict[str, str | None] = json.loads(self.content)
        return values

    @property
    def check_code(self) -> str:
        return check_code(self.content)

    @property
    def provenance(self) -> Provenance:
        """As whoever made the bundle says."""
        return Provenance(self.endpoint, self.certificates, connection=self.connection)

    @property
    def summary(self) -> dict[str, t.Any]:
        """What results say of it: nothing that is a secret, or could become one."""
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
        """Reads it, and makes sure that it is whole and agrees with itself.

        :param what: the bundle, as the subject of a sentence.
        :raises BundleError: a sentence.
        """
        values = open_bundle(content, cls.FORMAT, what)
        del values["format"]
        fields = dataclasses.fields(cls)
        if set(values) != {entry.name for entry in fields}:
            raise BundleError(f"{what} does not have the fields of a bundle of the format {cls.FORMAT}.")
        read = {
            entry.name: _from_text(values[entry.name], str(entry.type), f"{what}: {entry.name}") for entry in fields
        }
        bundle = cls(**read)
        wrong = bundle._contradiction()
        if wrong:
            raise BundleError(f"{what} contradicts itself: {wrong}. It was not written by this collection.")
        return bundle

    def refuse_expired(self, now: datetime, min_validity: timedelta, what: str, remedy: str) -> None:
        """:raises BundleError: less than *min_validity* is left, or more than KMS ever gives."""
        left = self.parameters_valid_to - now
        if left > TOKEN_LIFETIME + _CLOCK_DIFFERENCE:
            raise BundleError(
                f"{what} claims that KMS takes its import token until {format_time(self.parameters_valid_to)}, and now"
                f" it is {format_time(now)}. KMS gives 24 hours, so the bundle does not hold what KMS gave, or a clock"
                f" is wrong: that of this machine, or that of the machine which the bundle comes from. {remedy}"
            )
        if left <= timedelta(0):
            raise BundleError(
                f"{what} has expired: KMS takes its import token until {format_time(self.parameters_valid_to)}, and"
                f" now it is {format_time(now)}. {remedy}"
            )
        if left < min_validity:
            minutes = int(left.total_seconds() // 60)
            raise BundleError(
                f"{what} expires too soon: KMS takes its import token until {format_time(self.parameters_valid_to)},"
                f" and only {minutes} {'minute is' if minutes == 1 else 'minutes are'} left. {remedy} Or set a shorter"
                " min_validity."
            )

    def _contradiction(self) -> str | None:
        """A clause. It shows no text of the bundle: it may be somebody's who wants it to be read, or even typed."""
        if self.key_spec not in KEY_SPECS:
            return "its key spec is none of KMS's"
        if self.wrapping_algorithm not in WRAPPING_ALGORITHMS or self.wrapping_key_spec not in WRAPPING_KEY_SPECS:
            return "its wrapping algorithm or wrapping key spec is none of KMS's"
        if len(self.import_token) > _LARGEST_TOKEN:
            return f"its import token has {len(self.import_token)} bytes, and KMS takes {_LARGEST_TOKEN}"
        if region_of_arn(self.key_arn) != self.region or self.key_arn.rpartition("/")[2] != self.key_id:
            return "its key ARN is not that of its key ID and Region"
        return None


@dataclass(frozen=True)
class ImportParameters(Bundle):
    """What KMS's GetParametersForImport gave for one key.

    :ivar wrapping_public_key: SubjectPublicKeyInfo, DER.
    """

    FORMAT = "cloudkeys.aws/import-parameters/v1"

    wrapping_public_key: bytes = field(repr=False)

    def _contradiction(self) -> str | None:
        if public_key_sha256(self.wrapping_public_key) != self.wrapping_public_key_sha256:
            return "wrapping_public_key_sha256 is not that of its wrapping public key"
        return super()._contradiction()


@dataclass(frozen=True)
class WrappedKeyMaterial(Bundle):
    """Key material encrypted for one key, with the import token that belongs to it.

    Beside the ciphertext is what KMS can confirm after the import. For symmetric key material that is nothing, and a
    fingerprint would be one more claim, by which guesses could be checked.

    :ivar parameters_sha256: of the file of the import parameters that it was made with.
    :ivar public_key: of a private key; SubjectPublicKeyInfo, DER.
    :ivar mac_message: random, and
    :ivar mac: what an HMAC key makes of it.
    """

    FORMAT = "cloudkeys.aws/wrapped-key-material/v1"

    parameters_sha256: str
    encrypted_key_material: bytes = field(repr=False)
    public_key: bytes | None = field(default=None, repr=False)
    mac_message: bytes | None = field(default=None, repr=False)
    mac: bytes | None = field(default=None, repr=False)

    @property
    def claims(self) -> Evidence:
        """What it says of itself, for keys that are not symmetric. It is true only once KMS has confirmed it."""
        mac = None
        if self.mac_message is not None and self.mac is not None:
            mac = (self.mac_message, self.mac)
        return Evidence(public_key=self.public_key, mac=mac)

    def _contradiction(self) -> str | None:
        length = len(self.encrypted_key_material)
        if length > _LARGEST_CIPHERTEXT:
            return f"its encrypted key material has {length} bytes, and KMS takes {_LARGEST_CIPHERTEXT}"
        return super()._contradiction() or self._impossible_claim()

    def _impossible_claim(self) -> str | None:
        """What KMS could never confirm of such a key would pass for what could not be verified today."""
        kind = KEY_SPECS[self.key_spec].kind
        if self.public_key is not None and kind not in ("rsa", "ecc"):
            return "it has a public key, and its key spec has none"
        if (self.mac_message is None) != (self.mac is None) or (self.mac is not None and kind != "hmac"):
            return "its message and MAC do not belong together, or to its key spec"
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
    """:param kind: the field's annotation, ``bytes | None`` for example."""
    kind, _bar, optional = kind.partition(" | ")
    if value is None and optional:
        return None
    reader: t.Callable[[t.Any], t.Any] = _READERS.get(kind, _text)
    read = reader(value)
    if read is None:
        raise BundleError(f"{what} is not what it should be. The bundle was not written by this collection.")
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
    # Some of it is shown, and a terminal obeys control characters.
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST_TEXT else None


_READERS: dict[str, t.Callable[[t.Any], t.Any]] = {"bytes": _bytes, "datetime": _time}
