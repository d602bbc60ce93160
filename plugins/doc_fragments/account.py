# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The account that a task expects."""

    DOCUMENTATION = r"""
options:
  expected_account_id:
    description:
      - The ID of the AWS account that the credentials must be of, 12 digits in quotes.
      - With it, the task asks AWS STS whose the credentials are (C(GetCallerIdentity), for which no IAM permission is
        needed), and fails before it asks KMS for anything when they are of another account, or when STS does not
        answer. It also fails for a key that it names by the ARN of another account.
      - STS is asked at the endpoint of the Region, or at the one that C(AWS_ENDPOINT_URL_STS), C(AWS_ENDPOINT_URL) or
        the AWS configuration name; never at that of O(endpoint_url), unless it is on the target itself, as that of an
        emulator is.
      - Modules of C(amazon.aws) have no such option. In a play that has tasks of both collections, set it in
        C(module_defaults) for the action group C(cloudkeys.aws.kms), which has the modules of this collection alone.
    type: str
"""
