#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_requests
version_added: 0.1.0
short_description: Internal to this collection, not for use in tasks
description:
  - Action plugins of this collection run this module on the target. Its options can change at any time, and a task that
    calls it fails.
options:
  requests:
    description: What KMS is asked.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description: The kind of request.
        type: str
        required: true
        choices: [look, parameters, verify_mac, apply, watch, ensure_key]
      body:
        description: Its fields.
        type: dict
        required: true
      encrypted_key_materials:
        description: Internal.
        type: list
        elements: str
      import_tokens:
        description: Internal.
        type: list
        elements: str
      mac:
        description: Internal.
        type: str
  quotas:
    description: Internal.
    type: dict
  patience:
    description: Internal.
    type: float
  paced:
    description: Internal.
    type: dict
requirements:
  - python >= 3.9
  - botocore >= 1.38.31 and boto3 >= 1.38.31
seealso:
  - module: cloudkeys.aws.kms_key_material
  - module: cloudkeys.aws.kms_import_parameters
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - cloudkeys.aws.account
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
"""

EXAMPLES = r"""
# This module is not for use in tasks.
"""

RETURN = r"""
answers:
  description: Internal.
  returned: success
  type: list
  elements: dict
paced:
  description: Internal.
  returned: success
  type: dict
"""

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import fail, make_kms, make_module
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.quotas import read_quotas
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.traffic import Traffic
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    SECRET_LISTS,
    SECRETS,
    has_changed,
    regions_of,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.answer import answer_all
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.wire import (
    REQUESTS,
    answer_to_json,
    request_from_json,
)

_REQUEST: dict[str, dict[str, t.Any]] = {
    "kind": {"type": "str", "required": True, "choices": list(REQUESTS)},
    "body": {"type": "dict", "required": True},
    **{name: {"type": "str", "no_log": True} for name in SECRETS},
    **{name: {"type": "list", "elements": "str", "no_log": True} for name in SECRET_LISTS},
}
# The answers have the order of the requests.
ARGUMENT_SPEC: dict[str, dict[str, t.Any]] = {
    "requests": {"type": "list", "elements": "dict", "required": True, "options": _REQUEST},
    # Requests a second by operation, for the account and each Region, where they are not AWS's defaults.
    "quotas": {"type": "dict"},
    # Seconds in which requests wait for their turn. What has not been sent then, or was throttled, is answered as
    # postponed. Without it a request waits as long as it takes.
    "patience": {"type": "float"},
    # What the result of the visit before had by that name, from the same target: when KMS was last asked, by Region and
    # operation, in seconds since 1970 by the clock of the target.
    "paced": {"type": "dict"},
}


def main() -> None:
    module = make_module(ARGUMENT_SPEC, supports_check_mode=True)
    requests = [request_from_json(entry) for entry in module.params["requests"]]
    try:
        quotas = read_quotas(module.params["quotas"])
    except Refusal as refusal:
        fail(module, refusal)
    traffic = Traffic(quotas, module.params["patience"], module.params["paced"])
    clients = {region: _client(module, region, traffic) for region in regions_of(requests)}
    answers = answer_all(clients, requests)
    module.exit_json(
        changed=any(map(has_changed, answers)),
        answers=[answer_to_json(answer) for answer in answers],
        paced=traffic.paced,
    )


def _client(module: AnsibleAWSModule, region: str | None, traffic: Traffic) -> Kms | Refusal:
    """A Region that nobody can ask is the answer to the requests that name it; the others go on."""
    try:
        return make_kms(module, region, traffic)
    except Refusal as refusal:
        return refusal


if __name__ == "__main__":
    main()
