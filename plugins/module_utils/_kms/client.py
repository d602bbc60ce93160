# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The calls to KMS: one short method for each API operation, and one place that turns errors into messages.

:mod:`.traffic` retries requests after throttling, timeouts and internal errors of KMS. This module retries only errors
that KMS's eventual consistency can explain.
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
    pass  # AnsibleAWSModule reports the missing library.

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
# Error codes that KMS may return for a key that is not visible yet, or not yet in its new state.
_STALE = ("NotFoundException", "KMSInvalidStateException")
_Result = t.TypeVar("_Result")
# The messages of these exceptions can contain secrets: a rejected parameter, or a request header.
_QUOTE_SECRETS = ("ParamValidationError", "HTTPClientError")


def client_config(attempts: int = 1, **more: t.Any) -> t.Any:
    """botocore sends each KMS request once; :class:`.Traffic` decides whether to repeat it.

    :param more: further options of botocore's Config.
    """
    retries = {"mode": "standard", "total_max_attempts": attempts}
    return Config(retries=retries, connect_timeout=15, max_pool_connections=WORKERS, **more)


def ask_aws(method: t.Callable[..., t.Any], parameters: t.Mapping[str, t.Any]) -> t.Any:
    """The response to one request, sent with a *method* of a boto3 client.

    :raises AwsError: the request failed. It is not chained, because botocore's exceptions quote parameters, headers and
        responses.
    """
    try:
        return method(**parameters)
    except ClientError as error:
        raise _refusal(error, parameters) from None
    except BotoCoreError as error:
        name = type(error).__name__
        raise AwsError(None, name, "" if name in _QUOTE_SECRETS else quotable(error)) from None
    except (ResponseParserError, AttributeError, KeyError, TypeError, ValueError):
        # botocore's parsers raise these for a body that no AWS service would send.
        raise AwsError(None, "NotAnAnswer") from None


def _refusal(error: ClientError, parameters: t.Mapping[str, t.Any]) -> AwsError:
    details = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code = quotable(details.get("Code", "Unknown"))
    # Keep request values (ciphertext, import token, MAC) out of the message, which may end up in a log.
    sent = [base64.b64encode(value).decode() for value in parameters.values() if isinstance(value, bytes)]
    # A response without an AWS error code is an HTML page.
    message = "" if has_no_code(code) else quotable(details.get("Message") or "", *sent)
    return AwsError(
        error.operation_name,
        code,
        message,
        metadata.get("RequestId"),
        metadata.get("HTTPStatusCode"),
        metadata.get("HTTPHeaders", {}).get("date"),
    )


class KmsAnswer(dict[str, t.Any]):
    """A response from KMS. A missing member means that the response is invalid.

    :ivar now: the time of the response, from its Date header (RFC 9110, section 6.6.1), or from this machine's clock if
        the endpoint does not send one. Whole seconds, UTC.
    """

    def __init__(self, answer: t.Mapping[str, t.Any], now: datetime, otherwise: t.Callable[[], KmsError]) -> None:
        super().__init__(answer)
        self.now = now
        self._otherwise = otherwise

    def __missing__(self, name: str) -> t.NoReturn:
        raise self._otherwise()

    def part(self, name: str) -> KmsAnswer:
        """A member that has members itself."""
        return KmsAnswer(self[name], self.now, self._otherwise)


class KeyDescription(t.NamedTuple):
    """The response of DescribeKey: KeyMetadata, and its time."""

    metadata: dict[str, t.Any]
    now: datetime


class Kms:
    """KMS in one Region with one set of credentials. Several threads may use it at the same time.

    :param provenance: how responses reach the target; by default from the client's own settings, with certificate
        verification.
    :param traffic: shared by all clients that use the same account; None to send every request once, immediately.
    :param expected_account: the required account of every key; None for any.
    :param unlimited_patience: see :meth:`with_unlimited_patience`.
    :ivar now: KMS's time at its last response; None before the first one.
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
        """The same client for requests that must not be postponed, to complete an operation that has begun."""
        return Kms(
            self._client,
            provenance=self.provenance,
            traffic=self._traffic,
            expected_account=self._expected_account,
            unlimited_patience=True,
        )

    def describe_key(self, key: str) -> KeyDescription:
        """:param key: a key ID, key ARN, alias name or alias ARN. Other operations on keys do not accept an alias.
        :raises Refusal: the key is in another account than the expected one.
        """
        answer = self._call("DescribeKey", key)
        metadata = answer.part("KeyMetadata")
        refuse_shown_key(key, metadata["Arn"], self._expected_account)
        return KeyDescription(metadata, answer.now)

    def list_key_materials(self, key: str) -> list[dict[str, t.Any]]:
        """All key materials of a symmetric key, including the first and the pending one."""
        request = {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
        return self._list("ListKeyRotations", "Rotations", key, request)

    def rotation_started(self, key: str) -> datetime | None:
        """The start of an on-demand rotation that is still in progress."""
        return self._call("GetKeyRotationStatus", key).get("OnDemandRotationStartDate")

    def list_keys(self) -> list[dict[str, t.Any]]:
        return self._list("ListKeys", "Keys", "The keys of the account", {"Limit": 1000})

    def list_aliases(self, key: str | None = None) -> list[dict[str, t.Any]]:
        """The aliases of one key; or of all keys of the account in this Region, including AWS managed keys."""
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
        """Perform a cryptographic operation, such as Encrypt, Sign or GenerateMac. It does not change the key."""
        return self._call_until_consistent(operation, key, ("KMSInvalidStateException",), **parameters)

    def get_parameters_for_import(self, key: str, algorithm: str, wrapping_key_spec: str) -> KmsAnswer:
        parameters = {"WrappingAlgorithm": algorithm, "WrappingKeySpec": wrapping_key_spec}
        return self._call_until_consistent("GetParametersForImport", key, _STALE, **parameters)

    def import_key_material(self, key: str, **parameters: t.Any) -> KmsAnswer:
        return self._call_until_consistent("ImportKeyMaterial", key, _STALE, **parameters)

    def delete_imported_key_material(self, key: str, **parameters: t.Any) -> None:
        self._call("DeleteImportedKeyMaterial", key, **parameters)

    def rotate_key_on_demand(self, key: str) -> None:
        """Repeat the request only if KMS reports that it did nothing: KMS counts rotations, and a key has only 25."""
        self._invoke("RotateKeyOnDemand", key, {"KeyId": key}, repeatable=False)

    def enable_key(self, key: str) -> None:
        self._call_until_consistent("EnableKey", key, ("KMSInvalidStateException",))

    def disable_key(self, key: str) -> None:
        self._call_until_consistent("DisableKey", key, ("KMSInvalidStateException",))

    def create_key(self, name: str, **parameters: t.Any) -> dict[str, t.Any]:
        """Create a key. Repeat the request only if KMS reports that it did nothing: CreateKey has no idempotency token.

        :param name: the key's future name, for error messages.
        :returns: KeyMetadata.
        """
        return _retry(
            _unknown_principal,
            lambda: self._invoke("CreateKey", name, parameters, repeatable=False)["KeyMetadata"],
        )

    def replicate_key(self, key: str, **parameters: t.Any) -> dict[str, t.Any]:
        """Replicate a key. No idempotency token is necessary: a Region has at most one replica key, and KMS returns
        AlreadyExistsException for a second one.

        :param key: the primary key, which an earlier call returned as Enabled.
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
        """Point the alias to *key*, whichever key it named before: KMS accepts no condition."""
        request = {"TargetKeyId": key, **parameters}
        _retry(lambda error: error.code == "NotFoundException", lambda: self._invoke("UpdateAlias", key, request))

    def delete_alias(self, key: str, **parameters: t.Any) -> None:
        """:param key: the key that the alias names, for error messages."""
        try:
            self._invoke("DeleteAlias", key, parameters)
        except KmsError as error:
            # The alias is gone: the response was lost and the request repeated, or another user deleted it.
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
        """:param key: the subject of the request, for error messages.
        :param repeatable: whether the request may be sent again if it is unknown whether KMS has performed it.
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
            if error.date and error.operation == operation:
                self.now = _time_of(error.date)
            raise self._explained(operation, key, error) from None
        now = self.now = _time_of(answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date"))
        return KmsAnswer(answer, now, not_an_answer)

    def _call_until_consistent(
        self, operation: str, key: str, codes: tuple[str, ...], **parameters: t.Any
    ) -> KmsAnswer:
        """Call *operation*. The key is known to be in a state that allows it, so *codes* may be a stale response."""
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
                f"{key}: {error.no_credentials}" + (f" AWS reports: {error.message}" if error.message else "")
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
    """:param date: in HTTP date format (RFC 9110, section 5.6.7)."""
    try:
        moment = email.utils.parsedate_to_datetime(date) if date else datetime.now(timezone.utc)
    except (TypeError, ValueError):
        moment = datetime.now(timezone.utc)
    return moment.astimezone(timezone.utc).replace(microsecond=0)


def _retry(passing: t.Callable[[KmsError], bool], call: t.Callable[[], _Result]) -> _Result:
    """Repeat *call*, with increasing pauses, while its error is temporary."""
    for pause in CONSISTENCY_PAUSES:
        try:
            return call()
        except KmsError as error:
            if not passing(error):
                raise
        time.sleep(pause)
    return call()


def _unknown_principal(error: KmsError) -> bool:
    """Whether a key policy names a principal that KMS does not know (yet): IAM is also eventually consistent."""
    return error.code == "MalformedPolicyDocumentException" and "principal" in error.message.lower()


def _method_name(operation: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in operation).lstrip("_")
