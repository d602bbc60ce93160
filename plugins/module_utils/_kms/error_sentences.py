# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Messages for error codes: what is wrong, which key and Region it concerns, and what to do.

KMS returns several errors with an empty message. The messages here do not depend on KMS's own words; these are
appended, if there are any, with the name of their source. The codes are from the KMS API Reference (Common Errors and
the lists of the operations), and the names of botocore's exceptions. Pure.
"""

from __future__ import annotations

from .error_codes import NO_REPLY, NOT_REACHED, THROTTLED_MINUTES, has_no_code, lacks_operation
from .identifiers import alias_hint

__all__ = ("explain",)

# AWS returns these before a request reaches a service: the signature or the account is wrong (Common Errors).
_OF_THE_FRONT_END = (
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "OptInRequired",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "SubscriptionRequiredException",
    "UnrecognizedClientException",
)

# The condition keys that can cause an action to be denied (AWS KMS permissions reference).
_CONDITION_KEYS = {
    "GetParametersForImport": ("kms:WrappingAlgorithm", "kms:WrappingKeySpec"),
    "ImportKeyMaterial": ("kms:ExpirationModel", "kms:ValidTo"),
    "CreateKey": ("kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "aws:RequestTag/*"),
    "VerifyMac": ("kms:MacAlgorithm",),
    "ReplicateKey": ("kms:ReplicaRegion",),
}

# A service control policy and an endpoint policy can deny any action.
_DENIED_ELSEWHERE = " A service control policy or a VPC endpoint policy can also deny it."
# Operations that a key policy cannot allow, because they do not refer to a key (permissions reference).
_DENIED_BY_IAM = (
    "{key}: KMS denied {operation}. An IAM policy must allow kms:{operation} in Region {region} for the resource"
    " *{conditions}." + _DENIED_ELSEWHERE
)
_DENIED_FOR_ALIAS = (
    "{key}: KMS denied {operation}. In Region {region}, an IAM policy must allow kms:{operation} for the alias, and"
    " the key policy or an IAM policy must allow it for the key{conditions}." + _DENIED_ELSEWHERE
)
_DENIED = {
    "CreateKey": _DENIED_BY_IAM,
    "ListAliases": _DENIED_BY_IAM,
    "ListKeys": _DENIED_BY_IAM,
    "CreateAlias": _DENIED_FOR_ALIAS,
    # The other permissions that ReplicateKey requires: AWS KMS Developer Guide, "Controlling access to multi-Region
    # keys".
    "ReplicateKey": (
        "{key}: KMS denied {operation}. In Region {region}, the key policy must allow kms:{operation} for this key,"
        " or an IAM policy if the key policy delegates to IAM{conditions}. An IAM policy must also allow"
        " kms:CreateKey in the Region of the replica key, and kms:TagResource if tags are set." + _DENIED_ELSEWHERE
    ),
    "DeleteAlias": _DENIED_FOR_ALIAS,
    "UpdateAlias": (
        "{key}: KMS denied {operation}. In Region {region}, an IAM policy must allow kms:{operation} for the alias,"
        " and the key policies or an IAM policy must allow it for both the key that the alias names and this"
        " key{conditions}." + _DENIED_ELSEWHERE
    ),
    "": (
        "{key}: KMS denied {operation}. In Region {region}, the key policy must allow kms:{operation} for this key,"
        " or an IAM policy if the key policy delegates to IAM{conditions}." + _DENIED_ELSEWHERE
    ),
}
_IMPORT_UNSUPPORTED = (
    "{key}: KMS does not support {operation} for this key. Key material can be imported only into a key with origin"
    " EXTERNAL that is not in a custom key store."
)
_INTERNAL = (
    "{key}: KMS had an internal error during {operation} in Region {region}. The operation may or may not have been"
    " performed. Run the task again; it checks the current state first."
)
_UNKNOWN_ACCESS_KEY = (
    "{key}: AWS does not recognize the access key or session token, or Region {region} is not enabled for the"
    " account. Check access_key, secret_key, session_token or profile, and the Region."
)
_SIGNATURE = (
    "{key}: AWS rejected the signature of the request to Region {region}. Check the secret key, the Region name,"
    " and the clock of the target."
)
_NO_ACCOUNT = (
    "{key}: the AWS account of the credentials cannot use KMS in Region {region}, or not yet. Check that the"
    " account is active and signed up for AWS services."
)
_UNREACHED = (
    "{key}: the KMS endpoint in Region {region} could not be reached for {operation} ({code}). Check the Region"
    " name, and the network, proxy and endpoint_url of the target. The operation was not performed, unless an"
    " earlier attempt reached KMS. Run the task again; it checks the current state first."
)
_UNANSWERED = (
    "{key}: KMS in Region {region} did not respond to {operation} ({code}). Check the network, proxy and"
    " endpoint_url of the target. The operation may or may not have been performed. Run the task again; it checks"
    " the current state first."
)
_CREDENTIALS = (
    "{key}: boto3 found no AWS credentials on the target ({code}). Check profile, or access_key and secret_key, or"
    " the environment variables and files that boto3 reads. If you use single sign-on, sign in again."
)
_LACKED = (
    "{key}: the endpoint for Region {region} does not have the operation {operation}. AWS KMS has it, so an"
    " emulator or a proxy responded. Check endpoint_url and AWS_ENDPOINT_URL_KMS on the target, or use AWS for this"
    " operation."
)
_NOT_KMS = (
    "{key}: the endpoint for Region {region} responded to {operation} with HTTP {code} and without a KMS error"
    " code. It may be an emulator without that operation, or a proxy. Check endpoint_url, AWS_ENDPOINT_URL_KMS and"
    " the proxy of the target. The operation may or may not have been performed. Run the task again; it checks the"
    " current state first."
)
_NOT_AN_ANSWER = (
    "{key}: the response to {operation} for Region {region} is not from KMS, or a proxy changed it. Check"
    " endpoint_url, AWS_ENDPOINT_URL_KMS and the proxy of the target. The operation may or may not have been"
    " performed. Run the task again; it checks the current state first."
)

_SENTENCES: dict[str, str | dict[str, str]] = {
    "AccessDeniedException": _DENIED,
    "AccessDenied": _DENIED,
    "NotFoundException": (
        "{key}: KMS found no such key or alias in Region {region} of this account. Check the identifier, the Region"
        " and the account of the credentials. A key that was created moments ago may not be visible everywhere yet."
    ),
    "InvalidArnException": (
        "{key}: KMS in Region {region} does not accept this identifier. A key ARN has the form"
        " arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, and the endpoint must be in"
        " the same Region. Correct the identifier, or endpoint_url."
    ),
    "InvalidAliasNameException": (
        "{key}: KMS does not accept the alias name. It must start with alias/, but not with alias/aws/."
    ),
    "UnsupportedOperationException": {
        "GetPublicKey": "{key}: this key has no public key to compare with in Region {region}.",
        "GetParametersForImport": _IMPORT_UNSUPPORTED,
        "ImportKeyMaterial": _IMPORT_UNSUPPORTED,
        "DeleteImportedKeyMaterial": _IMPORT_UNSUPPORTED,
        "": (
            "{key}: KMS does not support {operation} for this key. Check its origin, key spec and key usage"
            " (DescribeKey)."
        ),
    },
    "KMSInvalidStateException": {
        "ImportKeyMaterial": (
            "{key}: KMS does not import key material in the current key state, or other new key material is already"
            " staged for a rotation. Check the key state (DescribeKey) and the key materials (ListKeyRotations),"
            " then run the task again."
        ),
        "": (
            "{key}: KMS does not perform {operation} in the current key state. Check the key state (DescribeKey)."
            " In PendingDeletion, cancel the deletion first. In PendingImport, import the key material first."
            " Creating and Updating end after a short time."
        ),
    },
    "DisabledException": (
        "{key} is Disabled or pending deletion, so KMS does not perform {operation}. Enable the key, or cancel its"
        " deletion and then enable it."
    ),
    "InvalidCiphertextException": (
        "{key}: KMS could not unwrap the encrypted key material, or the result is not key material for this key"
        " spec. Possible causes: it was encrypted under a public key that belongs to another import token; it was"
        " encrypted with another algorithm than the token's (OpenSSL's OAEP hash is SHA-1 unless both rsa_oaep_md"
        " and rsa_mgf1_md are set); it has another layout; or the plaintext has the wrong length or is not PKCS #8"
        " DER. Nothing was imported. Download new import parameters, check these causes, and encrypt the key"
        " material again."
    ),
    "IncorrectKeyMaterialException": (
        "{key}: this is not the key material that KMS expects. KMS compared the bytes with those imported before"
        " and changed nothing. Give the key material that was imported first; for an asymmetric key, also in the"
        " same encoding. Only a rotation gives a key other key material, and only a symmetric encryption key can be"
        " rotated."
    ),
    "InvalidImportTokenException": (
        "{key}: KMS does not accept the import token. It is damaged, or belongs to another key or Region. The token"
        " and the public key must come from one GetParametersForImport call for this key in Region {region}."
    ),
    "ExpiredImportTokenException": (
        "{key}: the import token has expired; it is valid for 24 hours. Download new import parameters and encrypt"
        " the key material again, under the new public key."
    ),
    "InvalidMarkerException": "{key}: KMS no longer accepts the marker of a list's next page. Run the task again.",
    "LimitExceededException": (
        "{key}: {operation} would exceed a quota of the account or of the key in Region {region}. Remove resources"
        " that are no longer necessary, or ask AWS to raise the quota if it is adjustable."
    ),
    "ThrottlingException": (
        f"{{key}}: KMS throttles {{operation}} in Region {{region}} and has accepted none of this task's requests"
        f" for {THROTTLED_MINUTES} minutes. Other users consume the account's quota for this operation. Run the task"
        " again later, or have AWS raise the quota (Service Quotas, AWS Key Management Service). KMS also throttles"
        " continuous changes to the same key."
    ),
    "DependencyTimeoutException": (
        "{key}: KMS timed out during {operation} in Region {region}. The operation may or may not have been"
        " performed. Run the task again; it checks the current state first."
    ),
    "KMSInternalException": _INTERNAL,
    "InternalFailure": _INTERNAL,
    "InternalError": _INTERNAL,
    "ServiceUnavailable": _INTERNAL,
    "ServiceUnavailableException": _INTERNAL,
    "MalformedPolicyDocumentException": (
        "{key}: KMS does not accept the key policy. It is not a valid policy document, names a principal that does"
        " not exist (a new one may not be visible for some seconds), or would prevent the caller from changing the"
        " key policy again (bypass_policy_lockout_safety_check)."
    ),
    "AlreadyExistsException": {
        "CreateAlias": "{key}: the alias already exists in Region {region}, for this key or another one.",
        "": "{key}: the resource that {operation} would create already exists in Region {region}.",
    },
    "TagException": "{key}: KMS does not accept the tags. A tag key or value is invalid or occurs twice.",
    "UnrecognizedClientException": _UNKNOWN_ACCESS_KEY,
    "InvalidClientTokenId": _UNKNOWN_ACCESS_KEY,
    "InvalidSignatureException": _SIGNATURE,
    "SignatureDoesNotMatch": _SIGNATURE,
    "RequestExpired": _SIGNATURE,
    "ExpiredTokenException": "{key}: the session token of the AWS credentials has expired. Get new credentials.",
    "IncompleteSignature": "{key}: AWS rejected the signature of the request as incomplete. Check the credentials.",
    "IncompleteSignatureException": (
        "{key}: AWS rejected the signature of the request as incomplete. Check the credentials."
    ),
    "MissingAuthenticationToken": "{key}: the request had no signature. Check the credentials and the proxy.",
    "MissingAuthenticationTokenException": (
        "{key}: the request had no signature. Check the credentials and the proxy."
    ),
    "OptInRequired": _NO_ACCOUNT,
    "SubscriptionRequiredException": _NO_ACCOUNT,
    "NoRegionError": "{key}: no AWS Region is set. Set region, or name the key by its ARN.",
    "ParamValidationError": (
        "{key}: botocore rejected a parameter of {operation} before sending the request. The parameter does not"
        " match the KMS model of the target's botocore. Its value is omitted here because it may be secret."
    ),
    "ValidationException": "{key}: KMS rejected a parameter of {operation} in Region {region}.",
    **dict.fromkeys(
        (
            "ConfigNotFound",
            "ConfigParseError",
            "CredentialRetrievalError",
            "InfiniteLoopConfigError",
            "InvalidConfigError",
            "LoginRefreshRequired",
            "LoginTokenLoadError",
            "MetadataRetrievalError",
            "NoAuthTokenError",
            "NoCredentialsError",
            "PartialCredentialsError",
            "ProfileNotFound",
            "RefreshWithMFAUnsupportedError",
            "SSOError",
            "SSOTokenLoadError",
            "TokenRetrievalError",
            "UnauthorizedSSOTokenError",
            "UnknownCredentialError",
        ),
        _CREDENTIALS,
    ),
    **dict.fromkeys(NOT_REACHED, _UNREACHED),
    **dict.fromkeys(NO_REPLY, _UNANSWERED),
    "SSLError": (
        "{key}: the TLS connection to KMS in Region {region} failed for {operation}. The server has no certificate"
        " that is trusted here, or does not use TLS. Check endpoint_url, the proxy, aws_ca_bundle and the clock of"
        " the target. With validate_certs: false, any server could impersonate KMS."
    ),
    "HTTPClientError": (
        "{key}: the HTTP request for {operation} in Region {region} could not be sent, or its response could not be"
        " read. Possible causes are a line break in access_key or session_token, or a proxy. The message from"
        " botocore is omitted because it may contain the credentials. The operation may or may not have been"
        " performed. Run the task again; it checks the current state first."
    ),
    "NotAnAnswer": _NOT_AN_ANSWER,
}
_OTHER = "{key}: {operation} failed in Region {region} with {code}."

_OF_THE_IDENTIFIER = ("InvalidArnException", "NotFoundException", "ValidationException")


def explain(
    operation: str, code: str, message: str, *, key: str, region: str, status: int | None = None, speaker: str = "KMS"
) -> str:
    """The message for an error *code* of *operation* on *key* in *region*, followed by the service's own message.

    :param message: the service's own message, from :func:`quotable`.
    :param status: the HTTP status; None without a response.
    :param speaker: the source of *message*: ``KMS`` or ``botocore``.
    """
    lacking = lacks_operation(code, status)
    if has_no_code(code):
        sentence: str | dict[str, str] = _NOT_KMS
    elif lacking:
        sentence = _LACKED
    else:
        sentence = _SENTENCES.get(code, _OTHER)
    if isinstance(sentence, dict):
        sentence = sentence.get(operation, sentence[""])
    names = _CONDITION_KEYS.get(operation, ())
    conditions = f", whose conditions on {' and '.join(names)} the request must meet" if names else ""
    text = sentence.format(operation=operation, code=code, key=key, region=region, conditions=conditions)
    if lacking:
        speaker = "The endpoint"
    elif code in _OF_THE_FRONT_END:
        speaker = "AWS"
    said = f" {speaker} reports: {message}" if message else ""
    hint = alias_hint(key) if code in _OF_THE_IDENTIFIER else ""
    return f"{text}{hint}{said}"
