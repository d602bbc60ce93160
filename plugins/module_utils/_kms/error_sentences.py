# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Error codes in words: what is wrong, with which key in which Region, and what to do.

KMS answers several mistakes with an empty message, so no sentence relies on its own words; they are added where there
are some, with the name of who said them. The codes are those of the KMS API Reference, Common Errors and the
operations' own lists, and the names of botocore's exceptions. Pure.
"""

from __future__ import annotations

from .error_codes import NO_REPLY, NOT_REACHED, THROTTLED_MINUTES, has_no_code, lacks_operation
from .identifiers import alias_hint

__all__ = ("explain",)

# What AWS answers before a request gets to a service: the signature and the account (Common Errors).
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

# The condition keys that can be why an action is denied (AWS KMS permissions reference).
_CONDITION_KEYS = {
    "GetParametersForImport": ("kms:WrappingAlgorithm", "kms:WrappingKeySpec"),
    "ImportKeyMaterial": ("kms:ExpirationModel", "kms:ValidTo"),
    "CreateKey": ("kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "aws:RequestTag/*"),
    "VerifyMac": ("kms:MacAlgorithm",),
    "ReplicateKey": ("kms:ReplicaRegion",),
}

# A service control policy and an endpoint policy can deny every action.
_DENIED_ELSEWHERE = " A service control policy or a VPC endpoint policy may deny it, too."
# The operations that no key policy can allow, because they are about no key (permissions reference).
_DENIED_BY_IAM = (
    "{key}: KMS denies {operation}. An IAM policy must allow kms:{operation} in Region {region} for the resource *"
    "{conditions}." + _DENIED_ELSEWHERE
)
_DENIED_FOR_ALIAS = (
    "{key}: KMS denies {operation}. The action kms:{operation} must be allowed in Region {region} for the alias, by an"
    " IAM policy, and for the key, by its key policy or an IAM policy{conditions}." + _DENIED_ELSEWHERE
)
_DENIED = {
    "CreateKey": _DENIED_BY_IAM,
    "ListAliases": _DENIED_BY_IAM,
    "ListKeys": _DENIED_BY_IAM,
    "CreateAlias": _DENIED_FOR_ALIAS,
    # What else ReplicateKey asks for: AWS KMS Developer Guide, "Controlling access to multi-Region keys".
    "ReplicateKey": (
        "{key}: KMS denies {operation}. The action kms:{operation} must be allowed for this key in Region {region} by"
        " the key policy, or by an IAM policy if the key policy lets IAM decide{conditions}. An IAM policy must also"
        " allow kms:CreateKey in the Region of the replica key, and kms:TagResource where it gets tags."
        + _DENIED_ELSEWHERE
    ),
    "DeleteAlias": _DENIED_FOR_ALIAS,
    "UpdateAlias": (
        "{key}: KMS denies {operation}. The action kms:{operation} must be allowed in Region {region} for the alias, by"
        " an IAM policy, and for both the key that it names and this one, by their key policies or an IAM policy"
        "{conditions}." + _DENIED_ELSEWHERE
    ),
    "": (
        "{key}: KMS denies {operation}. The action kms:{operation} must be allowed for this key in Region {region} by"
        " the key policy, or by an IAM policy if the key policy lets IAM decide{conditions}." + _DENIED_ELSEWHERE
    ),
}
_IMPORT_UNSUPPORTED = (
    "{key}: KMS does not support {operation} for this key. Key material can only be imported into a key with the origin"
    " EXTERNAL that is not in a custom key store."
)
_INTERNAL = (
    "{key}: KMS had an internal error during {operation} in Region {region}. What was begun may or may not have been"
    " done; run again, which finds out."
)
_UNKNOWN_ACCESS_KEY = (
    "{key}: AWS does not know the access key or session token of the credentials, or the account has not enabled Region"
    " {region}. Check access_key, secret_key, session_token or profile, and the Region."
)
_SIGNATURE = (
    "{key}: AWS does not accept the signature of the request to Region {region}. Check the secret key, the name of the"
    " Region, and the clock of the target."
)
_NO_ACCOUNT = "{key}: the AWS account of the credentials cannot use KMS in Region {region}, or not yet."
_UNREACHED = (
    "{key}: the endpoint of KMS in Region {region} was not reached for {operation} ({code}). Check the name of the"
    " Region, and the network, proxy and endpoint_url of the target. Nothing was done, unless an earlier attempt got"
    " through; run again, which finds out."
)
_UNANSWERED = (
    "{key}: KMS in Region {region} did not answer {operation} ({code}). Check the network, proxy and endpoint_url of"
    " the target. What was begun may or may not have been done; run again, which finds out."
)
_CREDENTIALS = (
    "{key}: boto3 got no AWS credentials on the target ({code}). Check profile, or access_key and secret_key, or the"
    " environment variables and files that boto3 reads; where single sign-on is used, log in again."
)
_LACKED = (
    "{key}: the endpoint for Region {region} has no operation {operation}. AWS KMS has it, so an emulator or a proxy"
    " answered. Check endpoint_url and AWS_ENDPOINT_URL_KMS of the target, or do this part against AWS."
)
_NOT_KMS = (
    "{key}: the endpoint for Region {region} answered {operation} with HTTP {code} and no error of KMS. An emulator"
    " without that operation does so, or a proxy in between. Check endpoint_url, AWS_ENDPOINT_URL_KMS and the proxy of"
    " the target. What was begun may or may not have been done; run again, which finds out."
)
_NOT_AN_ANSWER = (
    "{key}: what answered {operation} for Region {region} is not KMS, or a proxy changed the answer. Check"
    " endpoint_url, AWS_ENDPOINT_URL_KMS and the proxy of the target. What was begun may or may not have been done; run"
    " again, which finds out."
)

_SENTENCES: dict[str, str | dict[str, str]] = {
    "AccessDeniedException": _DENIED,
    "AccessDenied": _DENIED,
    "NotFoundException": (
        "{key}: KMS knows no such key or alias in Region {region} of this account. Check the identifier, the Region and"
        " the account of the credentials. A key that was created moments ago may not be known everywhere yet."
    ),
    "InvalidArnException": (
        "{key}: KMS in Region {region} does not accept this identifier. A key ARN is like"
        " arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, and its endpoint that of its"
        " Region. Correct the identifier, or endpoint_url."
    ),
    "InvalidAliasNameException": (
        "{key}: KMS does not accept the name of the alias. It starts with alias/, but not with alias/aws/."
    ),
    "UnsupportedOperationException": {
        "GetPublicKey": "{key}: KMS has no public key of this key to compare with in Region {region}.",
        "GetParametersForImport": _IMPORT_UNSUPPORTED,
        "ImportKeyMaterial": _IMPORT_UNSUPPORTED,
        "DeleteImportedKeyMaterial": _IMPORT_UNSUPPORTED,
        "": (
            "{key}: KMS does not support {operation} for this key. Look at its origin, key spec and key usage"
            " (DescribeKey)."
        ),
    },
    "KMSInvalidStateException": {
        "ImportKeyMaterial": (
            "{key}: KMS does not import key material in the state that the key is in, or another new key material is"
            " already waiting for a rotation. Look at the key state (DescribeKey) and the materials"
            " (ListKeyRotations), then run again."
        ),
        "": (
            "{key}: KMS does not do {operation} in the state that the key is in. Look at the key state (DescribeKey)."
            " In PendingDeletion, cancel the deletion first; in PendingImport, import the key material first; Creating"
            " and Updating end after some moments."
        ),
    },
    "DisabledException": (
        "{key} is Disabled or pending deletion, and KMS does not do {operation} with such a key. Enable the key, or"
        " cancel its deletion and then enable it."
    ),
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
        " encoding. Only a rotation gives a key other key material, and only a symmetric encryption key can be rotated."
    ),
    "InvalidImportTokenException": (
        "{key}: KMS does not accept the import token: it is damaged, or belongs to another key or Region. The token"
        " and the public key must come from one GetParametersForImport call for this key in Region {region}."
    ),
    "ExpiredImportTokenException": (
        "{key}: the import token has expired; it is valid for 24 hours. Download new import parameters and encrypt the"
        " key material again, under their public key."
    ),
    "InvalidMarkerException": "{key}: KMS no longer knows its place in a list that it gives in parts. Run again.",
    "LimitExceededException": (
        "{key}: {operation} would exceed a quota of the account or of the key in Region {region}. Remove what is no"
        " longer needed, or ask AWS for more where the quota can be raised."
    ),
    "ThrottlingException": (
        "{key}: KMS throttles {operation} in Region {region}, and has taken none of this task's requests for"
        f" {THROTTLED_MINUTES} minutes. Others use the account's quota of them; run again later, or have AWS raise the"
        " quota (Service Quotas, AWS Key Management Service). It also throttles what changes one and the same key all"
        " the time."
    ),
    "DependencyTimeoutException": (
        "{key}: KMS timed out during {operation} in Region {region}. What was begun may or may not have been done; run"
        " again, which finds out."
    ),
    "KMSInternalException": _INTERNAL,
    "InternalFailure": _INTERNAL,
    "InternalError": _INTERNAL,
    "ServiceUnavailable": _INTERNAL,
    "ServiceUnavailableException": _INTERNAL,
    "MalformedPolicyDocumentException": (
        "{key}: KMS does not accept the key policy: it is not a valid policy document, or names a principal that does"
        " not exist (a new one may need some seconds to be known), or would not let the caller change the key policy"
        " again (bypass_policy_lockout_safety_check)."
    ),
    "AlreadyExistsException": {
        "CreateAlias": "{key}: the alias exists already in Region {region}, for this key or for another one.",
        "": "{key}: what {operation} would make exists already in Region {region}.",
    },
    "TagException": "{key}: KMS does not accept the tags; a tag key or value is invalid or given twice.",
    "UnrecognizedClientException": _UNKNOWN_ACCESS_KEY,
    "InvalidClientTokenId": _UNKNOWN_ACCESS_KEY,
    "InvalidSignatureException": _SIGNATURE,
    "SignatureDoesNotMatch": _SIGNATURE,
    "RequestExpired": _SIGNATURE,
    "ExpiredTokenException": "{key}: the session token of the AWS credentials has expired. Get new credentials.",
    "IncompleteSignature": "{key}: AWS does not accept the request's signature as complete. Check the credentials.",
    "IncompleteSignatureException": (
        "{key}: AWS does not accept the request's signature as complete. Check the credentials."
    ),
    "MissingAuthenticationToken": "{key}: the request carried no signature. Check the credentials, and the proxy.",
    "MissingAuthenticationTokenException": (
        "{key}: the request carried no signature. Check the credentials, and the proxy."
    ),
    "OptInRequired": _NO_ACCOUNT,
    "SubscriptionRequiredException": _NO_ACCOUNT,
    "NoRegionError": "{key}: no AWS Region is known. Set region, or name the key by its ARN.",
    "ParamValidationError": (
        "{key}: botocore refuses a parameter of {operation} before sending it. It does not fit the model of KMS in the"
        " target's botocore; its value is not shown, because it may be secret."
    ),
    "ValidationException": "{key}: KMS refuses a parameter of {operation} in Region {region}.",
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
        "{key}: there is no TLS connection to KMS in Region {region} for {operation}. What answered has no certificate"
        " that is trusted here, or speaks no TLS. Check endpoint_url, the proxy, aws_ca_bundle and the clock of the"
        " target. With validate_certs: false anyone could answer."
    ),
    "HTTPClientError": (
        "{key}: the HTTP request for {operation} in Region {region} could not be made, or its answer not be read. A"
        " line break in access_key or session_token does that, or a proxy. botocore's own words may quote the"
        " credentials, so they are not shown. What was begun may or may not have been done; run again, which finds out."
    ),
    "NotAnAnswer": _NOT_AN_ANSWER,
}
_OTHER = "{key}: {operation} failed in Region {region} with {code}."

_OF_THE_IDENTIFIER = ("InvalidArnException", "NotFoundException", "ValidationException")


def explain(
    operation: str, code: str, message: str, *, key: str, region: str, status: int | None = None, speaker: str = "KMS"
) -> str:
    """The sentence for an error *code* of *operation* on *key* in *region*, and after it what was said.

    :param message: what was said, from :func:`quotable`.
    :param status: the HTTP status; None where there was no answer.
    :param speaker: who said it: ``KMS``, or ``botocore``.
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
    said = f" {speaker} says: {message}" if message else ""
    hint = alias_hint(key) if code in _OF_THE_IDENTIFIER else ""
    return f"{text}{hint}{said}"
