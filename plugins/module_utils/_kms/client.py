# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The calls to KMS: a short method for each API operation, and one place that turns its errors into sentences.

Throttling, timeouts and KMS's internal errors are repeated by :mod:`.traffic`. What only KMS's eventual consistency can
explain is repeated here.
"""

from __future__ import annotations

import base64
import email.utils
import time
import typing as t
from datetime import datetime, timezone

try:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:
    pass  # AnsibleAWSModule says so in words.

from .._errors import CloudKeysError
from .account import refuse_shown_key
from .concurrency import WORKERS
from .error_codes import has_no_code
from .errors import AwsError, KmsError, quotable
from .pace import growing
from .provenance import Provenance, provenance_of
from .traffic import Traffic

__all__ = ("KmsAnswer", "KeyDescription", "Kms", "ask_aws", "client_config")

# "typically less than a few seconds" (KMS developer guide, eventual consistency).
CONSISTENCY_PAUSES = tuple(growing(times, 0.5, 8.0) for times in range(5))
# What may be said of a key that KMS does not show yet, or not in its new state.
_STALE = ("NotFoundException", "KMSInvalidStateException")
_Result = t.TypeVar("_Result")
# botocore quotes a refused parameter in the one, and a header of the request in the other: secrets.
_QUOTE_SECRETS = ("ParamValidationError", "HTTPClientError")


def client_config(attempts: int = 1, **more: t.Any) -> t.Any:
    """Every request to KMS is sent once: :class:`.Traffic` knows when it may be repeated.

    :param more: of botocore's Config.
    """
    retries = {"mode": "standard", "total_max_attempts": attempts}
    return Config(retries=retries, connect_timeout=15, max_pool_connections=WORKERS, **more)


def ask_aws(method: t.Callable[..., t.Any], parameters: t.Mapping[str, t.Any]) -> t.Any:
    """The answer to one request by a *method* of a boto3 client.

    :raises AwsError: there is none. It is not chained: botocore's exceptions quote parameters, headers and answers.
    """
    try:
        return method(**parameters)
    except ClientError as error:
        raise _refusal(error, parameters) from None
    except BotoCoreError as error:
        name = type(error).__name__
        raise AwsError(None, name, "" if name in _QUOTE_SECRETS else quotable(error)) from None
    except (ResponseParserError, AttributeError, KeyError, TypeError, ValueError):
        # What botocore's parsers raise at a body that no service of AWS would send.
        raise AwsError(None, "NotAnAnswer") from None


def _refusal(error: ClientError, parameters: t.Mapping[str, t.Any]) -> AwsError:
    details = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code = quotable(details.get("Code", "Unknown"))
    # What was sent is not sent on to a log: ciphertext, import token, MAC.
    sent = [base64.b64encode(value).decode() for value in parameters.values() if isinstance(value, bytes)]
    # What came without a code of AWS is a page of HTML.
    message = "" if has_no_code(code) else quotable(details.get("Message") or "", *sent)
    return AwsError(error.operation_name, code, message, metadata.get("RequestId"), metadata.get("HTTPStatusCode"))


class KmsAnswer(dict[str, t.Any]):
    """An answer of KMS, which has every member that is asked for, or is none.

    :ivar now: the time of the answer by its own Date header (RFC 9110, section 6.6.1); by this machine's clock where an
        endpoint sends none. Whole seconds, UTC.
    """

    def __init__(self, answer: t.Mapping[str, t.Any], now: datetime, otherwise: t.Callable[[], KmsError]) -> None:
        super().__init__(answer)
        self.now = now
        self._otherwise = otherwise

    def __missing__(self, name: str) -> t.NoReturn:
        raise self._otherwise()

    def part(self, name: str) -> KmsAnswer:
        """A member that has members of its own."""
        return KmsAnswer(self[name], self.now, self._otherwise)


class KeyDescription(t.NamedTuple):
    """What DescribeKey answers: KeyMetadata, and when."""

    metadata: dict[str, t.Any]
    now: datetime


class Kms:
    """KMS in one Region with one set of credentials. Several threads may use it at the same time.

    :param provenance: how the answers come; by default as the client's own settings say, with certificates verified.
    :param traffic: to be shared by all that ask for the same account; None to send every request at once, and once.
    :param expected_account: whose every key must be; None for any.
    :param unlimited_patience: see :meth:`with_unlimited_patience`.
    :ivar now: KMS's time at its last answer; None before the first.
    """

    def __init__(
        self,
        client: t.Any,
        *,
        provenance: Provenance | None = None,
        traffic: Traffic | None = None,
        expected_account: str | None = None,
        unlimited_patience: bool = False,
    ) -> None:
        self._client = client
        self._traffic = traffic
        self._unlimited_patience = unlimited_patience
        self.now: datetime | None = None
        self.region: str = client.meta.region_name
        self.provenance = provenance or provenance_of(client)
        self._expected_account = expected_account

    def with_unlimited_patience(self) -> Kms:
        """The same for requests that must not be postponed, because what was begun is to come to its end."""
        return Kms(
            self._client,
            provenance=self.provenance,
            traffic=self._traffic,
            expected_account=self._expected_account,
            unlimited_patience=True,
        )

    def describe_key(self, key: str) -> KeyDescription:
        """:param key: a key ID, key ARN, alias name or alias ARN. The other operations on keys take no alias.
        :raises Refusal: it is in another account than the expected one.
        """
        answer = self._call("DescribeKey", key)
        metadata = answer.part("KeyMetadata")
        refuse_shown_key(key, metadata["Arn"], self._expected_account)
        return KeyDescription(metadata, answer.now)

    def list_key_materials(self, key: str) -> list[dict[str, t.Any]]:
        """Every key material of a symmetric key, the first and the pending one included."""
        request = {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
        return self._list("ListKeyRotations", "Rotations", key, request)

    def rotation_started(self, key: str) -> datetime | None:
        """When a rotation on demand began that has not ended yet."""
        return self._call("GetKeyRotationStatus", key).get("OnDemandRotationStartDate")

    def list_keys(self) -> list[dict[str, t.Any]]:
        return self._list("ListKeys", "Keys", "The keys of the account", {"Limit": 1000})

    def list_aliases(self, key: str | None = None) -> list[dict[str, t.Any]]:
        """Of one key; or of all keys of the account in this Region, those of AWS included."""
        of_key = {"KeyId": key} if key else {}
        return self._list("ListAliases", "Aliases", key or "The aliases of the account", {"Limit": 100, **of_key})

    def list_resource_tags(self, key: str) -> dict[str, str]:
        entries = self._list("ListResourceTags", "Tags", key, {"KeyId": key})
        return {entry["TagKey"]: entry["TagValue"] for entry in entries}

    def get_key_policy(self, key: str) -> str:
        """JSON."""
        return self._call("GetKeyPolicy", key, PolicyName="default")["Policy"]

    def get_public_key(self, key: str) -> bytes:
        """SubjectPublicKeyInfo, DER (RFC 5280, section 4.1.2.7)."""
        return self._call("GetPublicKey", key)["PublicKey"]

    def verify_mac(self, key: str, message: bytes, mac: bytes, algorithm: str) -> bool:
        try:
            self._call("VerifyMac", key, Message=message, Mac=mac, MacAlgorithm=algorithm)
        except KmsError as error:
            if error.code == "KMSInvalidMacException":
                return False
            raise
        return True

    def use(self, operation: str, key: str, **parameters: t.Any) -> KmsAnswer:
        """A cryptographic operation, such as Encrypt, Sign or GenerateMac, which changes nothing of the key."""
        return self._call_until_consistent(operation, key, ("KMSInvalidStateException",), **parameters)

    def get_parameters_for_import(self, key: str, algorithm: str, wrapping_key_spec: str) -> KmsAnswer:
        parameters = {"WrappingAlgorithm": algorithm, "WrappingKeySpec": wrapping_key_spec}
        return self._call_until_consistent("GetParametersForImport", key, _STALE, **parameters)

    def import_key_material(self, key: str, **parameters: t.Any) -> KmsAnswer:
        return self._call_until_consistent("ImportKeyMaterial", key, _STALE, **parameters)

    def delete_imported_key_material(self, key: str, **parameters: t.Any) -> None:
        self._call("DeleteImportedKeyMaterial", key, **parameters)

    def rotate_key_on_demand(self, key: str) -> None:
        """Repeated only where KMS says that it did nothing: it counts rotations, and 25 are all that a key has."""
        self._invoke("RotateKeyOnDemand", key, {"KeyId": key}, repeatable=False)

    def enable_key(self, key: str) -> None:
        self._call_until_consistent("EnableKey", key, ("KMSInvalidStateException",))

    def disable_key(self, key: str) -> None:
        self._call_until_consistent("DisableKey", key, ("KMSInvalidStateException",))

    def create_key(self, name: str, **parameters: t.Any) -> dict[str, t.Any]:
        """Repeated only where KMS says that it did nothing: CreateKey has no idempotency token.

        :param name: what the key will be called, for the sentence of an error.
        :returns: KeyMetadata.
        """
        return _retry(
            _unknown_principal,
            lambda: self._invoke("CreateKey", name, parameters, repeatable=False)["KeyMetadata"],
        )

    def replicate_key(self, key: str, **parameters: t.Any) -> dict[str, t.Any]:
        """It has no idempotency token and needs none: a Region has one replica key, and AlreadyExistsException tells.

        :param key: the primary key, which was seen Enabled.
        :returns: KeyMetadata of the replica key, which KMS is still creating.
        """
        stale = ("DisabledException", *_STALE)
        return _retry(
            lambda error: error.code in stale or _unknown_principal(error),
            lambda: self._call("ReplicateKey", key, **parameters)["ReplicaKeyMetadata"],
        )

    def create_alias(self, key: str, alias: str) -> None:
        request = {"TargetKeyId": key, "AliasName": alias}
        _retry(lambda error: error.code == "NotFoundException", lambda: self._invoke("CreateAlias", key, request))

    def update_alias(self, key: str, **parameters: t.Any) -> None:
        """The alias names *key* from now on, whichever key it named: KMS takes no condition."""
        request = {"TargetKeyId": key, **parameters}
        _retry(lambda error: error.code == "NotFoundException", lambda: self._invoke("UpdateAlias", key, request))

    def delete_alias(self, key: str, **parameters: t.Any) -> None:
        """:param key: that the alias names, for the sentence of an error."""
        try:
            self._invoke("DeleteAlias", key, parameters)
        except KmsError as error:
            # It is gone: an answer was lost, and the request repeated; or somebody else deleted it.
            if error.code != "NotFoundException":
                raise

    def update_key_description(self, key: str, **parameters: t.Any) -> None:
        self._call_until_consistent("UpdateKeyDescription", key, ("NotFoundException",), **parameters)

    def put_key_policy(self, key: str, **parameters: t.Any) -> None:
        _retry(_unknown_principal, lambda: self._call("PutKeyPolicy", key, PolicyName="default", **parameters))

    def tag_resource(self, key: str, **parameters: t.Any) -> None:
        self._call_until_consistent("TagResource", key, ("NotFoundException",), **parameters)

    def untag_resource(self, key: str, **parameters: t.Any) -> None:
        self._call_until_consistent("UntagResource", key, ("NotFoundException",), **parameters)

    def schedule_key_deletion(self, key: str, **parameters: t.Any) -> None:
        self._call("ScheduleKeyDeletion", key, **parameters)

    def cancel_key_deletion(self, key: str) -> None:
        self._call("CancelKeyDeletion", key)

    def _call(self, operation: str, key: str, **parameters: t.Any) -> KmsAnswer:
        return self._invoke(operation, key, {"KeyId": key, **parameters})

    def _invoke(
        self, operation: str, key: str, parameters: t.Mapping[str, t.Any], *, repeatable: bool = True
    ) -> KmsAnswer:
        """:param key: what the error is about, for its sentence.
        :param repeatable: whether it may be sent again when nobody knows whether KMS has done it.
        """

        def send() -> KmsAnswer:
            return self._send(operation, key, parameters)

        if self._traffic is None:
            return send()
        return self._traffic.send(
            operation, key, self.region, send, repeatable=repeatable, insist=self._unlimited_patience
        )

    def _send(self, operation: str, key: str, parameters: t.Mapping[str, t.Any]) -> KmsAnswer:
        method = getattr(self._client, _method_name(operation))

        def not_an_answer() -> KmsError:
            return KmsError(operation, "NotAnAnswer", "", key=key, region=self.region)

        try:
            answer = ask_aws(method, parameters)
        except AwsError as error:
            raise self._explained(operation, key, error) from None
        now = self.now = _time_of(answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date"))
        return KmsAnswer(answer, now, not_an_answer)

    def _call_until_consistent(
        self, operation: str, key: str, codes: tuple[str, ...], **parameters: t.Any
    ) -> KmsAnswer:
        """The key was seen by an earlier call in a state that allows *operation*; *codes* may be a stale answer."""
        return _retry(lambda error: error.code in codes, lambda: self._call(operation, key, **parameters))

    def _list(self, operation: str, member: str, about: str, request: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
        entries: list[dict[str, t.Any]] = []
        marker: dict[str, t.Any] = {}
        while True:
            answer = self._invoke(operation, about, {**request, **marker})
            entries += answer[member]
            if not answer.get("Truncated"):
                return entries
            marker = {"Marker": answer["NextMarker"]}

    def _explained(self, operation: str, key: str, error: AwsError) -> CloudKeysError:
        if error.operation not in (None, operation):
            return CloudKeysError(
                f"{key}: {error.no_credentials}" + (f" AWS says: {error.message}" if error.message else "")
            )
        return KmsError(
            operation,
            error.code,
            error.message,
            key=key,
            region=self.region,
            request_id=error.request_id,
            status=error.status,
            speaker="botocore" if error.operation is None else "KMS",
        )


def _time_of(date: str | None) -> datetime:
    """:param date: in the form of HTTP (RFC 9110, section 5.6.7)."""
    try:
        moment = email.utils.parsedate_to_datetime(date) if date else datetime.now(timezone.utc)
    except (TypeError, ValueError):
        moment = datetime.now(timezone.utc)
    return moment.astimezone(timezone.utc).replace(microsecond=0)


def _retry(passing: t.Callable[[KmsError], bool], call: t.Callable[[], _Result]) -> _Result:
    """*call* again, after longer and longer pauses, while its error is one that passes."""
    for pause in CONSISTENCY_PAUSES:
        try:
            return call()
        except KmsError as error:
            if not passing(error):
                raise
        time.sleep(pause)
    return call()


def _unknown_principal(error: KmsError) -> bool:
    """Whether a key policy names a principal that KMS does not know, or not yet: IAM is eventually consistent, too."""
    return error.code == "MalformedPolicyDocumentException" and "principal" in error.message.lower()


def _method_name(operation: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in operation).lstrip("_")
