# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whose the credentials are: AWS STS says it, and needs no permission for that.

"No permissions are required to perform this operation. If an administrator attaches a policy to your identity that
explicitly denies access to the sts:GetCallerIdentity action, you can still perform this operation."
(AWS STS API Reference, GetCallerIdentity)
"""

from __future__ import annotations

import typing as t

try:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:
    pass  # AnsibleAWSModule says so in words.

from .._errors import Refusal
from .account import Caller
from .client import QUOTE_SECRETS, client_config
from .error_codes import has_no_code, is_denied, is_unanswered
from .errors import quotable
from .provenance import Provenance, without_credentials

__all__ = ("ask_caller", "sts_client")

_OPERATION = "GetCallerIdentity"
# STS has no quota that a task would share with dozens of others, as GetParametersForImport has.
_ATTEMPTS = 4
_UNKNOWN = "expected_account_id is set, and of which account the credentials are is not known"
_NOTHING = "KMS was asked for nothing."
_ENDPOINT = "AWS_ENDPOINT_URL_STS on the target names another endpoint of STS."


def sts_client(make: t.Callable[[str | None, t.Any], t.Any], kms: Provenance) -> t.Any:
    """STS where boto3 finds it: at the Region's own endpoint, or at the one that AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL
    or the AWS configuration names (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").

    The task's endpoint_url is that of KMS, and a VPC endpoint of KMS does not answer for STS. An emulator on this
    machine answers for both, and AWS knows none of its credentials.

    :param make: a client for an endpoint, or for boto3's own choice, with this configuration.
    :param kms: how KMS answers.
    """
    config = client_config(attempts=_ATTEMPTS)
    client = make(None, config)
    if not kms.from_this_machine:
        return client
    unless_configured = make(None, config.merge(Config(ignore_configured_endpoint_urls=True)))
    is_configured = client.meta.endpoint_url != unless_configured.meta.endpoint_url
    return client if is_configured else make(kms.url, config)


def ask_caller(sts: t.Any) -> Caller:
    """:param sts: boto3's client.
    :raises Refusal: it is not known; what was to be made sure of is then not so.
    """
    url = without_credentials(sts.meta.endpoint_url)
    # Not chained: botocore's exceptions quote parameters, headers and answers.
    try:
        answer = sts.get_caller_identity()
        return Caller(str(answer["Account"]), str(answer["Arn"]))
    except ClientError as error:
        raise _refused(url, error) from None
    except BotoCoreError as error:
        name = type(error).__name__
        said = "" if name in QUOTE_SECRETS else f" botocore says: {quotable(error)}"
        if is_unanswered(name):
            reason = f"the endpoint of STS, {url}, did not answer ({name}). Check the network and the proxy of the"
            raise Refusal(f"{_UNKNOWN}: {reason} target. {_ENDPOINT} {_NOTHING}{said}") from None
        reason = f"boto3 got no AWS credentials on the target ({name}). Check profile, or access_key and secret_key."
        raise Refusal(f"{_UNKNOWN}: {reason} {_NOTHING}{said}") from None
    except (ResponseParserError, AttributeError, KeyError, TypeError, ValueError):
        # What botocore's parsers raise at a body that no service of AWS would send.
        raise Refusal(f"{_UNKNOWN}: what answered at {url} is not STS. {_ENDPOINT} {_NOTHING}") from None


def _refused(url: str, error: ClientError) -> Refusal:
    code = quotable(error.response.get("Error", {}).get("Code", "Unknown"))
    # What came without a code of AWS is a page of HTML.
    message = "" if has_no_code(code) else quotable(error.response.get("Error", {}).get("Message") or "")
    said = f" AWS says: {message}" if message else ""
    if error.operation_name != _OPERATION:
        # boto3 asks for credentials when it signs: STS, IAM Identity Center.
        reason = (
            f"boto3 got no AWS credentials on the target, since AWS answers {error.operation_name} with {code}. Check"
            " profile, the role or identity that it names, and whether that may be used from here."
        )
    elif has_no_code(code):
        reason = f"what answered at {url} (HTTP {code}) is not STS. {_ENDPOINT}"
    elif is_denied(code):
        reason = (
            f"STS denies GetCallerIdentity at {url} ({code}). No IAM policy does that; the policy of a VPC endpoint of"
            f" STS can. Allow sts:GetCallerIdentity there. {_ENDPOINT}"
        )
    else:
        reason = (
            f"STS answers GetCallerIdentity at {url} with {code}. Check the credentials, whether they have expired, and"
            " whether the account has enabled the Region."
        )
    return Refusal(f"{_UNKNOWN}: {reason} {_NOTHING}{said}")
