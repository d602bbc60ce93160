# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWS account of a run: whose credentials these are, and clients for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .arguments import Refused

# KMS may throttle in an account that others use at the same time; a run has time.
_RETRIES = {"mode": "standard", "total_max_attempts": 10}


@dataclass
class Account:
    """:ivar caller: the ARN of the credentials."""

    number: str
    caller: str
    session: Any
    _clients: dict[str, Any] = field(default_factory=dict)

    def kms(self, region: str) -> Any:
        if region not in self._clients:
            self._clients[region] = self.session.client("kms", region_name=region, config=Config(retries=_RETRIES))
        return self._clients[region]

    def endpoint(self, region: str) -> str:
        """For display: without a user name and password."""
        return without_password(str(self.kms(region).meta.endpoint_url))

    def is_aws(self, region: str) -> bool:
        """Whether KMS is reached at AWS's own endpoint: no setting names another one."""
        plain = self.session.client("kms", region_name=region, config=Config(ignore_configured_endpoint_urls=True))
        return bool(self.kms(region).meta.endpoint_url == plain.meta.endpoint_url)


def without_password(text: str) -> str:
    """A text with the user name and password of each URL replaced."""
    return re.sub(r"//[^/\s]*@", "//***@", text)


def identify(number: str, region: str) -> Account:
    """The account that the credentials belong to. Only STS is called.

    :param number: the account that the user named.
    :raises Refused: there are no credentials, they do not work, or they belong to another account.
    """
    try:
        session = boto3.Session()
        if session.get_credentials() is None:
            raise Refused(
                "No AWS credentials were found. KMS was not called. Configure them as for the AWS CLI, for example with"
                " AWS_PROFILE."
            )
        identity = session.client("sts", region_name=region, config=Config(retries=_RETRIES)).get_caller_identity()
    except ClientError as error:
        said = error.response.get("Error", {})
        raise Refused(
            f"AWS STS refused GetCallerIdentity ({said.get('Code')}: {said.get('Message')}). KMS was not called. Check"
            " the credentials, for example with: aws sts get-caller-identity"
        ) from None
    except BotoCoreError as error:
        raise Refused(
            f"The account of the credentials is unknown ({type(error).__name__}: {without_password(str(error))}). KMS"
            " was not called. Check the credentials and the network, for example with: aws sts get-caller-identity"
        ) from None
    if identity["Account"] != number:
        raise Refused(
            f"The credentials belong to account {identity['Account']} ({identity['Arn']}), not to {number}. KMS was not"
            " called. Use the credentials of the account that you name with --account."
        )
    return Account(number, identity["Arn"], session)
