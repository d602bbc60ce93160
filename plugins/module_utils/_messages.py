# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The messages between the controller and the target: what can be asked of KMS, and the answers.

The controller decides; the target asks KMS and tells it. No plaintext key material is in any message: it travels as
ciphertext under KMS's wrapping public key.
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

# Fields of requests that are options of their own on their way to the target, because no_log hides them there. A
# no_log value is masked in the answers, too: so it is said for what is secret alone.
SECRET_LISTS = ("encrypted_key_materials", "import_tokens")
SECRETS = (*SECRET_LISTS, "mac")
# What repr does not show: that of answers, too.
_NOT_SHOWN = (*SECRETS, "import_token")


def _without_secrets(message: t.Any) -> str:
    """For ``repr``, by which an exception or a debugger shows a value."""
    shown = (f"{name}={value!r}" for name, value in zip(message._fields, message) if name not in _NOT_SHOWN)
    return f"{type(message).__name__}({', '.join(shown)})"


class Step(t.NamedTuple):
    """One change of a key, in the words of the result's ``actions``.

    :ivar place: of the key material that is imported, among those that the task gives.
    :ivar proof: not reported: done only to prove a permission before something that must be followed by it; or, of a
        rotation, begun by an earlier run.
    :ivar import_type: ImportType, or None to send none.
    :ivar key_material_id: the one to import, to delete, or that a rotation is to make the current one.
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
    """What does KMS show of this key?

    :ivar key: a key ID, key ARN, alias name or alias ARN.
    :ivar region: where to ask; None for the Region of the task.
    :ivar public_key: whether to get the public key of an asymmetric key that holds key material.
    :ivar parameters: whether to get import parameters in the same visit: ``due`` for when the key holds no key material
        or its *expiration* is not as declared.
    :ivar wait: seconds to wait for a key that is Creating or Updating.
    :ivar materials: whether to read the list of a symmetric key's key materials, too.
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

    :ivar key: a key ID or key ARN; KMS takes no alias here.
    """

    key: str
    region: str | None
    wrapping_algorithm: str
    wrapping_key_spec: str


class VerifyMac(t.NamedTuple):
    """Does KMS make *mac* of *message* with this key?"""

    key: str
    region: str | None
    message: bytes
    mac: bytes
    mac_algorithm: str

    def __repr__(self) -> str:
        return _without_secrets(self)


class Apply(t.NamedTuple):
    """Carry out these steps if the key is still as the controller saw it.

    :ivar seen: the facts behind the decision; None to go on from what this very task has just done.
    :ivar after: what KMS is to show then, in the fields of the diff.
    :ivar wait: seconds to wait until KMS shows it; None not to wait.
    :ivar encrypted_key_materials: the ciphertexts, one for each step that imports, in their order; and so the
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
    """Does KMS show what it was told? A wait of minutes is many of these: none holds the visit for long.

    :ivar wait: seconds to wait for it in this visit.
    """

    key: str
    region: str | None
    after: t.Mapping[str, t.Any]
    wait: int


class EnsureKey(t.NamedTuple):
    """Have a key as it is declared, without its key material: what ``kms_external_key`` does.

    :ivar key: by which it is known to the task, for messages.
    :ivar options: of ``kms_external_key``, those that are given.
    :ivar check_mode: whether to say only what would be done.
    :ivar arn: that the key had when it was looked at before; nothing is done with another one. None for any.
    """

    key: str
    region: str | None
    options: t.Mapping[str, t.Any]
    check_mode: bool
    arn: str | None = None

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """The other Regions that have to be asked for the answer."""
        return tuple(self.options.get("replica_regions") or ())


Request = t.Union[Look, GetParameters, VerifyMac, Apply, Watch, EnsureKey]


class Parameters(t.NamedTuple):
    """What GetParametersForImport gave.

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
    """What ImportKeyMaterial answered: its request ID in CloudTrail, and the KeyMaterialId of a symmetric key."""

    request_id: str | None
    key_material_id: str | None


class Failure(t.NamedTuple):
    """A sentence; and the error of KMS, where it was one.

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

    :ivar now: the time of KMS's answer by its own Date header (RFC 9110, section 6.6.1); the same in all answers.
    :ivar provenance: how the answer came; the same in all answers.
    :ivar public_key: SubjectPublicKeyInfo, DER; None where it was not asked for, or not read.
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

    :ivar valid: None where KMS could not be asked, and *unread* says why, as a clause.
    """

    valid: bool | None
    unread: str | None
    provenance: Provenance


class Applied(t.NamedTuple):
    """The answer to Apply, also where it failed half-way: what is known and what was done is said in any case.

    :ivar facts: the key after the steps, or as it is now if it has changed before them.
    :ivar done: the actions that KMS has confirmed.
    :ivar imports: of each step that imported, in their order.
    :ivar failed_step: how many steps were finished before the one that failed; None where none failed.
    :ivar unconfirmed: the action of which nobody knows whether KMS has done it, because no answer came.
    :ivar changed: the key was no longer as the controller saw it, and nothing was done.
    :ivar shown: whether KMS shows what it was told.
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
        """The imports among *steps* whose key material KMS took, with its answers. Of the others it said nothing."""
        return list(zip([step for step in steps if step.imports], self.imports))


class Watched(t.NamedTuple):
    """The answer to Watch."""

    facts: KeyFacts
    now: datetime
    provenance: Provenance
    shown: bool


class EnsuredKey(t.NamedTuple):
    """The answer to EnsureKey, also where it failed half-way.

    :ivar result: what ``kms_external_key`` returns, its warnings and its failure apart.
    :ivar foretold: whether it says what would be done.
    :ivar seen: of a key that would be created, how it would be then.
    :ivar waiting: the warning that replica keys wait until the key material is in the primary key.
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
        """None where there is no such key, as before it is created."""
        return self.result.arn

    @property
    def lacking_regions(self) -> list[str]:
        """Those whose replica keys wait until the key material is in the primary key."""
        return [one.region for one in self.result.replicas if not (one.arn or one.failure)]

    @property
    def replicas_failed(self) -> bool:
        """Whether nothing failed but replica keys, so that the others can get their key material."""
        return any(one.failure for one in self.result.replicas)


class Postponed(t.NamedTuple):
    """The answer to a request whose turn did not come in this visit: nothing was done. It is to be asked again.

    :ivar failure: what an end of the patience says.
    """

    failure: Failure


class Failed(t.NamedTuple):
    """The answer to any request that could not be met: a failure of one key does not keep the others from theirs."""

    failure: Failure


Answer = t.Union[Seen, GivenParameters, MacVerdict, Applied, Watched, EnsuredKey, Postponed, Failed]


def may_download(request: Request) -> bool:
    """Whether it may call GetParametersForImport, of which KMS takes one a second where no higher quota is set."""
    return isinstance(request, GetParameters) or (isinstance(request, Look) and request.parameters != "never")


def changes(request: Request) -> bool:
    """Whether it may change something in KMS, or belongs to what does."""
    return isinstance(request, (Apply, GetParameters)) or (isinstance(request, EnsureKey) and not request.check_mode)


def regions_of(requests: t.Iterable[Request]) -> list[str | None]:
    """The Regions that have to be asked, each once; None stands for that of the task."""
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
