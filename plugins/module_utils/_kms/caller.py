# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The owner of the credentials, from AWS STS. This requires no permission.

"No permissions are required to perform this operation. If an administrator attaches a policy to your identity that
explicitly denies access to the sts:GetCallerIdentity action, you can still perform this operation." (AWS STS API
Reference, GetCallerIdentity)
"""

from __future__ import annotations

import typing as t

from .._errors import Refusal
from .account import Caller
from .client import ask_aws, client_config
from .error_codes import has_no_code, is_denied, is_unanswered
from .errors import AwsError
from .provenance import Provenance, without_credentials

__all__ = ("ask_caller", "sts_client")

_OPERATION = "GetCallerIdentity"
# STS has no quota that a task shares with many others, unlike GetParametersForImport.
_ATTEMPTS = 4
_UNKNOWN = "expected_account_id is set, but the account of the credentials could not be determined"
_NOTHING = "No request was sent to KMS."
_ENDPOINT = "To use another STS endpoint, set AWS_ENDPOINT_URL_STS on the target."


def sts_client(make: t.Callable[[str | None, t.Any], t.Any], kms: Provenance) -> t.Any:
    """An STS client with boto3's endpoint: the Region's own, or the one set by AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL
    or the AWS configuration (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").

    The task's endpoint_url is for KMS, and a VPC endpoint for KMS does not serve STS. An emulator on this machine
    serves both, and AWS does not know its credentials.

    :param make: creates a client for an endpoint, or for boto3's default if None, with this configuration.
    :param kms: how responses from KMS reach the target.
    """
    config = client_config(attempts=_ATTEMPTS)
    client = make(None, config)
    if not kms.from_this_machine:
        return client
    unless_configured = make(None, client_config(attempts=_ATTEMPTS, ignore_configured_endpoint_urls=True))
    is_configured = client.meta.endpoint_url != unless_configured.meta.endpoint_url
    return client if is_configured else make(kms.url, config)


def ask_caller(sts: t.Any) -> Caller:
    """:param sts: the boto3 client.
    :raises Refusal: the caller is unknown, so the expected account cannot be confirmed.
    """
    url = without_credentials(sts.meta.endpoint_url)
    try:
        answer = ask_aws(sts.get_caller_identity, {})
    except AwsError as error:
        by, reason = ("botocore", _unanswered(url, error)) if error.operation is None else ("AWS", _refused(url, error))
        said = f" {by} reports: {error.message}" if error.message else ""
        raise Refusal(f"{_UNKNOWN}: {reason} {_NOTHING}{said}") from None
    if not answer.get("Account") or not answer.get("Arn"):
        raise Refusal(f"{_UNKNOWN}: {_not_sts(url)} {_NOTHING}")
    return Caller(str(answer["Account"]), str(answer["Arn"]))


def _unanswered(url: str, error: AwsError) -> str:
    if error.code == "NotAnAnswer":
        return _not_sts(url)
    if is_unanswered(error.code):
        return (
            f"the STS endpoint {url} did not respond ({error.code}). Check the network and the proxy of the target."
            f" {_ENDPOINT}"
        )
    return f"boto3 found no AWS credentials on the target ({error.code}). Check profile, or access_key and secret_key."


def _not_sts(url: str) -> str:
    return f"the service that responded at {url} is not STS. {_ENDPOINT}"


def _refused(url: str, error: AwsError) -> str:
    code = error.code
    if error.operation != _OPERATION:
        return error.no_credentials
    if has_no_code(code):
        return f"the service that responded at {url} (HTTP {code}) is not STS. {_ENDPOINT}"
    if is_denied(code):
        return (
            f"STS denied GetCallerIdentity at {url} ({code}). IAM policies cannot deny it, but the policy of a VPC"
            f" endpoint for STS can. Allow sts:GetCallerIdentity there. {_ENDPOINT}"
        )
    return (
        f"STS returned {code} for GetCallerIdentity at {url}. Check that the credentials are correct and have not"
        " expired, and that the Region is enabled for the account."
    )
