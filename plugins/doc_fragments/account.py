# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options that check the AWS account of a task."""

    DOCUMENTATION = r"""
options:
  expected_account_id:
    description:
      - The ID of the AWS account that the task must use, 12 digits in quotes. Before its first KMS request, the task
        calls GetCallerIdentity of AWS STS. It fails if the credentials belong to another account, if STS does not
        answer, or if a key is given by the ARN of another account. O(endpoint_url) is used for STS only if it is on the
        target itself; see R(the guide, ansible_collections.cloudkeys.aws.docsite.guide_accounts).
      - Modules of C(amazon.aws) do not have this option. In C(module_defaults), set it for C(group/cloudkeys.aws.kms).
    type: str
"""
