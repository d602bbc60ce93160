# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""KMS's errors in words: what is wrong, with which key in which Region, and what to do.

KMS answers several mistakes with an empty message, so no sentence relies on KMS's own text; it is added where there is
some. The codes are those of the KMS API reference, Common Errors and the operations' own lists. Pure.
"""

from __future__ import annotations

import typing as t

__all__ = ("DENIED", "NO_ANSWER", "CloudKeysError", "KmsError", "Refusal", "explain")

# The API Reference, Common Errors, has the one, and other services the other.
DENIED = ("AccessDenied", "AccessDeniedException")


class CloudKeysError(Exception):
    """The root of what the collection's own code raises: a sentence for the user, and what is known beside it."""

    def __init__(self, sentence: str, **details: t.Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details

    def to_answer(self) -> dict[str, t.Any]:
        """What the target tells the controller: a failure of one key does not keep the other keys from theirs."""
        return {"failure": self.sentence}


class Refusal(Exception):
    """A sentence: what is wrong, with which key, and what to do. Nothing has been done."""


class KmsError(CloudKeysError):
    """A call to KMS that failed.

    :ivar operation: the API operation, such as ``ImportKeyMaterial``.
    :ivar code: KMS's error code, or the name of botocore's exception where no answer came.
    :ivar message: KMS's own message, which may be empty.
    """

    def __init__(
        self, operation: str, code: str, message: str, *, key: str, region: str, request_id: str | None = None
    ) -> None:
        super().__init__(explain(operation, code, message, key=key, region=region))
        self.operation = operation
        self.code = code
        self.message = message
        self.request_id = request_id

    @property
    def clause(self) -> str:
        """Why something could not be read, to stand after a colon or in parentheses."""
        if self.code in DENIED:
            return f"kms:{self.operation} is denied"
        own_words = f": {self.message}" if self.message else ""
        return f"KMS answers {self.operation} with {self.code}{own_words}"

    def to_answer(self) -> dict[str, t.Any]:
        return {**super().to_answer(), "kms_error": self.to_json()}

    def to_json(self) -> dict[str, t.Any]:
        return {
            "operation": self.operation,
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
        }


# The condition keys that can be why an action is denied (AWS KMS permissions reference).
_CONDITION_KEYS = {
    "GetParametersForImport": ("kms:WrappingAlgorithm", "kms:WrappingKeySpec"),
    "ImportKeyMaterial": ("kms:ExpirationModel", "kms:ValidTo"),
    "CreateKey": ("kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "aws:RequestTag/*"),
    "VerifyMac": ("kms:MacAlgorithm",),
    "ReplicateKey": ("kms:ReplicaRegion",),
}

# What a service control policy, an endpoint policy or a key policy does to every action.
_DENIED = (
    "{key}: KMS denies {operation}. The action kms:{operation} must be allowed for this key in Region {region} by the"
    " key policy, or by an IAM policy if the key policy lets IAM decide{conditions}; a service control policy or a VPC"
    " endpoint policy may deny it too."
)

_SENTENCES: dict[str, str | dict[str, str]] = {
    "AccessDeniedException": _DENIED,
    "AccessDenied": _DENIED,
    "NotFoundException": (
        "{key}: KMS knows no such key or alias in Region {region} of this account. Check the identifier, the Region and"
        " the account of the credentials; a key created moments ago may take some more to be known everywhere."
    ),
    "InvalidArnException": (
        "{key}: KMS in Region {region} does not accept this identifier. A key ARN must name the Region that the task"
        " talks to; set region to the ARN's Region, or correct the ARN."
    ),
    "InvalidAliasNameException": "{key} is not a valid alias name. It starts with alias/ and not with alias/aws/.",
    "UnsupportedOperationException": {
        "GetPublicKey": "{key}: KMS has no public key of this key to compare with in Region {region}.",
        "": (
            "{key}: KMS does not support {operation} for this key. Key material can only be imported into a key with"
            " the origin EXTERNAL that is not in a custom key store."
        ),
    },
    "KMSInvalidStateException": {
        "ImportKeyMaterial": (
            "{key}: KMS does not import key material in the state that the key is in, or another new key material is"
            " already waiting for a rotation. Look at the key state (DescribeKey) and the materials"
            " (ListKeyRotations), then run again."
        ),
        "": (
            "{key}: KMS does not do {operation} in the state that the key is in. Look at the key state (DescribeKey);"
            " a key in PendingDeletion must be cancelled first, one in Creating or Updating needs some moments."
        ),
    },
    "DisabledException": "{key} is Disabled, and KMS does not do {operation} with a disabled key.",
    "InvalidCiphertextException": (
        "{key}: KMS could not unwrap the encrypted key material, or what came out is not key material for this key"
        " spec. The causes: it was encrypted under a public key that came with another import token; with another"
        " algorithm than the token's (OpenSSL's OAEP hash is SHA-1 unless both rsa_oaep_md and rsa_mgf1_md are set);"
        " in another layout; or the plaintext has the wrong length or is not PKCS #8 DER."
        " Nothing was imported. Download new import parameters, encrypt again and check these."
    ),
    "IncorrectKeyMaterialException": (
        "{key}: this is not the key material that KMS expects: it compared the bytes with those imported before, and"
        " nothing was changed. Give the key material that was imported first; for an asymmetric key also in the same"
        " encoding. A key never takes other material in place of its own."
    ),
    "InvalidImportTokenException": (
        "{key}: KMS does not accept the import token: it is damaged, or belongs to another key or Region. The token"
        " and the public key must come from one GetParametersForImport call for this key in Region {region}."
    ),
    "ExpiredImportTokenException": (
        "{key}: the import token has expired; it is valid for 24 hours. Download new import parameters and encrypt the"
        " key material again, under their public key."
    ),
    "InvalidMarkerException": "{key}: KMS lost its place in a list (an invalid marker). Run again.",
    "LimitExceededException": (
        "{key}: {operation} would exceed a quota of the account or of the key in Region {region}. Free some of it, or"
        " ask AWS for more where the quota can be raised."
    ),
    "ThrottlingException": (
        "{key}: KMS still throttles {operation} in Region {region} after many retries. Others use the account's quota"
        " at the same time (GetParametersForImport: one a second); run again later, with fewer forks, or have the quota"
        " raised."
    ),
    "DependencyTimeoutException": (
        "{key}: KMS timed out during {operation} in Region {region}, several times. What was begun may or may not have"
        " been done; run again, which finds out."
    ),
    "KMSInternalException": (
        "{key}: KMS had an internal error during {operation} in Region {region}, several times. What was begun may or"
        " may not have been done; run again, which finds out."
    ),
    "MalformedPolicyDocumentException": (
        "{key}: KMS does not accept the key policy: it is not a valid policy document, or names a principal that does"
        " not exist (a new one may need some seconds to be known), or would not let the caller change the key policy"
        " again (bypass_policy_lockout_safety_check)."
    ),
    "AlreadyExistsException": "{key}: KMS says that it exists already in Region {region}.",
    "TagException": "{key}: KMS does not accept the tags; a tag key or value is invalid or given twice.",
    "UnrecognizedClientException": (
        "{key}: AWS does not know the access key or session token of the credentials, or not in Region {region}. Check"
        " access_key, secret_key, session_token or profile."
    ),
    "InvalidSignatureException": (
        "{key}: AWS does not accept the signature of the request. Check the secret key, and the clock of the target."
    ),
    "ExpiredTokenException": "{key}: the session token of the AWS credentials has expired. Get new credentials.",
    "IncompleteSignature": "{key}: AWS does not accept the request's signature as complete. Check the credentials.",
    "NoCredentialsError": (
        "{key}: no AWS credentials were found on the target. Set profile or access_key and secret_key, or the"
        " environment variables that boto3 reads."
    ),
    "NoRegionError": "{key}: no AWS Region is known. Set region, or name the key by its ARN.",
    "ParamValidationError": "{key}: botocore refuses the request for {operation} before sending it.",
    "ValidationException": ("{key}: KMS refuses a parameter of {operation} in Region {region}. Its own words follow."),
}

_UNREACHED = (
    "{key}: KMS in Region {region} did not answer {operation} ({code}), several times. Check the network, proxy and"
    " endpoint_url of the target. What was begun may or may not have been done; run again, which finds out."
)
NO_ANSWER = (
    "EndpointConnectionError",
    "ConnectionClosedError",
    "ConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "HTTPClientError",
    "SSLError",
    "ProxyConnectionError",
)
_OTHER = "{key}: {operation} failed in Region {region} with {code}."


def explain(operation: str, code: str, message: str, *, key: str, region: str) -> str:
    """The sentence for an error *code* of *operation* on *key* in *region*, with KMS's own words after it."""
    sentence = _SENTENCES.get(code, _UNREACHED if code in NO_ANSWER else _OTHER)
    if isinstance(sentence, dict):
        sentence = sentence.get(operation, sentence[""])
    names = _CONDITION_KEYS.get(operation, ())
    conditions = f", whose conditions on {' and '.join(names)} the request must meet" if names else ""
    text = sentence.format(operation=operation, code=code, key=key, region=region, conditions=conditions)
    return f"{text} KMS says: {message}" if message else text
