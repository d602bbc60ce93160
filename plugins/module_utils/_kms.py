# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The calls to KMS: a short method for each API operation, and one place that turns its errors into sentences.

Throttling, timeouts and KMS's internal errors are retried by botocore itself, in its standard mode with jittered
backoff. What only KMS's eventual consistency can explain is retried here.
"""

from __future__ import annotations

import email.utils
import time
import typing as t
from datetime import datetime, timezone

try:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    pass  # AnsibleAWSModule says so in words.

from ansible_collections.cloudkeys.aws.plugins.module_utils._concurrently import WORKERS
from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import NO_ANSWER, KmsError
from ansible_collections.cloudkeys.aws.plugins.module_utils._proxy import proxy_in_effect

__all__ = ("CONSISTENCY_PAUSES", "UNCERTAIN", "Kms", "client_config")

# Ten attempts take about a minute and a half of backoff: enough for some dozens of keys that share
# GetParametersForImport's one request a second.
TOTAL_ATTEMPTS = 10
# "typically less than a few seconds" (KMS developer guide, eventual consistency).
CONSISTENCY_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
# After these nobody knows whether KMS has done what it was asked.
UNCERTAIN = (*NO_ANSWER, "DependencyTimeoutException", "KMSInternalException")


def client_config(attempts: int = TOTAL_ATTEMPTS) -> t.Any:
    """Not botocore's defaults: they changed between versions, from legacy with five attempts to standard with three."""
    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts}, connect_timeout=15, max_pool_connections=WORKERS
    )


class Kms:
    """KMS in one Region with one set of credentials.

    :param once: makes a client that sends every request once, for what must not be repeated.
    :ivar now: the time of KMS's last answer by its own Date header (RFC 9110, section 6.6.1).
    """

    def __init__(self, client: t.Any, once: t.Callable[[], t.Any] | None = None) -> None:
        self._client = client
        self._once = once or (lambda: client)
        self.region: str = client.meta.region_name
        self.endpoint_url: str = client.meta.endpoint_url
        self.proxy = proxy_in_effect(client)
        self.now = datetime.now(timezone.utc).replace(microsecond=0)

    def describe_key(self, key: str) -> dict[str, t.Any]:
        return self._call("DescribeKey", key)["KeyMetadata"]

    def list_key_materials(self, key: str) -> list[dict[str, t.Any]]:
        """Every key material of a symmetric key, the first and the pending one included."""
        request = {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
        return self._list("ListKeyRotations", "Rotations", key, request)

    def list_keys(self) -> list[dict[str, t.Any]]:
        return self._list("ListKeys", "Keys", "the keys of the account", {"Limit": 1000})

    def list_aliases(self, key: str | None = None) -> list[dict[str, t.Any]]:
        """Of one key; or of all keys of the account in this Region, those of AWS included."""
        of_key = {"KeyId": key} if key else {}
        return self._list("ListAliases", "Aliases", key or "the aliases of the account", {"Limit": 100, **of_key})

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

    def get_parameters_for_import(self, key: str, algorithm: str, wrapping_key_spec: str) -> dict[str, t.Any]:
        return self._call_until_consistent(
            "GetParametersForImport",
            key,
            ("NotFoundException", "KMSInvalidStateException"),
            WrappingAlgorithm=algorithm,
            WrappingKeySpec=wrapping_key_spec,
        )

    def import_key_material(self, key: str, **parameters: t.Any) -> dict[str, t.Any]:
        return self._call_until_consistent(
            "ImportKeyMaterial", key, ("NotFoundException", "KMSInvalidStateException"), **parameters
        )

    def delete_imported_key_material(self, key: str, **parameters: t.Any) -> None:
        self._call("DeleteImportedKeyMaterial", key, **parameters)

    def enable_key(self, key: str) -> None:
        self._call_until_consistent("EnableKey", key, ("KMSInvalidStateException",))

    def disable_key(self, key: str) -> None:
        self._call_until_consistent("DisableKey", key, ("KMSInvalidStateException",))

    def create_key(self, name: str, **parameters: t.Any) -> dict[str, t.Any]:
        """Repeated only where KMS says that it did nothing: CreateKey has no idempotency token.

        :param name: what the key will be called, for the sentence of an error.
        :returns: KeyMetadata.
        """
        client = self._once()
        return _retry(
            lambda error: error.code == "ThrottlingException" or _unknown_principal(error),
            lambda: self._invoke("CreateKey", name, parameters, client)["KeyMetadata"],
        )

    def create_alias(self, key: str, alias: str) -> None:
        request = {"TargetKeyId": key, "AliasName": alias}
        _retry(lambda error: error.code == "NotFoundException", lambda: self._invoke("CreateAlias", key, request))

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

    def _call(self, operation: str, key: str, **parameters: t.Any) -> t.Any:
        return self._invoke(operation, key, {"KeyId": key, **parameters})

    def _invoke(self, operation: str, key: str, parameters: t.Mapping[str, t.Any], client: t.Any = None) -> t.Any:
        """:param key: what the error is about, for its sentence."""
        method = getattr(client or self._client, _method_name(operation))
        try:
            answer = method(**parameters)
        except (ClientError, BotoCoreError) as error:
            # Not chained: botocore's ParamValidationError quotes the parameters.
            raise self._error(operation, key, error) from None
        date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        if date:
            self.now = email.utils.parsedate_to_datetime(date).astimezone(timezone.utc)
        return answer

    def _call_until_consistent(self, operation: str, key: str, codes: tuple[str, ...], **parameters: t.Any) -> t.Any:
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

    def _error(self, operation: str, key: str, error: Exception) -> KmsError:
        if isinstance(error, ClientError):
            details = error.response.get("Error", {})
            return KmsError(
                operation,
                details.get("Code", "Unknown"),
                details.get("Message", ""),
                key=key,
                region=self.region,
                request_id=error.response.get("ResponseMetadata", {}).get("RequestId"),
            )
        name = type(error).__name__
        # A refused parameter would be quoted, and it may be ciphertext.
        message = "" if name == "ParamValidationError" else str(error)
        return KmsError(operation, name, message, key=key, region=self.region)


def _retry(passing: t.Callable[[KmsError], bool], call: t.Callable[[], t.Any]) -> t.Any:
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
