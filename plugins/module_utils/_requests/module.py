# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The main function of the internal modules. The module files define which requests each module can answer."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .._errors import Refusal
from .._kms.aws_module import fail, make_kms, make_module
from .._kms.client import Kms
from .._kms.quotas import read_quotas
from .._kms.traffic import Traffic
from .._messages import SECRET_LISTS, SECRETS, has_changed, regions_of
from .answer import MakeKeyHandler, answer_all
from .wire import REQUESTS, answer_to_json, request_from_json

__all__ = ("ARGUMENT_SPEC", "answer_requests")

_REQUEST: dict[str, dict[str, t.Any]] = {
    "kind": {"type": "str", "required": True, "choices": list(REQUESTS)},
    "body": {"type": "dict", "required": True},
    **{name: {"type": "str", "no_log": True} for name in SECRETS},
    **{name: {"type": "list", "elements": "str", "no_log": True} for name in SECRET_LISTS},
}
# The answers are in the order of the requests.
ARGUMENT_SPEC: dict[str, dict[str, t.Any]] = {
    "requests": {"type": "list", "elements": "dict", "required": True, "options": _REQUEST},
    # Requests per second by operation, for the account and each Region, if they differ from the AWS defaults.
    "quotas": {"type": "dict"},
    # How many seconds requests wait for their turn. A request that was not sent in this time, or was throttled, is
    # answered as postponed. Without this option, a request waits without limit.
    "patience": {"type": "float"},
    # The value of the result "paced" of the previous visit to the same target: when the last request was sent, by
    # Region and operation, in seconds since 1970 by the clock of the target.
    "paced": {"type": "dict"},
}


def answer_requests(of_keys: MakeKeyHandler | None = None) -> None:
    """Run the module.

    :param of_keys: makes the handler of EnsureKey; None if the module does not support it.
    """
    module = make_module(ARGUMENT_SPEC, supports_check_mode=True)
    requests = [request_from_json(entry) for entry in module.params["requests"]]
    try:
        quotas = read_quotas(module.params["quotas"])
    except Refusal as refusal:
        fail(module, refusal)
    traffic = Traffic(quotas, module.params["patience"], module.params["paced"])
    clients = {region: _client(module, region, traffic) for region in regions_of(requests)}
    answers = answer_all(clients, requests, of_keys)
    module.exit_json(
        changed=any(map(has_changed, answers)),
        answers=[answer_to_json(answer) for answer in answers],
        paced=traffic.paced,
    )


def _client(module: AnsibleAWSModule, region: str | None, traffic: Traffic) -> Kms | Refusal:
    """The client for a Region. If the Region is unusable, requests for it fail, and the others continue."""
    try:
        return make_kms(module, region, traffic)
    except Refusal as refusal:
        return refusal
