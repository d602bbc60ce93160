# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The messages between the controller and the target: requests about KMS, and the answers.

The controller decides; the target calls KMS and reports the results. No message contains plaintext key material: it is
sent as ciphertext under KMS's wrapping public key.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from ._errors import CloudKeysError, explain_fault
from ._key.ensured_key import EnsuredKeyResult
from ._key.expiration import Expiration, WantedExpiration
from ._key.facts import KeyFacts
from ._key.specs import DEFAULT_WRAPPING_KEY_SPEC
from ._kms.provenance import Provenance

__all__ = (
    "Action", "Answer", "Applied", "Apply", "EnsureKey", "EnsuredKey", "Failed",
    "Failure", "GetParameters", "GivenParameters", "Imported", "Look", "MacVerdict", "Parameters",
    "Postponed", "Request", "SECRETS", "SECRET_LISTS", "Seen", "Step", "VerifyMac", "Watch", "Watched",
    "WhenParameters", "changes", "has_changed", "may_download", "regions_of",
)  # fmt: skip

WhenParameters = t.Literal["never", "due", "always"]
Action = t.Literal["import", "reimport", "stage", "rotate", "delete", "enable", "disable"]
ImportType = t.Literal["EXISTING_KEY_MATERIAL", "NEW_KEY_MATERIAL"]

# Fields of requests that become separate options on the way to the target, so that no_log hides them there. A no_log
# value is also masked in the answers, so only secrets are marked.
SECRET_LISTS = ("encrypted_key_materials", "import_tokens")
SECRETS = (*SECRET_LISTS, "mac")
# Fields that repr omits, including those of answers.
_NOT_SHOWN = (*SECRETS, "import_token")


def _without_secrets(message: t.Any) -> str:
    """The ``repr`` of a message, which exceptions and debuggers display."""
    shown = (f"{name}={value!r}" for name, value in zip(message._fields, message) if name not in _NOT_SHOWN)
    return f"{type(message).__name__}({', '.join(shown)})"


class Step(t.NamedTuple):
    """One change to a key, in the terms of the result's ``actions``.

    :ivar place: of the key material to import, among those that the task gives.
    :ivar proof: not reported. The step only proves a permission before a step that must be followed by it; or, for a
        rotation, an earlier run started it.
    :ivar import_type: ImportType, or None to send none.
    :ivar key_material_id: the one to import, to delete, or to make current by a rotation.
    :ivar description: KeyMaterialDescription, or None to send none, which keeps the present one.
    """

    action: Action
    place: int = 0
    proof: bool = False
    expiration: Expiration | None = None
    import_type: ImportType | None = None
    key_material_id: str | None = None
    description: str | None = None

    @property
    def imports(self) -> bool:
        """Whether it is carried out by ImportKeyMaterial."""
        return self.action in ("import", "reimport", "stage")


class Look(t.NamedTuple):
    """Read the state of a key from KMS.

    :ivar key: a key ID, key ARN, alias name or alias ARN.
    :ivar region: the Region of the request; None for the Region of the task.
    :ivar public_key: whether to get the public key of an asymmetric key that holds key material.
    :ivar parameters: whether to get import parameters in the same visit: ``due`` if the key holds no key material or
        its *expiration* is not as declared.
    :ivar wait: seconds to wait for a key that is Creating or Updating.
    :ivar materials: whether to also read the list of a symmetric key's key materials.
    """

    key: str
    region: str | None
    public_key: bool = False
    parameters: WhenParameters = "never"
    expiration: WantedExpiration = WantedExpiration()
    wrapping_algorithm: str | None = None
    wrapping_key_spec: str = DEFAULT_WRAPPING_KEY_SPEC
    wait: int = 0
    materials: bool = True


class GetParameters(t.NamedTuple):
    """GetParametersForImport.

    :ivar key: a key ID or key ARN; KMS does not accept an alias here.
    """

    key: str
    region: str | None
    wrapping_algorithm: str
    wrapping_key_spec: str


class VerifyMac(t.NamedTuple):
    """Verify that KMS makes *mac* of *message* with this key."""

    key: str
    region: str | None
    message: bytes
    mac: bytes
    mac_algorithm: str

    def __repr__(self) -> str:
        return _without_secrets(self)


class Apply(t.NamedTuple):
    """Carry out these steps if the key still has the state that the controller read.

    :ivar seen: the facts behind the decision; None to continue after changes by the same task.
    :ivar after: the state that KMS is to report afterwards, in the fields of the diff.
    :ivar wait: seconds to wait until KMS reports it; None not to wait.
    :ivar encrypted_key_materials: the ciphertexts, one for each step that imports, in their order; likewise the
        *import_tokens*.
    """

    key: str
    region: str | None
    seen: KeyFacts | None
    steps: tuple[Step, ...]
    after: t.Mapping[str, t.Any]
    wait: int | None
    encrypted_key_materials: tuple[bytes, ...] = ()
    import_tokens: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return _without_secrets(self)


class Watch(t.NamedTuple):
    """Wait until KMS reports a state. A wait of minutes consists of many such requests, so that no visit takes long.

    :ivar wait: seconds to wait in this visit.
    """

    key: str
    region: str | None
    after: t.Mapping[str, t.Any]
    wait: int


class EnsureKey(t.NamedTuple):
    """Bring a key into its declared state, apart from its key material, like ``kms_external_key``.

    :ivar key: the task's name for the key, for messages.
    :ivar options: of ``kms_external_key``, those that are set.
    :ivar check_mode: whether to only report what would be done.
    :ivar arn: of the key when it was read before; a key with another ARN is not changed. None for any.
    """

    key: str
    region: str | None
    options: t.Mapping[str, t.Any]
    check_mode: bool
    arn: str | None = None

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """The other Regions that the answer requires."""
        return tuple(self.options.get("replica_regions") or ())


Request = t.Union[Look, GetParameters, VerifyMac, Apply, Watch, EnsureKey]


class Parameters(t.NamedTuple):
    """The result of GetParametersForImport.

    :ivar wrapping_public_key: SubjectPublicKeyInfo, DER (RFC 5280, section 4.1.2.7).
    :ivar valid_to: when KMS stops accepting the import token (ParametersValidTo).
    """

    wrapping_public_key: bytes
    import_token: bytes
    valid_to: datetime
    wrapping_algorithm: str
    wrapping_key_spec: str

    def __repr__(self) -> str:
        return _without_secrets(self)


class Imported(t.NamedTuple):
    """The result of ImportKeyMaterial: its request ID in CloudTrail, and the KeyMaterialId of a symmetric key."""

    request_id: str | None
    key_material_id: str | None


class Failure(t.NamedTuple):
    """A message; and the KMS error, if there was one.

    :ivar kms_error: ``operation``, ``code``, ``message`` and ``request_id``.
    """

    sentence: str
    kms_error: t.Mapping[str, t.Any] | None = None

    @property
    def code(self) -> str | None:
        return self.kms_error.get("code") if self.kms_error else None

    @classmethod
    def of(cls, error: Exception) -> Failure:
        if isinstance(error, CloudKeysError):
            return cls(error.sentence, error.details.get("kms_error"))
        return cls(explain_fault(error, "The module"))


class Seen(t.NamedTuple):
    """The answer to Look.

    :ivar now: the time of KMS's response, from its Date header (RFC 9110, section 6.6.1); the same in all answers.
    :ivar provenance: how the response reached the controller; the same in all answers.
    :ivar public_key: SubjectPublicKeyInfo, DER; None if it was not requested or not read.
    :ivar public_key_unread: why it was not read, as a clause.
    :ivar parameters_failure: why there are no parameters although they were due.
    """

    facts: KeyFacts
    now: datetime
    provenance: Provenance
    public_key: bytes | None = None
    public_key_unread: str | None = None
    parameters: Parameters | None = None
    parameters_failure: Failure | None = None


class GivenParameters(t.NamedTuple):
    """The answer to GetParameters."""

    parameters: Parameters
    now: datetime
    provenance: Provenance


class MacVerdict(t.NamedTuple):
    """The answer to VerifyMac.

    :ivar valid: None if KMS could not verify it; *unread* is the reason, as a clause.
    """

    valid: bool | None
    unread: str | None
    provenance: Provenance


class Applied(t.NamedTuple):
    """The answer to Apply. It always reports what is known and done, even after a failure halfway.

    :ivar facts: the key after the steps, or its present state if it changed before them.
    :ivar done: the actions that KMS has confirmed.
    :ivar imports: of each step that imported, in their order.
    :ivar failed_step: how many steps were finished before the one that failed; None if none failed.
    :ivar unconfirmed: the action that KMS may or may not have performed, because there was no response.
    :ivar changed: the key no longer had the state that the controller read, and nothing was done.
    :ivar shown: whether KMS reports the expected state.
    """

    facts: KeyFacts
    now: datetime
    provenance: Provenance
    done: tuple[Action, ...] = ()
    unconfirmed: Action | None = None
    imports: tuple[Imported, ...] = ()
    failed_step: int | None = None
    changed: bool = False
    shown: bool = False
    failure: Failure | None = None

    def taken(self, steps: t.Iterable[Step]) -> list[tuple[Step, Imported]]:
        """The imports among *steps* that KMS accepted, with its responses. There are none for the other imports."""
        return list(zip([step for step in steps if step.imports], self.imports))


class Watched(t.NamedTuple):
    """The answer to Watch."""

    facts: KeyFacts
    now: datetime
    provenance: Provenance
    shown: bool


class EnsuredKey(t.NamedTuple):
    """The answer to EnsureKey, even after a failure halfway.

    :ivar result: the result of ``kms_external_key``, without its warnings and its failure.
    :ivar foretold: whether it reports what would be done.
    :ivar seen: the future state of a key that would be created.
    :ivar waiting: the warning that replica keys wait for the import into the primary key.
    """

    result: EnsuredKeyResult
    warnings: tuple[str, ...]
    provenance: Provenance
    foretold: bool
    failure: Failure | None = None
    seen: Seen | None = None
    waiting: str | None = None

    @property
    def arn(self) -> str | None:
        """None if the key does not exist, for example before it is created."""
        return self.result.arn

    @property
    def lacking_regions(self) -> list[str]:
        """The Regions whose replica keys wait for the import into the primary key."""
        return [one.region for one in self.result.replicas if not (one.arn or one.failure)]

    @property
    def replicas_failed(self) -> bool:
        """Whether only replica keys failed, so that the others can get their key material."""
        return any(one.failure for one in self.result.replicas)


class Postponed(t.NamedTuple):
    """The answer to a request whose turn did not come in this visit. Nothing was done, and the request is to be
    repeated.

    :ivar failure: the reason.
    """

    failure: Failure


class Failed(t.NamedTuple):
    """The answer to any request that failed. A failure of one key does not affect the answers about the others."""

    failure: Failure


Answer = t.Union[Seen, GivenParameters, MacVerdict, Applied, Watched, EnsuredKey, Postponed, Failed]


def may_download(request: Request) -> bool:
    """Whether it may call GetParametersForImport, whose default quota in KMS is one request per second."""
    return isinstance(request, GetParameters) or (isinstance(request, Look) and request.parameters != "never")


def changes(request: Request) -> bool:
    """Whether it may change something in KMS, or belongs to such a request."""
    return isinstance(request, (Apply, GetParameters)) or (isinstance(request, EnsureKey) and not request.check_mode)


def regions_of(requests: t.Iterable[Request]) -> list[str | None]:
    """The Regions of all requests, each once; None stands for that of the task."""
    regions = [
        region
        for request in requests
        for region in (request.region, *(request.elsewhere if isinstance(request, EnsureKey) else ()))
    ]
    return list(dict.fromkeys(regions))


def has_changed(answer: Answer) -> bool:
    """Whether something was done in KMS for it."""
    if isinstance(answer, EnsuredKey):
        return not answer.foretold and answer.result.changed
    return isinstance(answer, Applied) and bool(answer.done)
